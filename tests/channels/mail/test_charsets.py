import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.channels.mail.charsets import codec_of, to_text
from clientloop.channels.mail.transfer import ENCODINGS, unencoded

RUSSIAN, SLOVENE = "Добрый день, заказ не пришёл", "Še vedno čakam, žal"


@pytest.mark.parametrize(
    ("text", "codec", "claimed"),
    [
        (RUSSIAN, "koi8-r", "KOI8-R"),
        (RUSSIAN, "cp1251", "windows-1251"),
        (RUSSIAN, "cp1251", '"Windows-1251"'),
        (RUSSIAN, "utf-8", "windows-1251"),
        (RUSSIAN, "utf-8", "us-ascii"),
        (RUSSIAN, "utf-8", ""),
        (RUSSIAN, "utf-8", "x-unknown"),
        (RUSSIAN, "utf-16", "utf-16"),
        (RUSSIAN, "iso8859-5", "iso-8859-5"),
        (SLOVENE, "iso8859-2", "iso-8859-2"),
        (SLOVENE, "utf-8", "iso-8859-1"),
        ("“Hm” … 5 €", "cp1252", "iso-8859-1"),
        ("café", "latin-1", "utf-8"),
        ("스티해", "cp949", "ks_c_5601-1987"),
        ("朝", "cp932", "shift_jis"),
        ("すみません", "iso2022_jp", "iso-2022-jp"),
        ("镕", "gb18030", "gb2312"),
    ],
)
def test_text_is_read_in_the_charset_that_it_is_in(text: str, codec: str, claimed: str) -> None:
    """The charset that a mail names is believed, unless it is unknown or the bytes speak against it."""
    assert to_text(text.encode(codec), claimed) == text


@given(
    data=st.binary(max_size=60), charset=st.sampled_from([*ENCODINGS, "utf-7", "utf-16", "iso-2022-kr", "cp949", ""])
)
def test_any_bytes_are_text_that_a_database_takes(data: bytes, charset: str) -> None:
    """No bytes in any charset raise an error, lose all text, or leave what cannot be written as UTF-8."""
    text = to_text(data, charset)
    assert "\0" not in text
    text.encode("utf-8")


@pytest.mark.parametrize(
    "name",
    ["zlib", "bz2", "hex", "rot13", "base64", "punycode", "idna", "unicode_escape", "mbcs", "a\0b", "é", "x" * 999],
)
def test_only_charsets_are_found_by_their_name(name: str) -> None:
    """A codec that is no charset, or takes long, cannot be reached by naming it."""
    assert codec_of(name) is None


@pytest.mark.parametrize(
    ("encoded", "encoding", "data"),
    [
        (b"SGVs\r\nbG8=\r\n", "base64", b"Hello"),
        (b"SGVsbG8", "BASE64 ", b"Hello"),
        (b"SGVsbG8====", "base64", b"Hello"),
        (b"SGVs!bG8=", "base64", b"Hello"),
        (b"SGVsbG8=SGVsbG8=", "base64", b"HelloHello"),
        (b"SGVsbG8gQ", "base64", b"Hello "),
        (b"", "base64", b""),
        (b"It was no base64 at all, you see.", "base64", b"It was no base64 at all, you see."),
        ("Ni bilo kodirano, čšž đć ŠŽ".encode(), "base64", "Ni bilo kodirano, čšž đć ŠŽ".encode()),
        (b"caf=C3=A9=\r\n au lait", "quoted-printable", "café au lait".encode()),
        (b"50=% off = 5=zz", "quoted-printable", b"50=% off = 5=zz"),
        (b"ends=", "quoted-printable", b"ends"),
        (b"begin 644 a.txt\n%2&5L;&\\\n`\nend\n", "x-uuencode", b"Hello"),
        (b"=C3=A9", "8bit", b"=C3=A9"),
        (b"=C3=A9", "martian", b"=C3=A9"),
    ],
)
def test_transfer_encodings_are_undone_as_far_as_they_hold(encoded: bytes, encoding: str, data: bytes) -> None:
    """Broken encodings give what is whole in them, and what was never encoded stays as it is."""
    assert unencoded(encoded, encoding) == data


@given(data=st.binary(max_size=80), encoding=st.sampled_from(sorted(ENCODINGS)))
def test_no_bytes_break_a_transfer_encoding(data: bytes, encoding: str) -> None:
    """Whatever the bytes are, undoing them raises nothing and gives no more than went in."""
    assert len(unencoded(data, encoding)) <= len(data)

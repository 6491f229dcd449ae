"""Cards of address books: what phones and programs write comes in once, and goes out so that it comes back the same."""

import io
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.app import ClientLoop
from clientloop.errors import InvalidValue, NotFound
from clientloop.exchange.mapping import PurchasesMapping
from clientloop.exchange.report import ImportReport, Problem, Progress
from clientloop.model.customers import Customer, IdentityKind, Trust


def card(*lines: str, version: str = "4.0") -> str:
    """A card of these lines."""
    return "\r\n".join(("BEGIN:VCARD", f"VERSION:{version}", *lines, "END:VCARD", ""))


def take(loop: ClientLoop, text: str | bytes, **options: Any) -> ImportReport:
    """Import cards. Any: options of the import."""
    raw = text.encode() if isinstance(text, str) else text
    return loop.imports.vcard(io.BytesIO(raw), **options)


def exported(loop: ClientLoop) -> str:
    """The cards of all customers."""
    file = io.StringIO(newline="")
    loop.exports.vcard(file)
    return file.getvalue()


def everybody(loop: ClientLoop) -> list[Customer]:
    """All customers by name."""
    return list(loop.customers.list(limit=500))


def addresses(loop: ClientLoop, customer: Customer) -> list[tuple[str, str, str]]:
    """The addresses of a customer but for ids of cards: kind, value and trust."""
    return [
        (one.kind.value, one.value, one.trust.value)
        for one in loop.customers.identities(customer)
        if one.kind is not IdentityKind.EXTERNAL
    ]


#: As an Android phone writes 2.1: quoted-printable, soft line breaks, parameters without names, a picture.
ANDROID = b"""BEGIN:VCARD
VERSION:2.1
N;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C5=BDnidar=C5=A1i=C4=8D;=C5=BD=
iga;;;
FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=C5=BDiga=20=C5=BDnidar=C5=A1i=C4=8D
TEL;CELL;PREF:040-123-456
TEL;X-Sales:1919
EMAIL;HOME:ziga@example.com
ADR;HOME;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:;;Ulica 1, =0D=0Adrugo;Kranj;;4000;Slovenija
PHOTO;ENCODING=BASE64;JPEG:/9j/4AAQSkZJRgABAQAAAQABAAD
 /2wBDAAEBAQEBAQEBAQEBAQEBAQEBAQEB==

END:VCARD
""".replace(b"\n", b"\r\n")

#: As an iPhone writes 3.0: groups, labels, a birthday without a year.
IPHONE = """BEGIN:VCARD
VERSION:3.0
PRODID:-//Apple Inc.//iPhone OS 17.4//EN
N:Kovač;Maja;;dr.;
FN:dr. Maja Kovač
ORG:Kovač d.o.o.;Prodaja;
item1.EMAIL;type=INTERNET;type=pref:Maja@Example.com
item1.X-ABLabel:_$!<Other>!$_
TEL;type=CELL;type=VOICE:+386 41 555 666
NOTE:Ima rada kavo\\, brez sladkorja.\\nPokliči zjutraj.
BDAY;X-APPLE-OMIT-YEAR=1604:1604-05-06
END:VCARD
"""

#: As Outlook writes 2.1: Windows' letters, which are declared, and a UID.
OUTLOOK = (
    b"BEGIN:VCARD\r\nVERSION:2.1\r\nX-MS-OL-DEFAULT-POSTAL-ADDRESS:0\r\nN;LANGUAGE=sl;CHARSET=Windows-1252:M\xfcller;Eva\r\n"
    b"FN;CHARSET=Windows-1252:Eva M\xfcller\r\nTEL;WORK;VOICE:01 4771000\r\nEMAIL;PREF;INTERNET:eva@example.com\r\n"
    b"UID:040000008200E00074C5B7101A82E008\r\nREV:20260301T101010Z\r\nEND:VCARD\r\n"
)

#: As Google writes 3.0: no UID, no FN for a company.
GOOGLE = card("FN:", "N:;;;;", "ORG:Mlin \\& sinovi", "item1.TEL:+1 650-253-0000", version="3.0")


def test_a_card_of_an_android_phone_is_read(loop: ClientLoop) -> None:
    """Quoted-printable goes on over lines, short numbers are kept as they are, and pictures are left out."""
    report = take(loop, ANDROID)
    assert (report.rows, report.added, report.rejected) == (1, 1, 0)
    [ziga] = everybody(loop)
    assert ziga.name == "Žiga Žnidaršič"
    assert addresses(loop, ziga) == [("email", "ziga@example.com", "asserted"), ("phone", "+38640123456", "asserted")]
    assert ziga.extra["vcard"] == [
        "TEL;TYPE=X-SALES:1919",
        "ADR;TYPE=HOME:;;Ulica 1\\, \\ndrugo;Kranj;;4000;Slovenija",
    ]


def test_a_card_of_an_iphone_is_read(loop: ClientLoop) -> None:
    """What clientloop has no field for comes out again as it came in."""
    take(loop, IPHONE)
    [maja] = everybody(loop)
    assert maja.name == "dr. Maja Kovač"
    assert [value for _, value, _ in addresses(loop, maja)] == ["maja@example.com", "+38641555666"]
    text = exported(loop)
    assert "NOTE:Ima rada kavo\\, brez sladkorja.\\nPokliči zjutraj.\r\n" in text
    assert "BDAY;X-APPLE-OMIT-YEAR=1604:1604-05-06\r\n" in text
    assert "ORG:Kovač d.o.o.;Prodaja;\r\n" in text


def test_cards_of_outlook_and_google_are_read(loop: ClientLoop) -> None:
    """Declared letters are read, and a company without a person is called as it is."""
    take(loop, OUTLOOK + GOOGLE.encode())
    assert [each.name for each in everybody(loop)] == ["Eva Müller", "Mlin \\& sinovi"]


def test_what_has_no_place_here_is_kept(loop: ClientLoop) -> None:
    """A second language, and a zone that nobody knows, are lines like any other."""
    told: list[Progress] = []
    take(loop, card("FN:Ana", "LANG:sl", "LANG:de", "TZ:-0500", "EMAIL:mailto:ana@example.com"), progress=told.append)
    [ana] = everybody(loop)
    assert (ana.locale, ana.zone, ana.extra["vcard"]) == ("sl", None, ["LANG:de", "TZ:-0500"])
    assert addresses(loop, ana) == [("email", "ana@example.com", "asserted")]
    assert told == [Progress(rows=1, done=None)]


def test_letters_that_nobody_declared_are_asked_for(loop: ClientLoop) -> None:
    """Bytes are never guessed: the card is put aside until somebody says how it is encoded."""
    raw = card("FN:Eva M\u00fcller", "UID:7", version="2.1").encode("cp1252")
    report = take(loop, raw)
    assert report.problems == (Problem(line=3, field="", reason="its text is not encoded as utf-8"),)
    assert take(loop, raw, encoding="cp1252").added == 1
    assert everybody(loop)[0].name == "Eva Müller"


def test_a_card_that_comes_again_changes_its_customer(loop: ClientLoop) -> None:
    """The UID says who it is: name, language and lines are as the card says, new addresses come to the others."""
    take(loop, card("UID:a-7", "FN:Ana", "EMAIL:ana@example.com", "LANG:sl", "TZ:Europe/Ljubljana", "NOTE:new"))
    report = take(loop, card("UID:a-7", "FN:Ana Novak", "EMAIL:novak@example.com"))
    assert (report.added, report.duplicates, report.updated, report.customers_added) == (0, 1, 1, 0)
    [ana] = everybody(loop)
    assert (ana.name, ana.locale, ana.zone, ana.extra) == ("Ana Novak", "sl", "Europe/Ljubljana", {})
    assert {value for _, value, _ in addresses(loop, ana)} == {"ana@example.com", "novak@example.com"}
    again = take(loop, card("UID:a-7", "FN:Ana Novak", "EMAIL:novak@example.com"))
    assert (again.duplicates, again.updated) == (1, 0)


def test_a_card_without_a_uid_is_known_by_what_it_says(loop: ClientLoop) -> None:
    """The same card again is nothing new."""
    take(loop, ANDROID)
    report = take(loop, ANDROID)
    assert (report.added, report.duplicates, len(everybody(loop))) == (0, 1, 1)


def test_an_address_on_a_card_proves_nothing(loop: ClientLoop) -> None:
    """Somebody with the same address is suggested to be the same person, and stays another until somebody decides."""
    ana = loop.customers.add(name="Ana", email="ana@example.com")
    report = take(loop, card("FN:Ana", "EMAIL:ana@example.com"))
    assert (report.customers_added, report.suggestions) == (1, 1)
    [suggestion] = loop.customers.suggestions()
    assert suggestion.first == ana.id
    assert loop.customers.get(ana).name == "Ana"
    with_trust = take(loop, card("UID:b", "FN:Ana", "EMAIL:ana@example.com"), trust=Trust.VOUCHED)
    assert with_trust.customers_added == 0


def test_one_person_twice_in_a_file_is_one_customer(loop: ClientLoop) -> None:
    """The later card counts, also where both change a customer who was there before."""
    first = take(loop, card("UID:7", "FN:Ana") + card("UID:7", "FN:Ana Novak"))
    assert (first.added, first.duplicates, [each.name for each in everybody(loop)]) == (1, 1, ["Ana Novak"])
    second = take(loop, card("UID:7", "FN:Ana B") + card("UID:7", "FN:Ana Bizjak") + card("UID:8", "FN:Eva"))
    assert (second.added, second.duplicates) == (1, 2)
    assert [each.name for each in everybody(loop)] == ["Ana Bizjak", "Eva"]


def test_cards_of_ours_are_known_by_the_id_of_the_customer(loop: ClientLoop) -> None:
    """What was exported, changed on a phone and imported changes the customer, also one who was merged since."""
    ana = loop.customers.add(name="Ana", email="ana@example.com")
    text = exported(loop)
    assert f"UID:urn:uuid:{ana.id}\r\n" in text
    dry = take(loop, text, dry_run=True)
    assert (dry.added, dry.duplicates) == (0, 1)
    eva = loop.customers.add(name="Eva")
    loop.customers.merge(eva, ana, by="mia", reason="same")
    report = take(loop, text.replace("FN:Ana", "FN:Ana Novak"))
    assert (report.added, report.updated) == (0, 1)
    assert [each.name for each in everybody(loop)] == ["Ana Novak"]
    assert take(loop, card("UID:urn:uuid:none", "FN:Bo")).added == 1


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        (card("KIND:group", "FN:Friends"), 1, "a group is no person"),
        (card("EMAIL:nobody"), 1, "neither a name nor an address"),
        (card("FN:Ana", "no colon"), 4, "a line is no NAME:VALUE"),
        (card("FN:Ana", "NOTE;CHARSET=klingon:x"), 4, "there is no encoding 'klingon'"),
        (card("FN:Ana", "NOTE;CHARSET=rot13:x"), 4, "there is no encoding 'rot13'"),
        (card("FN:A\0na"), 3, "its text has a zero octet"),
        (card("FN:Ana", f"UID:{'7' * 501}"), 1, "its UID has more than 500 characters"),
        (card("FN:Ana", f"NOTE:{'x' * 65_536}"), 1, "it says more than 65,536 characters besides name and addresses"),
        ("BEGIN:VCARD\r\nFN:Ana\r\n", 1, "it does not end before VCARD begins on line 3"),
        ("hello\r\n", 1, "it stands in no entry"),
        ("END:VCARD\r\n", 1, "it stands in no entry"),
        ("BEGIN:VCARD\r\nFN:Ana\r\nEND:VEVENT\r\nEND:VCARD\r\n", 3, "VEVENT ends where none is open"),
        ("BEGIN:VCARD\r\nBEGIN:X\r\nEND:VCARD\r\n", 1, "X does not end before it"),
        ("BEGIN:VCARD\r\n" + "BEGIN:X\r\n" * 8 + "END:X\r\n" * 8 + "END:VCARD\r\n", 9, "it is nested more than 8 deep"),
    ],
)
def test_bad_cards_are_put_aside_and_the_others_go_on(
    loop: ClientLoop, tmp_path: Path, text: str, line: int, reason: str
) -> None:
    """Line and reason are told, the card lies in the file of rejects as it was, and what follows is there."""
    path = tmp_path / "rejects.vcf"
    report = take(loop, text + card("FN:Good"), rejects=path)
    assert (report.rows, report.added, report.rejected) == (2, 1, 1)
    assert report.problems == (Problem(line=line, field="", reason=reason),)
    assert [each.name for each in everybody(loop)] == ["Good"]
    aside = path.read_bytes()
    assert [raw for raw in aside.splitlines(keepends=True) if not raw.startswith((b"X-CLIENTLOOP", b" "))] == (
        text.encode().splitlines(keepends=True)
    )


def test_rejected_cards_are_mended_and_imported_as_they_stand(loop: ClientLoop, tmp_path: Path) -> None:
    """What is still wrong is rejected again into the same file, with one line on what is wrong."""
    path = tmp_path / "rejects.vcf"
    take(loop, card("FN:Ana", "broken") + card("FN:Eva", "broken"), rejects=path)
    assert path.read_text().count("line 4: a line is no NAME:VALUE") == 1
    path.write_bytes(path.read_bytes().replace(b"broken\r\n", b"", 1))
    report = loop.imports.vcard(path, rejects=path)
    assert (report.added, report.rejected) == (1, 1)
    assert path.read_text().count("X-CLIENTLOOP-REJECTED") == 1
    assert list(tmp_path.iterdir()) == [path]


def test_an_entry_that_is_too_large_is_rejected_without_being_held(loop: ClientLoop) -> None:
    """Its lines, however long, are read through, and what follows is there."""
    large = card("FN:Ana", *[f"PHOTO:{'A' * 2_000_000}"] * 3)
    report = take(loop, large + card("FN:Good"))
    assert report.problems == (Problem(line=1, field="", reason="it has more than 4,194,304 octets"),)
    assert report.added == 1
    assert take(loop, card("FN:Eva", f"PHOTO:{'A' * 2_000_000}")).added == 1


def test_a_dry_run_writes_nothing(loop: ClientLoop, tmp_path: Path) -> None:
    """It counts what an import would do."""
    path = tmp_path / "rejects.vcf"
    report = take(loop, card("FN:Ana") + card("FN:Ana") + card(), rejects=path, dry_run=True)
    assert (report.added, report.duplicates, report.rejected, report.dry_run) == (1, 1, 1, True)
    assert (everybody(loop), path.exists()) == ([], False)


def test_files_that_cannot_be_are_refused(loop: ClientLoop, tmp_path: Path) -> None:
    """A file that is not there, a folder, and what is no file."""
    with pytest.raises(NotFound, match="no file"):
        loop.imports.vcard(tmp_path / "none.vcf")
    with pytest.raises(InvalidValue, match="cannot be read"):
        loop.imports.vcard(tmp_path)
    with pytest.raises(InvalidValue, match="is no file"):
        loop.imports.vcard(7)  # type: ignore[arg-type]  # what is tried
    with pytest.raises(InvalidValue, match="cannot be written"):
        take(loop, card("broken"), rejects=tmp_path / "none" / "rejects.vcf")
    with pytest.raises(InvalidValue, match="cannot be written"):
        loop.exports.vcard(tmp_path / "none" / "all.vcf")


def test_who_is_known_by_an_id_alone_has_no_name(loop: ClientLoop) -> None:
    """The id on the card is none, under whatever UID the card comes; a name that is put in its place is one."""
    rows = PurchasesMapping(source="till", columns={"customer": "No", "amount": "Total"}, default={"channel": "shop"})
    loop.imports.purchases(io.StringIO("No,Total\n77,12.50\n"), rows)
    [somebody] = everybody(loop)
    text = exported(loop)
    assert f"FN:urn:uuid:{somebody.id}\r\n" in text
    for same in (text, text.replace("FN:urn:uuid:", "FN:"), text.replace("UID:urn:uuid:", "UID:phone-")):
        take(loop, same)
    assert [each.name for each in everybody(loop)] == ["", ""]
    assert exported(loop).count("FN:urn:uuid:") == 2
    with ClientLoop.open("memory:", entry_points=False) as other:
        assert (take(other, text).added, [each.name for each in everybody(other)]) == (1, [""])
    take(loop, text.replace(f"FN:urn:uuid:{somebody.id}", "FN:Ana"))
    assert loop.customers.get(somebody).name == "Ana"


def test_a_person_is_exported_once_with_all_addresses(loop: ClientLoop, tmp_path: Path) -> None:
    """Lines are folded at 75 octets, and a company that the firm knows stands on the card."""
    ana = loop.customers.add(name="Ana; Novak, 7\\8", email="ana@example.com", locale="sl", zone="Europe/Ljubljana")
    loop.customers.add_identities(ana, phone="040 123 456", handle="@ana")
    loop.accounts.link(loop.accounts.add("Mlin & sinovi " + "č" * 40), ana, post="nabava")
    eva = loop.customers.add(email="eva@example.com")
    path = tmp_path / "all.vcf"
    assert loop.exports.vcard(path, [eva, ana]) == 2
    raw = path.read_bytes()
    assert max(map(len, raw.split(b"\r\n"))) <= 75
    assert b"\n" not in raw.replace(b"\r\n", b"")
    text = raw.decode().replace("\r\n ", "")
    assert text.split("\r\n")[:5] == [
        "BEGIN:VCARD", "VERSION:4.0", f"UID:urn:uuid:{eva.id}", "FN:eva@example.com", "EMAIL:eva@example.com",
    ]  # fmt: skip
    for line in (
        "FN:Ana\\; Novak\\, 7\\\\8", "TEL;VALUE=uri:tel:+38640123456", "X-CLIENTLOOP-HANDLE:@ana", "LANG:sl",
        "TZ:Europe/Ljubljana", f"ORG:Mlin & sinovi {'č' * 40}", "TITLE:nabava",
    ):  # fmt: skip
        assert f"\r\n{line}\r\n" in text


def test_a_company_of_the_firm_is_not_frozen_by_a_card(loop: ClientLoop) -> None:
    """A card that comes back changes nothing, and the next one says the new post, whatever an older card has said."""
    mill = loop.accounts.add("Mlin & sinovi")
    ana = loop.customers.add(name="Ana", extra={"vcard": ["NOTE:tea", "ORG:Zbor"]})
    loop.accounts.link(mill, ana, post="nabava")
    old = exported(loop)
    assert old.count("ORG:") == 2
    for text in (old, old.replace("ORG:Mlin & sinovi", "ORG:Mlin & sinovi;")):  # the other as an iPhone gives it back
        report = take(loop, text)
        assert (report.duplicates, report.updated) == (1, 0)
    assert exported(loop) == old
    loop.accounts.link(mill, ana, post="prodaja")
    assert exported(loop) == old.replace("TITLE:nabava", "TITLE:prodaja")


def merged(loop: ClientLoop) -> tuple[str, Customer, Customer]:
    """An address book with two cards, whose customers are one person by now: who is shown, and who was merged."""
    book = card("UID:1", "FN:Ana", "BDAY:1980-05-06", "NOTE:tea") + card("UID:2", "FN:Ana B", "BDAY:1981", "NOTE:late")
    take(loop, book)
    first, second = everybody(loop)
    loop.customers.merge(second, first, by="mia", reason="same")
    return book, second, first


def test_cards_of_one_person_do_not_write_over_each_other(loop: ClientLoop) -> None:
    """The same address book again changes nothing; what changes on the card of who was merged is kept with that one."""
    book, shown, absorbed = merged(loop)
    for _ in range(2):
        report = take(loop, book)
        assert (report.duplicates, report.updated) == (2, 0)
    assert take(loop, book.replace("FN:Ana\r", "FN:Ana Novak\r").replace("NOTE:tea", "NOTE:milk")).updated == 1
    assert loop.customers.get(shown).name == "Ana B"
    assert loop.customers.get(shown).extra == {"vcard": ["BDAY:1981", "NOTE:late"]}
    assert "NOTE:milk\r\n" in exported(loop)
    [merge] = loop.customers.merges(shown)
    loop.customers.unmerge(merge, by="mia")
    assert loop.customers.get(absorbed).name == "Ana Novak"


def test_a_person_has_one_card_with_the_lines_of_all(loop: ClientLoop) -> None:
    """It leads with the UID of who is shown, has one birthday, and changes nothing when it comes back."""
    _, shown, _ = merged(loop)
    text = exported(loop)
    assert [line for line in text.splitlines() if line.startswith(("UID", "BDAY", "NOTE"))] == [
        "UID:2", "BDAY:1981", "NOTE:late", "NOTE:tea",
    ]  # fmt: skip
    assert take(loop, text).updated == 0
    assert take(loop, text.replace("FN:Ana B", "FN:Ana Bizjak")).updated == 1
    assert loop.customers.get(shown).name == "Ana Bizjak"


def test_a_second_card_of_one_customer_adds_its_addresses(loop: ClientLoop) -> None:
    """Two books that say two languages of somebody do not change it in turn."""
    books = [card(f"UID:{tag}", "FN:Ana", "EMAIL:ana@example.com", f"LANG:{tag}") for tag in ("de", "sl")]
    for text in books:
        take(loop, text, trust=Trust.VOUCHED)
    for text in books:
        assert take(loop, text, trust=Trust.VOUCHED).updated == 0
    assert [each.locale for each in everybody(loop)] == ["de"]


def test_what_an_application_keeps_steers_no_card(loop: ClientLoop) -> None:
    """Lines that are none, or that would end the card, are not written."""
    lines = ["NOTE:good", "NOTE:bad\r\nEND:VCARD", "END:VCARD", "UID:other", "none", 7]
    loop.customers.add(name="Ana", extra={"vcard": lines})
    text = exported(loop)
    assert text.count("END:VCARD") == 1
    assert "NOTE:good\r\nEND:VCARD\r\n" in text
    assert "other" not in text


NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60).filter(
    lambda text: text.strip() == text
)
PEOPLE = st.lists(
    st.fixed_dictionaries(
        {
            "name": NAMES,
            "email": st.none() | st.from_regex(r"[a-z]{1,8}\.[a-z]{1,8}@example\.(com|org)", fullmatch=True),
            "phone": st.none() | st.integers(40_000_000, 41_999_999).map("+386{}".format),
            "locale": st.sampled_from([None, "sl", "de-AT"]),
            "zone": st.sampled_from([None, "Europe/Ljubljana"]),
        }
    ),
    max_size=4,
)


@pytest.fixture(scope="module")
def firms() -> Iterator[Callable[[], ClientLoop]]:
    """Opens firms of which nothing is known yet."""
    with ClientLoop.open("memory:", entry_points=False) as loop:
        numbers = count()
        yield lambda: loop.in_space(f"firm-{next(numbers)}", region="SI")


@given(people=PEOPLE)
def test_what_is_exported_is_imported_the_same(firms: Callable[[], ClientLoop], people: list[dict[str, Any]]) -> None:
    """In another space the cards make the same customers, under the same ids of cards, and in the first none."""
    loop, copy = firms(), firms()
    for person in people:
        loop.customers.add(**person, trust=Trust.ASSERTED)
    text = exported(loop)
    report = take(copy, text)
    assert (report.added, report.rejected) == (len(people), 0)
    assert sorted(map(_told, [(copy, each) for each in everybody(copy)])) == sorted(
        map(_told, [(loop, each) for each in everybody(loop)])
    )
    assert sorted(exported(copy).split("BEGIN")) == sorted(text.split("BEGIN"))
    back = take(loop, text)
    assert (back.added, back.updated) == (0, 0)


def _told(found: tuple[ClientLoop, Customer]) -> str:
    loop, customer = found
    return repr((customer.name, customer.locale, customer.zone, sorted(addresses(loop, customer))))

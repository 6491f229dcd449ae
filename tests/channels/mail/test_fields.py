import pytest

from clientloop.channels.mail.dates import read_date
from clientloop.channels.mail.fields import message_ids, parameters, without_comments
from clientloop.channels.mail.mailboxes import mailboxes


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("ana@example.com", [("", "ana@example.com")]),
        ("Ana <ana@example.com>", [("Ana", "ana@example.com")]),
        (
            '"Novak, Ana" <ana@example.com>, Bo <bo@example.com>',
            [("Novak, Ana", "ana@example.com"), ("Bo", "bo@example.com")],
        ),
        ("ana@example.com (Ana (Novak))", [("Ana Novak", "ana@example.com")]),
        ("=?utf-8?Q?=C5=BDiga=2C_Novak?= <z@example.com>", [("Žiga, Novak", "z@example.com")]),
        ('"=?utf-8?Q?=C5=BDiga?=" <z@example.com>', [("Žiga", "z@example.com")]),
        ("Ana <jdoe@machine(comment).  example>", [("Ana", "jdoe@machine.example")]),
        ("<@relay.example,@b.example:ana@example.com>", [("", "ana@example.com")]),
        ("Friends: ana@example.com, Bo <bo@example.com>;", [("", "ana@example.com"), ("Bo", "bo@example.com")]),
        ("Undisclosed recipients:;", []),
        ("ana@example.com bo@example.com", [("", "ana@example.com")]),
        ("'ana@example.com'", [("", "ana@example.com")]),
        ("Ana [ana@example.com]", [("", "ana@example.com")]),
        ("bank@bank.example <evil@example.com>", [("bank@bank.example", "evil@example.com")]),
        ('"Ana" Novak <ana@example.com', [("Ana Novak", "ana@example.com")]),
        ("<<ana@example.com>>", [("", "ana@example.com")]),
        ("mailto:ana@example.com", [("", "ana@example.com")]),
        ('"john doe"@example.com', [("", '"john doe"@example.com')]),
        ("MAILER-DAEMON", [("", "MAILER-DAEMON")]),
        ("Mary Smith __ <mary@example.net>", [("Mary Smith __", "mary@example.net")]),
        ("<>", []),
        ("", []),
        (",,;;<(", []),
    ],
)
def test_addresses_are_read_as_they_are_sent(value: str, expected: list[tuple[str, str]]) -> None:
    """The address and the name are found in every form that programs write, and nothing where there is none."""
    assert [(box.name, box.address) for box in mailboxes(value)] == expected


def test_an_address_says_its_domain() -> None:
    """What stands after the last @ is the domain, in lower case and without a dot at its end."""
    [box] = mailboxes("<Ana@Shop@Example.COM.>")
    assert (box.local, box.domain) == ("ana@shop", "example.com")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("Fri, 21 Nov 1997 09:55:06 -0600", "1997-11-21T09:55:06-06:00"),
        ("Fri, 21 Nov 97 09:55 GMT", "1997-11-21T09:55:00+00:00"),
        ("21 Nov 2014 09:55:06 +0000 (UTC)", "2014-11-21T09:55:06+00:00"),
        ("Mon, 03 Mar 2014 12:00:00 CEST", "2014-03-03T12:00:00+02:00"),
        ("Mon, 3 Mar 2014 12:00:00 -0000", "2014-03-03T12:00:00+00:00"),
        ("Mon Mar  3 12:00:00 2014 +0100", "2014-03-03T12:00:00+01:00"),
        ("2014-03-03T12:00:00Z", "2014-03-03T12:00:00+00:00"),
        ("Sat, 31 Dec 2016 23:59:60 +0000", "2016-12-31T23:59:59+00:00"),
        ("Mon, 3 Mar 2014 12:00:00 +0530", "2014-03-03T12:00:00+05:30"),
        ("Tue, 3 March 2014 12:00:00 +0100", "2014-03-03T12:00:00+01:00"),
    ],
)
def test_dates_are_read_with_their_zone(value: str, expected: str) -> None:
    """Every form of date that mails have is an aware time."""
    date = read_date(value)
    assert date is not None
    assert date.isoformat() == expected


@pytest.mark.parametrize(
    "value",
    [
        "",
        "yesterday",
        "Mon, 30 Jun 3609 15:33:50 +0600",
        "Mon, 31 Feb 2014 12:00:00 +0100",
        "Mon, 3 Mar 2014 25:00:00 +0100",
        "Mon, 3 Mar 2014 12:00:00",
        "Mon, 3 Mar 2014 12:00:00 +9900",
        "Mon, 3 Mar 2014 12:00:00 +0175",
        "Mon, 3 Mar 2014 12:00:00 XYZ",
        "Mon, 3 Xxx 2014 12:00:00 +0100",
        "0 Mar 2014 12:00:00 +0100",
        "2014-13-03T12:00:00Z",
    ],
)
def test_impossible_dates_are_none(value: str) -> None:
    """A date that cannot be, or says no zone, is no date: a wrong one would put the message in a wrong place."""
    assert read_date(value) is None


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("attachment; filename=a.txt", "a.txt"),
        ('attachment; filename="a b.txt"; size=1', "a b.txt"),
        ("attachment; filename=This is a test.txt", "This is a test.txt"),
        ('attachment; filename="a;b.txt"', "a;b.txt"),
        ('attachment; filename="a\\"b.txt"', 'a"b.txt'),
        ("attachment; filename*=utf-8''%C5%BD.txt", "Ž.txt"),
        ("attachment; filename*=%C5%BD.txt", "Ž.txt"),
        ("attachment; filename*0=a; filename*1=b; filename*2=.txt", "ab.txt"),
        ("attachment; filename*1=b.txt; filename*0=a", "ab.txt"),
        ("attachment; filename*0*=iso-8859-2'sl'%AE; filename*1=x.txt", "Žx.txt"),
        ('attachment; filename="=?utf-8?B?xb0udHh0?="', "Ž.txt"),
        ("attachment; FileName = a.txt", "a.txt"),
        ('attachment; filename="a.txt', "a.txt"),
        ("attachment; filename=a.txt; filename=b.txt", "a.txt"),
        ('x; ;;; filename=a.txt ;"', "a.txt"),
    ],
)
def test_parameters_are_read_as_they_are_sent(value: str, name: str) -> None:
    """Quoted, continued, encoded and broken parameters are read."""
    assert parameters(value)[1]["filename"] == name


def test_ids_are_read_without_what_stands_around_them() -> None:
    """Brackets, blanks and comments are no part of an id, and one without brackets is an id too."""
    assert message_ids("(was) <a @ b> <c@d>") == ("a@b", "c@d")
    assert message_ids('"x" of 3 Mar a@b') == ("a@b",)
    assert message_ids("none") == ()


def test_comments_that_do_not_end_take_the_rest() -> None:
    """An open parenthesis hides what follows; a closing one alone stays."""
    assert without_comments("a (b (c) d") == "a "
    assert without_comments("a) b \\(c") == "a) b \\(c"

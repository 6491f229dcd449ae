import email
from email import policy
from email.message import EmailMessage
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clientloop.channels.mail.composing import compose
from clientloop.channels.mail.incoming import events
from clientloop.errors import InvalidValue
from clientloop.model.customers import Purpose
from clientloop.ports.events import MessageIn
from tests.channels.mail.samples import MESSAGE, URL, Tags, config, message
from tests.channels.mail.test_written import HOSTILE


def composed(settings: dict[str, Any] | None = None, **more: Any) -> EmailMessage:  # Any: settings and fields
    """The mail of a message, as the library reads it."""
    read = email.message_from_bytes(compose(message(**more), config(**(settings or {}))), policy=policy.default)
    assert isinstance(read, EmailMessage)
    return read


def part(mail: EmailMessage, kind: str) -> str:
    """The text of one of its parts."""
    found = mail.get_body((kind,))
    assert found is not None
    return str(found.get_content())


def test_a_message_is_a_mail() -> None:
    """It says from whom, to whom, when and what; the words stand in it as text and as HTML."""
    mail = composed({"reply_to": "answers@firm.example"}, in_reply_to="1@example.com")
    assert {
        name: mail[name] for name in ("From", "To", "Reply-To", "Subject", "Date", "Message-ID", "In-Reply-To")
    } == {
        "From": "The Firm <desk@firm.example>",
        "To": "ana@example.com",
        "Reply-To": "answers@firm.example",
        "Subject": "Your order",
        "Date": "Mon, 02 Mar 2026 09:00:00 +0000",
        "Message-ID": f"<{MESSAGE}@firm.example>",
        "In-Reply-To": "<1@example.com>",
    }
    assert mail["References"] == mail["In-Reply-To"]
    assert mail.get_content_type() == "multipart/alternative"
    assert part(mail, "plain").strip() == "It is on its way."
    assert "It is on its way.</p>" in part(mail, "html")
    assert not mail.defects


def test_every_try_sends_the_same_mail() -> None:
    """Nothing in it is drawn or read off a clock: the same message gives the same bytes."""
    surveying = {"purpose": Purpose.SURVEY, "body": f"{URL}/a"}
    assert compose(message(**surveying), config()) == compose(message(**surveying, attempts=3, version=9), config())
    other = message(id=MESSAGE.__class__(int=8))
    assert compose(other, config()) != compose(message(), config())


@given(subject=HOSTILE, body=HOSTILE | st.text(max_size=2_000), name=HOSTILE, answered=HOSTILE)
@example(subject="\r\nBcc: eve@example.com", body="\n.\nFrom x\n--=_0\n", name="", answered="")
@example(subject="x", body="Ж" * 5_000, name="", answered="a" * 2_000)
@example(subject="x", body="x" * 5_000, name="", answered="")
def test_whatever_is_said_the_mail_is_well_formed(subject: str, body: str, name: str, answered: str) -> None:
    """No field but ours, no line over 998 bytes, nothing beyond ASCII, and one text that is read again."""
    data = compose(message(subject=subject, body=body, in_reply_to=answered), config(name=name))
    assert data.isascii()
    assert all(len(line) <= 998 for line in data.split(b"\r\n"))
    assert b"\n" not in data.replace(b"\r\n", b"")
    mail = email.message_from_bytes(data, policy=policy.default)
    assert set(mail.keys()) <= {
        "From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "MIME-Version", "Content-Type",
    }  # fmt: skip
    assert [each.get_content_type() for each in mail.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    assert isinstance(mail, EmailMessage)
    told = part(mail, "plain").split()
    assert told == _readable(body).split()


def _readable(text: str) -> str:
    unseen = {chr(code) for code in (*range(9), *range(11, 32), *range(127, 160), 0x2028, 0x2029)} - {"\r"}
    return "".join(sign for sign in text if sign not in unseen and not "\ud800" <= sign <= "\udfff").replace("\r", "\n")


@pytest.mark.parametrize(
    ("fields", "value"),
    [
        ({"automatic": True}, "auto-generated"),
        ({"automatic": True, "in_reply_to": "1@example.com"}, "auto-replied"),
        ({"automatic": False, "in_reply_to": "1@example.com"}, None),
    ],
)
def test_machines_are_told_who_wrote(fields: dict[str, Any], value: str | None) -> None:
    """A mail that nobody wrote says so, and our own reading takes it for one; a person's mail does not."""
    mail = composed(**fields)
    assert mail["Auto-Submitted"] == value
    [read] = events(compose(message(**fields), config()))
    assert isinstance(read, MessageIn)
    assert read.automatic is (value is not None)


@pytest.mark.parametrize("purpose", Purpose)
def test_what_may_be_refused_says_how(purpose: Purpose) -> None:
    """Surveys and marketing have both ways to unsubscribe, in the header and in the text; service has none."""
    mail = composed(purpose=purpose)
    refusable = purpose in {Purpose.SURVEY, Purpose.MARKETING}
    assert ("List-Unsubscribe" in mail) == ("List-Unsubscribe-Post" in mail) == refusable
    assert ("Unsubscribe: https" in part(mail, "plain")) == (">Unsubscribe</a>" in part(mail, "html")) == refusable
    if refusable:
        by_link, by_mail = mail["List-Unsubscribe"].split(", ")
        assert by_link.startswith(f"<{URL}/unsubscribe?t=")
        assert by_mail == f"<mailto:desk@firm.example?subject=unsubscribe%20{purpose}>"
        assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_without_a_public_address_a_mail_unsubscribes() -> None:
    """There is no link then, and no one-click."""
    mail = composed({"public_url": None}, purpose=Purpose.SURVEY)
    assert mail["List-Unsubscribe"] == "<mailto:desk@firm.example?subject=unsubscribe%20survey>"
    assert "List-Unsubscribe-Post" not in mail


def test_only_links_to_the_firm_are_tracked() -> None:
    """Whoever writes to the firm can have words repeated in a mail, but no address of theirs signed by us."""
    body = "See https://www.firm.example/a and https://evil.example/b, https://www.firm.example.evil.example/c."
    html = part(composed({"tracked_hosts": ["WWW.firm.example"]}, body=body), "html")
    assert html.count("/click?t=") == 1
    assert 'href="https://evil.example/b"' in html
    assert 'href="https://www.firm.example.evil.example/c"' in html
    assert ">https://www.firm.example/a</a>" in html
    untracked = composed({"tracked_hosts": ["www.firm.example"]}, body=body, purpose=Purpose.INTERNAL)
    assert "/click?t=" not in part(untracked, "html")
    assert "https://www.firm.example/a" in part(composed({"tracked_hosts": ["www.firm.example"]}, body=body), "plain")


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example\\@www.firm.example/",
        "https://www.firm.example@evil.example/",
        "https://evil.example/www.firm.example",
        "https://www.firm.example:pw@evil.example/",
        "https://www.firm.example.evil.example/",
        "https://[www.firm.example]/",
        "https://evil.example#@www.firm.example/",
        "https://evil.example?@www.firm.example/",
    ],
)
def test_no_address_that_can_be_read_in_two_ways_is_signed(url: str) -> None:
    """Where a browser may see another host than we do, the link stays as it is."""
    assert "/click?t=" not in part(composed({"tracked_hosts": ["www.firm.example"]}, body=f"See {url}"), "html")


@pytest.mark.parametrize(("tracked", "purpose", "expected"), [
    (True, Purpose.SERVICE, 1), (False, Purpose.SERVICE, 0), (True, Purpose.INTERNAL, 0),
])  # fmt: skip
def test_opens_are_asked_for_only_where_wanted(*, tracked: bool, purpose: Purpose, expected: int) -> None:
    """No picture is in a mail by default, nor in one to a member."""
    assert part(composed({"track_opens": tracked}, purpose=purpose), "html").count("/open?t=") == expected


def test_the_firms_own_template() -> None:
    """It takes the place of the built-in one, and is filled in the same way."""
    mail = composed({"template": "<h1>$subject</h1>$body", "language": "sl"}, subject="A & B")
    assert part(mail, "html").startswith("<h1>A &amp; B</h1><p style=")


def test_language_and_direction_are_said() -> None:
    """A screen reader needs the one, and a reader of Hebrew the other; an unknown language is not invented."""
    assert '<html lang="sl" dir="ltr">' in part(composed({"language": "sl"}), "html")
    assert '<html dir="rtl">' in part(composed(body="שלום"), "html")


@pytest.mark.parametrize(
    "body", ["<script>alert(1)</script>", '"><img src=x>', "https://a.example/\"onclick='x", "&amp;"]
)
def test_nothing_is_left_unescaped(body: str) -> None:
    """Words that look like markup are shown as words."""
    found = Tags(part(composed(body=body, subject=body), "html"))
    assert found.names <= {"html", "head", "meta", "title", "body", "div", "p", "a"}
    assert found.attributes <= {"dir", "charset", "name", "content", "style", "href"}
    assert found.text.count(body) == 2


def test_addresses_beyond_ascii_are_written_as_such() -> None:
    """The domain is put into ASCII; a name before the @ that cannot be makes a mail for servers with SMTPUTF8."""
    assert b"To: ana@xn--ito-b3a.example\r\n" in compose(message(to="ana@žito.example"), config())
    assert "To: žiga@example.com\r\n".encode() in compose(message(to="žiga@example.com"), config())


def test_no_mail_without_an_address() -> None:
    """What is no address is refused before a server is asked."""
    with pytest.raises(InvalidValue, match="no address"):
        compose(message(to="ana@example.com>\r\nRCPT TO:<eve@example.com"), config())


def test_a_messages_own_language_goes_first() -> None:
    """A firm writes to each customer in theirs; the footer speaks it too."""
    mail = composed({"language": "en"}, locale="sl", purpose=Purpose.SURVEY)
    assert '<html lang="sl"' in part(mail, "html")
    assert "Odjava: https" in part(mail, "plain")

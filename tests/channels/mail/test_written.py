import email
from email import policy
from email.message import EmailMessage
from itertools import product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clientloop.channels.mail.headers import read_headers
from clientloop.channels.mail.limits import Limits
from clientloop.channels.mail.mailboxes import mailboxes
from clientloop.channels.mail.written import LONGEST, OURS, POLICY, POLICY_UTF8, mailbox, message_id, one_line, words
from clientloop.errors import InvalidValue

#: The signs that end a line for one program or another, and what begins an encoded word.
ENDS = ["\r", "\n", "\v", "\f", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029", "\0", "\x7f", "\ud800"]
HOSTILE = st.lists(
    st.sampled_from([*ENDS, "\r\n", "Bcc: eve@example.com", "=?utf-8?q?=0D=0ABcc:_x?=", " ", ",", '"', "\\", "<", ">"])
    | st.text(max_size=8),
    max_size=12,
).map("".join)


def head(name: str, value: str, rules: policy.EmailPolicy = POLICY) -> bytes:
    """The header of a mail with one field."""
    mail = EmailMessage(policy=rules)
    mail[name] = value
    return mail.as_bytes()


@given(name=st.sampled_from(OURS), value=HOSTILE)
@example(name="Subject", value="=?utf-8?q?a=0D=0ABcc:_x?=")
@example(name="X-New", value="a\x85Bcc: x")
def test_no_value_begins_another_field(name: str, value: str) -> None:
    """Whatever a value holds, the header has one field of that name and no other, or the value is refused."""
    try:
        written = head(name, value, POLICY_UTF8)
    except (InvalidValue, ValueError):
        return
    headers, _ = read_headers(written, 0, Limits())
    assert [each for each, _ in headers.fields] == [name.lower()]
    assert len(email.message_from_bytes(written, policy=policy.default).keys()) == 1


def test_each_line_end_is_refused() -> None:
    """The guard stands below whatever makes the values, for every field that we write."""
    for name, end in product(OURS, ENDS):
        with pytest.raises((InvalidValue, ValueError)):
            head(name, f"a{end}Bcc: eve@example.com", POLICY_UTF8)


@given(text=HOSTILE | st.text(max_size=400))
@example(text="=?utf-8?q?=0ABcc:_eve@example.com?=")
@example(text="a" * 61 + " b")
def test_a_subject_says_what_it_said(text: str) -> None:
    """Any text on one line is read again as it was, in lines of bounded length and ASCII."""
    written = head("Subject", words(text)) if one_line(text) else b""
    headers, _ = read_headers(written, 0, Limits(value=10_000))
    assert headers.text("subject") == one_line(text)
    assert written.isascii()
    assert all(len(line) <= 78 for line in written.split(b"\r\n"))


@given(name=st.text(max_size=60) | HOSTILE)
def test_a_name_stays_a_name(name: str) -> None:
    """No name adds an address; our own reading and the library's find the one that was given."""
    written = head("To", mailbox(name, "ana@example.com"))
    [found] = mailboxes(written.decode().removeprefix("To: ").replace("\r\n", ""))
    assert found.address == "ana@example.com"
    parsed = email.message_from_bytes(written, policy=policy.default)["To"]
    assert [each.addr_spec for each in parsed.addresses] == ["ana@example.com"]


@pytest.mark.parametrize("name", ["The Firm", "The Firm, Inc.", 'The "great" Firm', "Žito d. o. o.", "Ж" * 100])
def test_a_name_is_read_as_it_was(name: str) -> None:
    """Quoted, encoded in several words, or as it is."""
    [found] = mailboxes(head("From", mailbox(name, "a@b.example")).decode().removeprefix("From: ").replace("\r\n", ""))
    assert found.name == name


def test_long_texts_are_cut_visibly() -> None:
    """A subject of any length costs little and ends with a mark."""
    assert one_line("x" * 1_000_000) == "x" * (LONGEST - 1) + "…"


@pytest.mark.parametrize("given_id", ["a b@x", "a\r\nBcc:@x", "<a@x>", "é@x", "", "a" * 901])
def test_strange_ids_are_not_repeated(given_id: str) -> None:
    """The id of a mail that is answered comes from outside: what cannot stand between angle brackets is left out."""
    assert message_id(given_id) is None


def test_a_long_id_stays_whole() -> None:
    """An id that is longer than a line is neither cut nor encoded, as others must find it."""
    given_id = "A" * 90 + "@prod.outlook.example"
    assert head("In-Reply-To", message_id(given_id) or "") == b"In-Reply-To: <" + given_id.encode() + b">\r\n\r\n"

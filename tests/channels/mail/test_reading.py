import base64
from datetime import datetime, timedelta, timezone

import pytest

from clientloop.channels.mail.limits import Limits
from clientloop.channels.mail.reading import read_mail
from clientloop.errors import BadPayload
from tests.channels.mail.letters import letter, multipart, part

HTML = {"Content-Type": "text/html; charset=utf-8"}
FILE = {"Content-Type": "application/pdf", "Content-Disposition": 'attachment; filename="a.pdf"'}


def test_a_mail_says_who_wrote_what_when_and_in_answer_to_what() -> None:
    """All that a header says is read."""
    mail = read_mail(
        letter(
            "It broke.\n",
            {
                "Subject": "=?utf-8?Q?=C5=BDal?=",
                "In-Reply-To": "<7@firm.example>",
                "References": "<5@firm.example>\r\n <7@firm.example>",
                "To": "Shop <shop@firm.example>",
                "Delivered-To": "inbox@firm.example",
                "Reply-To": "other@example.com",
                "List-Id": "Friends <friends.example.com>",
            },
        )
    )
    assert mail.sender is not None
    assert (mail.sender.name, mail.sender.address) == ("Ana Novak", "ana@example.com")
    assert (mail.subject, mail.text, mail.message_id) == ("Žal", "It broke.", "1@example.com")
    assert (mail.in_reply_to, mail.references) == ("7@firm.example", ("5@firm.example", "7@firm.example"))
    assert mail.at == datetime(2014, 3, 3, 12, tzinfo=timezone(timedelta(hours=1)))
    assert [box.address for box in mail.recipients] == ["inbox@firm.example", "shop@firm.example"]
    assert mail.reply_to is not None
    assert mail.reply_to.address == "other@example.com"
    assert mail.lists == {"list-id": "Friends <friends.example.com>"}


@pytest.mark.parametrize(
    ("headers", "address"),
    [
        ({"From": "", "Sender": "s@example.com"}, "s@example.com"),
        ({"From": "", "Return-Path": "<r@example.com>"}, "r@example.com"),
        ({"From": "Ana", "Reply-To": "r@example.com"}, "r@example.com"),
        ({"From": "MAILER-DAEMON"}, "MAILER-DAEMON"),
    ],
)
def test_the_sender_is_found_wherever_it_is_named(headers: dict[str, str], address: str) -> None:
    """A mail without an address under `From` says in other fields who wrote it."""
    sender = read_mail(letter("x", headers)).sender
    assert sender is not None
    assert sender.address == address


def test_the_answered_message_is_the_last_of_the_thread_where_nothing_else_says() -> None:
    """Without `In-Reply-To`, the last of `References` is the message that is answered."""
    assert read_mail(letter("x", {"References": "<a@x> <b@x>"})).in_reply_to == "b@x"


def test_a_mail_has_the_same_key_whichever_way_it_comes() -> None:
    """What servers and lists add or change on the way does not change the key."""
    direct = letter("It broke.\n", {"Subject": "Order"})
    by_list = b"Received: by mx\r\nDelivered-To: x@y\r\n" + letter(
        "It broke.\n-- \nThe list\n", {"Subject": "[list] Order"}
    )
    assert read_mail(direct).key == read_mail(by_list).key


@pytest.mark.parametrize(
    "headers",
    [{"From": "bo@example.com"}, {"Date": "Tue, 4 Mar 2014 12:00:00 +0100"}, {"Message-ID": "<2@example.com>"}],
)
def test_other_mails_have_other_keys(headers: dict[str, str]) -> None:
    """Programs that give all mails one id lose none of them."""
    assert read_mail(letter("x", headers)).key != read_mail(letter("x")).key


@pytest.mark.parametrize("missing", ["Message-ID", "Date"])
def test_mails_without_an_id_or_a_date_are_told_apart_by_their_words_and_files(missing: str) -> None:
    """Two of these are the same only if all that is in them is."""
    bare = {missing: "", "Subject": "s"}
    keys = {
        read_mail(mail).key
        for mail in (
            letter("a", bare),
            letter("b", bare),
            letter("a", {**bare, "Subject": "t"}),
            multipart("mixed", part("a"), part("x", FILE), headers=bare),
            multipart("mixed", part("a"), part("y", FILE), headers=bare),
        )
    }
    assert len(keys) == 5
    assert read_mail(letter("a", bare)).key in keys


PLAIN_AND_HTML = multipart("alternative", part("plain"), part("<p>marked</p>", HTML), boundary="b1")
BODIES = {
    "plain rather than HTML": (PLAIN_AND_HTML, "plain", []),
    "HTML where the plain text is empty": (
        multipart("alternative", part(" \n"), part("<p>marked</p>", HTML), boundary="b1"),
        "marked",
        [],
    ),
    "HTML with pictures": (
        multipart(
            "related",
            part("<p>marked</p>", HTML),
            part("x", {"Content-Type": "image/png", "Content-ID": "<i>"}),
            boundary="b1",
        ),
        "marked",
        ["unnamed"],
    ),
    "pictures before their HTML": (
        multipart("related", part("x", {"Content-Type": "image/png; name=i.png"}), part("<p>a", HTML), boundary="b1"),
        "a",
        ["i.png"],
    ),
    "a picture between texts": (
        multipart(
            "mixed", part("one"), part("x", {"Content-Type": 'image/png; name="i.png"'}), part("two"), boundary="b1"
        ),
        "one\n\ntwo",
        ["i.png"],
    ),
    "a text file": (
        multipart(
            "mixed", part("one"), part("two", {"Content-Disposition": "attachment; filename=t.txt"}), boundary="b1"
        ),
        "one",
        ["t.txt"],
    ),
    "an invitation beside its words": (
        multipart(
            "alternative", part("one"), part("BEGIN:VCALENDAR", {"Content-Type": "text/calendar"}), boundary="b1"
        ),
        "one",
        ["invitation.ics"],
    ),
    "a file of Outlook": (
        multipart("mixed", part("one"), part("x", {"Content-Type": "application/ms-tnef"}), boundary="b1"),
        "one",
        ["winmail.dat"],
    ),
    "an attached mail": (
        multipart("mixed", part("one"), part("From: x\n\ntwo", {"Content-Type": "message/rfc822"}), boundary="b1"),
        "one",
        ["message.eml"],
    ),
    "only a file": (part("x", FILE), "", ["a.pdf"]),
    "signed": (
        multipart(
            "signed", part("one"), part("x", {"Content-Type": "application/pgp-signature; name=s.asc"}), boundary="b1"
        ),
        "one",
        ["s.asc"],
    ),
    "a path for a name": (
        part(
            "x", {"Content-Type": "image/png", "Content-Disposition": 'attachment; filename="..\\\\..\\\\etc/pass:wd"'}
        ),
        "",
        ["pass_wd"],
    ),
    "alternatives with files within": (
        multipart(
            "alternative",
            part("plain"),
            multipart("mixed", part("<p>marked", HTML), part("x", FILE), boundary="b2"),
            boundary="b1",
        ),
        "plain",
        ["a.pdf"],
    ),
}


@pytest.mark.parametrize("name", BODIES)
def test_the_words_and_the_files_of_a_mail_are_told_apart(name: str) -> None:
    """The best text is taken once, and everything else that is no other form of it is a file."""
    body, text, names = BODIES[name]
    mail = read_mail(multipart("mixed", body, headers={}))
    assert (mail.text, [media.name for media in mail.media], mail.left_out) == (text, names, ())


@pytest.mark.parametrize(
    "headers", [{"Content-Type": 'text/plain; name="a.txt"'}, {"Content-Disposition": "attachment"}]
)
def test_a_mail_of_one_text_has_words_and_no_file(headers: dict[str, str]) -> None:
    """Some programs give the only text a name; it is what the sender says."""
    mail = read_mail(letter("It broke.", headers))
    assert (mail.text, mail.media) == ("It broke.", ())


def test_a_file_is_what_was_sent() -> None:
    """Its bytes are those before they were encoded, and its type the one that was claimed."""
    data = bytes(range(256))
    encoded = part(base64.encodebytes(data), {**FILE, "Content-Transfer-Encoding": "base64"})
    [media] = read_mail(multipart("mixed", encoded, headers={})).media
    assert (media.content, media.media_type) == (data, "application/pdf")


def test_files_beyond_the_bounds_are_named_and_left_out() -> None:
    """Neither more files nor more bytes than allowed are taken out; the others are named."""
    files = [part("x" * 10, {"Content-Type": f"image/png; name={n}.png"}) for n in range(4)]
    mail = multipart("mixed", *files, headers={})
    few = read_mail(mail, Limits(media=3))
    assert ([media.name for media in few.media], few.left_out) == (["0.png", "1.png", "2.png"], ("3.png",))
    small = read_mail(mail, Limits(media_bytes=25))
    assert ([media.name for media in small.media], small.left_out) == (["0.png", "1.png"], ("2.png", "3.png"))


def test_no_more_of_the_words_is_read_than_allowed() -> None:
    """A text beyond the bound is cut, over all parts together."""
    mail = multipart("mixed", part("a" * 60), part("b" * 60), headers={})
    assert read_mail(mail, Limits(text=100)).text == "a" * 60 + "\n\n" + "b" * 40


@pytest.mark.parametrize("mail", [b"", b"\r\n\r\n", b"\0\1\2", b"just words", b"\xef\xbb\xbf", b"\n\nwords\n"])
def test_what_has_no_header_is_no_mail(mail: bytes) -> None:
    """Bytes without a single header field are refused."""
    with pytest.raises(BadPayload, match="without a header"):
        read_mail(mail)


def test_a_mail_that_is_too_large_is_refused() -> None:
    """One byte more than allowed is too much."""
    mail = letter("x")
    assert read_mail(mail, Limits(size=len(mail)))
    with pytest.raises(BadPayload, match="bytes"):
        read_mail(mail, Limits(size=len(mail) - 1))


def test_a_mail_shows_no_personal_data_in_its_repr() -> None:
    """What goes into a log by mistake names nobody."""
    mail = read_mail(letter("secret words", {"Subject": "secret subject", "To": "bo@firm.example"}))
    assert not any(word in repr(mail) for word in ("secret", "ana@", "Novak", "bo@"))

from datetime import UTC, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from clientloop.channels.form.channel import FormChannel
from clientloop.channels.form.config import FormConfig
from clientloop.channels.form.decoding import MULTIPART, URLENCODED
from clientloop.errors import BadPayload, InvalidValue, MissingExtra, UnknownName
from clientloop.model.customers import IdentityKind, Purpose, Trust
from clientloop.model.messages import OutboundMessage
from clientloop.ports.channel import Direction
from clientloop.ports.events import Address, Raw
from clientloop.ports.tokens import seal
from clientloop.testing.samples import sample
from tests.channels.form.samples import (
    CHANNEL,
    CONFIG,
    FILLED,
    FULL,
    KEY,
    NOW,
    OLD_KEY,
    PLAIN,
    URL,
    hidden,
    multipart,
    part,
    post,
    said,
    token,
)

NEXT_MONTH = NOW + timedelta(days=30)


def _invited(form: str = "contact", **changes: str) -> str:
    return CHANNEL.invite(form, IdentityKind.EMAIL, "ana@example.com", expires=NEXT_MONTH).removeprefix("i=")


def test_directions() -> None:
    """A form receives and answers in line; it sends nothing and has nothing to fetch."""
    assert FormChannel.directions == {Direction.RECEIVE, Direction.RESPOND}


def test_everything_that_was_filled_in() -> None:
    """A post becomes one message with all answers where intake looks for them."""
    raw = post(
        _token=token(url=f"{URL}?utm_campaign=spring&utm_source=radio", Referer="https://news.example/a?b=c"),
        text=" The lamp\r\nis broken ",
        kind="complaint",
        stars="0",
        product="b",
        topic="lamps",
        who="Ana  Kos",
        email="ana@example.com",
        phone="+386 40 123 456",
        branch="Ljubljana",
        _language="sl",
    )
    message = said(raw)
    assert message.text == "The lamp\nis broken"
    assert message.sender == Address(
        kind=IdentityKind.EMAIL, value="ana@example.com", name="Ana Kos", trust=Trust.CLAIMED
    )
    assert message.locale == "sl"
    assert message.source == {
        "page": URL,
        "referrer": "https://news.example/a",
        "campaign": "spring",
        "advert": "radio",
    }
    assert message.extra == {
        "form": "contact",
        "kind": "complaint",
        "rating": 0,
        "scale": "0-10",
        "product": "b",
        "category": "lamps",
        "contacts": {"phone": "+386 40 123 456"},
        "fields": {"branch": "Ljubljana"},
    }


def test_where_somebody_came_from_is_never_too_long() -> None:
    """Addresses and campaigns of any length and script leave a page that can be sent."""
    url = (
        URL + "/" + "🙂" * 300 + "?" + "&".join(f"utm_{name}={'🙂' * 300}" for name in ("campaign", "source", "medium"))
    )
    raw = post(_token=token(url=url, Referer="🙂" * 9_000), text="Late")
    assert CHANNEL.verify(raw, FILLED).accepted
    assert [len(str(value)) for value in said(raw).source.values()] == [200] * 5


def test_nothing_but_the_words() -> None:
    """The words are enough: their sender is nobody's address, and the kind is the form's."""
    message = said(post("plain", text="Open on Sundays"))
    assert message.sender == Address(kind=IdentityKind.COOKIE, value="form:f00d", trust=Trust.DEVICE)
    assert message.extra == {"form": "plain", "kind": "idea"}


def test_files() -> None:
    """Files come with the message, under their names and media types."""
    image = b"\xff\xd8\r\n--X\r\n\x00"
    raw = multipart(
        part("_token", token().encode()),
        part("text", "Čudno".encode()),
        part("photos", image, file="sl\u010din.jpg".encode(), media_type="image/jpeg"),
        part("photos", b"", file=b"", media_type="application/octet-stream"),
    )
    [file] = said(raw).media
    assert (file.name, file.media_type, file.content) == ("sl\u010din.jpg", "image/jpeg", image)
    assert said(raw).text == "Čudno"


def test_a_double_click_is_a_redelivery() -> None:
    """What is posted with one page has one key, whatever is in it; another page has another key."""
    first, again = post(text="Late"), post(text="Late!")
    assert said(first).key == said(again).key
    assert said(post(_token=token(nonce="beef"), text="Late")).key != said(first).key


def test_a_post_that_misses_the_words() -> None:
    """Nothing is received; the form comes back with what was typed, the error, and the same page's token."""
    raw = post(text=" \r\n", who='Ana "<b>" Kos')
    parsed = CHANNEL.parse(raw)
    assert parsed.events == ()
    assert parsed.reply.status == 422
    page = parsed.reply.body.decode()
    assert 'href="#cl-field-text">Write your message</a>' in page
    assert 'value="Ana &quot;&lt;b&gt;&quot; Kos"' in page
    assert hidden(parsed.reply.body, "_token") == token()
    assert CHANNEL.respond(raw, ()) == parsed.reply


def test_a_good_post_leads_to_thanks_with_the_number() -> None:
    """The answer is a redirection that a reload does not repeat; the page behind it tells the item's number."""
    raw = post(text="Late", _language="sl")
    message = sample(OutboundMessage, subject="Vaše sporočilo smo prejeli (7K3M9QXA)", purpose=Purpose.SERVICE)
    reply = CHANNEL.respond(raw, [message])
    assert reply.status == 303
    query = urlsplit(reply.headers["Location"]).query
    page = CHANNEL.page("contact", Raw(body=b"", method="GET", url=f"{URL}?{query}"), now=NOW, nonce="x").body.decode()
    assert "7K3M9QXA" in page
    assert '<html lang="sl"' in page


def test_thanks_without_a_number() -> None:
    """Where no message tells the number, the page thanks all the same."""
    parsed = CHANNEL.parse(post(text="Late"))
    url = URL + parsed.reply.headers["Location"]
    page = CHANNEL.page("contact", Raw(body=b"", method="GET", url=url), now=NOW, nonce="x").body.decode()
    assert "We have your message." in page
    assert "number" not in page


def test_nobody_makes_the_firm_thank() -> None:
    """A page of thanks with words of somebody else's is not shown: the form is."""
    raw = Raw(body=b"", method="GET", url=f"{URL}?thanks=WyJjYWxsIDA5MDAiXQ.0000")
    assert b"_token" in CHANNEL.page("contact", raw, now=NOW, nonce="x").body


@pytest.mark.parametrize(
    ("age", "accepted"),
    [
        (timedelta(seconds=-60), False),
        (timedelta(seconds=2), False),
        (timedelta(seconds=3), True),
        (timedelta(hours=24), True),
        (timedelta(hours=24, seconds=1), False),
    ],
)
def test_the_age_of_a_page(age: timedelta, accepted: bool) -> None:
    """A page is good from some seconds after it was handed out until a day later."""
    assert CHANNEL.verify(post(text="Late"), NOW + age).accepted is accepted


def test_the_trap() -> None:
    """What fills in the field that people do not see is refused."""
    assert CHANNEL.verify(post(text="Late", _website=""), FILLED).trust is Trust.CLAIMED
    assert CHANNEL.verify(post(text="Late", _website="http://spam.example"), FILLED).trust is None


@given(position=st.integers(0, len(token()) - 1), letter=st.characters(codec="ascii", exclude_categories=["C"]))
def test_a_tampered_token(position: int, letter: str) -> None:
    """Change any letter of a token, and the post is refused and not read."""
    whole = token()
    tampered = whole[:position] + letter + whole[position + 1 :]
    if tampered != whole:
        raw = post(_token=tampered, text="Late")
        assert not CHANNEL.verify(raw, FILLED).accepted
        with pytest.raises(BadPayload):
            CHANNEL.parse(raw)


@pytest.mark.parametrize("suffix", ["=", " ", "0", "\n", "."])
def test_a_token_has_one_spelling(suffix: str) -> None:
    """Nothing may be added to a token: a second spelling would be a second message."""
    assert not CHANNEL.verify(post(_token=token() + suffix, text="Late"), FILLED).accepted


def test_tokens_of_other_uses() -> None:
    """An invitation is no page, a page no invitation, and the page of one form not that of another firm's."""
    assert not CHANNEL.verify(post(_token=_invited(), text="Late"), FILLED).accepted
    assert CHANNEL.verify(post(_invitation=token(), text="Late"), FILLED).trust is Trust.CLAIMED
    other = FormChannel(evolve(CONFIG, forms=(PLAIN,)))
    assert not other.verify(post(text="Late"), FILLED).accepted


def test_keys_are_replaced() -> None:
    """What an old key has signed counts while it is in the list; the first key signs."""
    before = FormChannel(evolve(CONFIG, keys=(OLD_KEY,)))
    raw = Raw(body=b"", method="GET", url=URL)
    old = hidden(before.page("contact", raw, now=NOW, nonce="f00d").body, "_token")
    assert CHANNEL.verify(post(_token=old, text="Late"), FILLED).accepted
    assert not FormChannel(evolve(CONFIG, keys=(KEY,))).verify(post(_token=old, text="Late"), FILLED).accepted
    assert token() == hidden(
        FormChannel(evolve(CONFIG, keys=(KEY,))).page("contact", raw, now=NOW, nonce="f00d").body, "_token"
    )


def test_an_invitation_proves_its_address() -> None:
    """Whoever follows the link is who it was sent to; what is typed besides is one more contact."""
    page = CHANNEL.page("contact", Raw(body=b"", method="GET", url=f"{URL}?i={_invited()}"), now=NOW, nonce="f00d").body
    raw = post(_invitation=hidden(page, "_invitation"), text="Late", email="eve@example.com", who="Ana")
    assert CHANNEL.verify(raw, FILLED).trust is Trust.VERIFIED
    message = said(raw)
    assert message.sender == Address(kind=IdentityKind.EMAIL, value="ana@example.com", name="Ana")
    assert message.extra["contacts"] == {"email": "eve@example.com"}
    assert "i=" not in message.source.get("page", "")


def test_a_typed_address_is_never_proved() -> None:
    """What somebody types stays claimed, whatever the message as a whole is."""
    assert said(post(text="Late", email="ana@example.com")).sender.trust is Trust.CLAIMED


def test_an_expired_invitation_proves_nothing() -> None:
    """After its time a link still says who was invited, and that is claimed only."""
    expires = NEXT_MONTH
    raw = post(_token=token(at=expires - timedelta(minutes=1)), _invitation=_invited(), text="Late")
    assert CHANNEL.verify(raw, expires - timedelta(seconds=1)).trust is Trust.VERIFIED
    assert CHANNEL.verify(raw, expires).trust is Trust.CLAIMED


def test_an_invitation_is_for_one_form() -> None:
    """A link to one form proves nothing on another."""
    raw = post("plain", _invitation=_invited("contact"), text="Late")
    assert CHANNEL.verify(raw, FILLED).trust is Trust.CLAIMED
    assert said(raw).sender.kind is IdentityKind.COOKIE


def test_an_invitation_for_ever_is_refused() -> None:
    """An invitation says in which zone it expires."""
    with pytest.raises(InvalidValue, match="zone"):
        CHANNEL.invite("contact", IdentityKind.EMAIL, "ana@example.com", expires=NOW.replace(tzinfo=None))
    with pytest.raises(UnknownName, match="did you mean 'contact'"):
        CHANNEL.invite("contakt", IdentityKind.EMAIL, "ana@example.com", expires=NEXT_MONTH)


def test_an_old_page_comes_back_filled_in() -> None:
    """Who has taken too long gets the form with every word, a page that is good, and is told to send again."""
    later = NOW + timedelta(days=3)
    raw = post(text="A long story", _website="autofilled", _language="sl", _invitation=_invited())
    assert not CHANNEL.verify(raw, later).accepted
    reply = CHANNEL.again("contact", raw, now=later, nonce="beef")
    assert reply.status == 422
    assert b"A long story" in reply.body
    assert b"autofilled" not in reply.body
    assert "pošljite ga še enkrat" in reply.body.decode()
    fields = {name: hidden(reply.body, name) for name in ("_token", "_invitation", "_language")}
    sent_again = post(text="A long story", **fields)
    assert CHANNEL.verify(sent_again, later + timedelta(minutes=1)).trust is Trust.VERIFIED


def test_files_are_asked_for_again() -> None:
    """A page that comes back says that the files are lost: browsers do not fill them in."""
    raw = multipart(
        part("_token", token().encode()), part("text", b""), part("photos", b"x", file=b"a.png", media_type="image/png")
    )
    page = CHANNEL.parse(raw).reply.body.decode()
    assert page.count("Choose your files again") == 2


@pytest.mark.parametrize(
    ("names", "content", "media_type", "sentence"),
    [
        ("abcd", b"x", "image/png", "at most 3 files"),
        ("a", b"x" * 2_000_001, "image/png", "at most 2000 kilobytes"),
        ("a", b"x", "text/html", "only application/pdf"),
        ("a", b"x", "image/png\x00<script>", "only application/pdf"),
    ],
)
def test_files_that_are_not_taken(names: str, content: bytes, media_type: str, sentence: str) -> None:
    """Too many files, too large ones and such of other types are said at their field; the words are kept."""
    files = [part("photos", content, file=name.encode(), media_type=media_type) for name in names]
    parsed = CHANNEL.parse(multipart(part("_token", token().encode()), part("text", b"Late"), *files))
    assert parsed.events == ()
    assert sentence in parsed.reply.body.decode()
    assert "Late" in parsed.reply.body.decode()


def test_files_where_none_are_asked_for() -> None:
    """A form without a field for files takes none."""
    raw = multipart(part("_token", token("plain").encode()), part("text", b"Late"), part("x", b"y", file=b"a.png"))
    with pytest.raises(BadPayload, match="files"):
        CHANNEL.parse(raw)


@given(
    body=st.binary(max_size=300) | st.just(post(text="Late").body).map(lambda body: body * 2),
    content_type=st.sampled_from(["", URLENCODED, f"{MULTIPART}; boundary=X", MULTIPART]) | st.text(max_size=40),
    url=st.text(max_size=30) | st.just("http://["),
    extra=st.dictionaries(
        st.sampled_from([field.name for field in FULL.fields] + ["_language", "_charset_"]), st.text()
    ),
    language=st.text(max_size=30),
)
def test_nothing_but_bad_payloads(
    body: bytes, content_type: str, url: str, extra: dict[str, str], language: str
) -> None:
    """Whatever is sent, it is refused, read, or called a bad payload; and the form can be handed out again."""
    headers = {"Content-Type": content_type, "Accept-Language": language, "Referer": url}
    for raw in (
        Raw(body=body, url=url, headers=headers),
        evolve(post(**{"text": "Late", **_encodable(extra)}), url=url),
    ):
        CHANNEL.verify(raw, FILLED)
        CHANNEL.again("contact", raw, now=NOW, nonce="x")
        CHANNEL.page("contact", raw, now=NOW, nonce="x")
        try:
            CHANNEL.parse(raw)
        except BadPayload:
            assert not CHANNEL.verify(raw, FILLED).accepted


def _encodable(fields: dict[str, str]) -> dict[str, str]:
    return {name: value.encode(errors="replace").decode() for name, value in fields.items()}


def test_only_posts_are_verified() -> None:
    """A request by another method says nothing."""
    assert not CHANNEL.verify(evolve(post(text="Late"), method="GET"), FILLED).accepted


def test_secrets_are_not_shown() -> None:
    """The settings do not show their keys, and a message nothing that is personal."""
    assert KEY not in repr(CONFIG)
    assert "ana@example.com" not in repr(said(post(text="Late", email="ana@example.com")))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"keys": ()}, "keys: give at least one"),
        ({"keys": (KEY, "short")}, "32 characters"),
        ({"forms": ()}, "forms: give at least one"),
        ({"forms": (PLAIN, PLAIN)}, "a name of its own"),
    ],
)
def test_settings_that_are_refused(changes: dict[str, Any], message: str) -> None:
    """A channel without a good key or a form is refused when it is set up."""
    with pytest.raises(InvalidValue, match=message):
        evolve(CONFIG, **changes)
    with pytest.raises(InvalidValue):
        FormChannel()


def test_files_need_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the extra, a form that asks for files is refused when it is set up; a multipart post is no payload."""
    monkeypatch.setitem(__import__("sys").modules, "multipart", None)
    with pytest.raises(MissingExtra, match=r"clientloop\[form\]"):
        FormConfig(keys=(KEY,), forms=(FULL,))
    with pytest.raises(BadPayload, match=r"clientloop\[form\]"):
        CHANNEL.parse(multipart(part("text", b"x")))
    FormConfig(keys=(KEY,), forms=(PLAIN,))


def test_a_form_that_was_taken_away() -> None:
    """A page of a form that no longer exists is a bad payload, with the nearest name."""
    with pytest.raises(BadPayload, match="no form 'kontact'"):
        CHANNEL.parse(post(_token=seal([KEY], "page.1", ["kontact", 1, "n", {}]), text="Late"))


def test_the_time_of_a_page_is_to_the_second() -> None:
    """Two zones that tell one moment give one token."""
    assert token(at=NOW.astimezone(UTC)) == token(at=NOW + timedelta(microseconds=1))

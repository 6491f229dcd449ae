import re
from uuid import UUID

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from clientloop.channels.mail.links import Link, Ticket, read_ticket
from clientloop.errors import BadPayload
from clientloop.model.customers import IdentityKind, Purpose, Trust
from clientloop.model.messages import DeliveryStep
from clientloop.model.permission import SuppressionReason
from clientloop.ports.events import Address, ConsentEvent, DeliveryEvent, Ignored, Raw, Visit
from tests.channels.mail.samples import KEY, MESSAGE, NOW, OLD_KEY, URL, Tags, channel, visit

EMAIL = channel()
ANA = Address(kind=IdentityKind.EMAIL, value="ana@example.com")
TICKET = Ticket(message=MESSAGE, address="ana@example.com", purpose=Purpose.SURVEY)
TARGET = "https://www.firm.example/spring?a=1&b=ž#x"


def link(which: Link, *, key: str = KEY, **more: object) -> str:
    """A link as it stands in a mail."""
    return evolve(TICKET, **more).url(URL, (key,), which)


@pytest.mark.parametrize("which", Link)
def test_a_link_of_ours_is_believed(which: Link) -> None:
    """It proves that the address got our mail; that its holder acts, only a post does."""
    assert EMAIL.verify(visit(link(which)), NOW).trust is Trust.VOUCHED
    assert EMAIL.verify(visit(link(which), "POST"), NOW).trust is Trust.VERIFIED


@pytest.mark.parametrize("which", Link)
@pytest.mark.parametrize("change", [
    lambda url: url[:-1] + ("0" if url[-1] != "0" else "1"),
    lambda url: url.replace("?t=", "?t=x"),
    lambda url: url.partition("?")[0],
    lambda url: "",
    lambda url: "https://[",
    lambda url: url + "x" * 20_000,
])  # fmt: skip
def test_a_link_that_is_none_of_ours_leads_nowhere(which: Link, change: object) -> None:
    """Neither by a changed token, nor without one; whatever calls it gets nothing but a refusal."""
    url = link(which, target=TARGET)
    assert callable(change)
    raw = evolve(visit(url), url=change(url))
    assert not EMAIL.verify(raw, NOW).accepted
    with pytest.raises(BadPayload):
        EMAIL.parse(raw)


def test_a_link_is_good_for_one_thing() -> None:
    """The token of a picture does not unsubscribe, and no strange key signs anything."""
    token = link(Link.OPEN).partition("?")[2]
    assert not EMAIL.verify(visit(f"{URL}/unsubscribe?{token}", "POST"), NOW).accepted
    assert not EMAIL.verify(visit(link(Link.CLICK, key=OLD_KEY)), NOW).accepted
    assert channel(keys=(KEY, OLD_KEY)).verify(visit(link(Link.CLICK, key=OLD_KEY)), NOW).accepted


def test_a_click_leads_where_the_token_says() -> None:
    """The target comes from the token and not from the address; the visit is told once."""
    url = link(Link.CLICK, target=TARGET)
    parsed = EMAIL.parse(visit(f"{url}&target=https://evil.example/&url=https://evil.example/"))
    assert parsed.reply.status == 302
    assert parsed.reply.headers["Location"] == "https://www.firm.example/spring?a=1&b=%C5%BE#x"
    [event] = parsed.events
    assert isinstance(event, Visit)
    assert (event.visitor, event.page, event.source) == (ANA, TARGET, {"message": str(MESSAGE)})
    assert event.key == EMAIL.parse(visit(url, agent="another")).events[0].key
    assert event.key != EMAIL.parse(visit(link(Link.CLICK, target=f"{TARGET}y"))).events[0].key


def test_a_program_that_follows_a_link_is_led_on_and_not_counted() -> None:
    """Scanners follow every link: none of these is a visit, and a person's click after them still is one."""
    url = link(Link.CLICK, target=TARGET)
    for agent in ("", "Mozilla/5.0", "Mozilla/5.0 (compatible; LinkScanner/1.0)", "BingPreview/1.0b"):
        parsed = EMAIL.parse(visit(url, agent=agent))
        assert parsed.reply.status == 302
        [event] = parsed.events
        assert isinstance(event, Ignored), agent
        assert event.key != EMAIL.parse(visit(url)).events[0].key


@pytest.mark.parametrize("which", Link)
def test_who_only_looks_changes_nothing(which: Link) -> None:
    """HEAD gets the same reply and tells nothing."""
    url = link(which, target=TARGET)
    assert EMAIL.parse(visit(url, "HEAD")).events == ()
    assert EMAIL.parse(visit(url, "HEAD")).reply == EMAIL.parse(visit(url)).reply


@pytest.mark.parametrize(
    ("agent", "known"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Microsoft Outlook 16.0.4266)", True),
        ("Thunderbird/128.0", True),
        ("Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)", False),
        ("YahooMailProxy; https://help.yahoo.com", False),
        ("Mozilla/5.0", False),
        ("", False),
    ],
)
def test_an_open_is_believed_where_it_means_something(agent: str, *, known: bool) -> None:
    """Proxies fetch pictures for themselves: whether anybody read the mail is unknown then."""
    parsed = EMAIL.parse(visit(link(Link.OPEN), agent=agent))
    [event] = parsed.events
    assert parsed.reply.headers["Content-Type"] == "image/gif"
    assert parsed.reply.body.startswith(b"GIF89a")
    if known:
        assert isinstance(event, DeliveryEvent)
        assert (event.message, event.step, event.recipient) == (MESSAGE, DeliveryStep.READ, ANA)
    else:
        assert isinstance(event, Ignored)
        assert "unknown" in event.reason


@pytest.mark.parametrize("purpose", [Purpose.SURVEY, Purpose.MARKETING])
@pytest.mark.parametrize("body", [b"List-Unsubscribe=One-Click", b""])
def test_a_post_unsubscribes(purpose: Purpose, body: bytes) -> None:
    """By the mail program (RFC 8058) or by the button: for the purpose of the mail, with the message as proof."""
    url = link(Link.UNSUBSCRIBE, purpose=purpose)
    parsed = EMAIL.parse(visit(url, "POST", body=body))
    [event] = parsed.events
    assert isinstance(event, ConsentEvent)
    assert (event.sender, event.allowed, event.purpose) == (ANA, False, purpose)
    assert event.reason is SuppressionReason.UNSUBSCRIBE
    assert str(MESSAGE) in event.proof
    assert parsed.reply.status == 200


def test_looking_does_not_unsubscribe() -> None:
    """Programs that guard mailboxes follow every link: they get the page with the question, and nothing is changed."""
    parsed = EMAIL.parse(visit(link(Link.UNSUBSCRIBE)))
    assert parsed.events == ()
    page = parsed.reply.body.decode()
    assert '<form method="post"><button type="submit">Unsubscribe</button></form>' in page
    assert "no-store" in parsed.reply.headers["Cache-Control"]
    assert "default-src 'none'" in parsed.reply.headers["Content-Security-Policy"]


def test_who_agreed_again_can_refuse_again() -> None:
    """The same request is one event; another one by the same link is another."""
    first = visit(link(Link.UNSUBSCRIBE), "POST")
    later = evolve(first, headers={**first.headers, "X-Request-Id": "2"})
    keys = [EMAIL.parse(raw).events[0].key for raw in (first, first, later)]
    assert keys[0] == keys[1] != keys[2]


@pytest.mark.parametrize(("language", "tag", "button"), [("sl-SI", "sl", "Odjava"), ("fi", "en", "Unsubscribe")])
def test_the_page_speaks_the_language_of_the_mail(language: str, tag: str, button: str) -> None:
    """Or English where clientloop does not; it says which."""
    page = EMAIL.parse(visit(link(Link.UNSUBSCRIBE, language=language))).reply.body.decode()
    assert f'<html lang="{tag}">' in page
    assert f">{button}</button>" in page


def test_the_page_is_whole() -> None:
    """Every element of it is closed, before and after."""
    for method in ("GET", "POST"):
        assert Tags(EMAIL.parse(visit(link(Link.UNSUBSCRIBE), method)).reply.body.decode()).open == []


@given(message=st.uuids(), address=st.text(max_size=60), target=st.text(max_size=60), purpose=st.sampled_from(Purpose))
def test_a_ticket_comes_back_as_it_was(message: UUID, address: str, target: str, purpose: Purpose) -> None:
    """Whatever it says, in letters that a URL carries."""
    ticket = Ticket(message=message, address=address, target=target, purpose=purpose)
    url = ticket.url(URL, (KEY,), Link.CLICK)
    assert re.fullmatch(r"[A-Za-z0-9_.:/?=-]+", url)
    assert read_ticket(visit(url), (KEY,)) == ticket


@given(url=st.text(max_size=200), body=st.binary(max_size=50), method=st.sampled_from(["GET", "HEAD", "POST"]))
def test_any_request_is_read_or_refused(url: str, body: bytes, method: str) -> None:
    """Nothing but `BadPayload` is raised by what comes from outside."""
    for which in Link:
        raw = Raw(body=body, route=which.value, method=method, url=url)
        assert not EMAIL.verify(raw, NOW).accepted
        with pytest.raises(BadPayload):
            EMAIL.parse(raw)

import re
from html.parser import HTMLParser
from urllib.parse import quote

import pytest
from attrs import evolve, fields
from hypothesis import given
from hypothesis import strategies as st

from clientloop.channels.form.channel import FormChannel
from clientloop.channels.form.config import FormConfig
from clientloop.channels.form.declaration import Asks, Contact, Field, Form, Option
from clientloop.channels.form.markup import element
from clientloop.channels.form.words import WORDS, Word, direction
from clientloop.ports.events import Raw, Reply
from tests.channels.form.samples import (
    CHANNEL,
    CONFIG,
    CONTACTS,
    FULL,
    KEY,
    NOW,
    TEXT,
    URL,
    hidden,
    post,
    say,
)
from tests.channels.form.validity import faults, text

GET = Raw(body=b"", method="GET", url=URL)
XSS = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' autofocus onfocus=alert(1) x='",
    "</textarea><script>alert(1)</script>",
    "</title><script>",
    "<!--",
    "&lt;script&gt;",
    "javascript:alert(1)",
    "{{7*7}}${7*7}{label}{most}",
)


def _page(channel: FormChannel = CHANNEL, raw: Raw = GET) -> str:
    return channel.page("contact", raw, now=NOW, nonce="f00d").body.decode()


def _of(form: Form) -> FormChannel:
    return FormChannel(FormConfig(keys=(KEY,), forms=(form,)))


@pytest.mark.parametrize("language", ["en", "sl"])
def test_the_page_is_valid(language: str) -> None:
    """The empty form, the form with errors and the page of thanks are well-formed, labelled and without scripts."""
    url = f"{URL}?lang={language}"
    wrong = CHANNEL.parse(post(url=url, text="", kind="?", stars="11", email="ana", phone="1", product="z"))
    done = CHANNEL.parse(post(text="Late", _language=language)).reply.headers["Location"]
    thanks = Raw(body=b"", method="GET", url=URL + done)
    for page in (_page(raw=evolve(GET, url=url)), wrong.reply.body.decode(), _page(raw=thanks)):
        assert faults(page) == []
        assert f'<html lang="{language}" dir="ltr">' in page


def test_who_reads_it_and_how_else_to_reach_the_firm() -> None:
    """Every form says who reads it and lists the other channels, with a link where there is one."""
    page = _page()
    assert "Mira Kos, head of customer care, reads every message." in text(page)
    assert '<a href="tel:+38612345678">Call 01 234 56 78</a>' in page
    assert "<li>Visit us at Market Square 1</li>" in page


def test_only_the_words_are_obligatory() -> None:
    """One field is required; every other says that it is optional, and every choice can be taken back."""
    page = _page()
    assert re.findall(r"<(\w+)[^>]* required", page) == ["textarea"]
    assert text(page).count("(optional)") == len(FULL.fields) - 1
    assert text(page).count("No answer") == sum(bool(f.options) or f.asks is Asks.RATING for f in FULL.fields)


def test_browsers_can_help() -> None:
    """Fields of a person say to browsers what they ask for, and telephones show the right keys."""
    page = _page()
    for kind, autofill in (("text", "name"), ("email", "email"), ("tel", "tel")):
        assert re.search(f'<input type="{kind}"[^>]* autocomplete="{autofill}"', page)


def test_errors_are_said_twice() -> None:
    """Each error is in the summary, with a link to its field, and in the same words at the field."""
    reply = CHANNEL.parse(post(text="", stars="11", email="ana")).reply
    page = reply.body.decode()
    summary = re.findall(r'<li><a href="#cl-field-(\w+)">([^<]*)</a></li>', page)
    assert [name for name, _ in summary] == ["text", "stars", "email"]
    for name, sentence in summary:
        assert f'<p id="cl-error-{name}" class="cl-error">{sentence}</p>' in page
        assert re.search(f'aria-describedby="[^"]*cl-error-{name}"', page)
    assert "<title>Error: Tell us</title>" in page
    assert 'role="alert"' in page


def test_what_was_typed_is_there_again() -> None:
    """Everything that was typed or chosen is in the form that comes back."""
    typed = {"topic": "lamps", "email": "ana", "branch": "x  y", "product": "c", "kind": "idea", "stars": "0"}
    page = CHANNEL.parse(post(text="\nfirst\n", **typed)).reply.body.decode()
    for value in ("lamps", "ana", "x  y"):
        assert f'value="{value}"' in page
    assert '<option value="c" selected>' in page
    assert re.search(r'value="idea"[^>]* checked>', page)
    assert re.search(r'name="stars" value="0" checked>', page)
    assert ">\n\nfirst\n</textarea>" in page


@pytest.mark.parametrize("xss", XSS)
def test_nothing_typed_becomes_markup(xss: str) -> None:
    """Whatever is typed into every field comes back as text, and the page stays valid."""
    typed = {each.name: xss for each in FULL.fields if each.asks not in {Asks.TEXT, Asks.FILES}}
    for words in ("", xss * 2_000):
        reply = CHANNEL.parse(post(text=words, **typed)).reply
        assert reply.status == 422
        assert faults(reply.body.decode()) == []
        assert words in text(reply.body.decode())


@pytest.mark.parametrize("xss", XSS)
def test_nothing_in_a_request_becomes_markup(xss: str) -> None:
    """Neither address nor header of a request can put markup into a page or its headers."""
    parameters = "&".join(f"{name}={quote(xss)}" for name in ("i", "lang", "thanks", "utm_campaign"))
    raw = Raw(body=b"", url=f"{URL}/{xss}?{parameters}", headers={"Accept-Language": xss, "Referer": xss})
    page, clean = _page(raw=raw), _page()
    assert faults(page) == []
    assert page.replace(hidden(page.encode(), "_token"), "") == clean.replace(hidden(clean.encode(), "_token"), "")


@pytest.mark.parametrize("xss", XSS)
def test_nothing_declared_becomes_markup(xss: str) -> None:
    """A firm may write any letters into its form."""
    form = Form(
        name="contact",
        title=say(xss),
        reader=say(xss),
        contacts=(Contact(label=say(xss), url="tel:1"),),
        fields=(
            evolve(TEXT, label=say(xss), hint=say(xss)),
            Field(name="a", label=say(xss), options=(Option(value=xss, label=say(xss)),)),
            Field(
                name="b", asks=Asks.PRODUCT, options=tuple(Option(value=f"{xss}{n}", label=say(xss)) for n in range(9))
            ),
            Field(name="stars", asks=Asks.RATING, least=say(xss), most=say(xss)),
        ),
        words={"en": dict.fromkeys(Word, xss)},
    )
    page = _page(_of(form))
    assert faults(page) == []
    assert text(page).count(xss) >= 15


@given(st.text(), st.text())
def test_text_stays_text(content: str, value: str) -> None:
    """An element holds what was put into it, letter for letter."""
    seen: list[str | None] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            seen.append(dict(attrs).get("title"))

        def handle_data(self, data: str) -> None:
            seen.append(data)

    reader = Reader()
    reader.feed(element("p", content, title=value))
    reader.close()
    assert seen[0] == value
    assert "".join(filter(None, seen[1:])) == content


def test_the_headers_of_a_page() -> None:
    """No script, style or frame of others is allowed, nothing is kept, and the address is not told to others."""
    form = evolve(FULL, stylesheet="https://cdn.example/x.css", action="https://forms.example/post")
    for reply in (_of(form).page("contact", GET, now=NOW, nonce="x"), _again(_of(form))):
        policy = reply.headers["Content-Security-Policy"]
        assert "default-src 'none'; style-src 'self' https://cdn.example;" in policy
        assert "form-action 'self' https://forms.example;" in policy
        assert "unsafe" not in policy
        assert reply.headers["Cache-Control"] == "no-store"
        assert reply.headers["Referrer-Policy"] == "same-origin"
        assert b'<link rel="stylesheet" href="https://cdn.example/x.css">' in reply.body
        assert b'action="https://forms.example/post"' in reply.body


def _again(channel: FormChannel) -> Reply:
    return channel.again("contact", post(text=""), now=NOW, nonce="x")


def test_a_section_for_pages_of_the_firm() -> None:
    """The form can be had without the page around it, with a prefix before every class and id."""
    form = evolve(FULL, prefix="shop-")
    section = _of(form).section("contact", GET, now=NOW, nonce="x")
    assert section.startswith('<p class="shop-reader">')
    names = re.findall(r' (?:id|class)="([^"]*)"', section)
    assert names
    assert all(name.startswith("shop-") for pair in names for name in pair.split())
    assert faults(f'<html lang="en" dir="ltr"><h1>Shop</h1>{section}</html>') == []


def test_languages() -> None:
    """The query decides, then the browser, then the firm."""
    assert "Povejte nam" in _page(raw=evolve(GET, url=f"{URL}?lang=SL-si", headers={"Accept-Language": "en"}))
    assert "Povejte nam" in _page(raw=evolve(GET, headers={"Accept-Language": "de, en;q=0.1, sl;q=0.9, fr;q=x"}))
    assert "<h1>Tell us" in _page(raw=evolve(GET, headers={"Accept-Language": "de, sl;q=0"}))


def test_right_to_left() -> None:
    """A form in a language of its own brings all words, and is written the way the language is."""
    words: dict[str, dict[str, str]] = {"he": dict.fromkeys(Word, "מילה")}
    contacts = tuple(evolve(each, label={"he": "טלפון"}) for each in CONTACTS)
    one = {"he": "כתבו לנו"}
    form = Form(
        name="contact", title=one, reader=one, contacts=contacts, fields=(Field(name="t", asks=Asks.TEXT),), words=words
    )
    assert '<html lang="he" dir="rtl">' in _page(_of(form))
    assert faults(_page(_of(form))) == []


def test_ready_words_are_complete() -> None:
    """Every language has every word, with the same names in braces, and another sentence than English."""
    braces = re.compile(r"\{\w+\}")
    for language, words in WORDS.items():
        assert set(words) == set(Word)
        assert direction(language) == "ltr"
        for word, sentence in words.items():
            assert braces.findall(sentence) == braces.findall(WORDS["en"][word]), (language, word)


def test_the_checker_sees_faults() -> None:
    """The check of pages reports each thing that it is to find."""
    good = '<html lang="en" dir="ltr"><h1>x</h1>%s</html>'
    for piece, fault in (
        ('<input type="text" id="a">', "no label"),
        ('<p id="a"></p><p id="a"></p>', "2 times"),
        ('<a href="#a">x</a>', "nothing has the id"),
        ('<p onclick="x">x</p>', "onclick"),
        ('<p style="x">x</p>', "style"),
        ("<script></script>", "script"),
        ('<label for="a">x</label><input type="radio" id="a" name="a">', "in no group"),
        ("<fieldset></fieldset>", "no legend"),
        ("<p>", "ends where"),
        ('<a href=" javascript:x">x</a>', "a link to"),
    ):
        assert any(fault in each for each in faults(good % piece)), piece
    assert faults(good % "") == []


def test_the_sample_has_every_sort_of_field() -> None:
    """What is tried here is every sort of field, and every setting of a form is one that is tried."""
    assert {each.asks for each in FULL.fields} == set(Asks)
    assert {each.name for each in fields(Form)} >= {"stylesheet", "action", "prefix", "words"}
    assert CONFIG.form("contact") is FULL

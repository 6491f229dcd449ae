from typing import Any

import pytest
from attrs import evolve

from clientloop.channels.form.config import FormConfig
from clientloop.channels.form.declaration import Asks, Contact, Field, Form, Option
from clientloop.channels.form.words import Word
from clientloop.errors import InvalidValue, UnknownName
from clientloop.services.setup.declared import config_from_data
from tests.channels.form.samples import FULL, KEY, PLAIN, TEXT, options, say


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": "../etc"}, "name: '../etc' is no name"),
        ({"title": {}}, "it has no title"),
        ({"title": {"en": " "}}, "title is missing in 'en'"),
        ({"contacts": ()}, "it names no contacts"),
        ({"fields": ()}, "no field asks for 'text'"),
        ({"fields": (TEXT, evolve(TEXT, name="more"))}, "two fields ask for 'text'"),
        ({"fields": (TEXT, Field(name="text", asks=Asks.NAME))}, "two fields are called 'text'"),
        ({"fields": (TEXT, Field(name="kind", asks=Asks.KIND))}, "'kind' needs options"),
        ({"fields": (TEXT, Field(name="shop"))}, "'shop' needs a label"),
        ({"reader": {"en": "We do."}}, "reader is missing in 'sl'"),
        ({"contacts": (Contact(label={"sl": "x"}),)}, "contact 1 is missing in 'en'"),
        ({"fields": (evolve(TEXT, hint={"en": "x"}),)}, "text: hint is missing in 'sl'"),
        ({"fields": (TEXT, Field(name="a", label={"sl": "x"}))}, "a: label is missing in 'en'"),
        (
            {"fields": (TEXT, Field(name="a", label=say("x"), options=(Option(value="v", label={"en": "x"}),)))},
            "a: v is missing in 'sl'",
        ),
        ({"title": {"de": "x"}, "reader": {"de": "x"}, "contacts": (Contact(label={"de": "x"}),)}, "words.de: .* send"),
        ({"words": {"en": {"thankz": "x"}}}, "did you mean 'thanks'"),
        ({"action": "javascript:alert(1)"}, "action: .* leads nowhere"),
        ({"action": " javascript:alert(1)"}, "leads nowhere"),
        ({"action": "java\nscript:alert(1)"}, "leads nowhere"),
        ({"stylesheet": "data:text/css,x"}, "stylesheet: .* leads nowhere"),
        ({"stylesheet": "https://["}, "leads nowhere"),
        ({"stylesheet": "https://x.example; script-src *"}, "leads nowhere"),
        ({"prefix": '"'}, "begins no names of classes"),
    ],
)
def test_forms_that_are_refused(changes: dict[str, Any], message: str) -> None:
    """What a form cannot mean is said when it is declared, with what is wrong."""
    with pytest.raises(InvalidValue, match=message):
        evolve(PLAIN, **changes)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: Field(name="Stars!"), "is no name"),
        (lambda: Field(name="_token"), "is no name"),
        (lambda: Field(name="stars", asks=Asks.RATING, scale="5"), "is no scale"),
        (lambda: Field(name="stars", asks=Asks.RATING, scale="0-100"), "nobody chooses"),
        (lambda: Option(value="", label=say("x")), "value"),
        (lambda: Contact(label=say("x"), url="javascript:x"), "leads nowhere"),
    ],
)
def test_parts_that_are_refused(make: Any, message: str) -> None:
    """Fields, options and contacts that cannot be meant are refused at once."""
    with pytest.raises((InvalidValue, ValueError), match=message):
        make()


def test_all_faults_are_named_at_once() -> None:
    """A form with three faults names three."""
    with pytest.raises(InvalidValue) as caught:
        evolve(PLAIN, fields=(Field(name="shop"), Field(name="kind", asks=Asks.KIND)), reader={"en": "x"})
    for fault in ("no field asks for 'text'", "'shop' needs a label", "'kind' needs options", "reader is missing"):
        assert fault in str(caught.value)


def test_no_field_can_be_made_obligatory() -> None:
    """There is no setting by which a firm could force a customer to tell more than the words."""
    with pytest.raises(TypeError):
        Field(name="phone", asks=Asks.PHONE, required=True)  # type: ignore[call-arg]  # that is the point


def test_words_of_the_firm() -> None:
    """A firm replaces single words of one language; the others stay."""
    form = evolve(FULL, words={"sl": {"send": "Oddaj"}})
    assert form.word(Word.SEND, "sl") == "Oddaj"
    assert form.word(Word.SEND, "en") == "Send"


def test_regions_speak_the_language() -> None:
    """A form in the English of a region has the ready English words."""
    one = {"en-GB": "Tell us"}
    form = Form(
        name="f", title=one, reader=one, contacts=(Contact(label=one),), fields=(Field(name="t", asks=Asks.TEXT),)
    )
    assert form.word(Word.SEND, "en-GB") == "Send"


def test_a_form_in_a_configuration_file() -> None:
    """A form can be written as plain data, as TOML and JSON have it."""
    table = {
        "keys": [KEY],
        "forms": [
            {
                "name": "contact",
                "title": {"en": "Tell us"},
                "reader": {"en": "Mira Kos reads it."},
                "contacts": [{"label": {"en": "Call us"}, "url": "tel:+38612345678"}],
                "fields": [
                    {"name": "text", "asks": "text"},
                    {"name": "kind", "asks": "kind", "options": [{"value": "idea", "label": {"en": "An idea"}}]},
                ],
            }
        ],
        "limits": {"files": 1},
        "max_age": 3600,
    }
    config = config_from_data(table, FormConfig, "channels.form")
    assert config.form("contact").fields[1].options[0].value == "idea"
    assert (config.limits.files, config.limits.fields, config.max_age) == (1, 100, 3600)


def test_a_form_that_is_not_there() -> None:
    """A misspelt name of a form is answered with the nearest."""
    config = FormConfig(keys=(KEY,), forms=(PLAIN,))
    with pytest.raises(UnknownName, match="did you mean 'plain'"):
        config.form("plane")


def test_lengths() -> None:
    """Words may be long, other answers a line; a field may say otherwise."""
    assert TEXT.length == 10_000
    assert Field(name="a", label=say("x"), options=options("b")).length == 200
    assert evolve(TEXT, max_length=5).length == 5

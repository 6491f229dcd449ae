"""The texts of messages, and the templates that the built-in processes name."""

import ast
import inspect
import re
import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.errors import InvalidValue, UnknownName
from clientloop.model.process import Move, Tell
from clientloop.presets.common import COMMON
from clientloop.presets.processes import PROCESSES
from clientloop.rules.loop import telling
from clientloop.rules.loop.receipt import GRAVE
from clientloop.rules.loop.telling import TASK, WATCHED
from clientloop.services.measures.targets import MISSED
from clientloop.services.outer.bursts import INCIDENT
from clientloop.services.planning.letters import APPOINTMENT
from clientloop.services.setup.texts import Texts, check_overrides

LANGUAGES = {
    file.name.removesuffix(".toml"): tomllib.loads(file.read_text(encoding="utf-8"))
    for file in resources.files("clientloop").joinpath("templates").iterdir()
    if file.name.endswith(".toml")
}

#: What the firm hears when a message did not arrive after all.
UNDELIVERED = {"undelivered"}

#: The templates that the built-in processes, what is common to them, watching, routing, bursts, targets, tasks and
#: letters name.
NAMED = sorted(
    {APPOINTMENT, GRAVE, INCIDENT, MISSED, TASK, WATCHED.template, *UNDELIVERED}
    | {
        cause.template
        for causes in [
            *(process.receipt for process in PROCESSES),
            *(move.causes for owner in (*PROCESSES, COMMON) for move in owner.moves),
        ]
        for cause in causes
        if isinstance(cause, Tell)
    }
)


def _moves_that_tell(template: str) -> Iterator[Move]:
    for owner in (*PROCESSES, COMMON):
        for move in owner.moves:
            if any(isinstance(cause, Tell) and cause.template == template for cause in move.causes):
                yield move


def _words(text: str) -> set[str]:
    return {bare or braced for bare, braced in re.findall(r"\$(?:(\w+)|\{(\w+)\})", text)}


def _always_known() -> set[str]:
    """The keys that `telling` writes out for every template, read from its source so that no list drifts."""
    (function,) = [
        node
        for node in ast.parse(inspect.getsource(telling)).body
        if isinstance(node, ast.FunctionDef) and node.name == "_values"
    ]
    (result,) = [node for node in ast.walk(function) if isinstance(node, ast.Return)]
    assert isinstance(result.value, ast.Dict)
    return {ast.literal_eval(key) for key in result.value.keys if key is not None}


#: Known values that are empty unless something was given, or had been, with the move.
ONLY_IF_GIVEN = {"text", "reason", "action", "note"}


@pytest.mark.parametrize("language", sorted(LANGUAGES))
@pytest.mark.parametrize("template", NAMED)
def test_every_template_that_a_process_names_is_written(template: str, language: str) -> None:
    """A move of a built-in process finds its text in every language, with a subject and a body."""
    text = LANGUAGES[language][template]
    assert set(text) == {"subject", "body"}
    assert all(part.strip() for part in text.values())


def test_all_languages_have_the_same_templates() -> None:
    """No language has a template that another lacks, and none that no process names."""
    assert {language: sorted(texts) for language, texts in LANGUAGES.items()} == dict.fromkeys(["en", "sl"], NAMED)


@pytest.mark.parametrize("language", sorted(LANGUAGES))
@pytest.mark.parametrize("template", sorted({*NAMED} - {APPOINTMENT, INCIDENT, MISSED, TASK} - UNDELIVERED))
def test_templates_speak_only_of_what_is_known(template: str, language: str) -> None:
    """A placeholder stands for a value of every item, or for one that each move with this text requires."""
    always = _always_known()
    assert always >= ONLY_IF_GIVEN
    words = _words("\n".join(LANGUAGES[language][template].values()))
    assert words <= always
    for move in _moves_that_tell(template):
        required = {field for need in move.needs if need.guard == "given" for field in need.fields}
        required |= {"action"} if move.name == "inform" else set()  # it follows `resolve`, which requires it
        required |= {"text"} if template == "wrote" else set()  # the customer's words, where there were any
        assert words & ONLY_IF_GIVEN <= required, move.name


def test_both_languages_say_the_same_things() -> None:
    """The same placeholders stand in the same part of a text in every language."""
    said = {
        language: {(name, part): _words(text) for name, parts in texts.items() for part, text in parts.items()}
        for language, texts in LANGUAGES.items()
    }
    assert said["en"] == said["sl"]


def test_the_friend_hears_the_source_and_how_to_stop_and_no_name() -> None:
    """The first message to a friend holds nothing of the referrer, and says how to be left alone."""
    for texts in LANGUAGES.values():
        assert _words("\n".join(texts["introduction"].values())) == {"ref"}
        assert "STOP" in texts["introduction"]["body"]


def test_the_referrer_does_not_hear_what_the_friend_did() -> None:
    """The thanks for a referral is the same whatever came of it."""
    for texts in LANGUAGES.values():
        assert _words("\n".join(texts["referral_thanks"].values())) == {"ref"}


@pytest.mark.parametrize(
    ("locale", "default", "language"),
    [
        ("sl-SI", "en", "sl"),
        ("sl_SI", "en", "sl"),
        ("SL", "en", "sl"),
        ("sl-Latn-SI-nedis", "en", "sl"),
        ("de-AT", "sl-SI", "sl"),
        (None, "sl", "sl"),
        (None, "de", "en"),
        ("", "", "en"),
        ("-", "sl", "sl"),
        ("en-GB", "sl", "en"),
    ],
)
def test_languages_fall_back(locale: str | None, default: str, language: str) -> None:
    """A text is taken in the customer's language, or a wider one, or the space's, or English."""
    expected = LANGUAGES[language]["implemented"]["subject"].replace("$ref", "7K")
    assert Texts(default, {}).render("implemented", locale, {"ref": "7K"})[0] == expected


def test_a_language_may_be_written_in_part() -> None:
    """A firm that writes one text in a further language keeps the other texts in the next known one."""
    texts = Texts("sl", {"de.thanks": {"subject": "Danke", "body": "Danke."}})
    assert texts.render("thanks", "de-AT", {}) == ("Danke", "Danke.")
    assert texts.render("lapsed", "de-AT", {"ref": "7K"}) == Texts("sl", {}).render("lapsed", None, {"ref": "7K"})


def test_an_override_may_leave_out_a_part() -> None:
    """What an override leaves out is the built-in text."""
    subject, body = Texts("en", {"en.thanks": {"subject": "Many thanks"}}).render("thanks", None, {})
    assert subject == "Many thanks"
    assert body == LANGUAGES["en"]["thanks"]["body"].strip()


def test_an_override_of_a_regional_language_goes_before_the_wider_one() -> None:
    """A text for "en-GB" is for customers of "en-GB" alone, however the tag is spelt."""
    texts = Texts("en", {"en_gb.thanks": {"subject": "Cheers"}})
    assert texts.render("thanks", "en-GB", {})[0] == "Cheers"
    assert texts.render("thanks", "en-US", {})[0] != "Cheers"


def test_a_firm_may_write_templates_of_its_own() -> None:
    """Processes that plugins add name templates that the firm writes."""
    texts = Texts("en", {"en.refunded": {"subject": "Refund", "body": "$amount"}})
    assert texts.render("refunded", "sl", {"amount": "5 EUR"}) == ("Refund", "5 EUR")


def test_an_unknown_template_is_named_with_the_nearest() -> None:
    """A misspelt template is an error that says what may have been meant."""
    with pytest.raises(UnknownName, match="no template 'recieved': did you mean 'received'"):
        Texts("en", {}).render("recieved", "en", {})


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"received": {"subject": "x"}}, "'received' names no text"),
        ({".received": {"subject": "x"}}, "'.received' names no text"),
        ({"en.": {"subject": "x"}}, "'en.' names no text"),
        ({"en.received": {"subjekt": "x"}}, "no part of the text 'en.received' 'subjekt': did you mean 'subject'"),
    ],
)
def test_what_is_no_text_is_refused(overrides: Mapping[str, Mapping[str, str]], message: str) -> None:
    """An override must name language and template, and write subject or body."""
    with pytest.raises(InvalidValue, match=re.escape(message)):
        check_overrides(overrides)
    with pytest.raises(InvalidValue, match=re.escape(message)):
        Texts("en", overrides)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("$ref", "7K"),
        ("${ref}x", "7Kx"),
        ("$ref.", "7K."),
        ("$refx", ""),
        ("a${refb", "a${refb"),
        ("$$ref", "$ref"),
        ("$$$ref", "$7K"),
        ("5 $ and $5", "5 $ and $5"),
        ("$", "$"),
        ("{ref} %(ref)s {{ ref }}", "{ref} %(ref)s {{ ref }}"),
        ("${ref.__class__}", "${ref.__class__}"),
        ("$missing", ""),
        ("$twice", "$ref"),
    ],
)
def test_placeholders(written: str, read: str) -> None:
    """Names after a dollar are filled once and never run; a dollar that names nothing stays."""
    texts = Texts("en", {"en.x": {"subject": written, "body": written}})
    assert texts.render("x", None, {"ref": "7K", "twice": "$ref"}) == (read, read)


@given(st.text(st.sampled_from("\r\n\x0b\x0c\x1c\x85\u2028\u2029 \tab:"), max_size=20))
def test_no_value_breaks_the_line_of_a_subject(value: str) -> None:
    """A subject is one line, so that no value adds a header to a mail; the body holds the value as it is."""
    texts = Texts("en", {"en.x": {"subject": "re: $title", "body": "$title"}})
    subject, body = texts.render("x", None, {"title": value})
    assert len(subject.splitlines()) == 1
    assert body == value


@given(st.text(), st.text(max_size=5), st.dictionaries(st.text(max_size=3), st.text(max_size=5), max_size=3))
def test_rendering_never_raises_where_the_template_exists(text: str, locale: str, values: dict[str, str]) -> None:
    """Whatever a firm wrote and whatever language and values there are, a message comes out."""
    texts = Texts("en", {"en.x": {"subject": text, "body": text}})
    subject, body = texts.render("x", locale, values)
    assert subject == " ".join(body.split())


def test_a_long_language_tag_is_cut() -> None:
    """A hostile tag of a million parts falls back in a few steps."""
    texts = Texts("sl", {})
    assert texts.render("thanks", "sl" + "-a" * 1_000_000, {}) == texts.render("thanks", "sl", {})

"""The form as a page: usable by keyboard, screen reader and at any zoom, without scripts and without inline styles.

It keeps to WCAG 2.2, and to what the design systems of governments found to work: a label at every field, a legend at
every group, a summary of errors at the top with a link to each field, the same sentence at the field, "Error" in front
of the title, and only what is optional marked, as all but one field is.
"""

from collections.abc import Iterable, Mapping

from attrs import field, frozen

from clientloop.channels.form.declaration import Asks, Contact, Field, Form
from clientloop.channels.form.markup import Html, document, element, joined
from clientloop.channels.form.reading import Problem, Submission
from clientloop.channels.form.words import Word, direction
from clientloop.model.scales import Scale

#: Names of the fields that a form has for itself; those that it declares begin with a letter.
TOKEN, INVITATION, LANGUAGE, TRAP = "_token", "_invitation", "_language", "_website"

#: What browsers may fill in, and which keyboard a telephone shows.
_AUTOFILL: Mapping[Asks, str] = {Asks.NAME: "name", Asks.EMAIL: "email", Asks.PHONE: "tel"}
_TYPES: Mapping[Asks, str] = {Asks.EMAIL: "email", Asks.PHONE: "tel"}

#: Longer choices are a list to be opened.
_MOST_BUTTONS = 7


@frozen(kw_only=True)
class View:
    """A form on its way to somebody."""

    #: The form.
    form: Form
    #: One of its languages.
    language: str
    #: The hidden fields by name, the token among them.
    hidden: Mapping[str, str]
    #: Media types of files.
    media: tuple[str, ...] = ()
    #: What was filled in before.
    filled: Submission = field(factory=Submission)
    #: Whether it has to be sent once more although every answer is right.
    again: bool = False

    @property
    def problems(self) -> Mapping[str, Problem]:
        """What is said at the fields; files are never shown again, so they must be chosen again."""
        files = self.form.field_for(Asks.FILES)
        lost = {files.name: Problem(word=Word.FILES_AGAIN)} if files is not None and self.filled.files else {}
        return lost | dict(self.filled.problems)

    def word(self, word: Word, **values: object) -> str:
        """One of the form's words, filled in."""
        text = self.form.word(word, self.language)
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", str(value))
        return text

    def id(self, *parts: str) -> str:
        """An id or a class of the page."""
        return self.form.prefix + "-".join(parts)


def form_page(view: View) -> Html:
    """The whole page."""
    title = view.form.title[view.language]
    failed = view.again or not view.filled.complete
    heading = f"{view.word(Word.ERROR)}: {title}" if failed else title
    return _page(view, heading, element("h1", title), form_section(view))


def thanks_page(view: View, number: str) -> Html:
    """The page after a good post.

    Args:
        view: The form.
        number: The item's number; empty where it is not known.
    """
    title = view.word(Word.THANKS)
    told = [view.word(Word.RECEIVED)] + [view.word(Word.NUMBER, number=number)] * bool(number)
    return _page(view, title, element("h1", title), *[element("p", text) for text in told], _contacts(view))


def form_section(view: View) -> Html:
    """The form without the page around it, for a page of the firm's own."""
    files = view.form.field_for(Asks.FILES) is not None
    form = element(
        "form",
        *[element("input", type="hidden", name=name, value=value) for name, value in view.hidden.items()],
        _trap(view),
        *[_field(view, each) for each in view.form.fields],
        element("button", view.word(Word.SEND), type="submit", id=view.id("send"), class_=view.id("send")),
        method="post",
        action=view.form.action or None,
        enctype="multipart/form-data" if files else "application/x-www-form-urlencoded",
        accept_charset="utf-8",
        novalidate=True,  # the errors come in the form's language, and all at once
        class_=view.id("form"),
    )
    reader = element("p", view.form.reader[view.language], class_=view.id("reader"))
    return joined(_summary(view), reader, form, _contacts(view))


def _page(view: View, title: str, *content: Html) -> Html:
    sheet = element("link", rel="stylesheet", href=view.form.stylesheet) if view.form.stylesheet else Html()
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", title),
        sheet,
    )
    body = element("body", element("main", *content, class_=view.id("main")), class_=view.id("page"))
    return document(element("html", head, body, lang=view.language, dir=direction(view.language)))


def _summary(view: View) -> Html:
    links = [
        element("li", element("a", _sentence(view, problem), href=f"#{_first_control(view, each)}"))
        for each, problem in ((f, view.problems.get(f.name)) for f in view.form.fields)
        if problem is not None
    ]
    if view.again:
        links.append(element("li", element("a", view.word(Word.AGAIN), href=f"#{view.id('send')}")))
    if not links:
        return Html()
    return element(
        "div",
        element("h2", view.word(Word.PROBLEM), id=view.id("problem-title")),
        element("ul", *links),
        role="alert",
        tabindex="-1",
        autofocus=True,
        aria_labelledby=view.id("problem-title"),
        class_=view.id("problem"),
    )


def _sentence(view: View, problem: Problem) -> str:
    return view.word(problem.word, **problem.values)


def _trap(view: View) -> Html:
    """A field that people neither see nor reach, and that robots fill in."""
    control = view.id("trap")
    return element(
        "div",
        element("label", view.word(Word.TRAP), for_=control),
        element("input", type="text", id=control, name=TRAP, tabindex="-1", autocomplete="off"),
        hidden=True,
    )


def _field(view: View, each: Field) -> Html:
    choices = list(_choices(view, each))
    if each.asks is Asks.RATING or 0 < len(choices) <= _MOST_BUTTONS:
        return _buttons(view, each, choices)
    control = _first_control(view, each)
    label = element("label", _label(view, each), for_=control)
    content = [label, *_notes(view, each), _control(view, each, choices)]
    return element("div", *content, class_=_classes(view, each))


def _control(view: View, each: Field, choices: list[tuple[str, str]]) -> Html:
    typed = view.filled.typed.get(each.name, "")
    text = each.asks is Asks.TEXT
    common: dict[str, str | bool | None] = {
        "id": _first_control(view, each),
        "name": each.name,
        "aria_describedby": _described_by(view, each),
        "aria_invalid": "true" if each.name in view.problems else None,
    }
    if text:
        # the first line feed of a text area is not part of it (WHATWG HTML, 13.1.2.5)
        return element("textarea", "\n", typed, rows="8", required=True, **common)
    if choices:
        options = [element("option", label, value=value, selected=value == typed) for value, label in choices]
        return element("select", *options, **common)
    if each.asks is Asks.FILES:
        return element("input", type="file", accept=",".join(view.media), multiple=True, **common)
    return element(
        "input", type=_TYPES.get(each.asks, "text"), value=typed, autocomplete=_AUTOFILL.get(each.asks), **common
    )


def _buttons(view: View, each: Field, choices: list[tuple[str, str]]) -> Html:
    """A group of radio buttons; the last takes an answer back, for they cannot be switched off."""
    typed = view.filled.typed.get(each.name, "")
    rows: list[Html] = []
    for number, (value, label) in enumerate([*choices[1:], choices[0]]):
        control = view.id("field", each.name, str(number)) if number else _first_control(view, each)
        button = element(
            "input", type="radio", id=control, name=each.name, value=value, checked=bool(value) and value == typed
        )
        rows.append(element("div", button, element("label", label, for_=control), class_=view.id("choice")))
    legend = element("legend", _label(view, each))
    described = _described_by(view, each)
    return element(
        "fieldset", legend, *_notes(view, each), *rows, class_=_classes(view, each), aria_describedby=described
    )


def _choices(view: View, each: Field) -> Iterable[tuple[str, str]]:
    """What can be chosen, each as value and label, the empty answer first; nothing where the customer types."""
    if each.asks is not Asks.RATING and not each.options:
        return
    yield "", view.word(Word.NO_ANSWER)
    if each.options:
        yield from ((option.value, option.label[view.language]) for option in each.options)
    else:
        yield from _ratings(each, view.language)


def _ratings(each: Field, language: str) -> Iterable[tuple[str, str]]:
    scale = Scale.parse(each.scale)
    meanings = {scale.least: each.least.get(language), scale.most: each.most.get(language)}
    for rating in range(scale.least, scale.most + 1):
        meaning = meanings.get(rating)
        yield str(rating), f"{rating} – {meaning}" if meaning else str(rating)  # noqa: RUF001  # a dash, not a minus


def _label(view: View, each: Field) -> str:
    label = view.form.label(each, view.language)
    return label if each.asks is Asks.TEXT else view.word(Word.OPTIONAL, label=label)


def _notes(view: View, each: Field) -> Iterable[Html]:
    if each.hint:
        yield element("p", each.hint[view.language], id=view.id("hint", each.name), class_=view.id("hint"))
    problem = view.problems.get(each.name)
    if problem is not None:
        yield element("p", _sentence(view, problem), id=view.id("error", each.name), class_=view.id("error"))


def _described_by(view: View, each: Field) -> str | None:
    notes = [view.id("hint", each.name)] * bool(each.hint)
    notes += [view.id("error", each.name)] * (each.name in view.problems)
    return " ".join(notes) or None


def _classes(view: View, each: Field) -> str:
    return view.id("field") + f" {view.id('wrong')}" * (each.name in view.problems)


def _first_control(view: View, each: Field) -> str:
    return view.id("field", each.name)


def _contacts(view: View) -> Html:
    title = view.id("contacts-title")
    return element(
        "section",
        element("h2", view.word(Word.CONTACTS), id=title),
        element("ul", *[element("li", _contact(each, view.language)) for each in view.form.contacts]),
        aria_labelledby=title,
        class_=view.id("contacts"),
    )


def _contact(each: Contact, language: str) -> Html:
    label = each.label[language]
    return element("a", label, href=each.url) if each.url else joined(label)

"""What a customer filled in: every answer read by what its field asks for, and what is wrong with the others."""

import re
from collections.abc import Callable, Mapping

from attrs import field, frozen

from clientloop.channels.form.declaration import Asks, Field, Form
from clientloop.channels.form.decoding import Limits, Posted, clean_line
from clientloop.channels.form.words import Word
from clientloop.errors import BadPayload
from clientloop.model.codec import Json
from clientloop.model.scales import Scale
from clientloop.ports.events import Media

_EMAIL = re.compile(r"[^\s@<>,;]{1,64}@[^\s@<>,;]{1,253}")
_PHONE = re.compile(r"[+0-9 ()./-]{5,40}")
_NUMBER = re.compile(r"[0-9]{1,9}")


@frozen(kw_only=True)
class Problem:
    """What is wrong with one answer, in words that the form says in its own language."""

    #: What is wrong.
    word: Word
    #: What is filled into the word.
    values: Mapping[str, object] = field(factory=dict)


@frozen(kw_only=True)
class Submission:
    """What a customer filled in."""

    #: What was typed or chosen, by name of the field: to be shown again.
    typed: Mapping[str, str] = field(factory=dict, repr=False)
    #: The answers that say something and are right, by name of the field.
    answers: Mapping[str, Json] = field(factory=dict, repr=False)
    #: What is wrong, by name of the field, in the order of the form.
    problems: Mapping[str, Problem] = field(factory=dict)
    #: The files.
    files: tuple[Media, ...] = field(default=(), repr=False)

    @property
    def complete(self) -> bool:
        """Whether it can be taken."""
        return not self.problems


class _Wrong(Exception):
    """An answer is wrong; never leaves this module."""

    def __init__(self, word: Word, **values: object) -> None:
        super().__init__(word)
        self.problem = Problem(word=word, values=values)


def fill_in(form: Form, posted: Posted, limits: Limits) -> Submission:
    """Read the answers of a post.

    Args:
        form: What was asked.
        posted: What was posted; fields that the form does not have are left out.
        limits: What files may be.

    Raises:
        BadPayload: There are files, and the form asks for none.

    >>> from clientloop.channels.form.declaration import Contact
    >>> fields = (Field(name="text", asks=Asks.TEXT), Field(name="stars", asks=Asks.RATING))
    >>> contact = Contact(label={"en": "Call us"})
    >>> form = Form(name="f", title={"en": "F"}, reader={"en": "We do."}, contacts=(contact,), fields=fields)
    >>> filled = fill_in(form, Posted(fields={"text": " ", "stars": "6"}), Limits())
    >>> {name: problem.word.value for name, problem in filled.problems.items()}
    {'text': 'missing', 'stars': 'bad_choice'}
    """
    if posted.files and form.field_for(Asks.FILES) is None:
        raise BadPayload("the post has files", hint="the form asks for none")
    typed = {each.name: posted.fields.get(each.name, "") for each in form.fields if each.asks is not Asks.FILES}
    answers: dict[str, Json] = {}
    problems: dict[str, Problem] = {}
    for each in form.fields:
        try:
            if each.asks is Asks.FILES:
                _check_files(posted.files, limits)
            elif (answer := _answer(each, typed[each.name])) not in {"", None}:
                answers[each.name] = answer
        except _Wrong as wrong:
            problems[each.name] = wrong.problem
    return Submission(typed=typed, answers=answers, problems=problems, files=posted.files)


def _answer(each: Field, typed: str) -> Json:
    if len(typed) > each.length:
        raise _Wrong(Word.TOO_LONG, most=each.length)
    if each.asks is Asks.TEXT:
        return _text(typed)
    line = clean_line(typed)
    if not line:
        return None
    if each.options:
        return _chosen(each, line)
    return _READERS.get(each.asks, _line)(each, line)


def _text(typed: str) -> str:
    words = typed.strip()
    if not words:
        raise _Wrong(Word.MISSING)
    return words


def _chosen(each: Field, line: str) -> str:
    if line not in {option.value for option in each.options}:
        raise _Wrong(Word.BAD_CHOICE)
    return line


def _line(_: Field, line: str) -> str:
    return line


def _email(_: Field, line: str) -> str:
    if not _EMAIL.fullmatch(line):
        raise _Wrong(Word.BAD_EMAIL)
    return line


def _phone(_: Field, line: str) -> str:
    if not _PHONE.fullmatch(line) or sum(map(str.isdigit, line)) < 5:
        raise _Wrong(Word.BAD_PHONE)
    return line


def _rating(each: Field, line: str) -> int:
    scale = Scale.parse(each.scale)
    if not _NUMBER.fullmatch(line) or not scale.least <= int(line) <= scale.most:
        raise _Wrong(Word.BAD_CHOICE)
    return int(line)


_READERS: Mapping[Asks, Callable[[Field, str], Json]] = {Asks.EMAIL: _email, Asks.PHONE: _phone, Asks.RATING: _rating}


def _check_files(files: tuple[Media, ...], limits: Limits) -> None:
    if len(files) > limits.files:
        raise _Wrong(Word.TOO_MANY_FILES, most=limits.files)
    if any(len(file.content) > limits.file for file in files):
        raise _Wrong(Word.FILE_TOO_LARGE, most=limits.file // 1_000)
    if any(file.media_type not in limits.media for file in files):
        raise _Wrong(Word.BAD_MEDIA_TYPE, types=", ".join(limits.media))

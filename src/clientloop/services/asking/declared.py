"""The questions of a firm, each in its versions."""

from collections.abc import Mapping

from clientloop.errors import Duplicate, UnknownName
from clientloop.model.asking import Formula, Instrument, Occasion, Question
from clientloop.model.names import named
from clientloop.model.units import Insert, Unit
from clientloop.model.where import eq
from clientloop.rules.asking.declaring import check, scale_of, versioned
from clientloop.services.context import Context

#: How often a declaration is looked at anew, where others declare the same question at the same time.
_TRIES = 5


class Declared:
    """The part of `loop.questions` that says what is asked."""

    def __init__(self, context: Context) -> None:
        """Work in one space."""
        self._context = context

    def declare(
        self,
        name: str,
        *,
        instrument: Instrument | str,
        occasion: Occasion | str,
        scale: str | None = None,
        least_is_best: bool = False,
        good_from: int | None = None,
        formula: Formula | str = Formula.SHARE,
        passive: bool = False,
        survey: str | None = None,
        texts: Mapping[str, str] | None = None,
    ) -> Question:
        """Declare a question; declared again as it is, it stays, and otherwise becomes a new version.

        Answers keep the version that they were given to. Texts, `good_from`, `formula`, `passive` and `survey` may
        change, and the newest `good_from` and `formula` hold for the scores of all answers. Instrument, occasion, scale
        and direction stay under one name, for ratings given before and after would not mean the same.

        Args:
            name: Its name.
            instrument: What it measures: "nps", "csat", "ces", "gcr", or "rating", of which no named score is made.
            occasion: What it is about: "relational" for the whole relationship, "transactional" for one event.
            scale: The scale of its ratings, such as "1-5". NPS has 0-10 and GCR 0-2 (no, partly, yes) and no other.
            least_is_best: Whether the least rating is the best one.
            good_from: The rating from which an answer counts as good, or up to which where the least is best; the usual
                one of the instrument if not given.
            formula: How its score is made, where there are two usages: "share" of the good ratings, or "mean".
            passive: Whether anybody may answer it, on a form that is always there.
            survey: Name of the survey that it is a part of.
            texts: What is asked, by BCP 47 tag of the language.

        Returns:
            The newest version.

        Raises:
            InvalidValue: The scale, the formula or the border does not fit the instrument, or each other; or there is a
                question of this name that measures something else, or on another scale.
            UnknownName: There is no such instrument, occasion or formula.

        >>> from clientloop import ClientLoop
        >>> with ClientLoop.open("memory:") as loop:
        ...     asked = loop.questions.declare("recommend", instrument="nps", occasion="relational")
        ...     again = loop.questions.declare("recommend", instrument="nps", occasion="relational")
        ...     print(asked.scale, asked.number, again == asked)
        0-10 1 True
        """
        what = named(Instrument, instrument, what="instrument")
        wanted = Question(
            space=self._context.space.space, name=name, number=1, instrument=what,
            occasion=named(Occasion, occasion, what="occasion"), scale=scale_of(what, scale),
            least_is_best=least_is_best, good_from=good_from, formula=named(Formula, formula, what="formula"),
            passive=passive, survey=survey, texts=dict(texts or {}), created_at=self._context.now(),
        )  # fmt: skip
        check(wanted)
        for _ in range(_TRIES - 1):
            try:
                return self._keep(wanted)
            except Duplicate:
                continue  # somebody else has declared it meanwhile, so or otherwise
        return self._keep(wanted)

    def _keep(self, wanted: Question) -> Question:
        newest = self._newest(wanted.name)
        kept = versioned(wanted, newest)
        if kept is not newest:
            self._context.commit(Unit((Insert(kept),)))
        return kept

    def get(self, name: str, number: int | None = None) -> Question:
        """A question.

        Args:
            name: Its name.
            number: Which version; the newest if not given.

        Raises:
            UnknownName: There is none of this name, or not in this version.
        """
        newest = self._newest(name)
        if newest is None:
            raise UnknownName.among(name, [each.name for each in self.all()], what="question")
        if number is None:
            return newest
        found = self._context.store.get(Question, (newest.space, name, number))
        if found is None:
            hint = f"its newest version is {newest.number}"
            raise UnknownName(f"no version {number} of question {name!r}", hint=hint)
        return found

    def all(self) -> tuple[Question, ...]:
        """All questions by name, each in its newest version."""
        pages = self._context.store.pages(Question, self._context.space.space)
        return tuple({each.name: each for each in pages}.values())

    def _loaded(self, question: Question | str) -> Question:
        """The question: one that is given is taken as it is, in its version; of a name, the newest."""
        return self.get(question) if isinstance(question, str) else self._context.own(question)

    def _newest(self, name: str) -> Question | None:
        page = self._context.store.page(
            Question, self._context.space.space, where=eq("name", name), limit=1, descending=True
        )
        return page.items[0] if page.items else None

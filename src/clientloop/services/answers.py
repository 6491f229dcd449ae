"""One answer to many: each customer is told personally, in the language and with the name of each, and only once."""

from collections.abc import Mapping, Sequence, Set
from uuid import UUID

from attrs import frozen

from clientloop.errors import InvalidValue
from clientloop.model.codec import Json
from clientloop.model.feedback import Feedback, Transition
from clientloop.model.where import one_of
from clientloop.model.work import Actor
from clientloop.rules.draft import Moved
from clientloop.rules.wording import speaks
from clientloop.services.context import Context
from clientloop.services.many import Fate, Judge, Many, move_many
from clientloop.services.moving import personal_words, work_out


@frozen(kw_only=True)
class Answer:
    """What customers are told."""

    #: Its name: whoever has had the answer of this name is not told again.
    key: str
    #: The move that tells it.
    move: str
    #: Who tells it.
    actor: Actor
    #: What is given with the move.
    given: Mapping[str, Json]
    #: What its template may speak of besides.
    values: Mapping[str, str]


def answer_many(context: Context, ids: Sequence[UUID], answer: Answer) -> Many:
    """Tell the customers of some items the same.

    Args:
        context: The space.
        ids: The items.
        answer: What they are told.

    Raises:
        InvalidValue: The answer has no name, or says nothing.
        UnknownName: There is no such template.
    """
    if not answer.key:
        raise InvalidValue(
            "an answer without a name", hint='give answer="outage-2026-05-04", so that none gets it twice'
        )
    template = answer.given.get("template")
    if template is not None:
        context.kit.render(template, None, {})
    elif not answer.given.get("text"):
        raise InvalidValue("an answer without words", hint="give text, or template with the name of a text of yours")

    def prepare(items: Sequence[Feedback]) -> Judge:
        had = _had(context, items, answer.key)
        words = personal_words(context, items) if template is not None else {}

        def judge(item: Feedback) -> Moved | Fate:
            return _judge(context, item, answer, had=had, words={**words.get(item.id, {}), **answer.values})

        return judge

    return move_many(context, ids, prepare)


def _judge(
    context: Context, item: Feedback, answer: Answer, *, had: Set[UUID], words: Mapping[str, str]
) -> Moved | Fate:
    if item.id in had:
        return Fate.BEFORE
    if not item.is_open:
        return Fate.CLOSED
    row = context.loop_of(item.kind, item.process).row(item.state, answer.move)
    if not speaks(row):
        raise InvalidValue(f"the move {answer.move!r} tells the customer nothing")
    if item.reply_to is None and not answer.given.get("told"):
        return Fate.UNREACHABLE
    given = {**answer.given, "answer": answer.key}
    return work_out(context, item, answer.move, answer.actor, given, words=words)


def _had(context: Context, items: Sequence[Feedback], key: str) -> Set[UUID]:
    """Which items have had the answer of this name, as their journals say."""
    where = one_of("item", [item.id for item in items])
    journals = context.store.pages(Transition, context.space.space, where=where)
    return {row.item for row in journals if row.data.get("answer") == key}

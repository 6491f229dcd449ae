"""Import of answers to questions."""

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, ClassVar

from attrs import frozen

from clientloop.errors import InvalidValue
from clientloop.exchange.fields import Fields
from clientloop.exchange.mapping import AnswersMapping
from clientloop.exchange.report import ImportReport, Progress
from clientloop.exchange.run import RowKeys, Source, run
from clientloop.exchange.table import Row
from clientloop.exchange.values import customer_class, person_of, person_readers, times, whole_number
from clientloop.model.asking import Answer, Question
from clientloop.model.codec import Json
from clientloop.model.customers import Customer
from clientloop.model.scales import Scale
from clientloop.rules.asking.dimensions import Dimensions, country_code, domain_name
from clientloop.rules.asking.keys import key_of
from clientloop.rules.intake.arrival import said_at
from clientloop.rules.loop.receipt import channel_name
from clientloop.services.asking.declared import Declared
from clientloop.services.bulk.entries import Chunk, Entry, Key
from clientloop.services.context import Context


def import_answers(
    context: Context,
    source: Source,
    mapping: AnswersMapping,
    *,
    rejects: str | os.PathLike[str] | None = None,
    dry_run: bool = False,
    progress: Callable[[Progress], None] | None = None,
) -> ImportReport:
    """Import a file of answers to questions that are declared.

    Of the ratings of one person on one question, all but the latest are superseded, those that are there already among
    them; so are words without a rating. Stage and class are those of the customer at the time of the answer, where the
    file does not say them.

    Args:
        context: The space.
        source: A path, `.gz` for a packed file, `.xlsx` for a workbook; or an open text file.
        mapping: What its columns hold.
        rejects: Where bad rows go, to be mended and imported again; None counts them only.
        dry_run: Whether to count only and write nothing.
        progress: Is told how far the import is, once a chunk.

    Raises:
        NotFound: There is no such file.
        InvalidValue: The mapping does not fit the file or the space; nothing was written then.
    """
    reader = partial(_AnswerReader, context, mapping)
    return run(
        context, source, mapping, what="answer", reader=reader, rejects=rejects, dry_run=dry_run, progress=progress
    )


class _AnswerReader:
    """Makes entries of the rows of a file of answers."""

    def __init__(self, context: Context, mapping: AnswersMapping, header: Sequence[str], keys: RowKeys) -> None:
        self._context = context
        self._now = context.now()
        self._keys = keys
        self._scale = lru_cache()(Scale.parse)
        region = mapping.region or context.settings.region
        readers = person_readers(source=mapping.source, region=region, trust=mapping.trust)
        readers |= {
            "at": times(mapping.dates, mapping.zone or context.space.zone),
            "channel": channel_name,
            "country": country_code,
            "customer_class": customer_class,
            "domain": domain_name,
            "question": Declared(context).get,
            "rating": whole_number,
        }
        self._fields = Fields(mapping, header, readers)

    def __call__(self, row: Row) -> Entry:
        values = self._fields.read(row.cells)
        asked, person = values["question"], person_of(values)
        key = self._keys.of(row, values, channel=values["channel"])
        key.stem = key_of(key.stem, asked.name)  # the same row may answer another question too
        return _Said(
            person=person if person.addresses else None,
            key=key,
            context=self._context,
            now=self._now,
            question=asked,
            rating=self._rating(asked, values),
            text=values.get("text", ""),
            at=self._time(values),
            dimensions={name: values[name] for name in Dimensions.__annotations__ if name in values},
            extra={**self._fields.kept(row.cells), **person.unplaced, **key.source},
        )

    def _rating(self, asked: Question, values: Mapping[str, Any]) -> int | None:  # Any: each field has its own type
        rating: int | None = values.get("rating")
        if rating is None and "text" not in values:
            raise InvalidValue("neither a rating nor words")
        try:
            return None if rating is None else self._scale(asked.scale).check(rating)
        except InvalidValue as error:
            raise self._fields.bad("rating", error) from error

    def _time(self, values: Mapping[str, Any]) -> datetime | None:  # Any: as above
        if "at" not in values:
            return None
        at, impossible = said_at(values["at"].at, self._now)
        if impossible:
            raise self._fields.bad("at", InvalidValue(f"nobody answers at {values['at'].at:%Y-%m-%d %H:%M}"))
        return at


@frozen(kw_only=True)
class _Said(Entry):
    """A row of a file of answers, as values."""

    KEPT: ClassVar[type[Answer]] = Answer

    key: Key
    context: Context
    now: datetime
    question: Question
    rating: int | None
    text: str
    at: datetime | None
    dimensions: Mapping[str, Any]  # Any: each has a type of its own
    extra: Mapping[str, Json]

    def write(self, chunk: Chunk, customer: Customer | None, origin: str) -> None:
        asked = self.question
        chunk.answers.append(
            Answer(
                space=asked.space,
                id=self.context.new_id(),
                question=asked.name,
                number=asked.number,
                instrument=asked.instrument,
                occasion=asked.occasion,
                scale=asked.scale,
                customer=customer.id if customer else None,
                channel=self.key.channel,
                origin=origin,
                rating=self.rating,
                text=self.text,
                answered_at=self.at,
                recorded_at=self.now,
                extra=self.extra,
                **self.dimensions,
            )
        )

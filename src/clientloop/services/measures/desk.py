"""Metrics as an application asks for them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from clientloop.errors import InvalidValue
from clientloop.model.names import named
from clientloop.model.plan import Bucket
from clientloop.model.targets import Sense
from clientloop.model.where import ALL, Where
from clientloop.model.zones import zone_named
from clientloop.ports.metric import Metric
from clientloop.rules.measures.signs import RATE
from clientloop.rules.time.moments import moment
from clientloop.services.measures.catalogue import Catalogue
from clientloop.services.measures.comparing import Changes, Stretch, around, changes
from clientloop.services.measures.correlating import Correlations, correlations
from clientloop.services.measures.making import make
from clientloop.services.measures.scoring import Asked, Scores, measure
from clientloop.services.measures.targets import TargetState, target_states
from clientloop.services.measures.trends import Goal, Trend, trend_of


class Metrics(Catalogue):
    """`loop.metrics`: how well the firm does, in numbers with their counts and intervals."""

    def score(
        self,
        metric: str | Metric,
        *,
        question: str | None = None,
        by: Sequence[str] = (),
        bucket: Bucket | str | None = None,
        zone: str | None = None,
        since: datetime | date | None = None,
        until: datetime | date | None = None,
        where: Where = ALL,
        engine: str = "store",
        **parameters: object,
    ) -> Scores:
        """Measure, for several dimensions and for periods in one table.

        Args:
            metric: The name of a metric, or one that was made.
            question: As of `make`.
            by: What to break the scores down by: "channel", "domain", "country", "language", "product", "employee",
                "stage", "class" and others, as far as the records of the metric have them.
            bucket: How long the periods are to break them down by as well; none if not given.
            zone: IANA name of the zone whose calendar the periods follow; the space's if not given.
            since: Count only what happened at this time or later, aware; a date is its midnight in the space's zone.
            until: Count only what happened before this time; likewise.
            where: Count only such rows; its fields must be in every record of the metric.
            engine: Name of the engine that adds up: "store", "python", or that of a plugin.
            parameters: As of `make`; those of a metric that was made are its own.

        Returns:
            The scores, sorted by what they are broken down by. Where nobody answered there is no row.

        Raises:
            UnknownName: There is no such metric, question, parameter, dimension, period, zone or engine.
            InvalidValue: The metric cannot be made like that, a time names no zone, or the metric is of no time.

        >>> from clientloop import ClientLoop
        >>> with ClientLoop.open("memory:") as loop:
        ...     for channel in ("form", "form", "email"):
        ...         item = loop.feedback.receive(kind="idea", channel=channel, text="Deliver on Saturdays")
        ...     scores = loop.metrics.score("loop_rate", rate="closed", by=("channel",))
        >>> [(row.keys["channel"], row.score.value, row.score.count) for row in scores.rows]
        [('email', 0.0, 1), ('form', 0.0, 2)]
        """
        asked = self._asked(metric, by, bucket=bucket, zone=zone, since=since, until=until)
        return measure(self._context, self._made(metric, question, parameters), asked, where=where, engine=engine)

    def trend(
        self,
        metric: str | Metric,
        *,
        bucket: Bucket | str = Bucket.MONTH,
        target: float | None = None,
        sense: Sense | str = Sense.AT_LEAST,
        false: float = RATE,
        question: str | None = None,
        by: Sequence[str] = (),
        zone: str | None = None,
        since: datetime | date | None = None,
        until: datetime | date | None = None,
        where: Where = ALL,
        engine: str = "store",
        **parameters: object,
    ) -> Trend:
        """A metric over time, against a target, with the signs that something has happened.

        A period in which nobody answered is a gap. Levels that shift are found by Pettitt's test, periods that stand
        out by modified z-scores; of all of these, over all periods and groups, Benjamini and Hochberg's procedure keeps
        those of which at most the given share is expected to be false.

        Args:
            metric: As of `score`.
            bucket: How long the periods are.
            target: What each period is to reach, in the unit of the metric.
            sense: Whether scores are to be at least or at most that.
            false: Which share of the signs may be false: the false discovery rate.
            question: As of `make`.
            by: As of `score`: a series for each group.
            zone: As of `score`.
            since: As of `score`.
            until: As of `score`.
            where: As of `score`.
            engine: As of `score`.
            parameters: As of `make`.

        Raises:
            UnknownName: As of `score`.
            InvalidValue: As of `score`; or `false` is no share.

        >>> from datetime import UTC, timedelta
        >>> from clientloop import ClientLoop, ManualClock
        >>> clock = ManualClock(datetime(2026, 3, 2, 9, tzinfo=UTC))
        >>> with ClientLoop.open("memory:", clock=clock) as loop:
        ...     item = loop.feedback.receive(kind="idea", channel="form", text="Deliver on Saturdays")
        ...     _ = clock.advance(timedelta(days=1))
        ...     [series] = loop.metrics.trend("loop_rate", rate="closed", bucket="day", target=0.5).series
        >>> [(str(point.day), point.score and point.score.value, point.over) for point in series.points]
        [('2026-03-02', 0.0, True), ('2026-03-03', None, False)]
        >>> series.points[0].verdict
        Verdict(missed=True, certain=False)
        """
        asked = self._asked(metric, by, bucket=bucket, zone=zone, since=since, until=until)
        scores = measure(self._context, self._made(metric, question, parameters), asked, where=where, engine=engine)
        goal = None if target is None else Goal(value=target, sense=named(Sense, sense, what="sense of a target"))
        return trend_of(scores, now=self._context.now(), goal=goal, rate=false)

    def compare(
        self,
        metric: str | Metric,
        *,
        before: Stretch | tuple[datetime | date, datetime | date],
        after: Stretch | tuple[datetime | date, datetime | date],
        question: str | None = None,
        by: Sequence[str] = (),
        where: Where = ALL,
        engine: str = "store",
        **parameters: object,
    ) -> Changes:
        """The difference between two stretches of time, with its interval.

        Args:
            metric: As of `score`.
            before: The one stretch, or the two times or days between which it lies, without the second.
            after: The other; likewise, from whose score that of the first is taken away.
            question: As of `make`.
            by: As of `score`: a difference for each group.
            where: As of `score`.
            engine: As of `score`.
            parameters: As of `make`.

        Raises:
            UnknownName: As of `score`.
            InvalidValue: As of `score`; or the scores are on different scales.
        """
        made = self._made(metric, question, parameters)
        sides = [self._stretch(each) for each in (before, after)]
        asked = [self._asked(metric, by, since=each.since, until=each.until) for each in sides]
        return changes(*(measure(self._context, made, each, where=where, engine=engine) for each in asked))

    def before_after(
        self,
        metric: str | Metric,
        *,
        at: datetime | date,
        days: int | None = None,
        question: str | None = None,
        by: Sequence[str] = (),
        where: Where = ALL,
        engine: str = "store",
        **parameters: object,
    ) -> Changes:
        """What has changed with something that the firm did: as much time before it as after it.

        Args:
            metric: As of `score`.
            at: When it was done: an aware time, or a day, which begins by the clocks of the space's zone.
            days: How much time on each side, in days of 24 hours, whatever clocks do; all time since then, where that
                is less or nothing is given.
            question: As of `make`.
            by: As of `score`: a difference for each group.
            where: As of `score`.
            engine: As of `score`.
            parameters: As of `make`.

        Raises:
            UnknownName: As of `score`.
            InvalidValue: As of `score`; or it is yet to be done, was done before anything could be, or there is less
                than a day on each side, or the scores are on different scales.

        >>> from datetime import UTC, timedelta
        >>> from clientloop import ClientLoop, ManualClock
        >>> clock = ManualClock(datetime(2026, 3, 2, 9, tzinfo=UTC))
        >>> with ClientLoop.open("memory:", clock=clock) as loop:
        ...     question = loop.questions.declare("visit", instrument="csat", occasion="transactional", scale="1-5")
        ...     for rating in (2, 5):
        ...         answer = loop.questions.answer("visit", rating, channel="kiosk")
        ...         _ = clock.advance(timedelta(days=2))
        ...     change = loop.metrics.before_after("csat", question="visit", at=date(2026, 3, 4)).change
        >>> change.difference, change.certain
        (1.0, False)
        """
        before, after = around(moment(at, self._context.space.zone), now=self._context.now(), days=days)
        return self.compare(
            metric,
            before=before,
            after=after,
            question=question,
            by=by,
            where=where,
            engine=engine,
            **parameters,
        )

    def correlations(
        self,
        questions: Sequence[str],
        *,
        since: datetime | date | None = None,
        until: datetime | date | None = None,
        where: Where = ALL,
    ) -> Correlations:
        """Which ratings rise and fall together: Spearman's correlation of each two questions.

        It compares the latest ratings of the same persons, those of one person under several ids together, on the scale
        that the newest version of each question declares; of a question whose least rating is best, they are turned
        round, so that together always means good with good. It says nothing of what causes what.

        Args:
            questions: Names of questions.
            since: As of `score`.
            until: As of `score`.
            where: Count only such answers.

        Raises:
            UnknownName: There is no such question, or no such field of answers.
            InvalidValue: There are fewer than two questions, or a time names no zone.
        """
        start, end = self._moment(since), self._moment(until)
        return correlations(self._context, questions, since=start, until=end, where=where)

    def targets(self) -> tuple[TargetState, ...]:
        """How the targets that the firm has set stand: the setting `targets`, a `Target` each.

        When a period is over, the next night's `run_due` judges it once: a target that is missed becomes the fact
        `metric.missed`, and a message to whom the target names. One that cannot be measured any more has an `error`
        instead of a score, and harms no other.
        """
        return target_states(self._context)

    def _asked(
        self,
        metric: str | Metric,
        by: Sequence[str],
        *,
        bucket: Bucket | str | None = None,
        zone: str | None = None,
        since: datetime | date | None,
        until: datetime | date | None,
    ) -> Asked:
        if isinstance(by, str):
            raise InvalidValue(f"{by!r:.60} is one word", hint=f'give a list of names, such as ["{by}"]')
        return Asked(
            metric=metric if isinstance(metric, str) else type(metric).__name__,
            by=tuple(dict.fromkeys(by)),
            bucket=None if bucket is None else named(Bucket, bucket, what="period"),
            zone=zone_named(zone or self._context.space.zone).key,
            since=self._moment(since),
            until=self._moment(until),
        )

    def _moment(self, at: datetime | date | None) -> datetime | None:
        return None if at is None else moment(at, self._context.space.zone)

    def _stretch(self, given: Stretch | tuple[datetime | date, datetime | date]) -> Stretch:
        if isinstance(given, Stretch):
            return given
        since, until = (moment(at, self._context.space.zone) for at in given)
        return Stretch(since=since, until=until)

    def _made(self, metric: str | Metric, question: str | None, parameters: Mapping[str, object]) -> Metric:
        if isinstance(metric, str):
            return make(self._context, metric, parameters, question=question)
        if parameters or question is not None:
            given = ", ".join([*parameters, *(() if question is None else ("question",))])
            raise InvalidValue(f"{type(metric).__name__} is made already, without {given}", hint="make it with them")
        return metric

"""Targets: what the firm wants its metrics to reach, held against each period when it is over, and told once."""

import logging
from collections.abc import Iterator, Sequence
from datetime import date

from attrs import frozen

from clientloop.errors import ClientLoopError, Conflict, StoreError, UnknownName
from clientloop.model.customers import Purpose
from clientloop.model.facts import Fact, FactName
from clientloop.model.messages import OutboundMessage
from clientloop.model.spaces import PluginState
from clientloop.model.staff import Team
from clientloop.model.targets import Target
from clientloop.model.units import Change, Insert, Unit, Update
from clientloop.plugins.spec import Sort
from clientloop.ports.metric import Score
from clientloop.rules.measures.goals import Verdict, judge
from clientloop.rules.measures.periods import begins, following, period_of, periods, preceding
from clientloop.rules.staff.presence import superiors
from clientloop.services.context import Context
from clientloop.services.leases import Beat, unheard
from clientloop.services.loop.lookups import presence
from clientloop.services.measures.making import make, read_parameters
from clientloop.services.measures.scoring import Asked, measure

logger = logging.getLogger(__name__)

#: Under which name it is remembered which periods were judged.
MEMORY = "targets"

#: The template of the alert.
MISSED = "target_missed"

#: How many periods are made good at most where nobody has looked for long.
MOST = 31


@frozen(kw_only=True)
class TargetState:
    """A target, and how the last period that is over stands to it."""

    #: The target.
    target: Target
    #: The first day of the period.
    day: date
    #: The score; None where nobody answered.
    score: Score | None
    #: How it stands to the goal; None without a score, or where it rests on fewer answers than the target asks for.
    verdict: Verdict | None
    #: The first day of the last period that was judged, and told if it was missed; None: none yet.
    judged: date | None
    #: Why the target cannot be measured; None where it can.
    error: str | None = None


def target_states(context: Context) -> tuple[TargetState, ...]:
    """How the targets of a space stand; of one that cannot be measured, why.

    Raises:
        StoreError: Nothing can be read.
    """
    return tuple(_state(context, target) for target in context.settings.targets)


def check_target(context: Context, target: Target) -> None:
    """Refuse a target whose metric cannot be measured.

    Args:
        context: The space.
        target: The target.

    Raises:
        UnknownName: It names a metric, parameter, question or team that there is not.
        InvalidValue: The metric cannot be made like that, or is of no time.
        PluginError: The metric itself fails.
    """
    store, space = context.store, context.space.space
    if target.team is not None and store.get(Team, (space, target.team)) is None:
        raise UnknownName.among(target.team, [team.name for team in store.pages(Team, space)], what="team")
    _score(context, target, _last_over(context, target))


def check_targets(context: Context, beat: Beat = unheard) -> int:
    """Judge the periods that are over and were not judged yet; tell of each target that one misses.

    A target that cannot be measured is logged, and harms no other. What comes later for a period that was judged
    changes nothing any more.

    Args:
        context: The space.
        beat: Called before each target.

    Returns:
        How many targets were missed.

    Raises:
        StoreError: Nothing can be read or written.
    """
    missed = 0
    for target in context.settings.targets:
        beat()
        try:
            missed += _check(context, target)
        except StoreError:
            raise
        except Conflict:
            continue  # another worker was faster
        except ClientLoopError as error:
            logger.error("target %s cannot be measured: %s", target.name, error.code)
    return missed


def _check(context: Context, target: Target) -> int:
    memory = context.store.get(PluginState, _key(context, target))
    days = _unjudged(context, target, memory)
    if not days:
        return 0
    missed = [(day, score) for day in days if (score := _missed(context, target, day)) is not None]
    alerts = (_alert(context, target, day, score) for day, score in missed)
    context.commit(sum(alerts, start=Unit((_remembered(context, target, memory, days[-1]),))))
    return len(missed)


def _key(context: Context, target: Target) -> tuple[object, ...]:
    return context.space.space, MEMORY, target.name


def _judged(memory: PluginState | None) -> date | None:
    return None if memory is None else date.fromisoformat(memory.value["judged"])


def _remembered(context: Context, target: Target, memory: PluginState | None, day: date) -> Change:
    """That all periods up to one were judged: of workers that judge at once, all but one are refused."""
    value = {"judged": day.isoformat()}
    if memory is None:
        return Insert(PluginState(space=context.space.space, plugin=MEMORY, name=target.name, value=value))
    return Update(PluginState, _key(context, target), {"value": value}, memory.version)


def _unjudged(context: Context, target: Target, memory: PluginState | None) -> Sequence[date]:
    """The periods that are over and were not judged yet; of a new target the last one alone."""
    last, judged = _last_over(context, target), _judged(memory)
    if judged is None:
        return [last]
    first = period_of(begins(judged, context.space.zone), target.bucket, context.space.zone)
    return [day for day in periods(first, last, target.bucket) if day > judged][-MOST:]


def _last_over(context: Context, target: Target) -> date:
    return preceding(period_of(context.now(), target.bucket, context.space.zone), target.bucket)


def _score(context: Context, target: Target, day: date) -> Score | None:
    """The score of one period.

    Raises:
        PluginError: The metric itself fails: that is counted against its plugin.
    """
    zone = context.space.zone
    parameters = read_parameters(context, target.metric, target.parameters)
    with context.parts.registry.blamed(Sort.METRIC, target.metric):
        metric = make(context, target.metric, parameters, question=target.question)
    since, until = begins(day, zone), begins(following(day, target.bucket), zone)
    return measure(context, metric, Asked(metric=target.metric, zone=zone, since=since, until=until)).part(*target.part)


def _verdict(target: Target, score: Score | None) -> Verdict | None:
    if score is None or score.count < target.fewest:
        return None
    return judge(score.value, score.interval, goal=target.goal, sense=target.sense)


def _missed(context: Context, target: Target, day: date) -> Score | None:
    """The score of a period that misses the target; None where it does not, or nobody can tell."""
    score = _score(context, target, day)
    verdict = _verdict(target, score)
    return score if verdict is not None and verdict.missed else None


def _state(context: Context, target: Target) -> TargetState:
    day = _last_over(context, target)
    score, why = None, None
    try:
        score = _score(context, target, day)
    except StoreError:
        raise
    except ClientLoopError as error:
        why = str(error)
    return TargetState(
        target=target,
        day=day,
        score=score,
        verdict=_verdict(target, score),
        error=why,
        judged=_judged(context.store.get(PluginState, _key(context, target))),
    )


def _alert(context: Context, target: Target, day: date, score: Score) -> Unit:
    """What is told of a period that misses a target: a fact to observers, a message to whom the target names."""
    now, space = context.now(), context.space.space
    data = {
        "target": target.name,
        "metric": target.metric,
        "value": score.value,
        "count": score.count,
        "goal": target.goal,
    }
    fact = Fact(FactName.METRIC_MISSED, space, context.new_id(), now, data)
    messages = tuple(_messages(context, target, day, score))
    queued = (
        Fact(
            FactName.MESSAGE_QUEUED, space, message.id, now,
            {"item": None, "template": message.template, "channel": message.channel},
        )
        for message in messages
    )  # fmt: skip
    return Unit(tuple(map(Insert, messages)), (fact, *queued))


def _messages(context: Context, target: Target, day: date, score: Score) -> Iterator[OutboundMessage]:
    if target.team is None:
        return
    team, now = context.store.get(Team, (context.space.space, target.team)), context.now()
    values = {
        "target": target.name,
        "metric": target.metric,
        "value": str(score.scale.money(score.value) or f"{score.value:.4g} {score.scale}"),
        "count": str(score.count),
        "goal": f"{target.sense.value} {score.scale.money(target.goal) or format(target.goal, 'g')}",
        "period": f"{target.bucket.value} of {day.isoformat()}",
    }
    subject, body = context.kit.render(MISSED, None, values)
    for member in superiors(presence(context), team=target.team, lead=None if team is None else team.lead):
        if member.channel and member.address:
            yield OutboundMessage(
                space=context.space.space, id=context.new_id(), channel=member.channel, to=member.address,
                purpose=Purpose.INTERNAL, template=MISSED, automatic=True, subject=subject, body=body,
                wake_at=now, created_at=now,
            )  # fmt: skip

"""Buttle's five stages, by proxies that can be counted; `rules.relationship.buttle` says what stands for what.

That a relationship was ended is a word of somebody: the interaction in which it fell carries it in `extra`, as `ending`
makes it. A later purchase begins anew.

>>> ending(Side.CUSTOMER, Reason.BETTER_ALTERNATIVE)
{'ended_by': 'customer', 'ended_because': 'better_alternative'}
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from attrs import evolve, field, frozen

from clientloop.model.codec import Json, instant, write_json
from clientloop.model.feedback import Feedback, Outcome
from clientloop.model.interactions import Interaction, InteractionKind
from clientloop.model.plan import Aggregate, How, Key, Plan
from clientloop.model.where import Where, contains, eq, ge, lt, one_of
from clientloop.model.zones import zone_named
from clientloop.ports.metric import State
from clientloop.ports.relationship import Frame, Place, RelationshipModel
from clientloop.relationships.buying import BOUGHT, here, since, written
from clientloop.rules.relationship.buttle import ButtleRule, Dealings, Ended, Reason, Side, Stage
from clientloop.rules.relationship.windows import Window

Word = TypeVar("Word", bound=StrEnum)

_Kind = InteractionKind

#: The kinds of contact, and what the person does in each of them.
CONTACTS: Mapping[str, Sequence[InteractionKind]] = {
    "purchases": (_Kind.PURCHASE, _Kind.RETURN),
    "calls": (_Kind.CALL,),
    "messages": (_Kind.MESSAGE_IN, _Kind.FEEDBACK),
    "meetings": (_Kind.MEETING,),
    "visits": (_Kind.VISIT,),
}
_ACTIVE = one_of("kind", [kind for kinds in CONTACTS.values() for kind in kinds])
_SAID = one_of("kind", (_Kind.MESSAGE_IN, _Kind.FEEDBACK, _Kind.CALL, _Kind.MEETING))

#: How a complaint ends that left the person discontent.
DISCONTENT = (Outcome.DECLINED, Outcome.NO_REPLY, Outcome.UNREACHABLE)

_ENDED_BY, _BECAUSE = "ended_by", "ended_because"


def ending(side: Side, reason: Reason = Reason.UNKNOWN) -> Mapping[str, Json]:
    """What the `extra` of an interaction says in which a relationship was ended.

    Args:
        side: Who ended it.
        reason: Why.
    """
    return {_ENDED_BY: side.value, _BECAUSE: reason.value}


@frozen(kw_only=True)
class Buttle(RelationshipModel):
    """Tells how far a relationship has come, from what passed between a person and the firm.

    >>> from clientloop.model.plan import Group
    >>> from datetime import UTC
    >>> kim, frame = UUID(int=1), Frame(as_of=datetime(2026, 7, 1, tzinfo=UTC), currency="EUR")
    >>> [place] = Buttle().assess({"acts": [], "loops": []}, [kim], frame).values()
    >>> place.stage, place.explanation["bought"]
    ('awareness', 0)
    """

    stages = (
        Stage.DISSOLUTION.value,
        Stage.AWARENESS.value,
        Stage.EXPLORATION.value,
        Stage.EXPANSION.value,
        Stage.COMMITMENT.value,
    )

    #: How the proxies are measured.
    rule: ButtleRule = field(factory=ButtleRule)

    def plans(self, frame: Frame) -> Mapping[str, Plan]:
        """What each customer did, and how the loops of what each said ended."""
        sums = {
            "acts": (Interaction, "occurred_at", self._acts(frame)),
            "loops": (Feedback, "received_at", self._loops(frame)),
        }
        return {
            name: Plan(cls=cls, keys=(Key("customer"),), aggregates=tuple(parts.values()), at=at)
            for name, (cls, at, parts) in sums.items()
        }

    def assess(self, state: State, subjects: Sequence[UUID], frame: Frame) -> Mapping[UUID, Place]:
        """Put everybody in a stage; of whom nothing is known, awareness."""
        acts, loops = _by_subject(state, "acts", self._acts(frame)), _by_subject(state, "loops", self._loops(frame))
        as_of = here(frame)
        of_all: dict[str, Json] = {
            "as_of": written(frame.as_of),
            "zone": frame.zone,
            "since": written(self._begin(frame)),
            "rule": {
                "period": str(self.rule.period),
                "periods": self.rule.periods,
                "committed_from": self.rule.committed_from,
                "kinds_from": self.rule.kinds_from,
                "silence": str(self.rule.silence),
            },
        }
        found: dict[UUID, Place] = {}
        for subject in subjects:
            why = {**of_all, **self._passed(acts.get(subject, {}), loops.get(subject, {}))}
            dealings = _dealings(why, as_of=as_of, rule=self.rule)
            ended = dealings.dissolution
            why["dissolution"] = None if ended is None else _told(ended)
            found[subject] = Place(stage=dealings.stage.value, explanation=why)
        return found

    def stage_of(self, explanation: Mapping[str, Json]) -> str:
        """The stage of the dealings that are told."""
        told = explanation["rule"]
        rule = ButtleRule(
            period=Window.parse(told["period"]),
            periods=told["periods"],
            committed_from=told["committed_from"],
            kinds_from=told["kinds_from"],
            silence=Window.parse(told["silence"]),
        )
        as_of = datetime.fromisoformat(explanation["as_of"]).astimezone(zone_named(explanation["zone"]))
        return _dealings(explanation, as_of=as_of, rule=rule).stage.value

    def _acts(self, frame: Frame) -> Mapping[str, Aggregate]:
        """The sums over what happened, by names of our own."""
        borders = [self.rule.period.times(number).before(here(frame)) for number in range(1, self.rule.periods + 1)]
        lately = since(borders[-1])
        latest = Aggregate(How.MAX, "occurred_at")
        return {
            "last_active": evolve(latest, where=_ACTIVE),
            "bought": Aggregate(How.COUNT, where=BOUGHT),
            "last_bought": evolve(latest, where=BOUGHT),
            **{
                f"bought in period {number}": Aggregate(How.COUNT, where=BOUGHT & since(begin) & lt("occurred_at", end))
                for number, (begin, end) in enumerate(zip(borders, [frame.as_of, *borders], strict=False))
            },
            **{name: Aggregate(How.COUNT, where=one_of("kind", kinds) & lately) for name, kinds in CONTACTS.items()},
            "said": Aggregate(How.COUNT, where=_SAID),
            **{f"{_ENDED_BY} {side}": evolve(latest, where=_says(_ENDED_BY, side)) for side in Side},
            **{f"{_BECAUSE} {reason}": evolve(latest, where=_says(_BECAUSE, reason)) for reason in Reason},
        }

    def _loops(self, frame: Frame) -> Mapping[str, Aggregate]:
        """The sums over what was said, by names of our own."""
        complaint = eq("kind", "complaint")
        is_open = eq("is_open", True) | ge("closed_at", frame.as_of)
        last = Aggregate(How.MAX, "received_at", where=complaint & ~is_open)
        lately = ge("received_at", self._begin(frame))
        return {
            "favours": Aggregate(How.COUNT, where=one_of("kind", ("praise", "referral")) & lately),
            "open_complaints": Aggregate(How.COUNT, where=complaint & is_open),
            "last_complaint": last,
            "last_discontent": evolve(last, where=last.where & one_of("outcome", DISCONTENT)),
        }

    def _begin(self, frame: Frame) -> datetime:
        return self.rule.period.times(self.rule.periods).before(here(frame))

    def _passed(self, acts: Mapping[str, int | None], loops: Mapping[str, int | None]) -> Mapping[str, Json]:
        """What passed between a person and the firm, as plain data."""
        discontent = loops.get("last_discontent")
        return {
            "last_active": _time(acts.get("last_active")),
            "bought": acts.get("bought", 0),
            "bought_in_periods": [acts.get(f"bought in period {number}", 0) for number in range(self.rule.periods)],
            "contacts": {name: acts.get(name, 0) for name in CONTACTS},
            "said": acts.get("said", 0),
            "favours": loops.get("favours", 0),
            "open_complaints": loops.get("open_complaints", 0),
            "left_dissatisfied": discontent is not None and discontent == loops.get("last_complaint"),
            "ended": _ended(acts),
        }


def _says(key: str, word: StrEnum) -> Where:
    """The interactions whose `extra` says so, as JSON has it."""
    return contains("extra", write_json({key: word.value})[1:-1])


def _by_subject(state: State, name: str, sums: Mapping[str, Aggregate]) -> Mapping[object, Mapping[str, int | None]]:
    return {group.keys[0]: dict(zip(sums, group.values, strict=True)) for group in state[name]}


def _time(stored: int | None) -> str | None:
    return None if stored is None else written(instant(stored))


def _ended(acts: Mapping[str, int | None]) -> Mapping[str, Json] | None:
    """The last end, unless something was bought after it."""
    at, side = _last(acts, _ENDED_BY, Side)
    if side is None or at < (acts.get("last_bought") or at):
        return None
    because, reason = _last(acts, _BECAUSE, Reason)
    known = reason if reason is not None and because == at else Reason.UNKNOWN
    return {**_told(Ended(side=side, reason=known)), "at": _time(at)}


def _last(acts: Mapping[str, int | None], key: str, words: type[Word]) -> tuple[int, Word | None]:
    """The word that was said last, and when; of two at the same time, the one that is declared first."""
    found = {word: at for word in words if (at := acts.get(f"{key} {word}")) is not None}
    last = max(found, key=found.__getitem__, default=None)
    return (0, None) if last is None else (found[last], last)


def _told(ended: Ended) -> dict[str, Json]:
    return {"side": ended.side.value, "reason": ended.reason.value}


def _dealings(explanation: Mapping[str, Json], *, as_of: datetime, rule: ButtleRule) -> Dealings:
    """What an explanation tells, of a time in its zone."""
    last, ended, periods = explanation["last_active"], explanation["ended"], explanation["bought_in_periods"]
    return Dealings(
        as_of=as_of,
        last_active=None if last is None else datetime.fromisoformat(last),
        bought=explanation["bought"],
        bought_lately=sum(periods),
        buying_periods=sum(bought > 0 for bought in periods),
        kinds=sum(times > 0 for times in explanation["contacts"].values()),
        said=explanation["said"],
        favours=explanation["favours"],
        open_complaints=explanation["open_complaints"],
        left_dissatisfied=explanation["left_dissatisfied"],
        ended=None if ended is None else Ended(side=Side(ended["side"]), reason=Reason(ended["reason"])),
        rule=rule,
    )

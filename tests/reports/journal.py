"""What a report on the loop has to say, told from the journal alone; nothing here is taken from the rules.

The calendar of the space is open around the clock in UTC, so that a working day is 24 hours.
"""

from collections import Counter
from datetime import timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from attrs import define, field

ENDS = {
    "closed_confirmed": "confirmed",
    "closed_silent": "silent",
    "closed_unreachable": "unreachable",
    "closed_rejected": "declined",
    "closed_declined": "declined",
    "closed_done": "done",
    "closed_offered": "done",
    "closed": "done",
    "closed_no_reply": "no_reply",
    "closed_duplicate": "duplicate",
    "closed_not_feedback": "not_feedback",
    "closed_before_import": "imported",
}
SOLVED = {
    "complaint": {"resolved"},
    "idea": {"promised", "parked", "closed_declined"},
    "question": {"answered"},
    "praise": {"thanked"},
    "referral": {"contacted"},
}
OUTSIDE = {"duplicate", "not_feedback", "imported"}
#: Kinds that promise a first answer, and the states in which a solution is promised.
ANSWERED = {"complaint", "question"}
PROMISED = {
    "complaint": {"new", "assigned", "working"},
    "idea": {"new", "assessed"},
    "question": {"new", "assigned"},
    "praise": {"new"},
    "referral": {"lead"},
}
REOPENS = {"reopen", "deny", "appeal"}
#: What the library says by itself is no answer of a person.
AUTOMATIC = {"received", "decision_date", "lapsed", "new_date", "reminder"}


@define
class Story:
    """One item, as its journal tells it."""

    item: object
    kind: str
    owner: str | None = None
    state: str = ""
    resume_to: str = ""
    answered_at: object = None
    answer_awaited: bool = False
    solved_at: object = None
    closed_at: object = None
    waiting_since: object = None
    waited: timedelta = timedelta(0)
    net: timedelta | None = None
    touched_at: object = None
    reopened: bool = False
    missed: set = field(factory=set)

    def read(self, row):
        """Take in one row of the journal."""
        self.owner = row.data.get("to", self.owner)
        if row.role != "system":
            self.touched_at = row.at
        if row.move in {"receive", "rekind", "split"}:
            self.kind = row.data.get("kind", self.kind)
            self.solved_at, self.answer_awaited = None, self.kind in ANSWERED and not self.answered_at
        if row.move in REOPENS | {"review"}:
            self.solved_at, self.closed_at = None, None
        self.reopened |= row.move in REOPENS
        if row.role == "system" and row.move in {"escalate", "passed"}:
            self.missed |= {row.data["deadline"]} & {"first_answer", "solution"}
        if self._tells(row):
            self.answered_at, self.answer_awaited = self.answered_at or row.at, False
        self._enter(row)

    def _tells(self, row):
        talked = row.data.get("told") in row.told
        accepted = "message" in row.data and row.move != "not_told"
        return talked or (accepted and not AUTOMATIC & {*row.told})

    def _enter(self, row):
        if row.target == "waiting" and row.source != "waiting":
            self.waiting_since, self.resume_to = row.at, row.source
        if row.source == "waiting" and row.target != "waiting":
            self.waited += row.at - self.waiting_since
            self.waiting_since = None
        self.state = row.target
        self.closed_at = None if row.target not in ENDS else self.closed_at or row.at
        if self.closed_at:
            self.answer_awaited = False
        if row.target != row.source and row.target in SOLVED[self.kind] and not self.solved_at:
            self.solved_at, self.net = row.at, row.at - self.item.received_at - self.waited

    @property
    def outcome(self):
        """How the loop ended."""
        return ENDS.get(self.state, "open")

    @property
    def promise_runs(self):
        """Whether a promise is yet to be kept."""
        state = self.resume_to if self.state == "waiting" else self.state
        return self.answer_awaited or state in PROMISED[self.kind]


def read(item, rows):
    """The story of an item."""
    story = Story(item=item, kind=item.kind)
    for row in rows:
        story.read(row)
    return story


def month_of(story, zone):
    """The first day of the month of receipt."""
    return story.item.received_at.astimezone(ZoneInfo(zone)).date().replace(day=1)


def counts(stories, now):
    """The numbers of `Counts`."""
    found = Counter()
    for story in stories:
        if story.outcome in OUTSIDE:
            found[story.outcome] += 1
            continue
        closed = story.outcome != "open"
        found.update(["items", "closed" if closed else "open"])
        found.update([story.outcome] * closed + ["reopened"] * story.reopened)
        if closed or story.solved_at or story.reopened:
            found["decided"] += 1
        if story.missed:
            found["missed"] += 1
        elif closed or (story.solved_at and not story.promise_runs):
            found["kept"] += 1
        due = story.item.due
        if not closed and due and now >= max(due, story.touched_at) + timedelta(days=5):
            found["dropped"] += 1
    return dict(found)


def times(stories, now):
    """Observed, censored, median and p90 of the first answer, the gross and the net time."""
    inside = [story for story in stories if story.outcome not in OUTSIDE]
    return {
        "first_answer": _times([_first_answer(story, now) for story in inside]),
        "gross": _times([_gross(story, now) for story in inside]),
        "net": _times([_net(story, now) for story in inside]),
    }


def _first_answer(story, now):
    return (story.answered_at or story.closed_at or now) - story.item.received_at, bool(story.answered_at)


def _gross(story, now):
    return (story.solved_at or story.closed_at or now) - story.item.received_at, bool(story.solved_at)


def _net(story, now):
    if story.solved_at:
        return story.net, True
    end = story.closed_at or now
    waiting = end - story.waiting_since if story.waiting_since else timedelta(0)
    return end - story.item.received_at - story.waited - waiting, False


def _times(spans):
    happened = sum(done for _, done in spans)
    return happened, len(spans) - happened, _quantile(spans, Fraction(1, 2)), _quantile(spans, Fraction(9, 10))


def _quantile(spans, share):
    """By the definition: the first time at which the product of the surviving shares is at most the rest."""
    alive = Fraction(1)
    for moment in sorted({took for took, done in spans if done}):
        at_risk = sum(took >= moment for took, _ in spans)
        alive *= 1 - Fraction(spans.count((moment, True)), at_risk)
        if alive <= 1 - share:
            return moment
    return None

"""Declarations as plain data: what is written is read back, and what is wrong is named where it stands."""

import json
import re
import tomllib
from contextlib import suppress
from datetime import date

import pytest
from attrs import NOTHING, Attribute, Factory, evolve, field, fields, frozen, validators
from hypothesis import given
from hypothesis import strategies as st

from clientloop.errors import InvalidValue, UnknownName
from clientloop.model.calendar import Calendar, Hours, Span, Unit, days, hours, working_days
from clientloop.model.codec import Json
from clientloop.model.customers import CustomerClass, Purpose
from clientloop.model.feedback import Outcome, Priority
from clientloop.model.improvements import Burst, BurstField, Urgency
from clientloop.model.permission import Cap
from clientloop.model.plan import Bucket
from clientloop.model.process import DeadlineRule, Move, Need, Open, Process, Tell
from clientloop.model.routing import Route
from clientloop.model.sorting import SortRule
from clientloop.model.spaces import Space
from clientloop.model.targets import Target
from clientloop.model.where import contains, eq, one_of
from clientloop.model.work import Role
from clientloop.presets.processes import PROCESSES
from clientloop.rules.loop.settings import Settings
from clientloop.rules.staff.rights import Right, Scope
from clientloop.services.setup.declared import (
    config_from_data,
    process_from_data,
    process_to_data,
    setting_to_data,
    settings_from_data,
)

SPACE = Space(space="shop", region="SI", zone="Europe/Ljubljana")

SPANS = st.builds(Span, amount=st.integers(0, 10**9 - 1), unit=st.sampled_from(Unit))

NIGHT = Calendar(name="night", zone="UTC", week={0: [Hours.parse("00:00-06:00")]})
CALENDAR = Calendar(
    name="shop",
    zone="Europe/Ljubljana",
    week={5: (Hours.parse("08:00-12:00"),), 0: (Hours.parse("08:00-12:00"), Hours.parse("13:00-17:30"))},
    holidays=[date(2026, 12, 25), date(2026, 1, 1)],
    special={date(2026, 12, 24): (Hours.parse("08:00-10:00"),), date(2026, 12, 31): ()},
)

#: A process as a firm writes it.
WRITTEN = """
kind = "request"
title = "Request"
working = "new"
solved = ["closed"]
ends = { closed = "done" }
receipt = [{ start = "solution" }]

[[moves]]
sources = ["new"]
name = "grant"
target = "closed"
who = ["superior", "owner"]
needs = [{ guard = "given", fields = ["amount"] }, { guard = "within", span = "30 d" }]
causes = [
  { tell = "granted" },
  { open = "refund", title = "Pay it back", within = "2 wd" },
  { do = "decide" },
]

[[deadlines]]
name = "solution"
within = "24 h"
remind = ["4 wh"]

[[deadlines]]
name = "promise"
"""


def read_request(**changes: Json) -> Process:
    """The process above, with some of its fields written otherwise."""
    return process_from_data(tomllib.loads(WRITTEN) | changes)


def move_with(**changes: Json) -> list[Json]:
    """The moves of the process above, with some fields of the one written otherwise."""
    return [tomllib.loads(WRITTEN)["moves"][0] | changes]


@pytest.mark.parametrize("process", PROCESSES, ids=lambda process: process.kind)
def test_built_in_processes_come_back(process: Process) -> None:
    """Every built-in process is the same after a way through JSON, and is then written in the same letters."""
    written = json.dumps(process_to_data(process))
    read = process_from_data(json.loads(written))
    assert read == process
    assert json.dumps(process_to_data(read)) == written


def test_a_process_as_a_firm_writes_it() -> None:
    """TOML with lengths of time as text, names as lists and causes by what they do becomes a process."""
    process = read_request()
    assert process.moves == (
        Move(
            sources=("new",),
            name="grant",
            target="closed",
            who=frozenset({Role.OWNER, Role.SUPERIOR}),
            needs=(Need("given", ("amount",)), Need("within", span=Span.parse("30 d"))),
            causes=(Tell("granted"), Open("refund", "Pay it back", working_days(2)), *process.moves[0].causes[2:]),
        ),
    )
    assert process.deadlines[0] == DeadlineRule(name="solution", within=hours(24), remind=(Span.parse("4 wh"),))
    assert process.deadlines[1].within is None
    assert process.ends == {"closed": Outcome.DONE}


def test_equal_processes_give_equal_data() -> None:
    """The order in which a set was filled leaves no trace."""
    there, back = (evolve(PROCESSES[0].moves[0], who=frozenset(roles)) for roles in (Role, reversed(Role)))
    first, second = (process_to_data(evolve(PROCESSES[0], moves=(row,))) for row in (there, back))
    assert json.dumps(first) == json.dumps(second)
    assert first["moves"][0]["who"] == ["customer", "owner", "superior", "system"]


@given(st.lists(SPANS, max_size=4), SPANS, st.none() | SPANS)
def test_lengths_of_time_come_back(remind: list[Span], within: Span, critical: Span | None) -> None:
    """Any length of time, anywhere in a process, is the same after a way through JSON, and is written as text."""
    rule = DeadlineRule(name="solution", within=within, critical=critical, remind=tuple(remind))
    process = evolve(PROCESSES[0], deadlines=(rule,))
    data = json.loads(json.dumps(process_to_data(process)))
    assert data["deadlines"][0]["within"] == str(within)
    assert process_from_data(data) == process


def test_data_are_plain() -> None:
    """Members of enums become bare text, for a store gives nothing else back."""
    exact = {str, int, bool, list, dict}

    def walk(value: Json) -> None:
        assert type(value) in exact
        for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
            walk(inner)

    for process in PROCESSES:
        walk(process_to_data(process))


def test_the_defaults_that_stored_processes_lean_on() -> None:
    """What has its default is left out of the data; were a default changed, stored processes would change with it."""
    defaults = {
        f"{cls.__name__}.{each.name}": each.default.factory() if isinstance(each.default, Factory) else each.default
        for cls in (Process, Move, DeadlineRule, Need, Tell, Open)
        for each in fields(cls)
        if each.default is not NOTHING
    }
    assert defaults == {
        "Process.version": 1,
        "Process.receipt": (),
        "Process.deadlines": (),
        "Process.fields": {},
        "Process.texts": {},
        "Move.needs": (),
        "Move.causes": (),
        "DeadlineRule.within": None,
        "DeadlineRule.critical": None,
        "DeadlineRule.during": (),
        "DeadlineRule.since": "move",
        "DeadlineRule.until": "left",
        "DeadlineRule.waits": False,
        "DeadlineRule.remind": (),
        "DeadlineRule.then": ("escalate",),
        "DeadlineRule.again": (),
        "Need.fields": (),
        "Need.span": None,
        "Need.count": 0,
        "Need.purpose": None,
        "Tell.party": "customer",
        "Tell.automatic": False,
        "Open.within": None,
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"knid": 1}, "process: no field 'knid': did you mean 'kind'?"),
        ({"kind": 1}, "process.kind: 1 is no text"),
        ({"version": "1"}, "process.version: '1' is no whole number"),
        ({"version": True}, "process.version: True is no whole number"),
        ({"solved": "closed"}, "process.solved: 'closed' is no list"),
        ({"solved": ["closed", 1]}, "process.solved[1]: 1 is no text"),
        ({"ends": ["closed"]}, "process.ends: ['closed'] is no table"),
        ({"ends": {"closed": "doen"}}, "process.ends.closed: no outcome 'doen': did you mean 'open' or 'done'?"),
        ({"receipt": [{"do": "join"}]}, "process.receipt[0]: no cause 'do': known are 'start', 'tell'"),
        ({"moves": move_with(who=["ownr"])}, "process.moves[0].who[0]: no role 'ownr': did you mean 'owner'?"),
        ({"moves": move_with(who="owner")}, "process.moves[0].who: 'owner' is no list"),
        ({"moves": move_with(soruces=[])}, "process.moves[0]: no field 'soruces': did you mean 'sources'?"),
        ({"moves": [{}]}, "process.moves[0].sources: is missing"),
        ({"moves": move_with(causes=["tell"])}, "process.moves[0].causes[0]: 'tell' is no table"),
        ({"moves": move_with(causes=[{}])}, "process.moves[0].causes[0]: no cause '': known are"),
        (
            {"moves": move_with(causes=[{"tel": "x"}])},
            "process.moves[0].causes[0]: no cause 'tel': did you mean 'tell'",
        ),
        (
            {"moves": move_with(causes=[{"tell": "x", "do": "y"}])},
            "process.moves[0].causes[0]: 'tell' and 'do' are several causes: write each in a table of its own",
        ),
        ({"moves": move_with(causes=[{"tell": 5}])}, "process.moves[0].causes[0].tell: 5 is no text"),
        ({"moves": move_with(causes=[{"open": "x"}])}, "process.moves[0].causes[0].title: is missing"),
        (
            {"moves": move_with(causes=[{"tell": "x", "template": "y"}])},
            "process.moves[0].causes[0]: no field 'template': known are 'tell', 'party', 'automatic'",
        ),
        ({"deadlines": [{"name": "x", "within": "3 dayz"}]}, "process.deadlines[0].within: no unit of time 'dayz'"),
        ({"deadlines": [{"name": "x", "within": 3}]}, "process.deadlines[0].within: 3 is no text"),
        ({"deadlines": [{"name": "x", "waits": 1}]}, "process.deadlines[0].waits: 1 is no true or false"),
    ],
)
def test_faults_in_a_process_are_named_where_they_stand(changes: dict[str, Json], message: str) -> None:
    """An error says the path of the fault, and the nearest known name."""
    with pytest.raises(InvalidValue, match=re.escape(message)):
        read_request(**changes)


@pytest.mark.parametrize("data", [None, 1, "process", [], [WRITTEN]])
def test_what_is_no_process_is_refused(data: Json) -> None:
    """Anything but a table is named as such."""
    with pytest.raises(InvalidValue, match=r"process: .* is no table"):
        process_from_data(data)


def test_all_faults_are_named_at_once() -> None:
    """Somebody who mends a file sees every fault in one run; one error of many kinds is an InvalidValue."""
    with pytest.raises(InvalidValue) as caught:
        read_request(title=2, ends={"closed": "x"}, deadlines=[{}])
    assert [fault.partition(":")[0] for fault in str(caught.value).split("; ")] == [
        "process.title",
        "process.ends.closed",
        "process.deadlines[0].name",
    ]
    assert type(caught.value) is InvalidValue


@pytest.mark.parametrize(
    ("name", "value", "data"),
    [
        ("region", "SI", "SI"),
        ("region", None, None),
        ("redress_limit", 5000, 5000),
        ("redress_limit", None, None),
        ("class_priority", {CustomerClass.A: Priority.HIGH}, {"A": "high"}),
        (
            "class_deadlines",
            {CustomerClass.A: {"complaint.solution": hours(4)}},
            {"A": {"complaint.solution": "4 hours"}},
        ),
        ("offers", {"chair": "cushion"}, {"chair": "cushion"}),
        ("contacts_wanted", 7, 7),
        ("quiet_hours", (Hours.parse("13:00-14:00"), Hours.parse("20:00-24:00")), ["13:00-14:00", "20:00-24:00"]),
        (
            "caps",
            {Purpose.SURVEY: Cap(most=2, within=days(90))},
            {"survey": {"most": 2, "within": "90 days"}},
        ),
        ("acknowledge", frozenset({"web", "email"}), ["email", "web"]),
        ("silence", {"email": working_days(2)}, {"email": "2 working days"}),
        (
            "rights",
            {Role.OWNER: {Right.SEE: Scope.TEAM, Right.MOVE: Scope.OWN}},
            {"owner": {"see": "team", "move": "own"}},
        ),
        ("texts", {"en.thanks": {"subject": "Ta"}}, {"en.thanks": {"subject": "Ta"}}),
        (
            "calendars",
            {"night": NIGHT},
            {"night": {"name": "night", "zone": "UTC", "week": {"monday": ["00:00-06:00"]}}},
        ),
        (
            "routing",
            (Route(name="money", where=~one_of("kind", ["idea"]) & contains("words", "refund"), team="accounts"),),
            [
                {
                    "name": "money",
                    "where": {"not": {"kind": ["idea"]}, "words": {"contains": "refund"}},
                    "team": "accounts",
                }
            ],
        ),
        (
            "bursts",
            (Burst(name="down", field=BurstField.CAUSE, count=9, within=hours(2), where=eq("kind", "complaint")),),
            [{"name": "down", "field": "cause", "count": 9, "within": "2 hours", "where": {"kind": "complaint"}}],
        ),
        (
            "targets",
            (Target(name="yes", metric="nps", question="q", parameters={"latest": True}, goal=30, bucket=Bucket.WEEK),),
            [
                {
                    "name": "yes",
                    "metric": "nps",
                    "question": "q",
                    "parameters": {"latest": True},
                    "goal": 30,
                    "bucket": "week",
                }
            ],
        ),
        (
            "sorting",
            (SortRule(name="money", kind="complaint", words=["refund*"], where=eq("channel", "email")),),
            [{"name": "money", "kind": "complaint", "words": ["refund*"], "where": {"channel": "email"}}],
        ),
        ("automatic_reply_window", hours(8), "8 hours"),
        ("relationships", {"abc": {"window": "6 months"}}, {"abc": {"window": "6 months"}}),
        ("rates", {"USD": "0.92"}, {"USD": "0.92"}),
        ("reassess", None, None),
        (
            "urgency",
            Urgency(age=20, class_percent={CustomerClass.A: 90}),
            {"age": 20, "class_percent": {"A": 90}},
        ),
        (
            "calendar",
            CALENDAR,
            {
                "name": "shop",
                "zone": "Europe/Ljubljana",
                "week": {"monday": ["08:00-12:00", "13:00-17:30"], "saturday": ["08:00-12:00"]},
                "holidays": ["2026-01-01", "2026-12-25"],
                "special": {"2026-12-24": ["08:00-10:00"], "2026-12-31": []},
            },
        ),
    ],
)
def test_settings_come_back(name: str, value: object, data: Json) -> None:
    """Every setting is written as a person would write it, and read as the value that it was."""
    stored = setting_to_data(name, value)
    assert stored == {"value": data}
    read = settings_from_data({name: json.loads(json.dumps(stored))}, SPACE)
    assert getattr(read, name) == value
    assert evolve(read, **{name: getattr(settings_from_data({}, SPACE), name)}) == settings_from_data({}, SPACE)


def test_settings_come_back_covers_every_setting() -> None:
    """A setting that is added is added to the test above."""
    (mark,) = test_settings_come_back.pytestmark
    assert {case[0] for case in mark.args[1]} == {each.name for each in fields(Settings)}


def test_what_is_not_set_is_the_space_s() -> None:
    """Without settings the calendar is the standard one in the zone of the space, and the region is the space's."""
    assert settings_from_data({}, SPACE) == Settings(calendar=Calendar.standard("Europe/Ljubljana"), region="SI")


def test_a_calendar_in_toml() -> None:
    """Dates may be dates, for TOML knows them."""
    data = tomllib.loads('name = "x"\nzone = "UTC"\nweek = { monday = ["9:00-17:00"] }\nholidays = [2026-12-25]')
    assert settings_from_data({"calendar": {"value": data}}, SPACE).calendar.holidays == {date(2026, 12, 25)}


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("redress_limit", "5", "redress_limit: '5' is no whole number"),
        ("redress_limit", 5.0, "redress_limit: 5.0 is no whole number"),
        ("class_priority", {"Q": "low"}, "class_priority.Q: no customer class 'Q': known are 'A', 'B', 'C'"),
        ("class_priority", {"A": "hihg"}, "class_priority.A: no priority 'hihg': did you mean 'high'?"),
        ("class_deadlines", {"A": {"x.y": "soon"}}, "class_deadlines.A.x.y: 'soon' is no length of time"),
        ("acknowledge", "email", "acknowledge: 'email' is no list"),
        ("texts", {"thanks": {}}, "texts: 'thanks' names no text"),
        ("calendar", None, "calendar: None is no table"),
        (
            "calendar",
            {"name": "x", "zone": "UTC", "week": {"modnay": []}},
            "no weekday 'modnay': did you mean 'monday'",
        ),
        ("calendar", {"name": "x", "zone": "UTC", "week": {"monday": ["9-5"]}}, "calendar.week.monday[0]: '9-5'"),
        ("calendar", {"name": "x", "zone": "UTC", "week": {}}, "calendar: a calendar that never opens"),
        (
            "calendar",
            {"name": "x", "zone": "Mars", "week": {"monday": ["9:00-17:00"]}},
            "calendar: no time zone 'Mars'",
        ),
        (
            "calendar",
            {"name": "x", "zone": "UTC", "week": {"monday": ["9:00-17:00"]}, "holidays": ["25.12.2026"]},
            "calendar.holidays[0]: '25.12.2026' is no date",
        ),
    ],
)
def test_faults_in_settings_are_named_where_they_stand(name: str, data: Json, message: str) -> None:
    """A setting that does not fit is named with the path of the fault."""
    with pytest.raises(InvalidValue, match=re.escape(message)):
        settings_from_data({name: {"value": data}}, SPACE)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("calendar", "standard"),
        ("redress_limit", "5"),
        ("redress_limit", True),
        ("offers", ["chair"]),
        ("acknowledge", 5),
        ("class_deadlines", {"A": {"complaint.solution": 4}}),
        ("region", b"SI"),
    ],
)
def test_a_value_of_another_type_is_not_written(name: str, value: object) -> None:
    """A value that could not be read again is refused when it is set."""
    with pytest.raises(InvalidValue, match=name):
        setting_to_data(name, value)


def test_an_unknown_setting_is_named_with_the_nearest() -> None:
    """A misspelt setting is an error, when it is set and when it is read."""
    with pytest.raises(UnknownName, match="no setting 'calender': did you mean 'calendar'"):
        settings_from_data({"calender": {"value": {}}}, SPACE)
    with pytest.raises(UnknownName, match="no setting 'offer': did you mean 'offers'"):
        setting_to_data("offer", {})


@frozen(kw_only=True)
class MailConfig:
    """What a channel of a plugin may ask a firm for."""

    #: The server.
    host: str
    #: A TCP port.
    port: int = field(default=25, validator=validators.lt(65536))
    #: Seconds.
    patience: float = 5.0


def test_the_config_of_a_plugin() -> None:
    """A table of a configuration file becomes the class that a plugin declares, by the same rules."""
    assert config_from_data({"host": "mx"}, MailConfig, "channels.mail") == MailConfig(host="mx", port=25)
    with pytest.raises(UnknownName, match="no field 'prot': did you mean 'port'"):
        config_from_data({"host": "mx", "prot": 25}, MailConfig, "channels.mail")


def test_a_number_may_be_whole_but_no_text() -> None:
    """Where a plugin asks for a number, 30 will do and "30" will not."""
    assert config_from_data({"host": "mx", "patience": 30}, MailConfig, "channels.mail").patience == 30.0
    with pytest.raises(InvalidValue, match="'30' is no number"):
        config_from_data({"host": "mx", "patience": "30"}, MailConfig, "channels.mail")


def test_what_a_plugin_s_class_refuses_is_an_invalid_value() -> None:
    """Whatever its validators raise, the caller sees one kind of error, with the path."""
    with pytest.raises(InvalidValue, match=r"channels.mail: does not fit \('port' must be < 65536"):
        config_from_data({"host": "mx", "port": 70000}, MailConfig, "channels.mail")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(st.data())
def test_whatever_is_written_wrong_is_an_invalid_value(data: st.DataObject) -> None:
    """Any part of a process, replaced by anything, gives a process or an InvalidValue, and no other error."""
    written = json.loads(json.dumps(process_to_data(PROCESSES[0])))
    at: Json = written
    while True:
        key = data.draw(st.sampled_from(sorted(at) if isinstance(at, dict) else range(len(at))))
        if not isinstance(at[key], dict | list) or not at[key] or data.draw(st.booleans()):
            break
        at = at[key]
    at[key] = data.draw(JSON)
    with suppress(InvalidValue):
        assert isinstance(process_from_data(written), Process)


@given(st.sampled_from(fields(Settings)), JSON)
def test_whatever_is_set_wrong_is_an_invalid_value(setting: Attribute, value: Json) -> None:
    """Any setting with any value gives settings or an InvalidValue, and no other error."""
    with suppress(InvalidValue):
        assert isinstance(settings_from_data({setting.name: {"value": value}}, SPACE), Settings)

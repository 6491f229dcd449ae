"""What a firm sets, kept in its space."""

from pathlib import Path

import pytest

from clientloop import ClientLoop
from clientloop.errors import Conflict, InvalidValue, UnknownName
from clientloop.model.calendar import Calendar
from clientloop.model.customers import CustomerClass
from clientloop.model.feedback import Priority
from clientloop.model.spaces import Setting
from clientloop.model.units import Unit, Update
from tests.test_processes import OWNER, Firm


def test_what_is_set_is_there_after_a_restart(tmp_path: Path) -> None:
    """Every setting is kept with the data of the firm, and only for that firm."""
    url = f"sqlite:///{tmp_path / 'shop.db'}"
    values = {
        "calendar": Calendar.standard("Europe/Ljubljana"),
        "redress_limit": 5_000,
        "class_priority": {CustomerClass.A: Priority.HIGH},
        "offers": {"chair": "cushion"},
        "acknowledge": frozenset({"email", "form"}),
        "texts": {"en.received": {"subject": "Thank you: $ref"}},
    }
    with ClientLoop.open(url, region="SI", entry_points=False) as loop:
        for name, value in values.items():
            loop.settings.set(name, value)
    with ClientLoop.open(url, entry_points=False) as loop:
        kept = loop.settings.get()
        assert {name: getattr(kept, name) for name in values} == values
        assert kept.region == "SI"
        assert loop.in_space("other").settings.get().offers == {}


def test_a_setting_holds_from_the_next_move_on(firm: Firm) -> None:
    """A calendar that is set now counts for what begins now; running deadlines stay as they are."""
    before = firm.receive("praise")
    firm.loop.settings.set("calendar", Calendar.around_the_clock("UTC"))
    firm.loop.settings.set("calendar", Calendar.standard("America/New_York"))
    after = firm.receive("praise")
    assert firm.loop.feedback.get(before.id).deadlines == before.deadlines
    assert after.deadlines != before.deadlines
    assert firm.move(before, "thank", OWNER).late == ()


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("redres_limit", 1, "did you mean 'redress_limit'"),
        ("redress_limit", "a lot", "redress_limit"),
        ("calendar", "Europe/Ljubljana", "calendar"),
        ("offers", ["chair"], "offers"),
        ("texts", {"received": {"subject": "x"}}, "names no text"),
    ],
)
def test_what_is_no_setting_is_refused_and_changes_nothing(firm: Firm, name: str, value: object, says: str) -> None:
    """A misspelt name or a value that does not fit is refused where it is set, not when it is used."""
    before = firm.loop.settings.get()
    with pytest.raises(InvalidValue, match=says) as refusal:
        firm.loop.settings.set(name, value)
    assert name != "redres_limit" or refusal.type is UnknownName
    firm.loop.context.forget()
    assert firm.loop.settings.get() == before


def test_two_who_set_the_same_at_once_do_not_overwrite_each_other(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever comes second is told so."""
    commit = firm.loop.store.commit

    def late(unit: Unit) -> None:
        commit(Unit((Update(Setting, ("main", "offers"), {"value": {"value": {}}}),)))
        commit(unit)

    monkeypatch.setattr(firm.loop.store, "commit", late)
    with pytest.raises(Conflict):
        firm.loop.settings.set("offers", {"chair": "lamp"})

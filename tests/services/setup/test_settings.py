"""What a firm sets, kept in its space."""

from pathlib import Path

import pytest

from clientloop import ClientLoop
from clientloop.errors import InvalidValue, UnknownName
from clientloop.model.calendar import Calendar
from clientloop.model.customers import CustomerClass
from clientloop.model.feedback import Priority
from clientloop.model.units import Unit
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


@pytest.mark.parametrize("known", [False, True])
def test_of_two_who_set_the_same_at_once_the_last_one_wins(
    firm: Firm, monkeypatch: pytest.MonkeyPatch, known: bool
) -> None:
    """Neither is refused, for neither said what they had seen: also where nobody had set it before."""
    if known:
        firm.loop.settings.set("offers", {})
    other, commit = firm.loop.in_space("main"), firm.loop.store.commit

    def late(unit: Unit) -> None:
        monkeypatch.setattr(firm.loop.store, "commit", commit)
        other.settings.set("offers", {"chair": "sofa"})
        commit(unit)

    monkeypatch.setattr(firm.loop.store, "commit", late)
    firm.loop.settings.set("offers", {"chair": "lamp"})
    assert firm.loop.settings.get().offers == {"chair": "lamp"}
    assert firm.loop.in_space("main").settings.get().offers == {"chair": "lamp"}

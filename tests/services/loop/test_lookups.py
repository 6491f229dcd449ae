"""What is looked up before a move: what its row asks for, and nothing else."""

from collections.abc import Sequence
from uuid import UUID

import pytest
from attrs import evolve

from clientloop.model.customers import Purpose
from clientloop.model.feedback import Feedback
from clientloop.model.interactions import InteractionKind
from clientloop.model.staff import Absence, Team
from clientloop.model.units import Insert, Unit
from clientloop.model.work import Role
from clientloop.rules.loop.case import Friend, Known
from clientloop.rules.loop.moves import looked_up_by
from clientloop.services.loop.lookups import look_up
from tests.test_processes import DAY, OWNER, Firm


def known(firm: Firm, item: Feedback, names: Sequence[str], **given: object) -> Known:
    """What is known for these names."""
    return look_up(firm.loop.context, item, given, names)


def test_a_move_that_asks_for_nothing_reads_nothing(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    """To hand an item over takes no look into the store but at the owner, and whether the owner is away."""
    item = firm.receive("complaint")
    reads: list[type] = []
    page = firm.loop.store.page

    def noting(cls: type, *args: object, **more: object) -> object:
        reads.append(cls)
        return page(cls, *args, **more)  # type: ignore[arg-type]  # as it was called

    monkeypatch.setattr(firm.loop.store, "page", noting)
    firm.loop.feedback.move(item, "hand_over", by="desk", to="mia")
    assert reads == [Absence]


def test_each_row_names_what_it_needs_once(firm: Firm) -> None:
    """Guards, effects and messages of a row say what they need, in order and without repetition."""
    praise, complaint = (firm.loop.context.loop_of(kind) for kind in ("praise", "complaint"))
    assert looked_up_by(praise.row("thanked", "offer")) == ("consents", "open_complaints")
    assert looked_up_by(praise.row("new", "thank")) == ("employee",)
    assert looked_up_by(complaint.row("new", "duplicate")) == ("original", "same_person", "loops")
    assert looked_up_by(complaint.row("new", "escalate")) == ("superiors", "team")


def test_open_complaints_are_those_of_the_customer_without_this_one(firm: Firm) -> None:
    """Another customer's complaint, a closed one and the item itself do not count."""
    item, praise = firm.receive("complaint"), firm.receive("praise")
    firm.receive("complaint", reachable=False)
    assert known(firm, item, ["open_complaints"]).open_complaints == 0
    assert known(firm, praise, ["open_complaints"]).open_complaints == 1
    firm.move(item, "not_feedback", OWNER, reason="advertising")
    assert known(firm, praise, ["open_complaints"]).open_complaints == 0


def test_a_friend_is_known_by_the_address(firm: Firm) -> None:
    """A friend who bought something is a customer; one who only has an address is none, and may have a word."""
    item = firm.receive("referral")
    assert known(firm, item, ["friend"]).friend == Friend()
    friend = firm.loop.customers.add(name="Eva", email="EVA@example.com")
    firm.loop.consent.forbid(friend, Purpose.SERVICE, proof="reply")
    found = known(firm, item, ["friend"]).friend
    assert (found.is_customer, [word.allowed for word in found.consents]) == (False, [False])
    firm.loop.interactions.record(kind=InteractionKind.PURCHASE, channel="shop", customer=friend)
    assert known(firm, item, ["friend"]).friend.is_customer
    assert known(firm, item, ["friend"], friend_address="other@example.com").friend == Friend()
    assert known(firm, firm.receive("referral", data={}), ["friend"]).friend == Friend()


def test_members_are_known_by_role_and_name(firm: Firm) -> None:
    """Superiors are those who have the role; the employee is the one named with the item or the move."""
    item = firm.receive("praise")
    found = known(firm, item, ["superiors", "employee"])
    assert [member.name for member in found.superiors] == ["head"]
    assert found.employee is not None
    assert found.employee.name == "tim"
    assert known(firm, item, ["employee"], employee="nobody").employee is None


def test_the_original_and_the_improvement_are_those_given(firm: Firm) -> None:
    """What is not there is not known; what the item points to already is."""
    item, other = firm.receive("idea"), firm.receive("complaint")
    assert known(firm, item, ["original"], original=other.id).original == other
    assert known(firm, item, ["original"], original=UUID(int=1)).original is None
    assert known(firm, item, ["improvement"]).improvement is None
    found = known(firm, item, ["improvement", "loops"], improvement=firm.improvement.id, kind="praise")
    assert found.improvement == firm.improvement
    assert set(found.loops) == {"praise"}


def test_an_alert_finds_who_is_there_now(firm: Firm) -> None:
    """Absences that have ended or are still to come leave a superior where alerts go; one that covers now does not."""
    now, item = firm.clock.now(), firm.receive("complaint")
    firm.loop.staff.add("ina", roles=[Role.SUPERIOR], channel="email", address="ina@firm.example.com")
    for since, until in ((-2, -1), (1, 2)):
        absence = Absence(space="main", member="head", since=now + since * DAY, until=now + until * DAY)
        firm.loop.store.commit(Unit((Insert(absence),)))
    assert [member.name for member in known(firm, item, ["superiors"]).superiors] == ["head", "ina"]
    absence = Absence(space="main", member="head", since=now - DAY / 2, deputy="tim")
    firm.loop.store.commit(Unit((Insert(absence),)))
    assert [member.name for member in known(firm, item, ["superiors"]).superiors] == ["tim", "ina"]


def test_a_team_is_looked_up_once_it_is_to_hear(firm: Firm) -> None:
    """The first escalation of an item leaves its team in peace."""
    firm.loop.store.commit(
        Unit((Insert(Team(space="main", name="post", channel="email", address="post@example.com")),))
    )
    item = evolve(firm.receive("complaint"), team="post")
    assert known(firm, item, ["team"]).team == ()
    assert [team.name for team in known(firm, evolve(item, escalations=1), ["team"]).team] == ["post"]

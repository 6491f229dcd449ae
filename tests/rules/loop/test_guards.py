"""What moves require: where each requirement begins and ends."""

from datetime import UTC, datetime, timedelta

import pytest

from clientloop.errors import Incomplete
from clientloop.model.calendar import Calendar
from clientloop.model.messages import Failure, Receipt
from clientloop.model.work import Actor
from tests.test_processes import CAUSE, CUSTOMER, OWNER, SUPERIOR, SYSTEM, Firm


@pytest.mark.parametrize(
    ("redress", "who", "refused"), [(5_000, OWNER, False), (5_001, OWNER, True), (5_001, SUPERIOR, False)]
)
def test_redress_above_the_limit_is_for_a_superior(firm: Firm, redress: int, who: str, refused: bool) -> None:
    """An owner decides up to the limit, a superior above it; the refusal names both sums."""
    firm.loop.settings.set("redress_limit", 5_000)
    item = firm.bring("complaint", "working")
    if refused:
        with pytest.raises(Incomplete, match="a superior: redress of 5001 is above the limit of 5000"):
            firm.move(item, "resolve", who, **CAUSE, redress=redress)
    else:
        assert firm.move(item, "resolve", who, **CAUSE, redress=redress).data["redress"] == redress


def test_without_a_limit_any_owner_decides(firm: Firm) -> None:
    """A firm that has set no limit asks no superior."""
    assert firm.move(firm.bring("complaint", "working"), "resolve", OWNER, **CAUSE, redress=10**9).state == "resolved"


def test_everything_that_is_missing_is_named_at_once(firm: Firm) -> None:
    """One refusal lists all that a move lacks."""
    item = firm.move(firm.bring("complaint", "assigned"), "start", OWNER)
    with pytest.raises(Incomplete) as refusal:
        firm.move(item, "resolve", OWNER)
    assert refusal.value.missing == ("tasks done (Remove the fault)", "cause", "action")


@pytest.mark.parametrize("nothing", [None, ""])
def test_an_empty_field_is_a_missing_field(firm: Firm, nothing: object) -> None:
    """What is given empty counts as not given."""
    with pytest.raises(Incomplete, match="missing reason"):
        firm.move(firm.bring("complaint", "new"), "not_feedback", OWNER, reason=nothing)


def test_what_the_item_holds_already_need_not_be_given_again(firm: Firm) -> None:
    """A cause that was noted before is there when the item is resolved."""
    item = firm.bring("complaint", "working")
    item = firm.move(item, "update", OWNER, text="We found it", cause="carrier")
    assert firm.move(item, "resolve", OWNER, action="sent another").cause == "carrier"


def test_thirty_days_are_the_last_moment_to_reopen(firm: Firm) -> None:
    """A customer may come back until thirty days have passed to the second, and no longer."""
    item = firm.move(firm.bring("complaint", "informed"), "confirm", CUSTOMER)
    firm.clock.set(item.state_since + timedelta(days=30))
    assert firm.loop.feedback.get(item.id).closed_at == item.state_since
    other = firm.move(firm.loop.feedback.get(item.id), "reopen", CUSTOMER)
    assert other.is_open
    item = firm.move(firm.bring("complaint", "informed"), "confirm", CUSTOMER)
    firm.clock.set(item.state_since + timedelta(days=30, microseconds=1))
    with pytest.raises(Incomplete, match="less than 30 days ago"):
        firm.move(item, "reopen", CUSTOMER)


def test_the_superior_who_rejected_does_not_decide_the_appeal(firm: Firm) -> None:
    """After an appeal another superior rejects or nobody does."""
    item = firm.move(firm.bring("complaint", "rejected"), "appeal", CUSTOMER)
    with pytest.raises(Incomplete, match="another superior than head, who decided before"):
        firm.move(item, "reject", SUPERIOR, reason="still")
    assert firm.loop.feedback.move(item, "reject", by=Actor.superior("chief"), reason="still").state == "rejected"


def test_attempts_of_one_day_count_once_by_the_firms_own_days(firm: Firm) -> None:
    """Three attempts are made on three days of the firm's calendar; an evening in New York is not yet tomorrow."""
    firm.loop.settings.set("calendar", Calendar.standard("America/New_York"))
    item = firm.bring("referral", "lead")
    for at in (
        datetime(2026, 3, 2, 15, tzinfo=UTC),
        datetime(2026, 3, 3, 1, tzinfo=UTC),
        datetime(2026, 3, 3, 15, tzinfo=UTC),
    ):
        firm.clock.set(at)
        item = firm.move(item, "attempt", OWNER)
    with pytest.raises(Incomplete, match=r"3 attempts on 3 days \(2 so far\)"):
        firm.move(item, "fail", OWNER)
    firm.clock.set(datetime(2026, 3, 4, 15, tzinfo=UTC))
    assert firm.move(firm.move(item, "attempt", OWNER), "fail", OWNER).state == "ended"


def test_words_before_the_state_do_not_count_as_telling(firm: Firm) -> None:
    """That the customer was told earlier does not close what the customer was not told of."""
    firm.post.answer = lambda message: Receipt(failure=Failure.RETRY)
    item = firm.move(firm.bring("complaint", "assigned"), "update", OWNER, told="on the phone", text="We look into it")
    firm.clock.advance(timedelta(hours=1))
    item = firm.move(item, "reject", SUPERIOR, reason="worn out")
    assert item.told_at is not None
    assert item.told_at < item.state_since
    with pytest.raises(Incomplete, match="the customer told since the item came into its state"):
        firm.move(item, "close", SYSTEM)
    item = firm.move(item, "update", OWNER, told="on the phone", text="It was rejected")
    assert firm.move(item, "close", SYSTEM).state == "closed_rejected"


def test_praise_closes_only_when_nothing_is_left_to_offer(firm: Firm) -> None:
    """An offer that may be made has to be made; one that consent or a complaint forbids is none."""
    item = firm.bring("praise", "thanked")
    with pytest.raises(Incomplete, match="the offer that is due"):
        firm.move(item, "close", SYSTEM)
    complaint = firm.receive("complaint")
    assert firm.move(item, "close", SYSTEM).state == "closed"
    assert complaint.is_open


def test_an_ended_item_is_nobodys_original(firm: Firm) -> None:
    """A duplicate joins a loop that goes on, not one that has ended."""
    item, original = firm.receive("complaint"), firm.receive("complaint")
    firm.move(original, "not_feedback", OWNER, reason="advertising")
    with pytest.raises(Incomplete, match="an original item that is open"):
        firm.move(item, "duplicate", OWNER, original=original)


def test_an_unknown_person_has_no_consent_and_no_complaint(firm: Firm) -> None:
    """Praise by nobody in particular is closed without an offer, once somebody has thanked them."""
    item = firm.loop.feedback.receive(kind="praise", channel="form", text="Nice", product="chair")
    item = firm.move(firm.move(item, "thank", OWNER, told="at the till"), "close", SYSTEM)
    assert item.state == "closed"


def test_an_idea_points_to_an_improvement_that_exists(firm: Firm) -> None:
    """An idea cannot be assessed towards an improvement that nobody has opened: it could never be implemented."""
    item = firm.receive("idea")
    with pytest.raises(Incomplete, match="an improvement that exists"):
        firm.move(item, "assess", OWNER, value="much", effort="little", improvement=item.id)

"""What adapters ask of their host, and how a host answers."""

import asyncio
from collections.abc import Generator
from datetime import UTC, datetime

import pytest

from clientloop.errors import InvalidValue
from clientloop.model.messages import Failure
from clientloop.ports.effects import (
    AskTime,
    Effect,
    HttpCall,
    HttpResult,
    ImapResult,
    ImapScan,
    MailServer,
    NoAnswer,
    Result,
    SmtpResult,
    SmtpSend,
    TimeResult,
    ask,
    drive,
    drive_async,
)

SERVER = MailServer(host="mail.example.com", port=465, username="desk", password="s3cret")
CALLS: list[tuple[Effect, Result]] = [
    (HttpCall(method="POST", url="https://example.com/s3cret", headers={"a": "s3cret"}), HttpResult(status=200)),
    (SmtpSend(server=SERVER, sender="s3cret", recipients=("s3cret",), message=b"s3cret"), SmtpResult(code=250)),
    (ImapScan(server=SERVER), ImapResult(validity=1)),
    (AskTime(), TimeResult(now=datetime(2026, 3, 2, 9, tzinfo=UTC))),
]


def adapter(effect: Effect) -> Generator[Effect, Result, Result]:
    """An adapter that asks once and returns the answer."""
    return (yield from ask(effect))


@pytest.mark.parametrize(("effect", "result"), CALLS)
def test_an_adapter_receives_the_result_of_what_it_asked(effect: Effect, result: Result) -> None:
    """The host sees the effect, the adapter its result, and `drive` returns what the adapter returned."""
    asked: list[Effect] = []

    def perform(each: Effect) -> Result:
        asked.append(each)
        return result

    assert drive(adapter(effect), perform) is result
    assert asked == [effect]


@pytest.mark.parametrize(("effect", "result"), CALLS)
def test_an_adapter_may_be_awaited(effect: Effect, result: Result) -> None:
    """An asynchronous host drives the same adapter."""
    asked: list[Effect] = []

    async def perform(each: Effect) -> Result:
        asked.append(each)
        return result

    assert asyncio.run(drive_async(adapter(effect), perform)) is result
    assert asked == [effect]


@pytest.mark.parametrize(("effect", "_result"), CALLS)
def test_every_effect_may_stay_without_an_answer(effect: Effect, _result: Result) -> None:
    """That nobody answered is a result of every effect."""
    silence = NoAnswer(detail="timed out", reached=False)
    assert drive(adapter(effect), lambda _: silence) is silence


@pytest.mark.parametrize(("effect", "own"), CALLS)
def test_a_result_of_another_effect_is_refused(effect: Effect, own: Result) -> None:
    """A host that mixes results up is told so, by the names of both."""
    for _, other in CALLS:
        if other is not own:
            with pytest.raises(TypeError, match=f"{type(effect).__name__} by {type(other).__name__}"):
                drive(adapter(effect), lambda _, other=other: other)


@pytest.mark.parametrize("error", [OSError("no disk"), StopIteration("no more")])
def test_what_the_host_raises_goes_through(error: Exception) -> None:
    """A mistake of the host is neither swallowed nor taken for the end of the adapter."""

    def perform(_: Effect) -> Result:
        raise error

    with pytest.raises(type(error), match=str(error)):
        drive(adapter(CALLS[0][0]), perform)


def test_an_adapter_without_effects_runs_to_its_end() -> None:
    """The host need not be asked."""

    def silent() -> Generator[Effect, Result, str]:
        return "done"
        yield  # makes it a generator

    assert drive(silent(), lambda _: pytest.fail("was asked")) == "done"


@pytest.mark.parametrize(("reached", "failure"), [(True, Failure.UNKNOWN), (False, Failure.RETRY)])
def test_a_message_is_tried_again_only_if_it_cannot_have_arrived(reached: bool, failure: Failure) -> None:
    """A broken connection after the request is "may have been sent", one before it a reason to try again."""
    receipt = NoAnswer(detail="reset by peer", reached=reached).receipt
    assert (receipt.failure, receipt.detail) == (failure, "reset by peer")


def test_a_message_to_a_forbidden_address_waits_for_a_person() -> None:
    """A call that must not be made is not tried again by itself: only other settings would allow it."""
    receipt = NoAnswer(detail="no address of it may be called", reached=False, forbidden=True).receipt
    assert receipt.failure is Failure.CONFIG


@pytest.mark.parametrize(("effect", "_result"), CALLS)
def test_no_secret_and_no_address_is_shown(effect: Effect, _result: Result) -> None:
    """What is logged by `repr` gives nothing away."""
    assert "s3cret" not in repr(effect)


def test_the_time_that_a_host_tells_names_its_zone() -> None:
    """A naive time would be signed as that of the machine's own zone."""
    with pytest.raises(InvalidValue, match=r"now: .* names no zone"):
        TimeResult(now=datetime(2026, 3, 2))  # noqa: DTZ001  # what is to be refused

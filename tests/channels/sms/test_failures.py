"""What the provider's answers say of a message."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.channels.sms.failures import CODES, failure_by_code, receipt_of
from clientloop.model.messages import Failure, Receipt
from clientloop.ports.effects import HttpResult


def _refused(status: int, code: int | None = None, **headers: str) -> HttpResult:
    said = {"code": code, "message": "No.", "more_info": "https://example.com", "status": status}
    return HttpResult(status=status, headers=headers, body=json.dumps(said if code else {}).encode())


@pytest.mark.parametrize(
    ("answer", "failure"),
    [
        (_refused(400, 21610), Failure.OPTED_OUT),
        (_refused(400, 21211), Failure.PERMANENT),
        (_refused(400, 21614), Failure.PERMANENT),
        (_refused(400, 21606), Failure.CONFIG),
        (_refused(400, 99999), Failure.CONFIG),
        (_refused(400), Failure.CONFIG),
        (_refused(401, 20003), Failure.CONFIG),
        (_refused(401), Failure.CONFIG),
        (_refused(403), Failure.CONFIG),
        (_refused(404, 20404), Failure.CONFIG),
        (_refused(429, 20429), Failure.THROTTLED),
        (_refused(429), Failure.THROTTLED),
        (_refused(429, 21611), Failure.THROTTLED),
        (_refused(500, 20500), Failure.RETRY),
        (_refused(503), Failure.RETRY),
        (HttpResult(status=502, body=b"<html>Bad gateway"), Failure.UNKNOWN),
        (HttpResult(status=504), Failure.UNKNOWN),
        (HttpResult(status=308, headers={"location": "https://evil.example"}), Failure.CONFIG),
    ],
)
def test_an_answer_says_why_a_message_was_not_taken(answer: HttpResult, failure: Failure) -> None:
    """The provider's code first, else the status; nothing unknown condemns the number."""
    receipt = receipt_of(answer)
    assert receipt.failure is failure
    assert f"status {answer.status}" in (receipt.detail or "")


def test_a_message_that_was_taken_has_the_providers_id() -> None:
    """Also if the answer cannot be read: it was taken all the same."""
    taken = HttpResult(status=201, body=b'{"sid": "SM1", "status": "queued", "error_code": null}')
    assert receipt_of(taken) == Receipt(provider_id="SM1")
    assert receipt_of(HttpResult(status=201, body=b"<html>")) == Receipt()


def test_the_pause_that_is_asked_for_is_kept() -> None:
    """Retry-After comes through, and the words of the provider."""
    receipt = receipt_of(_refused(429, 20429, **{"retry-after": "17"}))
    assert receipt == Receipt(
        failure=Failure.THROTTLED, detail="status 429, code 20429, No.", retry_after=17.0
    )  # fmt: skip


def test_every_code_has_one_meaning() -> None:
    """No code stands in two rows of the table."""
    assert failure_by_code("30005") is Failure.PERMANENT
    assert [failure_by_code(code) for code in ("", "abc", "-1", "٢١٦١٠", "9" * 5_000)] == [None] * 5
    assert all(failure is not Failure.UNKNOWN for failure in CODES.values())


@given(
    st.integers(100, 599),
    st.binary(max_size=200)
    | st.recursive(
        st.none() | st.integers() | st.text(),
        lambda each: st.lists(each) | st.dictionaries(st.sampled_from(["sid", "code", "message"]) | st.text(), each),
    ).map(lambda said: json.dumps(said).encode()),
)
def test_no_answer_breaks_the_sender(status: int, body: bytes) -> None:
    """Whatever a server answers becomes a receipt."""
    assert receipt_of(HttpResult(status=status, body=body)).accepted == (200 <= status < 300)


def test_a_deep_answer_is_bounded() -> None:
    """Neither nesting nor length stops the worker."""
    for body in (b"[" * 1_000_000, b'{"code":' + b"9" * 100_000 + b"}"):
        assert receipt_of(HttpResult(status=400, body=body)).failure is Failure.CONFIG

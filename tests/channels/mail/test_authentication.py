import pytest

from clientloop.channels.mail.authentication import verdict
from clientloop.model.customers import Trust

OURS = "mx.firm.example"


def trust(*results: str, sender: str = "Ana <ana@shop.example.com>", server: str | None = OURS) -> Trust | None:
    """The trust of a mail with these results on top, first that on the very top."""
    head = "".join(f"Authentication-Results: {value}\r\n" for value in results)
    return verdict(f"{head}From: {sender}\r\n\r\nx".encode(), server).trust


@pytest.mark.parametrize(
    "said",
    [
        "dmarc=pass (p=none) header.from=shop.example.com",
        "spf=fail smtp.mailfrom=x@other.example; dkim=fail; dmarc=pass header.from=shop.example.com",
        "dkim=pass header.d=shop.example.com header.s=s1",
        "dkim=pass header.d=example.com",
        "dkim=pass header.i=@shop.example.com",
        "spf=pass smtp.mailfrom=bounces@shop.example.com",
        "spf=pass smtp.mailfrom=shop.example.com",
        'DKIM = pass (1024-bit; "x") header.d="shop.example.com"',
        "dkim=fail header.d=shop.example.com; dkim=pass header.d=shop.example.com",
    ],
)
def test_a_sender_whose_domain_passed_is_vouched_for(said: str) -> None:
    """DMARC, DKIM or SPF for the domain of the sender or one above it is enough."""
    assert trust(f"{OURS}; {said}") is Trust.VOUCHED
    assert trust(f"MX.Firm.Example 1; {said}") is Trust.VOUCHED


@pytest.mark.parametrize(
    "said",
    [
        "none",
        "",
        "dmarc=fail header.from=shop.example.com",
        "dkim=pass header.d=evil.example",
        "dkim=pass header.d=evil.shop.example.com",
        "dkim=pass header.d=com",
        "dkim=pass header.d=op.example.com",
        "spf=pass smtp.mailfrom=evil.example",
        "spf=softfail smtp.mailfrom=shop.example.com",
        "dkim=neutral header.d=shop.example.com",
        "(dmarc=pass header.from=shop.example.com)",
        'spf=fail smtp.mailfrom="x; dmarc=pass header.from=shop.example.com"@evil.example',
        "x-test=pass header.d=shop.example.com",
    ],
)
def test_nobody_else_is_vouched_for(said: str) -> None:
    """Another domain, one below, another answer, or words in comments and quotes prove nothing."""
    assert trust(f"{OURS}; {said}") is Trust.CLAIMED


PASS = "dmarc=pass header.from=shop.example.com"


def test_what_others_say_is_not_believed() -> None:
    """Only the first field with the name of the firm's own server counts."""
    assert trust(f"mx.evil.example; {PASS}") is Trust.CLAIMED
    assert trust(f"{OURS}; dmarc=fail", f"{OURS}; {PASS}") is Trust.CLAIMED
    assert trust(f"mx.evil.example; {PASS}", f"{OURS}; {PASS}") is Trust.VOUCHED
    assert trust(f"{OURS}.evil.example; {PASS}") is Trust.CLAIMED
    assert trust(f"{OURS}; {PASS}", server=None) is Trust.CLAIMED


@pytest.mark.parametrize(
    "sender", ["a@shop.example.com, b@shop.example.com", "Ana", "", "a@shop.example.com\r\nFrom: b@shop.example.com"]
)
def test_without_one_sender_nobody_is_vouched_for(sender: str) -> None:
    """Two senders, or none, leave open whom the results are about."""
    assert trust(f"{OURS}; {PASS}", sender=sender) is Trust.CLAIMED


def test_a_verdict_is_accepted_and_says_why() -> None:
    """Mail is never refused for want of proof, and the reason has no address in it."""
    found = verdict(f"Authentication-Results: {OURS}; spf=fail\r\nFrom: ana@example.com\r\n\r\n".encode(), OURS)
    assert found.accepted
    assert "spf=fail" in found.reason
    assert "ana@" not in found.reason

"""The command that says whether a customer may be written to."""

import pytest

from clientloop.model.customers import Purpose

NOON = ("--now", "2026-03-02T12:00")
NIGHT = ("--now", "2026-03-02T23:10")


@pytest.fixture
def ana(shop):
    """A customer who takes part in surveys."""
    ana = shop.customers.add(name="Ana Bizjak", email="ana@example.com")
    shop.consent.allow(ana, Purpose.SURVEY, proof="form")
    return ana


def test_yes_with_its_reason(run, ana):
    """A customer whom nothing stands against may be written to."""
    assert run("may-write", "ana@example.com", "--purpose", "survey", "--channel", "email", *NOON).out.splitlines() == [
        "yes",
        "  survey on every channel allowed on 2026-03-02 (form)",
    ]


def test_no_with_every_reason(run, ana):
    """What stands against it is listed in full."""
    assert run("may-write", str(ana.id), "--purpose", "survey", "--channel", "sms", *NIGHT).out.splitlines() == [
        "no",
        "  survey on every channel allowed on 2026-03-02 (form)",
        "  no address for sms",
        "  quiet hours: it is 23:10 in Europe/Ljubljana, where the customer may be: nobody knows the zone (quiet 21:00-24:00)",
    ]


def test_a_program_gets_the_verdict(run, ana):
    """For a program the verdict is true or false, with the reasons; an answer is the usual purpose."""
    assert run("may-write", "Ana Bizjak", "--json", *NIGHT).json == {
        "allowed": True,
        "reasons": ["no word on service: allowed by default"],
    }


def test_nobody_of_that_name(run, ana):
    """A misspelt customer is an error."""
    done = run("may-write", "anna@example.com", *NOON)
    assert (done.code, done.out) == (1, "")
    assert "no customer 'anna@example.com'" in done.err

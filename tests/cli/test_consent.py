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
        "  quiet hours: it is 23:10 in Europe/Ljubljana, where the customer may be (quiet 21:00-24:00)",
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


def test_words_are_noted_with_proof(run, ana, shop):
    """What a customer says on the phone is written down; a later word takes the place of an earlier one."""
    done = run("consent", "forbid", "Ana Bizjak", "marketing", "--channel", "sms", "--proof", "call of today", *NOON)
    assert done.out.splitlines() == [
        "marketing on sms forbidden on 2026-03-02 (call of today)",
        "survey on every channel allowed on 2026-03-02 (form)",
    ]
    done = run("consent", "allow", str(ana.id), "marketing", "--channel", "sms", "--proof", "reply", *NIGHT)
    assert done.out.splitlines()[0] == "marketing on sms allowed on 2026-03-02 (reply)"
    assert [word["purpose"] for word in run("consent", "show", "ana@example.com", "--json").json] == [
        "marketing", "survey",
    ]  # fmt: skip
    shop.customers.add(name="Eva", email="eva@example.com")
    assert run("consent", "show", "Eva").out == "nothing said: answers are allowed, surveys and marketing are not\n"


def test_a_word_needs_its_proof(run, ana):
    """Who cannot say how they know is asked for it."""
    done = run("consent", "allow", "Ana Bizjak", "marketing")
    assert done.code != 0
    assert "--proof" in done.err


def test_an_address_is_left_alone(run, ana):
    """For all purposes, or for those that are named; and no longer."""
    done = run("consent", "suppress", "Ana@Example.com", "marketing", *NOON)
    assert done.out == "no marketing since 2026-03-02 (manual)\n"
    assert len(run("consent", "suppress", "ana@example.com", *NOON).out.splitlines()) == 3
    assert run("may-write", "Ana Bizjak", "--channel", "email", *NOON).out.splitlines() == [
        "no",
        "  no word on service: allowed by default",
        "  no service to this address since 2026-03-02 (manual)",
    ]
    assert len(run("consent", "unsuppress", "ana@example.com", "survey", *NOON).out.splitlines()) == 2
    assert [row["purpose"] for row in run("consent", "suppressed", "ana@example.com", "--json").json] == [
        "marketing", "service",
    ]  # fmt: skip
    assert run("consent", "unsuppress", "ana@example.com", *NIGHT).out == "not left alone\n"


def test_what_is_no_address_cannot_be_left_alone(run, ana):
    """A misspelt address is an error, and not put on a list where it does nothing."""
    done = run("consent", "suppress", "ana")
    assert (done.code, done.out) == (1, "")
    assert "is no phone number" in done.err

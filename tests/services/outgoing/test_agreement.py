"""The answer to whoever asks before is what the outbox does."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from clientloop.model.calendar import days
from clientloop.model.customers import Purpose, Trust
from clientloop.model.permission import Cap, SuppressionReason
from clientloop.services.outgoing.permission import permit
from tests.services.outgoing.mailing import MAIL, PHONE, Mailing

PURPOSES = st.sampled_from([Purpose.SERVICE, Purpose.SURVEY, Purpose.MARKETING])
CHANNELS = st.sampled_from(["email", "sms"])
ADDRESSES = {"email": MAIL, "sms": PHONE}

#: What may happen to a customer: each a function of the firm and its customers.
happenings = st.one_of(
    st.builds(
        lambda purpose, channel, said: (
            lambda mailing, ana: getattr(mailing.loop.consent, said)(ana, purpose, channel=channel, proof="call")
        ),
        PURPOSES,
        CHANNELS | st.none(),
        st.sampled_from(["allow", "forbid"]),
    ),
    st.builds(
        lambda channel, reason, allowed: (
            lambda mailing, _: mailing.hear(address=ADDRESSES[channel], channel=channel, reason=reason, allowed=allowed)
        ),
        CHANNELS,
        st.sampled_from(SuppressionReason) | st.none(),
        st.booleans(),
    ),
    st.builds(
        lambda purpose, channel: lambda mailing, ana: mailing.send(ana, purpose, channel=channel), PURPOSES, CHANNELS
    ),
    st.builds(lambda hours: lambda mailing, _: mailing.clock.advance(timedelta(hours=hours)), st.integers(1, 30)),
)


@given(
    st.lists(happenings, max_size=8),
    st.sampled_from([None, "Asia/Tokyo", "Europe/Ljubljana", "America/New_York"]),
    st.sampled_from([Trust.VERIFIED, Trust.CLAIMED]),
)
def test_whoever_asks_hears_what_the_outbox_does(happened, zone, trust):
    """Whatever was said, sent and heard before, at whatever hour: yes is sent, no is refused or put off."""
    mailing = Mailing()
    mailing.loop.settings.set("caps", {Purpose.SURVEY: Cap(most=1, within=days(1))})
    ana, anna = mailing.ana(zone=zone, trust=trust), mailing.willing("Anna", email="anna@example.com")
    mailing.loop.customers.merge(ana, anna, by="mia", reason="one voice")
    for number, happen in enumerate(happened):
        happen(mailing, (ana, anna)[number % 2])
    for purpose in (Purpose.SERVICE, Purpose.SURVEY, Purpose.MARKETING):
        for channel in ADDRESSES:
            address = mailing.loop.customers.address(mailing.loop.customers.get(ana), channel)
            asked = mailing.loop.consent.may_send(ana, purpose, channel)
            done = permit(
                mailing.context, mailing.queue(anna, purpose, channel=channel, to=address), mailing.clock.now()
            )
            assert asked.allowed is (done.refusal is None and done.later is None), asked.reasons
            if done.refusal is not None:
                assert set(done.refusal.detail.split("; ")) <= set(asked.reasons)
    mailing.loop.close()

"""Consent: what customers allow and forbid, with proof."""

from uuid import UUID

from clientloop.model.customers import Consent, Customer, Purpose
from clientloop.model.units import Insert, Unit, Update
from clientloop.rules.consent import Verdict, may_send
from clientloop.services.context import Context
from clientloop.services.ids import id_of
from clientloop.services.lookups import consents_of


class Consents:
    """`loop.consent`: what customers allow."""

    def __init__(self, context: Context) -> None:
        """Work in one space."""
        self._context = context

    def allow(self, customer: Customer | UUID, purpose: Purpose, *, proof: str, channel: str | None = None) -> None:
        """Note that a customer allows messages.

        Args:
            customer: Whose word it is.
            purpose: For what.
            proof: How the firm knows: the form, the call, the reply.
            channel: On which channel; on every one if not given.

        Raises:
            MissingReference: There is no such customer.
        """
        self._set(customer, purpose, channel, proof, allowed=True)

    def forbid(self, customer: Customer | UUID, purpose: Purpose, *, proof: str, channel: str | None = None) -> None:
        """Note that a customer forbids messages.

        Args:
            customer: Whose word it is.
            purpose: For what; forbidding marketing never stops an answer to a complaint.
            proof: How the firm knows.
            channel: On which channel; on every one if not given.

        Raises:
            MissingReference: There is no such customer.
        """
        self._set(customer, purpose, channel, proof, allowed=False)

    def _set(
        self, customer: Customer | UUID, purpose: Purpose, channel: str | None, proof: str, *, allowed: bool
    ) -> None:
        context, person = self._context, id_of(customer)
        key = (context.space.space, person, purpose, channel)
        now = context.now()
        known = context.store.get(Consent, key)
        if known is None:
            word = Consent(
                space=context.space.space, customer=person, purpose=purpose, channel=channel, allowed=allowed,
                proof=proof, at=now,
            )  # fmt: skip
            return context.commit(Unit((Insert(word),)))
        changes = {"allowed": allowed, "proof": proof, "at": now}
        return context.commit(Unit((Update(Consent, key, changes, known.version),)))

    def may_send(self, customer: Customer | UUID, purpose: Purpose, channel: str | None = None) -> Verdict:
        """Whether a message to a customer is allowed now, with all reasons.

        Args:
            customer: To whom.
            purpose: Why.
            channel: On which channel.
        """
        return may_send(consents_of(self._context, id_of(customer)), purpose, channel)

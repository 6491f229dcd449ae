"""The channel: settings, mails out over SMTP, mails in over IMAP, and what our links in mails lead to."""

from collections.abc import Generator, Mapping
from datetime import datetime

from attrs import evolve

from clientloop.channels.mail import pages
from clientloop.channels.mail.addresses import checked
from clientloop.channels.mail.authentication import verdict
from clientloop.channels.mail.composing import compose
from clientloop.channels.mail.config import EmailConfig
from clientloop.channels.mail.cursors import Cursor
from clientloop.channels.mail.incoming import Reading, events, without_sent
from clientloop.channels.mail.links import Link
from clientloop.channels.mail.receipts import receipt_of
from clientloop.channels.mail.schemes import SCHEMES
from clientloop.errors import InvalidValue, NotSupported, Unreachable
from clientloop.model.customers import IdentityKind
from clientloop.model.messages import Failure, OutboundMessage, Receipt
from clientloop.ports.channel import Capabilities, Channel, Direction, Health, Route, Spec
from clientloop.ports.effects import Effect, ImapScan, NoAnswer, Result, SmtpResult, SmtpSend, SmtpStep, ask
from clientloop.ports.events import Batch, Event, MessageIn, Parsed, Raw, Verdict

#: The header field by which a mail that was fetched in part says where the whole one is: UIDVALIDITY and UID.
CUT = "clientloop-cut"


class Email(Channel):
    """E-mail: SMTP out, IMAP in, and links by which readers follow, open and unsubscribe.

    Mail servers recognise no mail sent twice, so that `idempotent_send` is false: after a cut line a mail is
    `Failure.UNKNOWN`. A report on it settles that, as it names the message.
    """

    spec = Spec(
        name="email",
        config=EmailConfig,
        address=IdentityKind.EMAIL,
        schemes=SCHEMES,
        routes=(
            Route(name=Link.CLICK.value, methods=("GET", "HEAD"), max_body=0),
            Route(name=Link.OPEN.value, methods=("GET", "HEAD"), max_body=0),
            Route(name=Link.UNSUBSCRIBE.value, methods=("GET", "HEAD", "POST"), max_body=10_000, always_news=True),
        ),
        extras=("clientloop[mail]",),
    )
    config: EmailConfig

    def capabilities(self) -> Capabilities:
        """Words of any length; reports come by the mailbox."""
        return Capabilities(per_second=self.config.per_second, receipts=self.config.imap is not None)

    def able(self) -> frozenset[Direction]:
        """All but what needs a mailbox, or an address for our links, where none is set."""
        missing = set[Direction]()
        if self.config.imap is None:
            missing |= {Direction.POLL} if self.config.public_url else {Direction.POLL, Direction.RECEIVE}
        return self.directions - missing

    def extras(self) -> tuple[str, ...]:
        """A mailbox needs a library; SMTP needs none."""
        return () if self.config.imap is None else self.spec.extras

    def verify(self, raw: Raw, now: datetime) -> Verdict:
        """A mail by what the firm's own server says of its sender; a request by the signature of its link."""
        if raw.route:
            return pages.verdict(raw, self.config.keys)
        return verdict(raw.body, self.config.authserv_id)

    def parse(self, raw: Raw) -> Parsed:
        """Words, reports, complaints; or what became of a link."""
        if raw.route:
            return pages.read_request(raw, self.config.keys)
        found = events(raw.body, Reading(own_lists=self.config.own_lists, naming=self.config.naming))
        return Parsed(events=tuple(_with_rest(event, raw.headers.get(CUT)) for event in found))

    def unquoted(self, event: MessageIn, sent: str) -> MessageIn:
        """Lines of our mail are quoted, marked or not; what is passed on stays whole."""
        return without_sent(event, sent)

    def send(self, out: OutboundMessage) -> Generator[Effect, Result, Receipt]:
        """One mail to one recipient."""
        try:
            mail = self._handed(out)
        except InvalidValue as error:
            return Receipt(failure=Failure.PERMANENT, detail=str(error))
        answer = yield from ask(mail)
        known_as = self.config.naming.message_id(out.id)
        if isinstance(answer, NoAnswer):
            return evolve(answer.receipt, provider_id=known_as)
        return receipt_of(answer, known_as)

    def poll(self, cursor: str | None) -> Generator[Effect, Result, Batch]:
        """Fetch the mails that came after the last one seen.

        Raises:
            NotSupported: No mailbox is set.
            Unreachable: The server gave none.
        """
        place = Cursor.read(cursor)
        answer = yield from ask(self.scan(cursor))
        if isinstance(answer, NoAnswer):
            raise Unreachable(f"the mailbox: {answer.detail}")
        fetched = [mail.uid for mail in answer.mails]
        kept = place.after if answer.validity == place.validity else 0
        return Batch(
            raws=tuple(
                Raw(body=mail.content, headers={CUT: f"{answer.validity}:{mail.uid}"} if mail.cut else {})
                for mail in answer.mails
            ),
            cursor=str(Cursor(validity=answer.validity, after=max(fetched, default=kept))),
            more=bool(fetched),  # a host may stop early, so that only nothing is the end
        )

    def scan(self, cursor: str | None) -> ImapScan:
        """What the next poll asks for; `Drivers.wait_for_mail` waits until it would find something (IDLE).

        Args:
            cursor: As of `poll`.

        Raises:
            NotSupported: No mailbox is set.
            InvalidValue: It is no cursor of ours.
        """
        if self.config.imap is None:
            raise NotSupported(
                "no mailbox is set, so that no mail comes in", hint="set `imap` in the settings of the channel"
            )
        place = Cursor.read(cursor)
        return ImapScan(
            server=self.config.imap, folder=self.config.folder, validity=place.validity, after=place.after,
            limit=self.config.batch,
        )  # fmt: skip

    def probe(self) -> Generator[Effect, Result, Health]:
        """Go with a mail to nobody as far as the recipients, and open the folder."""
        answer = yield from ask(self._addressed(message_id=None, sender=self.config.address, recipients=(), mail=b""))
        if isinstance(answer, NoAnswer):
            return Health(ok=False, detail=f"SMTP: {answer.detail}")
        if answer.step is not SmtpStep.RCPT:
            return Health(ok=False, detail=f"SMTP: {_words(answer)}")
        if self.config.imap is None:
            return Health(ok=True, detail="SMTP answers; no mailbox is set")
        looked = yield from ask(evolve(self.scan(None), limit=0))
        if isinstance(looked, NoAnswer):
            return Health(ok=False, detail=f"IMAP: {looked.detail}")
        return Health(ok=True, detail="SMTP and IMAP answer")

    def _handed(self, out: OutboundMessage) -> SmtpSend:
        return self._addressed(
            message_id=self.config.naming.message_id(out.id),
            sender=self.config.naming.return_path_of(out.id),
            recipients=(checked(out.to),),
            mail=compose(out, self.config),
        )

    def _addressed(self, *, message_id: str | None, sender: str, recipients: tuple[str, ...], mail: bytes) -> SmtpSend:
        return SmtpSend(
            server=self.config.smtp,
            sender=sender,
            recipients=recipients,
            message=mail,
            report_as=message_id if self.config.ask_reports else None,
        )


def _words(answer: SmtpResult) -> str:
    return f"{answer.step}: {answer.code} {answer.text}".rstrip()


def _with_rest(event: Event, place: str | None) -> Event:
    """An event that says where the rest of its mail is, if there is one."""
    if place is None or not isinstance(event, MessageIn):
        return event
    extra: Mapping[str, object] = {**event.extra, "cut": place}
    return evolve(event, extra=extra)

"""Whether a machine wrote a mail, and how that was seen: nothing that a machine wrote is answered by a machine."""

import re
from collections.abc import Callable, Iterator, Mapping
from enum import StrEnum

from attrs import frozen

from clientloop.channels.mail.fields import parameters
from clientloop.channels.mail.reading import Mail

# X-Auto-Response-Suppress is no sign: it says what the sender does not want back, and people's mails have it too.


class Sign(StrEnum):
    """What speaks for a machine."""

    #: The field `Auto-Submitted` says something else than "no" (RFC 3834).
    AUTO_SUBMITTED = "auto_submitted"
    #: The envelope had no sender, so that nobody answers it (RFC 3834, RFC 5321).
    NULL_PATH = "null_path"
    #: It is a report on another mail, such as on its delivery (RFC 6522).
    REPORT = "report"
    #: The account of a mail server wrote it.
    SERVER = "server"
    #: A field that programs add that answer by themselves.
    ANSWERING = "answering"
    #: The field `Precedence` says bulk, junk, list or a like word.
    PRECEDENCE = "precedence"
    #: It came by a mailing list.
    LIST = "list"
    #: The subject reads like an absence notice; people write such words too.
    SUBJECT = "subject"
    #: The sender's address asks for no answers; some firms' people write from such.
    NO_REPLY = "no_reply"


#: Signs that prove nothing alone; two of them do.
WEAK = frozenset({Sign.SUBJECT, Sign.NO_REPLY})

#: Words of `Precedence` that people's mails do not have.
PRECEDENCES = frozenset({"bulk", "junk", "list", "auto_reply", "auto-reply"})
#: Fields that only programs add that answer by themselves, each with values that mean that none did.
ANSWERING: Mapping[str, frozenset[str]] = {
    "x-autoreply": frozenset({"no", "false"}),
    "x-autorespond": frozenset({"no", "false"}),
    "x-autoreply-from": frozenset({""}),
    "x-autoresponse": frozenset({"no", "false"}),
    "x-auto-reply-from": frozenset({""}),
    "x-mail-autoreply": frozenset({"no", "false"}),
    "x-failed-recipients": frozenset({""}),
    "x-vacation": frozenset({"no", "false"}),
}
#: Accounts of servers: what stands before the @.
SERVERS = frozenset({"mailer-daemon", "mailerdaemon", "mail-daemon", "postmaster", "mdaemon", "bounce", "bounces"})
#: What servers call themselves whose addresses say nothing.
SERVER_NAMES = frozenset(
    {
        "mail delivery subsystem",
        "mail delivery system",
        "mail delivery service",
        "system administrator",
        "mailer-daemon",
    }
)
_EXCHANGE = re.compile(r"microsoftexchange[0-9a-f]{32}")
#: Addresses to which nobody should answer: what stands before the @, without dots, dashes and underlines.
NO_REPLY = frozenset({"noreply", "donotreply", "dontreply", "nereply", "nepoodgovarjaj", "naoresponda", "nuraspunde"})
#: How subjects of absence notices begin.
SUBJECTS = (
    "auto:",
    "autoreply:",
    "auto-reply:",
    "auto reply:",
    "automatic reply:",
    "automated reply:",
    "autoresponse:",
    "out of office",
    "out-of-office",
    "on vacation",
    "автоответ",
    "автоматический ответ",
    "нет на месте",
    "вне офиса",
    "resposta automática",
    "resposta automatica",
    "fora do escritório",
    "ausência temporária",
    "răspuns automat",
    "raspuns automat",
    "în afara biroului",
    "samodejni odgovor",
    "avtomatski odgovor",
    "odsoten",
    "odsotna",
    "odsotnost",
    "automatische antwort",
    "abwesend",
    "abwesenheitsnotiz",
    "réponse automatique",
    "respuesta automática",
    "risposta automatica",
    "automatski odgovor",
)
_PREFIX = re.compile(r"(?:re|aw|sv|fwd?|na|odg|отв|res)\s*:\s*", re.IGNORECASE)
_PUNCTUATION = re.compile(r"[._-]")


@frozen(kw_only=True)
class Judgement:
    """Whether a machine wrote a mail, with all that speaks for it."""

    #: The signs that were seen.
    signs: tuple[Sign, ...]

    @property
    def automatic(self) -> bool:
        """Whether they are enough: one that proves it, or two that do not alone."""
        return bool(set(self.signs) - WEAK) or len(self.signs) > 1


def judge(mail: Mail, own_lists: frozenset[str] = frozenset()) -> Judgement:
    r"""Look for the signs of a machine.

    Args:
        mail: The mail.
        own_lists: Ids of the firm's own mailing lists or groups, as `List-Id` has them between angle brackets: what
            people write to the firm through these is no automatic mail.

    >>> from clientloop.channels.mail.reading import read_mail
    >>> judge(read_mail(b"From: a@example.com\nAuto-Submitted: auto-replied (vacation)\n\nI am away.")).signs
    (<Sign.AUTO_SUBMITTED: 'auto_submitted'>,)
    >>> judge(read_mail(b"From: a@example.com\nX-Auto-Response-Suppress: All\n\nIt broke.")).automatic
    False
    """
    by_own_list = any(f"<{name.lower()}>" in mail.headers.raw("list-id").lower() for name in own_lists)
    ignored = {Sign.LIST, Sign.PRECEDENCE} if by_own_list else set[Sign]()
    return Judgement(signs=tuple(sign for sign, seen in _LOOKS.items() if sign not in ignored and seen(mail)))


def _auto_submitted(mail: Mail) -> bool:
    return any(_word(value) not in ("", "no") for value in mail.headers.all("auto-submitted"))


def _null_path(mail: Mail) -> bool:
    return "return-path" in mail.headers and mail.headers.raw("return-path").replace(" ", "") in ("<>", "")


def _report(mail: Mail) -> bool:
    media_type, given = parameters(mail.headers.raw("content-type"))
    return media_type == "multipart/report" or "report-type" in given


def _server(mail: Mail) -> bool:
    sender = mail.sender
    return sender is not None and (
        sender.local in SERVERS or bool(_EXCHANGE.fullmatch(sender.local)) or sender.name.lower() in SERVER_NAMES
    )


def _answering(mail: Mail) -> bool:
    return any(
        name in mail.headers and mail.headers.raw(name).strip().lower() not in none for name, none in ANSWERING.items()
    )


def _precedence(mail: Mail) -> bool:
    return any(_word(value) in PRECEDENCES for value in mail.headers.all("precedence"))


def _list(mail: Mail) -> bool:
    return bool(mail.lists)


def _subject(mail: Mail) -> bool:
    return _PREFIX.sub("", mail.subject.lower()).startswith(SUBJECTS)


def _no_reply(mail: Mail) -> bool:
    return mail.sender is not None and _PUNCTUATION.sub("", mail.sender.local) in NO_REPLY


def _word(value: str) -> str:
    """The first word of a value."""
    return next(_words(value), "").lower()


def _words(value: str) -> Iterator[str]:
    yield from re.findall(r"[\w-]+", value)


#: How each sign is seen.
_LOOKS: Mapping[Sign, Callable[[Mail], bool]] = {
    Sign.AUTO_SUBMITTED: _auto_submitted,
    Sign.NULL_PATH: _null_path,
    Sign.REPORT: _report,
    Sign.SERVER: _server,
    Sign.ANSWERING: _answering,
    Sign.PRECEDENCE: _precedence,
    Sign.LIST: _list,
    Sign.SUBJECT: _subject,
    Sign.NO_REPLY: _no_reply,
}

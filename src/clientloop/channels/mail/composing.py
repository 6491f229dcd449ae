"""A message of ours as a mail. Equal messages give equal bytes, so that every try sends the same mail."""

import email.utils
import quopri
import re
from email.message import EmailMessage
from urllib.parse import quote

from clientloop.channels.mail.addresses import checked
from clientloop.channels.mail.config import EmailConfig
from clientloop.channels.mail.links import Link, Ticket
from clientloop.channels.mail.phrases import Phrase, phrase
from clientloop.channels.mail.rendering import html_of
from clientloop.channels.mail.written import POLICY, POLICY_UTF8, mailbox, message_id, one_line, words
from clientloop.errors import InvalidValue
from clientloop.model.customers import Purpose
from clientloop.model.messages import OutboundMessage
from clientloop.ports.reach import read_url

#: What nobody owes an answer for and anybody may refuse (RFC 8058).
REFUSABLE = frozenset({Purpose.SURVEY, Purpose.MARKETING})

_LINE_END = re.compile(r"\r\n?")
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def compose(out: OutboundMessage, config: EmailConfig) -> bytes:
    """The mail that a message is.

    Args:
        out: The message.
        config: The settings of the channel.

    Raises:
        InvalidValue: No mail can be written to its address.
    """
    fields = {name: value for name, value in _fields(out, config).items() if value}
    mail = EmailMessage(policy=POLICY if all(map(str.isascii, fields.values())) else POLICY_UTF8)
    for name, value in fields.items():
        mail[name] = value
    _add_body(mail, out, config)
    return mail.as_bytes()


def _fields(out: OutboundMessage, config: EmailConfig) -> dict[str, str | None]:
    """The header fields; those without a value are left out."""
    answered = message_id(out.in_reply_to or "")
    return {
        "From": mailbox(config.name, checked(config.address)),
        "To": checked(out.to),
        "Reply-To": checked(config.reply_to) if config.reply_to else None,
        "Subject": words(out.subject),
        "Date": email.utils.format_datetime(out.created_at),
        "Message-ID": message_id(config.naming.message_id(out.id)),
        "In-Reply-To": answered,
        "References": answered,
        "Auto-Submitted": _auto_submitted(out),
        **_ways_out(out, config),
    }


def _auto_submitted(out: OutboundMessage) -> str | None:
    """What other machines must know, so that they do not answer it (RFC 3834, 5)."""
    if not out.automatic:
        return None
    return "auto-replied" if out.in_reply_to else "auto-generated"


def _ways_out(out: OutboundMessage, config: EmailConfig) -> dict[str, str]:
    """How to refuse more of the kind: by a request of the mail program (RFC 8058), and by a mail."""
    if out.purpose not in REFUSABLE:
        return {}
    by_mail = (
        f"<mailto:{quote(checked(config.address), safe='@')}?subject={Link.UNSUBSCRIBE.value}%20{out.purpose.value}>"
    )
    if config.public_url is None:
        return {"List-Unsubscribe": by_mail}
    return {
        "List-Unsubscribe": f"<{_link(out, config, Link.UNSUBSCRIBE)}>, {by_mail}",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }


def _language(out: OutboundMessage, config: EmailConfig) -> str | None:
    return out.locale or config.language


def _link(out: OutboundMessage, config: EmailConfig, link: Link, target: str = "") -> str:
    ticket = Ticket(
        message=out.id, address=out.to, purpose=out.purpose, target=target, language=_language(out, config) or ""
    )
    return ticket.url(config.public_url or "", config.keys, link)


def _add_body(mail: EmailMessage, out: OutboundMessage, config: EmailConfig) -> None:
    """The words as plain text and as HTML."""
    text = _UNSEEN.sub("", _LINE_END.sub("\n", out.body)).strip("\n")
    language = _language(out, config)
    footer = picture = None
    if out.purpose in REFUSABLE and config.public_url is not None:
        footer = (_link(out, config, Link.UNSUBSCRIBE), phrase(Phrase.UNSUBSCRIBE, language))
    if out.purpose is not Purpose.INTERNAL and config.track_opens:
        picture = _link(out, config, Link.OPEN)

    def through(url: str) -> str:
        return _link(out, config, Link.CLICK, url) if _is_tracked(url, out, config) else url

    html = html_of(
        text, subject=one_line(out.subject), language=language, layout=config.template,
        through=through, footer=footer, picture=picture,
    )  # fmt: skip
    plain = text if footer is None else f"{text}\n\n-- \n{footer[1]}: {footer[0]}"
    mail.set_content(f"{plain}\n", charset="utf-8", cte=_coding(plain))
    # in quoted-printable and base64, "=_" stands nowhere
    mail.make_alternative(boundary=f"=_{out.id.hex}")
    mail.add_alternative(f"{html}\n", subtype="html", charset="utf-8", cte=_coding(html))


def _is_tracked(url: str, out: OutboundMessage, config: EmailConfig) -> bool:
    """Whether a link leads to the firm, to every reader of its address: some see another host behind a backslash."""
    try:
        host = read_url(url).host
    except InvalidValue:
        return False
    return out.purpose is not Purpose.INTERNAL and host in config.tracked_hosts


def _coding(text: str) -> str:
    """Whichever of the two is shorter: neither makes long lines, or lines that a server changes."""
    content = text.encode()
    return "base64" if 3 * len(quopri.encodestring(content)) > 4 * len(content) else "quoted-printable"

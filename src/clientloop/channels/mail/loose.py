"""Reports on delivery that are written for people only, as qmail, Exim, Exchange and many others send them.

There are too many forms to know each. All of them name the recipient, mostly at the beginning of a line, then say why,
and then show the mail that came back. So the text is read that far, the words after an address are the reason, and what
kind of report it is follows from a table of phrases. Only what a server wrote is taken for a report.
"""

import re
from collections.abc import Iterator

from attrs import define, field

from clientloop.channels.mail.automatic import Sign, judge
from clientloop.channels.mail.causes import status_in
from clientloop.channels.mail.fields import message_ids
from clientloop.channels.mail.limits import Limits
from clientloop.channels.mail.mailboxes import mailboxes
from clientloop.channels.mail.outcomes import Action, Outcome
from clientloop.channels.mail.reading import Mail

#: Signs of which one must be there: people also write that something could not be delivered.
_BY_A_SERVER = frozenset({Sign.NULL_PATH, Sign.SERVER, Sign.REPORT, Sign.ANSWERING})

#: What subjects and texts say, in lower case; of the subject first, then of the text, the first that fits.
PHRASES: tuple[tuple[Action, tuple[str, ...]], ...] = (
    (
        Action.DELAYED,
        (
            r"warning message only|\(delay\)|still being retried|warning: (?:could not send|message)",
            r"(?:has|have) not (?:yet been|been) delivered yet|not yet been delivered|delivery attempts will continue",
            r"will (?:continue to|keep|be) (?:try|retr)|(?:delivery|message|mail) (?:is |has been |was )?delayed",
            r"you do not need to resend|задерж|întârziat|zakasnel",
        ),
    ),
    (
        Action.FAILED,
        (
            r"qmail-send program|failure notice|undeliver|returned mail|returned to sender|mail system error",
            r"mail delivery (?:failed|failure)|\(failure\)|delivery (?:has )?failed|delivery failure",
            r"delivery to the following|message not delivered|delivery status notification",
            r"(?:could|can|was|were|is|been|has)(?: ?n[o']t|not) (?:be )?(?:delivered|deliverable)",
            r"unable to deliver|unable to be delivered|(?:wasn't|not) able to deliver|did not reach",
            r"permanent (?:fatal )?errors?|address not found",
            r"не доставлен|не был доставлен|не было доставлен|недоставлен",
            r"não (?:foi|pôde ser) entregue|nu a (?:putut fi|fost) livrat|ni bilo mogoče dostaviti|nedostavljen",
        ),
    ),
)
#: Where the mail begins that came back.
_COPY = re.compile(
    r"^[\s>]{0,10}(?:-{2,}.{0,40}\b(?:copy|original|enclosed|returned message|unsent message|message text|headers?)\b"
    r"|original message (?:headers?|follows)\b|return-path:|received: (?:from|by)\b)",
    re.IGNORECASE,
)
_ADDRESS = r"[^\s<>@,;:\"'()\[\]]{1,64}@[^\s<>@,;:\"'()\[\]]{1,255}"
#: A line that names a recipient.
_RECIPIENT = re.compile(
    r"[\s>*]{0,20}(?:(?:(?:final|original|failed)-recipient|(?:rcpt )?to|recipient|e-?mail|address)\s{0,5}:\s{0,5})?"
    rf"(?:rfc822;\s{{0,5}})?[<\"'(\[]{{0,3}}({_ADDRESS})",
    re.IGNORECASE,
)
_ANYWHERE = re.compile(rf"(?<![^\s<>\"'(\[:]){_ADDRESS}")
_TO = re.compile(rf"^[\s>]{{0,10}}to:.{{0,200}}?({_ADDRESS})", re.IGNORECASE | re.MULTILINE)
_MESSAGE_ID = re.compile(r"^[\s>]{0,10}message-id:\s{0,5}(<[^<>\s]{1,500}>)", re.IGNORECASE | re.MULTILINE)
_OPENING = 3_000
_LONGEST_LINE = 2_000
_MOST_LINES = 2_000
_LONGEST_REASON = 1_000


def loose_outcomes(mail: Mail, message_id: str | None, limits: Limits) -> tuple[Outcome, ...]:
    """What a report says that is written for people only; nothing if it is none.

    Args:
        mail: The mail.
        message_id: The id of the mail that it is on, where its own header or an attached mail says it.
        limits: The bounds.
    """
    action = _action(mail)
    if action is None or not _BY_A_SERVER & {*judge(mail).signs}:
        return ()
    report, copy = _halves(mail.text)
    found = _MESSAGE_ID.search(copy)
    about = next(iter(message_ids(found[1])), None) if found else message_id
    return tuple(
        Outcome(recipient=each.recipient, message_id=about, action=action, status=status_in(each.said), said=each.said)
        for each in _recipients(mail, report, copy, limits)
    )


def _action(mail: Mail) -> Action | None:
    for text in (mail.subject.lower(), mail.text[:_OPENING].lower()):
        for action, phrases in PHRASES:
            if any(re.search(phrase, text) for phrase in phrases):
                return action
    return Action.FAILED if mail.headers.raw("x-failed-recipients").strip() else None


def _halves(text: str) -> tuple[list[str], str]:
    """The lines of the report, and the mail that came back."""
    *lines, rest = text.split("\n", _MOST_LINES)
    for number, line in enumerate(lines):
        if _COPY.match(line[:_LONGEST_LINE]):
            return [line[:_LONGEST_LINE] for line in lines[:number]], "\n".join((*lines[number:], rest))
    return [line[:_LONGEST_LINE] for line in (*lines, rest)], text


@define
class _Block:
    """A recipient, and the lines after it."""

    recipient: str
    lines: list[str] = field(factory=list)

    @property
    def said(self) -> str:
        return " ".join(" ".join(self.lines).split())[:_LONGEST_REASON]


def _recipients(mail: Mail, report: list[str], copy: str, limits: Limits) -> list[_Block]:
    """Each recipient once, with the words of all blocks of lines that begin with it."""
    ours = {box.address.lower() for box in (*mail.recipients, *filter(None, (mail.sender,)))}
    named = [box.address for value in mail.headers.all("x-failed-recipients") for box in mailboxes(value)]
    blocks: dict[str, _Block] = {}
    for block in _blocks(report):
        if block.recipient.lower() not in ours:
            blocks.setdefault(block.recipient.lower(), _Block(block.recipient)).lines += block.lines
    if named or not blocks:
        addresses = (named or _mentioned(report, ours) or _TO.findall(copy)[:1])[: limits.recipients]
        everything = [" ".join(report)[:_LONGEST_REASON]]
        return [blocks.get(name.lower()) or _Block(name, everything) for name in addresses]
    return list(blocks.values())[: limits.recipients]


def _blocks(report: list[str]) -> Iterator[_Block]:
    block: _Block | None = None
    for line in report:
        found = _RECIPIENT.match(line)
        if found:
            if block:
                yield block
            block = _Block(found[1].rstrip(".*"), [line[found.end() :].lstrip(">:)]\"' ")])
        elif block:
            block.lines.append(line)
    if block:
        yield block


def _mentioned(lines: list[str], ours: set[str]) -> list[str]:
    """The first address that is mentioned anywhere: reports with one recipient name it in a sentence."""
    found = (address[0].rstrip(".*") for line in lines for address in _ANYWHERE.finditer(line))
    first = next((address for address in found if address.lower() not in ours), None)
    return [first] if first else []

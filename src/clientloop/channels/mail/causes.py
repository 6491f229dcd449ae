"""Why a mail was not delivered: status codes and words of mail servers, and what they mean for the address."""

import re

from attrs import frozen

from clientloop.model.messages import Failure


@frozen
class Cause:
    """What a status code or words mean."""

    #: What becomes of further mails: `PERMANENT` stops the address, everything else does not.
    failure: Failure
    #: Enhanced status codes (RFC 3463), as a pattern of all after the class.
    codes: str
    #: Words, as patterns in lower case, one of which is enough.
    words: tuple[str, ...]


#: First that fits, codes before words. A full mailbox is emptied some day, so it never stops an address, even if the
#: server has given up on this mail; neither does what a server has against the firm, its mail or its size.
CAUSES = (
    Cause(
        Failure.RETRY,
        r"2\.2|2\.3|3\.1|3\.4",
        (
            r"mailbox (?:is )?full",
            r"over ?quota|quota (?:is )?exceeded|exceeded.{0,40}quota|переполнен|превыш[её]н",
            r"insufficient (?:system )?storage|out of (?:storage|space)",
            r"message (?:is )?too (?:large|big)|size limit",
        ),
    ),
    Cause(
        Failure.THROTTLED,
        r"4\.5|5\.3|7\.28",
        (r"too many (?:messages|connections|recipients)|rate limit|throttl", r"greylist|temporarily deferred"),
    ),
    Cause(
        Failure.CONFIG,
        r"7\.2[0-7]|7\.29|7\.30",
        (
            r"\bspf\b|\bdkim\b|\bdmarc\b|reverse dns|\bptr record|authentication required",
            r"relay(?:ing)? (?:access )?denied|unable to relay",
            r"spamhaus|(?:block|black) ?list",
        ),
    ),
    Cause(
        Failure.PERMANENT,
        r"1\.[012346]|1\.10|2\.1|4\.1|4\.4",
        (
            r"user (?:is )?unknown|unknown (?:user|recipient|address|local[ -]part|virtual)|address not found",
            r"no such (?:user|address|mailbox|recipient|person)|no mailbox (?:here )?by that name",
            r"(?:user|recipient|address|account|mailbox).{0,60}(?:not found|not exist|n't exist|invalid)",
            r"(?:user|recipient|address|account|mailbox).{0,60}(?:unavailable|disabled|inactive|rejected)",
            r"(?:invalid|not a valid) (?:recipient|mailbox|user|address)|unrouteable address|not listed in",
            r"host (?:or domain name )?not found|domain not found|domain.{0,60}not exist|couldn't find any host",
            r"isn't in my control panel|(?:wasn't|couldn't be|cannot be) found",
            r"no longer (?:available|valid|in use|with)",
            r"не найден|не существует|нет такого|não existe|nu există|ne obstaja",
        ),
    ),
)
_CODE = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])")
_REPLY = re.compile(r"(?<![\d.])([245])\d\d(?=[\s-])")
_LONGEST = 2_000


def status_in(text: str) -> str | None:
    """The first enhanced status code in what a server said.

    >>> status_in("host mx.example.com[192.0.2.1] said: 550 5.1.1 <a@example.com>: unknown"), status_in("550 no")
    ('5.1.1', None)
    """
    found = _CODE.search(text[:_LONGEST])
    return found[0] if found else None


def class_in(text: str) -> str | None:
    """The class of what a server said, from an enhanced status code or the reply code of SMTP.

    >>> class_in("452 4.2.2 full"), class_in("550 no such user"), class_in("no")
    ('4', '5', None)
    """
    found = _CODE.search(text[:_LONGEST]) or _REPLY.search(text[:_LONGEST])
    return found[1] if found else None


def failure_of(status: str | None, said: str) -> Failure:
    """What a mail that failed for good means for its address.

    Args:
        status: The enhanced status code, such as "5.1.1"; None if there is none.
        said: What the server said besides.

    >>> failure_of("5.1.1", ""), failure_of("4.2.2", "mailbox full"), failure_of(None, "550 No such user here")
    (<Failure.PERMANENT: 'permanent'>, <Failure.RETRY: 'retry'>, <Failure.PERMANENT: 'permanent'>)
    """
    return known_failure(status, said) or Failure.RETRY


def known_failure(status: str | None, said: str) -> Failure | None:
    """The same, and None where neither the code nor the words are known.

    Args:
        status: The enhanced status code; None if there is none.
        said: What the server said besides.

    >>> known_failure("5.7.1", "550 not from you")
    """
    kind, _, detail = (status or "").partition(".")
    words = said[:_LONGEST].lower()
    by_code = next((cause for cause in CAUSES if re.fullmatch(cause.codes, detail)), None)
    by_words = next((cause for cause in CAUSES if any(re.search(each, words) for each in cause.words)), None)
    cause = by_words if by_code is None or _is_vague(detail, by_words) else by_code
    if cause is None:
        return None
    # Class 4 says that it might have gone well another time.
    return Failure.RETRY if cause.failure is Failure.PERMANENT and kind == "4" else cause.failure


def _is_vague(detail: str, by_words: Cause | None) -> bool:
    """Whether a code is one that servers give for many causes, and the words say which."""
    return by_words is not None and detail in ("1.0", "2.0", "2.1", "4.1", "4.4", "1.2")

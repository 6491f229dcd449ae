"""The settings of the channel `email`: the table `[channels.email]`."""

import ipaddress
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

import attrs
from attrs import Factory, field, frozen
from attrs.validators import gt, optional

from clientloop.channels.mail.addresses import checked
from clientloop.channels.mail.naming import PLACE, TOKEN, Naming
from clientloop.channels.mail.rendering import check_template
from clientloop.errors import InvalidValue
from clientloop.ports.effects import MailServer, Tls
from clientloop.ports.reach import read_url

#: A key that can be guessed signs nothing.
_SHORTEST_KEY = 32

#: What an address may have before the @ (RFC 5321, 4.5.3.1.1).
_LONGEST_LOCAL = 64

#: A longer one would not leave room for a token in one line of a header.
_LONGEST_URL = 200

#: A language tag as an attribute of HTML holds it (BCP 47).
_LANGUAGE = re.compile(r"[A-Za-z]{2,8}(?:-[A-Za-z0-9]{1,8})*")

_MAKE_A_KEY = "make one by: python -c 'import secrets; print(secrets.token_urlsafe(32))'"


# Any: attrs types a validator by the class and the attribute that it is used on; also below.
def _check_server(_instance: Any, attribute: "attrs.Attribute[MailServer]", server: MailServer) -> None:
    if not server.host or not 0 < server.port < 65536:
        raise InvalidValue(f"{attribute.name}: {server.host!r}, port {server.port}, is no server")
    if (server.username is None) != (server.password is None):
        raise InvalidValue(f"{attribute.name}: a login has a user and a password", hint="give both, or none")
    if server.tls is Tls.NONE and server.password is not None and not _is_here(server.host):
        raise InvalidValue(
            f"{attribute.name}: the password would go over the network unencrypted",
            hint='set tls = "implicit" or "starttls"',
        )


def _is_here(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _check_address(_instance: Any, attribute: "attrs.Attribute[str]", address: str) -> None:
    try:
        checked(address)
    except InvalidValue as error:
        raise InvalidValue(f"{attribute.name}: {error.message}", hint=error.hint) from None


def _check_path(instance: Any, attribute: "attrs.Attribute[str]", pattern: str) -> None:
    if pattern.count(PLACE) > 1:
        raise InvalidValue(f"return_path: {PLACE} stands in it more than once")
    filled = pattern.replace(PLACE, "x" * TOKEN)
    local, _, domain = filled.rpartition("@")
    if not filled.isascii() or PLACE in pattern.rpartition("@")[2]:
        raise InvalidValue(
            "return_path: its token stands before the @, in an address of ASCII", hint=f"try bounces+{PLACE}@{domain}"
        )
    if len(local) > _LONGEST_LOCAL:
        raise InvalidValue(
            f"return_path: with its token it has {len(local)} letters before the @",
            hint=f"it may have {_LONGEST_LOCAL}, so that {_LONGEST_LOCAL - TOKEN} are left",
        )
    _check_address(instance, attribute, filled)


def _check_keys(_instance: Any, _attribute: Any, keys: tuple[str, ...]) -> None:
    if any(len(key) < _SHORTEST_KEY for key in keys):
        raise InvalidValue(f"keys: each has {_SHORTEST_KEY} characters or more", hint=_MAKE_A_KEY)


def _check_url(_instance: Any, _attribute: Any, url: str) -> None:
    try:
        target = read_url(url)
    except InvalidValue as error:
        raise InvalidValue(f"public_url: {error.message}", hint=error.hint) from None
    parts = urlsplit(url)
    if target.scheme != "https" or parts.query or parts.fragment or not url.isascii() or len(url) > _LONGEST_URL:
        raise InvalidValue(
            f"public_url: {url!r:.80} cannot stand in a mail",
            hint=f"give an https URL of at most {_LONGEST_URL} ASCII characters, without a query",
        )


def _check_language(_instance: Any, _attribute: Any, tag: str) -> None:
    if not _LANGUAGE.fullmatch(tag):
        raise InvalidValue(f"language: {tag!r:.40} is no language tag", hint='write it like "sl" or "pt-BR"')


def _check_layout(_instance: Any, _attribute: Any, text: str) -> None:
    check_template(text)


def _own_address(config: "EmailConfig") -> str:
    return config.address


def _texts(given: Iterable[str]) -> tuple[str, ...]:
    if isinstance(given, str):  # would become one for each letter
        raise InvalidValue("a text where a list belongs", hint="give a list, even of one")
    return tuple(given)


def _names(given: Iterable[str]) -> frozenset[str]:
    return frozenset(name.lower() for name in _texts(given))


@frozen(kw_only=True)
class EmailConfig:
    """Settings of the channel.

    Raises:
        InvalidValue: A setting cannot be meant, or needs another one that is missing.

    >>> server = MailServer(host="mail.firm.example", port=465, username="desk", password="s3cret")
    >>> EmailConfig(smtp=server, address="desk@firm.example").return_path
    'desk@firm.example'
    """

    #: The server that takes what we send.
    smtp: MailServer = field(validator=_check_server)
    #: The server that has our mailbox; None for none, and then no bounces are known either.
    imap: MailServer | None = field(default=None, validator=optional(_check_server))
    #: The folder of the mailbox that is read.
    folder: str = "INBOX"
    #: The firm's address.
    address: str = field(validator=_check_address)
    #: What the firm calls itself beside the address.
    name: str = ""
    #: Where answers go, if not to the address.
    reply_to: str | None = field(default=None, validator=optional(_check_address))
    #: Where reports on our mails go; `{}` stands for a signed token that names the mail, as in
    #: "bounces+{}@firm.example". All of these addresses must end up in the folder that is read.
    return_path: str = field(default=Factory(_own_address, takes_self=True), validator=_check_path)
    #: Whether to ask for reports on delivery, too, where servers make them (RFC 3461); most do not.
    ask_reports: bool = False
    #: The name that the firm's own server gives itself in `Authentication-Results`; None if it checks no senders.
    authserv_id: str | None = None
    #: Ids of the firm's own mailing lists and groups: what comes by them is people's mail.
    own_lists: frozenset[str] = field(default=frozenset(), converter=_names)
    #: Secrets that sign return paths and links: the first signs, the others still prove what they have signed.
    keys: tuple[str, ...] = field(default=(), converter=_texts, validator=_check_keys, repr=False)
    #: The public address under which the routes of this channel are, without their names; None for no links of ours.
    public_url: str | None = field(default=None, validator=optional(_check_url))
    #: Hosts of the firm, such as "www.firm.example": links to these are counted when they are followed. No others are:
    #: a mail may repeat what a customer wrote, and we would sign any address for who cares to write to us.
    tracked_hosts: frozenset[str] = field(default=frozenset(), converter=_names)
    #: Whether a picture tells that a mail was opened, where it tells anything.
    track_opens: bool = False
    #: BCP 47 tag of the language of messages that do not say theirs, and of the page behind our links where theirs is
    #: not known; None if the firm writes in several.
    language: str | None = field(default=None, validator=optional(_check_language))
    #: The HTML part of a mail in place of the built-in one, its styles in its elements; `$body` and further names stand
    #: for what is filled in: see `rendering.PLACES`.
    template: str | None = field(default=None, validator=optional(_check_layout), repr=False)
    #: How many mails a second the server takes; None for no limit known.
    per_second: float | None = field(default=None, validator=optional(gt(0)))
    #: How many mails one poll fetches at most.
    batch: int = field(default=100, validator=gt(0))

    def __attrs_post_init__(self) -> None:
        """Refuse what lacks another setting.

        Raises:
            InvalidValue: It lacks one.
        """
        if (PLACE in self.return_path or self.public_url) and not self.keys:
            raise InvalidValue("keys: signed return paths and links need one", hint=_MAKE_A_KEY)
        if (self.tracked_hosts or self.track_opens) and not self.public_url:
            raise InvalidValue("public_url: nothing can be tracked without it", hint="give it, or track nothing")

    @property
    def naming(self) -> Naming:
        """How messages are named in mails."""
        domain = checked(self.address).rpartition("@")[2]
        return Naming(domain=domain, return_path=self.return_path, keys=self.keys)

"""Which web addresses may be called: what keeps a webhook from reaching into the firm's own network.

A URL that somebody else chose may name a machine that only ours can reach. Names prove nothing: `127.1`, `0x7f000001`
and full-width digits are all loopback to a resolver, and a name may change its address between two look-ups. So the
host resolves the name once, asks here which of the addresses may be called, and connects to one of these and no other.
"""

import ipaddress
from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from urllib.parse import SplitResult, urlsplit

from attrs import field, frozen

from clientloop.errors import InvalidValue, UnknownName

#: The schemes that may be called, with their ports.
SCHEMES: Mapping[str, int] = {"https": 443, "http": 80}

#: IPv4 networks that are no part of the public Internet (IANA's registry of special-purpose addresses), and what they
#: are. `ipaddress.is_global` passes some of these, and which ones depends on the version of Python.
SPECIAL_V4: Mapping[IPv4Network, str] = {
    IPv4Network(network): what
    for network, what in {
        "0.0.0.0/8": "this network",
        "10.0.0.0/8": "private",
        "100.64.0.0/10": "shared by a carrier",
        "127.0.0.0/8": "this machine",
        "168.63.129.16/32": "the host of a cloud",
        "169.254.0.0/16": "link-local, where clouds keep credentials",
        "172.16.0.0/12": "private",
        "192.0.0.0/24": "for protocols",
        "192.0.2.0/24": "for documentation",
        "192.31.196.0/24": "for protocols",
        "192.52.193.0/24": "for protocols",
        "192.88.99.0/24": "a relay of 6to4",
        "192.168.0.0/16": "private",
        "192.175.48.0/24": "for protocols",
        "198.18.0.0/15": "for benchmarks",
        "198.51.100.0/24": "for documentation",
        "203.0.113.0/24": "for documentation",
        "224.0.0.0/4": "multicast",
        "240.0.0.0/4": "reserved",
    }.items()
}

#: What of IPv6 is public; all else is loopback, private, multicast, or nobody's yet.
GLOBAL_V6 = IPv6Network("2000::/3")

#: And what is special in it.
SPECIAL_V6: Mapping[IPv6Network, str] = {
    IPv6Network(network): what
    for network, what in {
        "2001::/23": "for protocols, tunnels among them",
        "2001:db8::/32": "for documentation",
        "2002::/16": "6to4, which leads to any IPv4 address",
        "2620:4f:8000::/48": "for protocols",
        "3fff::/20": "for documentation",
    }.items()
}

#: IPv6 networks whose last four bytes are the IPv4 address that is really called: mapped, and translated by NAT64.
EMBEDDING = (IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96"))

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network


def _networks(given: Iterable[str | Network]) -> tuple[Network, ...]:
    return tuple(map(_network, given))


def _network(given: str | Network) -> Network:
    try:
        return ipaddress.ip_network(given)
    except ValueError as error:
        raise InvalidValue(f"{given!r} is no network: {error}", hint="write it like '10.1.0.0/16'") from None


def _names(given: Iterable[str]) -> frozenset[str]:
    if isinstance(given, str):  # would become one host a letter
        raise InvalidValue(f"hosts is one text, {given!r}", hint="give a list, even of one")
    return frozenset(map(_name, given))


def _name(host: str) -> str:
    return host.lower().removesuffix(".")


@frozen(kw_only=True)
class Target:
    """What a URL leads to."""

    #: "https" or "http".
    scheme: str
    #: The host, for the resolver, for TLS and for the header field; lower case, without brackets.
    host: str
    #: The TCP port.
    port: int


@frozen(kw_only=True)
class Reach:
    """Which web addresses may be called: those of the public Internet, and what the firm lists.

    >>> reach = Reach(networks=["10.1.0.0/16"])
    >>> reach.target("https://crm.example.com/hook")
    Target(scheme='https', host='crm.example.com', port=443)
    >>> reach.allowed("crm.example.com", ["10.1.2.3", "10.2.0.1", "9.9.9.9"])
    ('10.1.2.3', '9.9.9.9')
    """

    #: Names of hosts that may be called wherever they are, such as "crm.internal"; each as it stands in the URL.
    hosts: frozenset[str] = field(default=frozenset(), converter=_names)
    #: Networks that may be called although they are not public, such as "10.1.0.0/16".
    networks: tuple[Network, ...] = field(default=(), converter=_networks)
    #: The TCP ports that may be called.
    ports: frozenset[int] = field(default=frozenset(SCHEMES.values()), converter=frozenset)

    def target(self, url: str) -> Target:
        """Read a URL; whether the addresses of its host may be called is `allowed`'s to say.

        The answer holds what to connect to, so that no second reader of the URL can see another host in it.

        Args:
            url: The absolute URL.

        Raises:
            InvalidValue: It is no URL of a web address, has a user in it, or a port that may not be called. It is
                not repeated, as it may hold secrets.
        """
        target = read_url(url)
        if target.port not in self.ports:
            raise InvalidValue(f"port {target.port} may not be called", hint=f"allowed are {sorted(self.ports)}")
        return target

    def allowed(self, host: str, addresses: Iterable[str]) -> tuple[str, ...]:
        """Which of a host's addresses may be called.

        Args:
            host: The name, as `Target.host` has it.
            addresses: What the resolver returned.

        Returns:
            Those that may be called, in their order; none if the call must not be made.
        """
        return tuple(address for address in addresses if self.refusal(host, address) is None)

    def refusal(self, host: str, address: str) -> str | None:
        """Why an address may not be called; None if it may.

        Args:
            host: The name that was resolved to it.
            address: The address as text.

        >>> Reach().refusal("crm.example.com", "::ffff:127.0.0.1")
        'this machine'
        """
        try:
            called = ipaddress.ip_address(address)
        except ValueError:
            return "no address"
        meant = _embedded(called)
        if _name(host) in self.hosts or any(each in network for each in (called, meant) for network in self.networks):
            return None
        return _special(meant)


def read_url(url: str) -> Target:
    """Read a URL that may lead anywhere, as one that the adapter itself chose.

    Args:
        url: The absolute URL.

    Raises:
        InvalidValue: It is no URL of a web address, or has a user in it. It is not repeated, as it may hold secrets.

    >>> read_url("http://localhost:8080/s3cret")
    Target(scheme='http', host='localhost', port=8080)
    """
    parts = _split(url)
    if parts.scheme not in SCHEMES:
        raise UnknownName.among(parts.scheme, SCHEMES, what="scheme of a web address")
    if "@" in parts.netloc:
        raise InvalidValue("a user stands in the URL", hint="give secrets by header fields")
    if not parts.hostname:
        raise InvalidValue("the URL names no host", hint="write it like 'https://example.com/hook'")
    port = parts.port if parts.port is not None else SCHEMES[parts.scheme]
    return Target(scheme=parts.scheme, host=_name(parts.hostname), port=port)


def _split(url: str) -> SplitResult:
    # urlsplit drops tabs and newlines, and browsers read "\" as "/": what is read in two ways is not read at all
    if any(sign <= " " or sign in "\\\x7f" for sign in url):
        raise InvalidValue("a space, a backslash or a control character stands in the URL", hint="encode it by %")
    try:
        parts = urlsplit(url)
        _ = parts.port  # is read only now
    except ValueError as error:
        reason = "its port is no port" if "port" in str(error).lower() else "its host is no host"
        raise InvalidValue(f"this is no URL: {reason}", hint="write it like 'https://example.com/hook'") from None
    return parts


def _embedded(called: Address) -> Address:
    for network in EMBEDDING:
        if called in network:
            return IPv4Address(called.packed[-4:])
    return called


def _special(called: Address) -> str | None:
    if isinstance(called, IPv4Address):
        return next((what for network, what in SPECIAL_V4.items() if called in network), None)
    if called.scope_id is not None or called not in GLOBAL_V6:
        return "not of the public Internet"
    return next((what for network, what in SPECIAL_V6.items() if called in network), None)

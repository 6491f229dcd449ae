"""Which web addresses may be called."""

# ruff: noqa: RUF001  # full-width digits are what is tried

import ipaddress
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientloop.errors import InvalidValue
from clientloop.ports.reach import EMBEDDING, GLOBAL_V6, SPECIAL_V4, SPECIAL_V6, Reach, Target, read_url

PUBLIC = [
    "1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.1", "172.15.255.255",
    "172.32.0.0", "192.167.255.255", "198.17.255.255", "198.20.0.0", "223.255.255.255", "2606:4700:4700::1111",
    "2a00:1450::1", "::ffff:8.8.8.8", "64:ff9b::808:808",
]  # fmt: skip

FORBIDDEN = [
    # this machine, this network
    "127.0.0.1", "127.255.255.254", "0.0.0.0", "0.1.2.3", "::1", "::",
    # private and shared
    "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "100.127.255.255", "fc00::1", "fd00::1",
    # what clouds answer on
    "169.254.169.254", "100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:ec2::254", "fe80::a9fe:a9fe",
    # multicast and reserved
    "224.0.0.1", "233.252.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "ff02::1", "ff0e::1",
    # documentation, benchmarks, protocols
    "192.0.2.1", "198.51.100.1", "203.0.113.1", "198.18.0.1", "198.19.255.255", "192.0.0.8", "192.88.99.1",
    "2001:db8::1", "3fff::1", "100::1", "5f00::1", "2001:2::1", "2001:20::1", "192.31.196.1", "192.175.48.1",
    "192.52.193.1", "2620:4f:8000::1",
    # IPv4 in IPv6: mapped, compatible, translated, NAT64, its local form, 6to4, Teredo
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:0.0.0.0", "::ffff:169.254.169.254", "::127.0.0.1",
    "::ffff:0:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b::a00:1", "64:ff9b:1::7f00:1",
    "2002:7f00:1::", "2002:a00:1::1", "2002:808:808::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    # site-local, link-local, with a scope
    "fec0::1", "fe80::1", "fe80::1%eth0", "2606:4700:4700::1111%1",
    # no addresses
    "", "localhost", "127.1", "0177.0.0.1", "0x7f000001", "2130706433", "１２７.0.0.1", "8.8.8.8 ", "[::1]", "8.8.8.08",
]  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_the_public_internet_may_be_called(address: str) -> None:
    """Also where it is written as IPv6, and next to the edges of what may not be called."""
    assert Reach().allowed("crm.example.com", [address]) == (address,)


@pytest.mark.parametrize("address", FORBIDDEN)
def test_nothing_else_may_be_called(address: str) -> None:
    """Neither our own network nor what leads to it, and no text that is no address."""
    assert Reach().allowed("crm.example.com", [address]) == ()
    assert Reach().refusal("crm.example.com", address)


@pytest.mark.parametrize(
    "host",
    ["127.1", "0177.0.0.1", "0x7f000001", "0x7f.1", "2130706433", "0", "１２７.０.０.１", "127。0。0。1", "localhost"],
)
def test_what_a_resolver_takes_for_this_machine_fails_there(host: str) -> None:
    """Octal, hexadecimal, short and full-width spellings are loopback once resolved, and are judged by that."""
    addresses = [str(found[4][0]) for found in socket.getaddrinfo(host, 80, type=socket.SOCK_STREAM)]
    assert addresses
    assert Reach().allowed(host, addresses) == ()


def test_a_mixed_answer_keeps_its_public_part() -> None:
    """A name with a public and a private address is called at the public one, in the resolver's order."""
    found = ["10.0.0.1", "2606:4700::1", "::ffff:10.0.0.1", "9.9.9.9"]
    assert Reach().allowed("crm.example.com", found) == ("2606:4700::1", "9.9.9.9")


def test_a_firm_lists_networks_of_its_own() -> None:
    """What is listed may be called, however it is written; its neighbours may not."""
    reach = Reach(networks=["10.1.0.0/16", "fd12::/16", "127.0.0.1"])
    for allowed in ("10.1.2.3", "::ffff:10.1.2.3", "64:ff9b::a01:203", "fd12::7", "127.0.0.1"):
        assert reach.refusal("crm", allowed) is None, allowed
    for refused in ("10.2.0.1", "::ffff:10.2.0.1", "fd13::7", "127.0.0.2", "2002:a01:203::1"):
        assert reach.refusal("crm", refused), refused


def test_a_firm_lists_hosts_of_its_own() -> None:
    """The name is listed, not what looks like it or lies below it; case and the last dot do not matter."""
    reach = Reach(hosts=["CRM.internal."])
    for host in ("crm.internal", "Crm.Internal", "crm.internal."):
        assert reach.allowed(host, ["10.0.0.1"]) == ("10.0.0.1",)
    for host in ("a.crm.internal", "crm.internal.example.com", "ｃｒｍ.internal", "internal"):
        assert reach.allowed(host, ["10.0.0.1"]) == ()


def test_one_host_is_given_as_a_list_too() -> None:
    """A bare text would list its letters."""
    with pytest.raises(InvalidValue, match="give a list"):
        Reach(hosts="crm.internal")


@pytest.mark.parametrize("network", ["10.1.0.1/16", "10.1.0.0/33", "crm.internal", ""])
def test_a_network_that_is_none_is_refused_by_name(network: str) -> None:
    """A slip in the settings is seen when they are read."""
    with pytest.raises(InvalidValue, match="is no network"):
        Reach(networks=[network])


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://crm.example.com/hook?x=1#y", Target(scheme="https", host="crm.example.com", port=443)),
        ("http://CRM.example.com.:80", Target(scheme="http", host="crm.example.com", port=80)),
        ("HTTPS://[2606:4700::1]:443/", Target(scheme="https", host="2606:4700::1", port=443)),
        ("http://127.1/", Target(scheme="http", host="127.1", port=80)),
        ("http://１２７.０.０.１/", Target(scheme="http", host="１２７.０.０.１", port=80)),
    ],
)
def test_a_url_is_read_once(url: str, target: Target) -> None:
    """What it leads to is data, so that the connection and the judgement are about the same host."""
    assert Reach().target(url) == target


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("ftp://crm.example.com/", "no scheme of a web address 'ftp'"),
        ("file:///etc/passwd", "no scheme"),
        ("gopher://127.0.0.1:6379/_", "no scheme"),
        ("crm.example.com/hook", "no scheme"),
        ("", "no scheme"),
        ("https:///hook", "names no host"),
        ("https://:443/", "names no host"),
        ("https://good.example@evil.example/", "a user stands"),
        ("https://user:s3cret@crm.example.com/", "a user stands"),
        ("https://crm.example.com:22/", "port 22 may not be called"),
        ("https://crm.example.com:0/", "port 0 may not be called"),
        ("https://crm.example.com:99999/", "its port is no port"),
        ("https://crm.example.com:a/", "its port is no port"),
        ("https://[::1/", "its host is no host"),
        ("https://a℀b/", "its host is no host"),
        ("https://crm.example.com\\@evil.example/", "a backslash"),
        ("https://crm.example.com/\r\nHost: evil", "a control character"),
        ("https://crm.exa\tmple.com/", "a control character"),
        (" https://crm.example.com/", "a space"),
    ],
)
def test_a_url_that_can_be_read_in_two_ways_is_refused(url: str, why: str) -> None:
    """So is one of another scheme or port; what the URL holds besides is not repeated."""
    with pytest.raises(InvalidValue, match=why) as caught:
        Reach().target(url)
    assert "s3cret" not in str(caught.value)


def test_what_an_adapter_chose_may_have_any_port() -> None:
    """A URL that nobody else chose is read by the same rules, but for the port."""
    assert read_url("https://localhost:8443/x") == Target(scheme="https", host="localhost", port=8443)
    with pytest.raises(InvalidValue, match="a user stands in the URL"):
        read_url("https://user@localhost:8443/x")


def test_a_firm_lists_ports_of_its_own() -> None:
    """They take the place of the usual two."""
    assert Reach(ports=[8443]).target("https://crm.example.com:8443/").port == 8443
    with pytest.raises(InvalidValue, match=r"port 443 may not be called.*8443"):
        Reach(ports=[8443]).target("https://crm.example.com/")


@given(st.ip_addresses(v=4))
def test_no_ipv4_address_passes_that_python_calls_special(address: ipaddress.IPv4Address) -> None:
    """What passes is global also by the standard library, in every spelling as IPv6 that reaches it."""
    passes = Reach().refusal("x", str(address)) is None
    assert not passes or (address.is_global and not address.is_multicast)
    for network in EMBEDDING:
        spelt = ipaddress.IPv6Address(int(network.network_address) | int(address))
        assert (Reach().refusal("x", str(spelt)) is None) == passes


@given(st.one_of(st.ip_addresses(v=6), *(st.ip_addresses(network=network) for network in (GLOBAL_V6, *SPECIAL_V6))))
def test_no_ipv6_address_passes_that_python_calls_special(address: ipaddress.IPv6Address) -> None:
    """What passes is global also by the standard library, and no multicast."""
    if Reach().refusal("x", str(address)) is None:
        meant = next((ipaddress.IPv4Address(address.packed[-4:]) for net in EMBEDDING if address in net), address)
        assert meant.is_global
        assert not meant.is_multicast


@given(st.sampled_from([*SPECIAL_V4, *SPECIAL_V6]).flatmap(lambda network: st.ip_addresses(network=network)))
def test_every_listed_network_is_refused_as_a_whole(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    """No address of it passes."""
    assert Reach().refusal("x", str(address))


@given(st.text(max_size=60), st.text(max_size=60))
def test_hostile_text_is_judged_and_never_breaks(url: str, address: str) -> None:
    """A URL is read or refused, and an address passes or does not."""
    try:
        target = Reach().target(url)
    except InvalidValue:
        pass
    else:
        assert target.port in Reach().ports
    assert isinstance(Reach().allowed(url, [address]), tuple)

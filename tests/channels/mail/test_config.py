from typing import Any

import pytest
from attrs import evolve

from clientloop.channels.mail.addresses import checked
from clientloop.channels.mail.config import EmailConfig
from clientloop.errors import InvalidValue
from clientloop.ports.effects import MailServer, Tls
from tests.channels.mail.samples import KEY, SMTP, config


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"smtp": evolve(SMTP, port=0)}, "smtp: .* is no server"),
        ({"imap": evolve(SMTP, host="")}, "imap: .* is no server"),
        ({"smtp": evolve(SMTP, password=None)}, "a login has a user and a password"),
        ({"smtp": evolve(SMTP, tls=Tls.NONE)}, "unencrypted.*implicit"),
        ({"address": "desk"}, "address: 'desk' is no address"),
        ({"address": "desk@firm.example\r\nBcc: x@y.example"}, "address: .* is no address"),
        ({"reply_to": "Desk <desk@firm.example>"}, "reply_to: .* is no address"),
        ({"return_path": "{}{}@firm.example"}, "more than once"),
        ({"return_path": "bounces@{}.firm.example"}, "before the @"),
        ({"return_path": "bounces-of-all-of-our-mails+{}@firm.example"}, "may have 64"),
        ({"keys": ("short",)}, "32 characters.*make one by"),
        ({"keys": KEY}, "give a list"),
        ({"keys": ()}, "signed return paths and links need one"),
        ({"public_url": "http://firm.example"}, "https"),
        ({"public_url": "https://firm.example/?a=b"}, "without a query"),
        ({"public_url": "https://firm.example/" + "x" * 200}, "200 ASCII"),
        ({"public_url": None, "track_opens": True}, "public_url: nothing can be tracked"),
        ({"public_url": None, "tracked_hosts": ["firm.example"]}, "public_url: nothing can be tracked"),
        ({"tracked_hosts": "firm.example"}, "give a list"),
        ({"language": "Slovene language"}, "is no language tag"),
        ({"template": "<p>$bodi</p>"}, r"has no \$body"),
        ({"template": "<p>$body $unsubscribe</p>"}, "no place in a template 'unsubscribe'"),
        ({"template": "<p>$body costs 5 $</p>"}, r"write \$\$"),
    ],
)
def test_what_cannot_work_is_refused_at_once(wrong: dict[str, Any], said: str) -> None:
    """No mail has to be lost first: each setting says what is wrong with it, and mostly what to do."""
    with pytest.raises(InvalidValue, match=said):
        config(**wrong)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1"])
def test_a_server_on_this_machine_needs_no_encryption(host: str) -> None:
    """There the password goes over no network."""
    assert config(smtp=MailServer(host=host, port=25, tls=Tls.NONE, username="u", password="p")).smtp.host == host


def test_little_is_needed() -> None:
    """A server and an address will do; reports then go to that address."""
    made = EmailConfig(smtp=SMTP, address="desk@firm.example")
    assert (made.return_path, made.imap, made.public_url) == ("desk@firm.example", None, None)


def test_secrets_are_not_shown() -> None:
    """Neither the settings nor what is made of them show a password or a key."""
    made = config()
    for shown in (repr(made), str(made), repr(made.naming)):
        for secret in (KEY, "s3cret-out", "s3cret-in"):
            assert secret not in shown


@pytest.mark.parametrize(
    ("address", "written"),
    [
        ("ana@example.com", "ana@example.com"),
        ("ana.novak+x@sub.example.co.uk", "ana.novak+x@sub.example.co.uk"),
        ("ana@žito.example", "ana@xn--ito-b3a.example"),
        ("ana@faß.example", "ana@xn--fa-hia.example"),
        ("žiga@example.com", "žiga@example.com"),
    ],
)
def test_domains_are_written_in_ascii(address: str, written: str) -> None:
    """Every server takes a domain in any script; what is before the @ stays as it is."""
    assert checked(address) == written


@pytest.mark.parametrize(
    "address",
    ["", "@", "ana", "ana@", "@example.com", "ana@@example.com", "ana..n@example.com", ".ana@example.com",
     "ana @example.com", "ana@example.com\n", "ana@exam\x00ple.com", "<ana@example.com>", "ana@-example.com",
     "ana@example..com", "a" * 65 + "@example.com", "ana@" + "a" * 64 + ".com", "ž" * 33 + "@example.com",
     "ana@\ud800.example", "ana\u2028@example.com", "ana@" + "ž." * 200 + "com"],
)  # fmt: skip
def test_what_is_no_address_gets_no_mail(address: str) -> None:
    """No sign that means something to a server, and no length that it would refuse, comes as far as that."""
    with pytest.raises(InvalidValue, match="is no address"):
        checked(address)

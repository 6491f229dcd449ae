"""URLs that set channels up."""

from contextlib import suppress

import pytest
from attrs import field, frozen
from hypothesis import example, given
from hypothesis import strategies as st

from clientloop.channels.mail.schemes import SCHEMES
from clientloop.channels.sms.channel import Sms
from clientloop.channels.webhook.channel import Webhook
from clientloop.errors import ClientLoopError, InvalidValue, UnknownName
from clientloop.plugins import hookimpl
from clientloop.plugins.registry import Registry
from clientloop.ports.channel import Channel, Spec
from clientloop.ports.effects import MailServer, Tls
from clientloop.services.setup.channels import Channels
from clientloop.services.setup.urls import table_of


@frozen(kw_only=True)
class PostConfig:
    """Settings with something of every type that a URL can fill."""

    smtp: MailServer
    address: str
    key: str = field(default="", repr=False)
    lists: frozenset[str] = frozenset()
    track: bool = False
    rate: float | None = None


class Post(Channel):
    """Mail, as far as its URLs go."""

    spec = Spec(name="post", config=PostConfig, schemes=SCHEMES)


class Brings:
    """Adds the channels."""

    @hookimpl
    def clientloop_register_channels(self):
        """The adapters."""
        return {"post": lambda: Post, "sms": lambda: Sms, "webhook": lambda: Webhook, "broken": "no_such:Channel"}


def made(url, name="support"):
    """The settings of a channel that a URL has set up."""
    return Channels(Registry(plugins=[Brings()], entry_points=False), {name: url}).channel(name).config


@pytest.fixture(autouse=True)
def _secrets(monkeypatch):
    monkeypatch.setenv("MAIL_PASSWORD", "s3cret word+")
    monkeypatch.setenv("HOOK_SECRET", "whsec_" + "QUJD" * 11)


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp+tls://desk@mail.example?password=env:MAIL_PASSWORD", ("mail.example", 587, Tls.STARTTLS)),
        ("SMTPS://desk@mail.example:2465/?password=env:MAIL_PASSWORD", ("mail.example", 2465, Tls.IMPLICIT)),
        ("smtps://desk@[2001:db8::25]?password=env:MAIL_PASSWORD", ("2001:db8::25", 465, Tls.IMPLICIT)),
    ],
)
def test_mail_is_set_up_by_a_url(url, server):
    """The scheme says how it is encrypted and the usual port; the password comes from the environment as it stands."""
    smtp = made(url).smtp
    assert (smtp.host, smtp.port, smtp.tls) == server
    assert (smtp.username, smtp.password) == ("desk", "s3cret word+")


def test_a_user_with_an_at_sign_is_written_either_way():
    """An address as user needs no encoding, a percent sign is read as one, and a plus stays a plus."""
    plain = made("smtps://ana+shop@firm.example@mail.example?password=env:MAIL_PASSWORD")
    assert plain == made("smtps://ana%2Bshop%40firm.example@mail.example?password=env:MAIL_PASSWORD")
    assert plain.smtp.username == plain.address == "ana+shop@firm.example"
    other = made("smtps://desk@mail.example?password=env:MAIL_PASSWORD&address=a@b.example")
    assert other.address == "a@b.example"


def test_the_query_fills_every_field_by_its_type():
    """Numbers, yes and no, lists and nested fields are read as their fields declare them."""
    url = "smtp://localhost?address=a@b.example&track=true&rate=2.5&lists=x&lists=y&smtp.tls=starttls"
    config = made(url)
    assert (config.track, config.rate, config.lists, config.smtp.tls) == (True, 2.5, {"x", "y"}, Tls.STARTTLS)


def test_text_messages_are_set_up_by_a_url():
    """The account is the user, the number the host, with its plus."""
    config = made("twilio://AC0123@+38640111222?token=env:MAIL_PASSWORD&status_url=https://shop.example/sms")
    assert (config.account, config.sender, config.auth_token) == ("AC0123", "+38640111222", "s3cret word+")
    assert config.status_url == "https://shop.example/sms"


def test_a_webhook_is_set_up_by_the_address_that_it_calls():
    """What follows `webhook+` is the endpoint, with the secret that signs for it."""
    config = made("webhook+https://crm.example:443/hook/7?secret=env:HOOK_SECRET", "crm")
    assert config.endpoints["default"].url == "https://crm.example:443/hook/7"
    assert config.endpoints["default"].secrets == ("whsec_" + "QUJD" * 11,)


@pytest.mark.parametrize(
    ("url", "kind", "says"),
    [
        ("smpts://h", UnknownName, r"no scheme of a channel's URL 'smpts': did you mean 'smtps'"),
        ("smtps://u@h?pasword=env:MAIL_PASSWORD", UnknownName, r"setting of channel 'post' 'pasword': did you mean"),
        ("smtps://u@h?smtp.hots=x", UnknownName, r"no field 'hots': did you mean 'host'"),
        ("smtps://u@h?password=env:MAIL_PASWORD", InvalidValue, "no MAIL_PASWORD: did you mean 'MAIL_PASSWORD'"),
        ("smtps://u@h/inbox?password=env:MAIL_PASSWORD", InvalidValue, "has no path"),
        ("smtps://u@h:99999999?password=env:MAIL_PASSWORD", InvalidValue, "its host or its port is none"),
        ("smtps://u@h ?password=env:MAIL_PASSWORD", InvalidValue, "encode it by %"),
        ("smtps://u@h#x", InvalidValue, "#"),
        ("smtps://u@h:1?smtp.port=2", InvalidValue, "smtp.port stands in the URL twice"),
        ("smtps://u@h?address=a@b.example&address=c@d.example", InvalidValue, "address stands in the URL twice"),
        ("smtps://u@h?track=maybe", InvalidValue, "'maybe' is no true or false"),
        ("mail.example", InvalidValue, "this is no URL"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(url, kind, says):
    """Misspelt schemes, settings and variables come with the nearest; each message says which channel it is about."""
    with pytest.raises(kind, match=says) as refusal:
        made(url)
    assert refusal.value.message.startswith("channels.support")


@pytest.mark.parametrize("url", ["smtps://u:hunter22@h", "smtps://u@h?password=hunter22", "smtps://u@h?key=hunter22"])
def test_a_secret_in_a_url_is_refused_unseen(url):
    """A password in a URL would be repeated by logs: it is to be named, and the message does not repeat it."""
    with pytest.raises(InvalidValue, match="env:NAME") as refusal:
        made(url)
    assert "hunter22" not in str(refusal.value)


def test_a_url_that_is_secret_as_a_whole_may_hold_secrets(monkeypatch):
    """A platform that hands out one URL per service puts the password into it, encoded by percent signs."""
    monkeypatch.setenv("MAIL_URL", "smtps://desk@firm.example:p%3A%40ss@mail.example")
    smtp = made("env:MAIL_URL").smtp
    assert (smtp.username, smtp.password, smtp.host) == ("desk@firm.example", "p:@ss", "mail.example")


@given(st.text(max_size=40))
@example("smtps://[")
@example("smtps://%ff@h?%ff=%ff")
def test_any_text_is_a_url_or_refused(text):
    """Whatever stands there, it is read or refused in our own words."""
    with suppress(ClientLoopError):
        table_of(f"smtps://{text}", Post.spec)

"""What the command line shows of channels."""

import json

import pytest

CONFIG = """
store = "sqlite:///shop.db"

[channels]
sms = "twilio://AC0123@+38640111222?token=env:TWILIO_TOKEN"

[channels.shop_book]
type = "desk"
"""


@pytest.fixture
def configured(shop, empty_folder, monkeypatch):
    """A shop with text messages, and a complaints book."""
    monkeypatch.setenv("TWILIO_TOKEN", "s3cret")
    (empty_folder / "clientloop.toml").write_text(CONFIG)
    return shop


def test_the_plan_lists_every_channel(run, configured):
    """Each with its adapter, its ways and the last word on it; too few are remarked upon."""
    run("desk", "book", "Shop 3", "12", "2", "The queue is long", "--by", "kim", "--channel", "shop_book")
    done = run("channels", "--now", "2026-03-02T10:00")
    assert done.code == 0
    lines = [line.split() for line in done.out.splitlines()]
    assert ["sms", "sms", "in,", "out", "never", "never"] in lines
    assert [line[:3] for line in lines if line[0] == "shop_book"] == [["shop_book", "desk", "in"]]
    assert "2 channels are listened to, and 5 to 9 are worth monitoring" in done.out
    data = json.loads(run("channels", "--json").out)
    assert [each["name"] for each in data["channels"]] == ["shop_book", "sms"]
    assert data["alarms"] == {}


def test_a_firm_without_channels_is_told_so(run, shop):
    """Nothing is set up, and nothing came."""
    assert "No channel is set up" in run("channels").out


def test_a_channel_that_is_set_up_wrongly_is_told_at_once(run, configured, monkeypatch):
    """Whatever the command, it says what is wrong, where, and what to do."""
    monkeypatch.delenv("TWILIO_TOKEN")
    for command in ("inbox", "channels", "run"):
        done = run(command)
        assert (done.code, "channels.sms.auth_token: the environment has no TWILIO_TOKEN" in done.err) == (1, True)
    done = run("doctor")
    assert (done.code, "TWILIO_TOKEN" in done.out) == (1, True)


def test_a_probe_says_whether_the_other_side_answers(run, configured, empty_folder):
    """Nobody listens at that address: the exit code says so, too."""
    text = CONFIG.replace("?token", "?base_url=http://127.0.0.1:1&token")
    (empty_folder / "clientloop.toml").write_text(text)
    done = run("channels", "probe")
    assert (done.code, done.out) == (1, "wrong  sms: refused the connection\n")
    assert "cannot be probed" in run("channels", "probe", "shop_book").err

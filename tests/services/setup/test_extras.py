"""Whether what a channel needs is installed."""

from importlib import metadata

import pytest

from clientloop.errors import MissingExtra
from clientloop.services.setup.extras import check_extras

#: What some distributions say of themselves, as `importlib.metadata` tells it.
INSTALLED = {
    "clientloop": ["attrs>=24.2", 'httpcore2>=2.16; extra == "http"', "IMAPClient>=4.0; extra == 'mail'"],
    "attrs": None,
    "IMAPClient": [],
    "clientloop-post": ['clientloop[http]>=1; extra == "fast"', 'winfast; sys_platform == "win32" and extra == "fast"'],
}


@pytest.fixture(autouse=True)
def _installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def requires(name: str) -> list[str] | None:
        if name not in INSTALLED:
            raise metadata.PackageNotFoundError(name)
        return INSTALLED[name]

    monkeypatch.setattr(metadata, "requires", requires)


@pytest.mark.parametrize(
    "needed", [(), ("clientloop[mail]",), ("attrs",), ("attrs >= 24",), ("clientloop-post[slow]",)]
)
def test_what_is_there_is_not_missed(needed: tuple[str, ...]) -> None:
    """A distribution, and those of one of its extras; an extra that it does not have asks for nothing."""
    check_extras(needed, "channel 'post'")


@pytest.mark.parametrize(
    ("needed", "library"),
    [
        ("clientloop[http]", "httpcore2"),
        ("clientloop[mail, http]", "httpcore2"),
        ("clientloop-post[fast]", "httpcore2"),
        ("fast-post[x]>=2", "fast-post"),
    ],
)
def test_what_is_missing_is_named_with_the_command_that_mends_it(needed: str, library: str) -> None:
    """Also a library that an extra of an extra asks for; what is meant for another machine is not missed."""
    with pytest.raises(MissingExtra) as refusal:
        check_extras([needed], "channel 'post'")
    assert str(refusal.value) == f"channel 'post' needs the library {library!r}: pip install '{needed}'"


def test_without_being_installed_nobody_can_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where clientloop runs out of an archive, its extras are looked for when they are used."""
    monkeypatch.delitem(INSTALLED, "clientloop")
    check_extras(["clientloop[http]"], "channel 'post'")

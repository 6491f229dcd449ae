"""Plugins that strangers publish: installed by pip into a fresh environment, found by their entry points, and used."""

import json
import os
import shutil
import subprocess
import tomllib
import venv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = Path(__file__).resolve().parent / "packages"

pytestmark = pytest.mark.in_ci("builds an environment for half a minute")

Seen = Mapping[str, Any]


def run(folder: Path, *command: object) -> None:
    """Run a command in a folder to its end, and show what it said if it fails."""
    isolated = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV_", "PYTEST"))}
    words = [str(part) for part in command]
    done = subprocess.run(words, cwd=folder, env=isolated, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"


def requirements(project: Path) -> Sequence[str]:
    """What a project and its build need."""
    declared = tomllib.loads((project / "pyproject.toml").read_text(encoding="utf-8"))
    return [*declared["build-system"]["requires"], *declared["project"]["dependencies"]]


@pytest.fixture(scope="session")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Seen:
    """What `packages/use.py` saw in a fresh environment with clientloop and all the packages.

    What the builds need is installed once and not for each of them: that takes a third of the time.
    """
    folder = tmp_path_factory.mktemp("installed")
    packages = shutil.copytree(PACKAGES, folder / "packages")
    venv.create(folder / "venv", with_pip=True, symlinks=os.name != "nt")
    python = folder / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    pip = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--no-compile")
    run(folder, *pip, *requirements(ROOT), "pytest", "hypothesis")
    run(
        folder,
        *pip,
        "--no-build-isolation",
        "--no-deps",
        ROOT,
        *(path.parent for path in packages.glob("*/pyproject.toml")),
    )
    answer = folder / "seen.json"
    suites = (packages / name for name in ("clientloop-example/tests", "clientloop-loyalty", "clientloop-parrot"))
    run(folder, python, "-I", packages / "use.py", folder, answer, *suites)
    found: Seen = json.loads(answer.read_text(encoding="utf-8"))
    return found


def plugin(seen: Seen, name: str) -> Mapping[str, Any]:
    """The report on one plugin."""
    [report] = [each for each in seen["plugins"] if each["name"] == name]
    found: Mapping[str, Any] = report
    return found


def test_every_installed_plugin_is_listed(seen: Seen) -> None:
    """Those that work and those that do not, with what pip knows of them."""
    assert [(each["distribution"], each["version"], each["status"]) for each in seen["plugins"]] == [
        ("clientloop-broken-import", "0.1.0", "broken"),
        ("clientloop-example", "1.2.0", "ok"),
        ("clientloop-loyalty", "1.0.0", "ok"),
        ("clientloop-misspelt", "0.1.0", "broken"),
        ("clientloop-parrot", "1.0.0", "ok"),
        ("clientloop-raising", "0.1.0", "ok"),
    ]


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("broken-import", "ModuleNotFoundError: No module named 'a_library_that_nobody_has'"),
        (
            "misspelt",
            "no hook 'clientloop_on_feedback_recieved': did you mean 'clientloop_on_feedback_received'",
        ),
    ],
)
def test_a_broken_plugin_has_its_cause_and_nothing_of_it_is_used(seen: Seen, name: str, cause: str) -> None:
    """Also not the hooks that it spelt right."""
    assert plugin(seen, name)["cause"].startswith(cause)
    assert plugin(seen, name)["provides"] == {}
    assert not {"carrier_pigeon", "smoke"} & set(seen["names"]["channel"])


def test_a_plugin_adds_a_channel_a_metric_a_store_and_a_kind(seen: Seen) -> None:
    """What the example brings stands beside what is built in."""
    assert {"pager", "parrot", "telegraph"} <= set(seen["names"]["channel"])
    added = {"channel": ["pager"], "metric": ["granted"], "process": ["request"], "store": ["journal"]}
    assert plugin(seen, "example")["provides"] == added
    assert {"complaint", "idea", "question", "praise", "referral", "request"} <= set(seen["names"]["process"])
    assert {"memory", "sqlite", "journal"} <= set(seen["names"]["store"])


def test_a_sixth_kind_runs_through_its_loop(seen: Seen) -> None:
    """Two requests are granted and one is declined, each until its loop is closed, on the plugin's own store."""
    granted, again, declined = seen["states"]
    assert granted == again
    assert list(dict.fromkeys(granted)) == ["new", "assigned", "granted", "closed_done"]
    assert list(dict.fromkeys(declined)) == ["new", "assigned", "declined", "closed_declined"]


def test_customers_are_told_over_the_plugins_channel(seen: Seen) -> None:
    """Of the receipt and of the end, of each of the three, with what was done or why not."""
    assert {page["to"] for page in seen["pages"]} == {"+38640123456"}
    texts = [page["text"] for page in seen["pages"]]
    assert len(texts) == 6
    assert [("Cancelled, and paid back" in text, "It was sent yesterday" in text) for text in texts[1::2]] == [
        (True, False),
        (True, False),
        (False, True),
    ]


def test_the_plugins_metric_measures_its_kind(seen: Seen) -> None:
    """Two of three requests were granted."""
    [score] = seen["scores"]
    assert (score["value"], score["count"]) == (pytest.approx(2 / 3), 3)


def test_a_plugin_that_raises_in_a_call_hurts_nobody(seen: Seen) -> None:
    """Its message waits for a person, what its observer and its channel raised is counted, and all else went on."""
    raising = plugin(seen, "raising")
    assert seen["lost"] == [["unknown", "unknown: the channel raised RuntimeError"]]
    assert (raising["failures"], raising["last_failure"]) == (5, "RuntimeError: the line is cut")
    assert plugin(seen, "example")["failures"] == 0


def test_the_plugins_store_passes_the_conformance_suite(seen: Seen) -> None:
    """Every test of the suite ran, in the environment of the plugin, and passed."""
    store, _, _ = seen["suites"]
    assert (store["code"], store["others"]) == (0, [])
    assert store["passed"] > 300


def test_a_plugins_metric_and_relationship_model_run_unchanged(seen: Seen) -> None:
    """They are found by their entry point and used like those that are built in, and pass the suites for both."""
    assert plugin(seen, "loyalty")["provides"] == {"metric": ["repurchase"], "relationship_model": ["regulars"]}
    assert seen["loyalty"] == {"score": [0.5, 2], "stages": ["again", "once"]}
    _, suites, _ = seen["suites"]
    assert (suites["code"], suites["others"]) == (0, [])
    assert suites["passed"] > 20


def test_the_plugins_channel_passes_the_conformance_suite(seen: Seen) -> None:
    """What the guide for authors of channels shows, installed as it stands there, passes every test."""
    _, _, channel = seen["suites"]
    assert (channel["code"], channel["others"]) == (0, [])
    assert channel["passed"] > 100

"""Seeded faults in rules, services and channels: each lets the happy path pass, and is caught by the test it names.

Every `.patch` beside this file is one fault. Its first line says what is broken, its second which test notices. To see
one of them at work: `git apply tests/mutants/NAME.patch`, run the test, `git apply -R tests/mutants/NAME.patch`.
"""

import compileall
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import chain
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from attrs import frozen

from tests.conftest import Size
from tests.mutants.patching import apply

ROOT = Path(__file__).resolve().parents[2]

#: What a developer tries first, and what none of the faults may disturb.
WHOLE_LOOP = "tests/test_app.py::test_whole_loop_on_sqlite_in_a_file"
HAPPY_PATH = (WHOLE_LOOP, "README.md", "tests/test_processes.py::test_every_row_leads_where_its_table_says")

#: Where no fault could disturb a table of processes.
BESIDE_THE_LOOP = re.compile(
    r"(cli|engines|exchange|metrics|relationships|reports|stores/postgres)/|(rules|services)/(asking|deals|measures|relationships?)/"
    r"|ports/(engine|relationship|scoring)\.py"
)

#: The same of an adapter, which no loop on a table of processes could disturb.
OF_ADAPTER = {
    "desk": ("tests/channels/desk/test_channel.py::test_a_poll",),
    "form": (
        "tests/channels/form/test_channel.py::test_files",
        "tests/channels/form/test_channel.py::test_thanks_without_a_number",
    ),
    "mail": ("tests/channels/mail/test_conformance.py::TestEmail::test_a_mail_is_handed_over_to_one_recipient",),
    "sms": (
        "tests/channels/sms/test_channel.py::test_a_message_is_one_authenticated_call",
        "tests/channels/sms/test_inbound.py::test_a_message_is_read",
    ),
    "webhook": (
        "tests/channels/webhook/test_channel.py::test_a_fact_is_one_signed_call",
        "tests/channels/webhook/test_signature.py::test_what_is_signed_is_vouched_for",
    ),
}

PATCHES = sorted(Path(__file__).parent.glob("*.patch"))

#: Of how many faults one is tried. Whose turn it is changes with the commits, if CI counts them: so all have theirs.
ONE_OF = 1 if os.environ.get("CLIENTLOOP_SIZE") == Size.NIGHT else 48
TURN = int(os.environ.get("CLIENTLOOP_TURN", "0")) % ONE_OF

#: Seconds after which a run hangs: ten times what one takes.
HANGS = 120

_FILE = re.compile(r"^\+\+\+ b/src/clientloop/(\S+)", re.MULTILINE)
_ADAPTER = re.compile(r"channels/(\w+)/")
_HEADER = re.compile(r"# (?P<fault>.+)\n# caught by: (?P<test>\S+::.+)\n")

in_ci = pytest.mark.in_ci("runs dozens of tests once for each fault")


@frozen(kw_only=True)
class Outcome:
    """What became of some tests."""

    #: What pytest printed.
    printed: str
    #: Names of the tests that passed.
    passed: frozenset[str]
    #: Names of the tests that failed.
    failed: frozenset[str]


def caught_by(patch: Path) -> str:
    """The test that notices a fault, as its patch says."""
    header = _HEADER.match(patch.read_text(encoding="utf-8"))
    assert header, f"{patch.name} begins with two lines: '# what is broken' and '# caught by: tests/...::test_name'"
    return header["test"]


#: The faults that are tried.
TRIED = PATCHES[TURN::ONE_OF]


def happy_path(patch: Path) -> Sequence[str]:
    """What the sources with a fault have to pass: the happy path, as far as the fault could disturb it."""
    files = _FILE.findall(patch.read_text(encoding="utf-8"))
    adapters = {found[1] for found in map(_ADAPTER.match, files) if found}
    if adapters:
        return [WHOLE_LOOP, *(test for name in sorted(adapters) for test in OF_ADAPTER[name])]
    return HAPPY_PATH[:2] if all(map(BESIDE_THE_LOOP.match, files)) else HAPPY_PATH


def short(test: str) -> str:
    """The name of a test as pytest reports it in XML."""
    return test.rpartition("::")[2]


def run(copy: Path, tests: Sequence[str]) -> Outcome:
    """Run tests of the checkout against a copy of the sources."""
    report = copy / "report.xml"
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("COV_", "PYTEST"))},
        "PYTHONPATH": str(copy / "src"),
        "CLIENTLOOP_SIZE": "small",
        "HYPOTHESIS_STORAGE_DIRECTORY": str(copy / "hypothesis"),
    }
    options = ("-n", "0", "-p", "no:cacheprovider", "--hypothesis-seed=0", f"--junit-xml={report}")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *options, *tests],
        cwd=ROOT, env=environment, capture_output=True, text=True, timeout=HANGS, check=False,
    )  # fmt: skip
    assert f"clientloop: {copy / 'src'}" in done.stdout, f"another copy was tested:\n{done.stdout}\n{done.stderr}"
    failed = {
        case.attrib["name"]: case.find("failure") is not None or case.find("error") is not None
        for case in ET.parse(report).iter("testcase")
    }
    return Outcome(
        printed=done.stdout,
        passed=frozenset(name for name in failed if not failed[name]),
        failed=frozenset(name for name in failed if failed[name]),
    )


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A compiled copy of the sources, so that the copies of it need not be compiled each."""
    copy = tmp_path_factory.mktemp("sources")
    shutil.copytree(ROOT / "src", copy / "src")
    compileall.compile_dir(copy / "src", quiet=2)
    return copy


@pytest.fixture(scope="module")
def runs(
    request: pytest.FixtureRequest, sources: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[Path, Future[Outcome]]]:
    """The runs of all faults that are asked for, as many at once as there are processors."""

    def try_out(patch: Path) -> Outcome:
        copy = tmp_path_factory.mktemp(patch.stem)
        shutil.copytree(sources / "src", copy / "src", copy_function=os.link)  # `apply` makes new files
        apply(patch.read_text(encoding="utf-8"), copy)
        return run(copy, [*happy_path(patch), caught_by(patch)])

    asked = {
        item.callspec.params["patch"] for item in request.session.items if "runs" in getattr(item, "fixturenames", ())
    }
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield {patch: pool.submit(try_out, patch) for patch in sorted(asked)}


def test_there_are_at_least_ten() -> None:
    """The tests are tried by ten faults or more."""
    assert len(PATCHES) >= 10


@pytest.mark.parametrize(("suite", "least"), [("channels", 20), ("metrics", 10)])
def test_the_suites_of_authors_catch_faults(suite: str, least: int) -> None:
    """Twenty faults of adapters and what guards them are caught by the suite of channels, ten by that of metrics."""
    caught = [test for test in map(caught_by, PATCHES) if test.startswith(f"tests/{suite}/")]
    assert len([test for test in caught if "/test_conformance.py::" in test]) >= least


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.stem)
def test_a_fault_fits_the_sources(patch: Path, tmp_path: Path) -> None:
    """Also of those that are not tried now each has its place in the sources, and changes it into what is Python."""
    files = _FILE.findall(patch.read_text(encoding="utf-8"))
    for name in files:
        file = tmp_path / "src" / "clientloop" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes((ROOT / "src" / "clientloop" / name).read_bytes())
    apply(patch.read_text(encoding="utf-8"), tmp_path)
    assert files
    for name in files:
        compile((tmp_path / "src" / "clientloop" / name).read_text(encoding="utf-8"), name, "exec")


@in_ci
def test_without_a_fault_everything_passes(sources: Path) -> None:
    """The happy path, and each test that a patch names, passes on the sources as they are."""
    tests = sorted({caught_by(patch) for patch in TRIED})
    outcome = run(sources, [*HAPPY_PATH, *chain.from_iterable(OF_ADAPTER.values()), *tests])
    assert not outcome.failed, outcome.printed
    assert {short(test) for test in tests} <= outcome.passed


@in_ci
@pytest.mark.parametrize("patch", TRIED, ids=lambda patch: patch.stem)
def test_a_fault_is_caught_by_the_test_that_it_names(patch: Path, runs: Mapping[Path, Future[Outcome]]) -> None:
    """With the fault the happy path still passes, and the named test fails."""
    outcome = runs[patch].result()
    assert outcome.failed == {short(caught_by(patch))}, outcome.printed

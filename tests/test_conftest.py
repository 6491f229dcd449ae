"""Sizes, skips that fail, real data and examples: what tests/conftest.py promises, tried on projects of two files."""

from pathlib import Path

import pytest

pytest_plugins = ["pytester"]
pytestmark = pytest.mark.in_ci("each runs pytest in a process of its own")

CONFTEST = Path(__file__).with_name("conftest.py").read_text(encoding="utf-8")


class Project:
    """A folder with our conftest in its `tests`, in which pytest runs in a process of its own."""

    def __init__(self, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
        self._pytester = pytester
        self._monkeypatch = monkeypatch
        self.root = pytester.mkdir("project")
        self.write("tests/conftest.py", CONFTEST)
        self.write("pyproject.toml", '[tool.pytest.ini_options]\nmarkers = ["real_data", "in_ci"]\n')
        for variable in ("CLIENTLOOP_SIZE", "CLIENTLOOP_REQUIRE"):
            monkeypatch.delenv(variable, raising=False)

    def write(self, name: str, text: str) -> None:
        """Put a file into the project."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def run(self, *args: str, **environment: str) -> pytest.RunResult:
        """Run pytest in the project, with these variables set."""
        for variable, value in environment.items():
            self._monkeypatch.setenv(variable, value)
        self._monkeypatch.chdir(self.root)
        return self._pytester.runpytest_subprocess("-p", "no:cacheprovider", "-rs", "tests", *args)


@pytest.fixture
def project(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Project:
    """A project of its own with our conftest."""
    return Project(pytester, monkeypatch)


SIZED = """
from hypothesis import settings

def test_size(size):
    print("picked", size.pick(small="little", ci="enough", night="all"), settings().max_examples)
"""


@pytest.mark.parametrize(
    ("environment", "printed"),
    [
        ({}, "picked little 20"),
        ({"CLIENTLOOP_SIZE": "ci"}, "picked enough 50"),
        ({"CLIENTLOOP_SIZE": "night"}, "picked all 2000"),
    ],
)
def test_size_is_read_from_the_environment(project: Project, environment: dict[str, str], printed: str) -> None:
    """The size chooses what long tests do and the Hypothesis profile; small is the default."""
    project.write("tests/test_sized.py", SIZED)
    result = project.run("-s", **environment)
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines([f"*{printed}*"])


LEFT_TO_CI = """
import pytest

@pytest.mark.in_ci("builds a house")
def test_house(): pass

def test_hut(): pass
"""


def test_what_takes_long_is_left_to_ci(project: Project) -> None:
    """A plain run skips it and says how to run it; CI selects it by its mark."""
    project.write("tests/test_house.py", LEFT_TO_CI)
    plain = project.run()
    plain.assert_outcomes(passed=1, skipped=1)
    plain.stdout.fnmatch_lines(["*builds a house: set CLIENTLOOP_SIZE=ci*"])
    project.run("-m", "in_ci", CLIENTLOOP_SIZE="ci").assert_outcomes(passed=1, deselected=1)


@pytest.mark.parametrize("variable", ["CLIENTLOOP_SIZE", "CLIENTLOOP_REQUIRE"])
def test_unknown_values_are_refused(project: Project, variable: str) -> None:
    """A misspelt value stops the run instead of testing less than was asked for."""
    result = project.run(**{variable: "al"})
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*{variable}=al is none of*"])


SKIPS = {
    "in_test": "import pytest\ndef test_it(): pytest.skip('needs dovecot')",
    "by_mark": "import pytest\n@pytest.mark.skip(reason='needs dovecot')\ndef test_it(): pass",
    "in_fixture": (
        "import pytest\n@pytest.fixture\ndef server(): pytest.skip('needs dovecot')\ndef test_it(server): pass"
    ),
    "by_unittest": "import unittest\nclass T(unittest.TestCase):\n  def test_it(self): self.skipTest('needs dovecot')",
    "of_module": "import pytest\npytest.skip('needs dovecot', allow_module_level=True)",
    "at_import": "import pytest\npytest.importorskip('dovecot', reason='needs dovecot')",
}


def test_required_skips_fail(project: Project) -> None:
    """However a test is skipped, it is a skip by default and a failure with its reason under CLIENTLOOP_REQUIRE=all."""
    for how, source in SKIPS.items():
        project.write(f"tests/test_{how}.py", source)
    project.run().assert_outcomes(skipped=len(SKIPS))

    result = project.run("--continue-on-collection-errors", CLIENTLOOP_REQUIRE="all")
    result.assert_outcomes(failed=2, errors=4)  # before a test runs, it is an error
    assert str(result.stdout).count("CLIENTLOOP_REQUIRE=all, but skipped: needs dovecot") >= len(SKIPS)


def test_expected_failures_are_no_skips(project: Project) -> None:
    """A test that is known to fail stays so under CLIENTLOOP_REQUIRE=all."""
    project.write("tests/test_known.py", "import pytest\n@pytest.mark.xfail\ndef test_it(): assert False")
    project.run(CLIENTLOOP_REQUIRE="all").assert_outcomes(xfailed=1)


REAL = """
def test_reads(real_data):
    print("read", (real_data / "tickets.csv").read_text())
"""


def test_missing_real_data_is_skipped_with_a_message(project: Project) -> None:
    """Where the folder is missing, its tests are skipped and say what they need, also under CLIENTLOOP_REQUIRE=all."""
    project.write("tests/test_real.py", REAL)
    result = project.run(CLIENTLOOP_REQUIRE="all")
    result.assert_outcomes(skipped=1)
    result.stdout.fnmatch_lines(["*needs the folder *shared/data: real data not tested*"])


def test_real_data_lies_beside_the_project(project: Project) -> None:
    """A test that asks for the fixture gets the folder, and can be selected by the mark."""
    project.write("tests/test_real.py", REAL)
    project.write("../shared/data/tickets.csv", "three tickets")
    result = project.run("-s", "-m", "real_data")
    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*read three tickets*"])


def test_examples_of_documents_run_in_a_folder_of_their_own(project: Project) -> None:
    """Blocks of one document share their names, leave no file in the project, and fail when they are wrong."""
    project.write("README.md", "```python\nopen('shop.db', 'w').close()\n```\n\n```python\nprint(nothing)\n```\n")
    project.write("docs/how-to/index.md", "```python\n>>> 1 + 1\n2\n\n```\n")
    result = project.run("docs", "README.md")
    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["*NameError: name 'nothing' is not defined*"])
    assert not (project.root / "shop.db").exists()


def test_examples_of_docstrings_run_with_the_names_of_their_module(project: Project) -> None:
    """A docstring's example is a test of the module it stands in."""
    project.write(
        "src/loopexample.py", 'def double(x):\n    """Double.\n\n    >>> double(2)\n    4\n    """\n    return x * 3\n'
    )
    result = project.run("src", PYTHONPATH=str(project.root / "src"))
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*Got:*", "*6*"])

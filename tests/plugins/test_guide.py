"""The guides for authors show files of plugins that work."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ROOT / "tests" / "plugins" / "packages"
PARROT, LOYALTY = PACKAGES / "clientloop-parrot", PACKAGES / "clientloop-loyalty"
SHOWN = [
    *(
        ("publish-a-plugin.md", PACKAGES / "clientloop-example" / name)
        for name in (
            "pyproject.toml",
            *(f"src/clientloop_example/{module}.py" for module in ("hooks", "request", "pager", "granted")),
        )
    ),
    *(("write-a-channel.md", PARROT / name) for name in ("pyproject.toml", "clientloop_parrot.py", "test_parrot.py")),
    *(("write-a-metric.md", LOYALTY / name) for name in ("pyproject.toml", "clientloop_loyalty.py", "test_loyalty.py")),
]


@pytest.mark.parametrize(("guide", "file"), SHOWN, ids=lambda shown: Path(shown).name)
def test_the_guide_shows_the_file_as_it_is(guide: str, file: Path) -> None:
    """What readers copy from the page is what the tests install."""
    shown = f"```{'toml' if file.suffix == '.toml' else 'python'}\n{file.read_text(encoding='utf-8')}```\n"
    assert shown in (ROOT / "docs" / "how-to" / guide).read_text(encoding="utf-8"), f"copy {file.name} into {guide}"


def test_a_channel_takes_less_than_150_lines() -> None:
    """With its distribution and its tests."""
    assert sum(len(path.read_text(encoding="utf-8").splitlines()) for path in PARROT.iterdir() if path.is_file()) < 150


def _loaded(package: Path, name: str) -> ModuleType:
    """A module of a package, from where it lies."""
    spec = importlib.util.spec_from_file_location(name, package / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules[name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_loaded(PARROT, "clientloop_parrot")
_loaded(LOYALTY, "clientloop_loyalty")

#: The conformance suites, as the guides have them; `test_packages.py` runs them where the packages are installed.
TestParrot = _loaded(PARROT, "test_parrot").TestParrot
TestRepurchase = _loaded(LOYALTY, "test_loyalty").TestRepurchase
TestRegulars = _loaded(LOYALTY, "test_loyalty").TestRegulars

"""The guide for authors shows files of a plugin that works."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "tests" / "plugins" / "packages" / "clientloop-example"
GUIDE = ROOT / "docs" / "how-to" / "publish-a-plugin.md"
SHOWN = ["pyproject.toml", *(f"src/clientloop_example/{name}.py" for name in ("hooks", "request", "pager", "granted"))]


@pytest.mark.parametrize("name", SHOWN)
def test_the_guide_shows_the_file_as_it_is(name: str) -> None:
    """What readers copy from the page is what the tests install."""
    shown = f"```{'toml' if name.endswith('toml') else 'python'}\n{(EXAMPLE / name).read_text(encoding='utf-8')}```\n"
    assert shown in GUIDE.read_text(encoding="utf-8"), f"copy {name} into {GUIDE.name}"

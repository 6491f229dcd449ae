"""The documentation: the reference is whole, and the checks that the build makes do see faults.

The build itself runs in an environment of its own; the files that belong to it are read here without MkDocs.
"""

import importlib
import importlib.util
import pkgutil
import re
import zlib
from pathlib import Path
from types import ModuleType

import pytest

import clientloop

ROOT = Path(__file__).resolve().parents[1]
REFERENCE = ROOT / "docs" / "reference"
PACKAGE = ROOT / "src" / "clientloop"


def _load_hooks() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_hooks", ROOT / "docs" / "hooks.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


hooks = _load_hooks()

#: A line that shows a module or an object, and the indented options that follow it.
DIRECTIVE = re.compile(r"^::: (?P<name>[\w.]+)\n(?P<options>(?: {4}.*\n)*)", re.MULTILINE)


def _shown() -> list[tuple[str, bool]]:
    """What the pages of the reference show, each with whether its submodules are shown with it."""
    return [
        (found["name"], "show_submodules: false" not in found["options"])
        for page in sorted(REFERENCE.rglob("*.md"))
        for found in DIRECTIVE.finditer(page.read_text(encoding="utf-8"))
    ]


def test_every_public_name_is_in_the_reference() -> None:
    """For every public name there is a page that shows its module, or a package around it."""
    shown = _shown()
    modules = {name.rpartition(".")[0] for name in hooks.public_names(PACKAGE)}
    missing = {
        module
        for module in modules
        if not any(module == name or (deep and module.startswith(f"{name}.")) for name, deep in shown)
    }
    assert missing == set(), f"add ::: NAME to a page in {REFERENCE} for each"


def test_the_reference_is_in_the_navigation() -> None:
    """Every page of the reference is named in the navigation and in the index of the reference."""
    navigation = (ROOT / "docs" / "mkdocs.yml").read_text(encoding="utf-8")
    index = (REFERENCE / "index.md").read_text(encoding="utf-8")
    pages = {page.name for page in REFERENCE.glob("*.md")} - {"index.md"}
    assert pages
    assert {page for page in pages if f"- reference/{page}\n" not in navigation or f"]({page})" not in index} == set()


def test_public_names_are_read_as_python_sees_them() -> None:
    """What packages say in `__all__` when they are imported is what the build reads from their sources."""
    found = pkgutil.walk_packages(clientloop.__path__, "clientloop.")
    names = ["clientloop", *(module.name for module in found if module.ispkg)]
    packages = [importlib.import_module(name) for name in names if not name.startswith(hooks.FACES)]
    said = {f"{package.__name__}.{name}" for package in packages for name in getattr(package, "__all__", ())}
    assert said <= hooks.public_names(PACKAGE)


def test_public_names_of_a_package(tmp_path: Path) -> None:
    """`__all__` decides; without it, what is defined or described here and has no underscore; faces are left out."""
    package = tmp_path / "clientloop"
    sources = {
        "__init__.py": "from clientloop.app import Loop\n__all__ = ['Loop']\ndef __getattr__(name): ...",
        "app.py": "import typing\nT = typing.TypeVar('T')\n#: Days.\nDAYS: int = 7\nclass Loop: ...\n_x = 1",
        "_private.py": "def helper(): ...",
        "cli/__init__.py": "def main(): ...",
    }
    for name, source in sources.items():
        (package / name).parent.mkdir(parents=True, exist_ok=True)
        (package / name).write_text(source, encoding="utf-8")
    assert hooks.public_names(package) == {"clientloop.Loop", "clientloop.app.DAYS", "clientloop.app.Loop"}


@pytest.mark.parametrize(
    ("text", "loaded"),
    [
        ('<script src="https://cdn.example/x.js"></script>', "https://cdn.example/x.js"),
        ("<script async src=//cdn.example/x.js></script>", "//cdn.example/x.js"),
        ('<link rel="stylesheet" href="https://fonts.example/css">', "https://fonts.example/css"),
        ('<img alt="" src="http://example.com/x.png">', "http://example.com/x.png"),
        ("<style>body{background:url('https://example.com/x.png')}</style>", "https://example.com/x.png"),
        ('@import "https://example.com/x.css";', "https://example.com/x.css"),
        ('<pre class="mermaid"><code>graph TD</code></pre>', "mermaid"),
    ],
)
def test_what_a_page_loads_from_outside_is_seen(text: str, loaded: str) -> None:
    """Scripts, styles, pictures and drawings that a browser would fetch from elsewhere are reported."""
    assert hooks.outside_loads(text) == [loaded]


@pytest.mark.parametrize(
    "text",
    [
        '<a href="https://semver.org/">SemVer</a>',
        '<script src="../assets/javascripts/bundle.js"></script>',
        '<svg xmlns="http://www.w3.org/2000/svg"></svg>',
        "background:url(../images/x.png)",
        "<p>see https://example.com/</p>",
    ],
)
def test_links_and_files_of_the_site_are_no_loads(text: str) -> None:
    """A link that a reader may follow, and what lies in the site itself, are not reported."""
    assert hooks.outside_loads(text) == []


def test_a_faulty_site_is_reported(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """The build warns of a public name that the site does not describe and of a page that loads from outside."""
    package, site = tmp_path / "src" / "clientloop", tmp_path / ".site"
    package.mkdir(parents=True)
    site.mkdir()
    (package / "__init__.py").write_text('__all__ = ["Described", "Missing"]\n', encoding="utf-8")
    described = zlib.compress(b"clientloop.Described py:class 1 reference/#$ -\n")
    (site / "objects.inv").write_bytes(
        b"# Sphinx inventory version 2\n# Project: x\n# Version: 0\n# packed\n" + described
    )
    (site / "index.html").write_text('<script src="https://cdn.example/x.js"></script>', encoding="utf-8")

    hooks.on_post_build({"site_dir": str(site), "docs_dir": str(tmp_path / "docs")})

    missing, loading = [record.getMessage() for record in caplog.records]
    assert missing.startswith("clientloop.Missing is not in the reference")
    assert loading == "index.html loads https://cdn.example/x.js from outside"


def test_a_page_draws_its_pictures(tmp_path: Path) -> None:
    """Its examples are run one after the other, elsewhere; what else they write is no picture."""
    page = tmp_path / "page.md"
    page.write_text(
        "```python\nfrom pathlib import Path\n```\nand then\n"
        "```python\nPath('a.svg').write_text('<svg/>')\nPath('b.txt').touch()\n```\n"
    )
    assert hooks.drawn(page) == {"a.svg": b"<svg/>"}
    assert [path.name for path in tmp_path.iterdir()] == ["page.md"]


@pytest.mark.parametrize("name", hooks.DRAWING)
def test_every_picture_of_a_page_is_drawn_by_its_code(name: str) -> None:
    """What is shown is what is saved; that the code runs is tried with all examples."""
    text = (ROOT / "docs" / name).read_text(encoding="utf-8")
    shown, saved = re.findall(r"!\[[^]]+\]\(([\w-]+\.svg)\)", text), re.findall(r'savefig\("([\w-]+\.svg)"\)', text)
    assert shown == saved
    assert shown

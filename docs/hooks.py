"""What the build of the site does besides: it draws pictures, and checks that the reference is whole and all is inside.

Faults are warnings, on which a strict build fails.
"""

import ast
import logging
import re
import zlib
from collections.abc import Iterable, Mapping
from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

#: Packages whose public face is a command or a page, described elsewhere than in the reference; and the steps of the
#: migrations, which nobody calls but Alembic.
FACES = ("clientloop.cli", "clientloop.web", "clientloop.sql.migrations.versions")

#: Pages with pictures that their own code draws.
DRAWING = ("how-to/draw.md",)

_log = logging.getLogger("mkdocs.hooks.clientloop")


def on_files(files: Any, config: Any) -> Any:
    """Draw the pictures that pages show."""
    from mkdocs.structure.files import File

    for name in DRAWING:
        page = Path(config["docs_dir"]) / name
        for picture, content in drawn(page).items():
            files.append(File.generated(config, f"{Path(name).parent}/{picture}", content=content))
    return files


def drawn(page: Path) -> Mapping[str, bytes]:
    """The pictures that the examples of a page write, by the names of their files.

    The page is run as readers would run it: its examples one after the other, in an empty folder.
    """
    examples = re.findall(r"^```python\n(.*?)^```", page.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    with TemporaryDirectory() as folder, chdir(folder):
        exec(compile("\n".join(examples), str(page), "exec"), {})  # noqa: S102  # our own page, which tests run as well
        return {path.name: path.read_bytes() for path in sorted(Path(folder).glob("*.svg"))}


def on_post_build(config: Any) -> None:
    """Check the site when it is built."""
    site = Path(config["site_dir"])
    source = Path(config["docs_dir"]).parent / "src" / "clientloop"
    for name in sorted(public_names(source) - inventory(site / "objects.inv")):
        _log.warning("%s is not in the reference: name it, or its module, after ::: on a page of docs/reference/", name)
    for path in sorted((*site.rglob("*.html"), *site.rglob("*.css"))):
        for address in outside_loads(path.read_text(encoding="utf-8")):
            _log.warning("%s loads %s from outside", path.relative_to(site), address)


def public_names(package: Path) -> set[str]:
    """The dotted names of all that is public below a package folder, read without importing it."""
    names: set[str] = set()
    for path in package.rglob("*.py"):
        parts = path.relative_to(package.parent).with_suffix("").parts
        module = ".".join(part for part in parts if part != "__init__")
        if not module.startswith(FACES) and "._" not in module:
            text = path.read_text(encoding="utf-8")
            names.update(f"{module}.{name}" for name in _names(ast.parse(text), text.splitlines()))
    return names


def _names(module: ast.Module, lines: list[str]) -> Iterable[str]:
    """What `__all__` lists; without one, the classes, the functions and what a `#:` comment stands above."""
    declared = [node for node in module.body if isinstance(node, ast.Assign | ast.AnnAssign)]
    for node in declared:
        if "__all__" in _targets(node) and node.value is not None:
            return ast.literal_eval(node.value)
    defined = [n.name for n in module.body if isinstance(n, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)]
    described = [name for node in declared if lines[node.lineno - 2].startswith("#:") for name in _targets(node)]
    return (name for name in defined + described if not name.startswith("_"))


def _targets(node: ast.Assign | ast.AnnAssign) -> list[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return [target.id for target in targets if isinstance(target, ast.Name)]


def inventory(path: Path) -> set[str]:
    """The names that a built site describes, from its `objects.inv`: four lines of text, then packed ones."""
    packed = path.read_bytes().split(b"\n", 4)[4]
    return {line.partition(" ")[0] for line in zlib.decompress(packed).decode().splitlines()}


def outside_loads(text: str) -> list[str]:
    """What a browser would fetch from elsewhere, by itself, to show this page or style sheet."""
    return [address for pattern in _LOADS for address in pattern.findall(text)]


_OUTSIDE = r"""((?:https?:)?//[^"'\s)>]+)"""
_LOADS = (
    # what a tag fetches; a link that a reader may follow fetches nothing
    re.compile(r"<(?!a\b)\w+\b[^>]*?\s(?:src|srcset|href|poster|data)=[\"']?" + _OUTSIDE),
    re.compile(r"(?:url\(|@import)\s*[\"']?" + _OUTSIDE),
    # the theme fetches Mermaid from a network when a page has a drawing in it
    re.compile(r"""class="[^"]*\b(mermaid)\b"""),
)

"""The house: which layer may import which, what is pure, and that every folder has its place.

The rules are functions over a folder, so that they are themselves tried on a small house with a fault.
"""

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

PACKAGE = "clientloop"
SOURCE = Path(__file__).resolve().parents[1] / "src" / PACKAGE

#: Each layer and those it stands on; it may import them and all that is below them. ``__init__`` is the package itself.
LAYERS: dict[str, tuple[str, ...]] = {
    "errors": (),
    "model": ("errors",),
    "rules": ("model",),
    "ports": ("rules",),
    "drivers": ("ports",),
    "plugins": ("ports",),
    "sql": ("plugins",),
    "stores": ("sql",),
    "engines": ("sql",),
    "relationships": ("plugins",),
    "presets": ("relationships",),
    "channels": ("plugins",),
    "metrics": ("plugins",),
    "text": ("plugins",),
    "services": ("plugins",),
    "reports": ("services",),
    "exchange": ("services",),
    "app": ("stores", "engines", "presets", "channels", "drivers", "metrics", "text", "reports", "exchange"),
    "__init__": ("app",),
    "cli": ("__init__",),
    "web": ("__init__",),
    "testing": ("__init__",),
}

#: Folders of data, without modules.
DATA_FOLDERS = {"locale", "templates"}

#: Layers whose modules are plugins of the same standing as a third party's: they never import one another.
BUILT_IN_PLUGINS = {"channels", "metrics", "stores"}
#: The module of such a layer that holds its hooks, and so names its plugins.
HOOK_MODULE = "plugin"

#: Layers that do no I/O, read no clock and draw no lots; and what they would do it with.
PURE = {"model", "rules"}
IMPURE_MODULES = {
    *(
        "asyncio",
        "http",
        "imaplib",
        "requests",
        "select",
        "smtplib",
        "socket",
        "sqlalchemy",
        "sqlite3",
        "ssl",
        "urllib",
    ),
    *("glob", "io", "multiprocessing", "os", "pathlib", "shutil", "subprocess", "sys", "tempfile"),
    *("random", "sched", "secrets", "time"),
}
IMPURE_FUNCTIONS = {"breakpoint", "input", "open", "print"}
IMPURE_METHODS = {"now", "today", "utcnow", "uuid1", "uuid4"}


class Import(NamedTuple):
    """One import, as the absolute name of what is imported."""

    file: Path
    line: int
    importer: str
    imported: str


def modules(root: Path) -> dict[str, Path]:
    """Every module below the package folder `root`, by its dotted name."""
    found: dict[str, Path] = {}
    for path in sorted(root.rglob("*.py")):
        parts = path.relative_to(root.parent).with_suffix("").parts
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def imports(root: Path) -> Sequence[Import]:
    """Every import in the package, wherever it stands; a text that names a module of ours is a lazy import."""
    return tuple(_imports(modules(root)))


def _imports(known: dict[str, Path]) -> Iterator[Import]:
    for importer, path in known.items():
        package = importer if path.name == "__init__.py" else importer.rpartition(".")[0]
        for node in ast.walk(_tree(path)):
            for imported in _imported(node, package, known):
                yield Import(path, node.lineno, importer, imported)


def _imported(node: ast.AST, package: str, known: dict[str, Path]) -> Iterator[str]:
    match node:
        case ast.Import(names):
            yield from (alias.name for alias in names)
        case ast.ImportFrom(module, names, level):
            start = package.rsplit(".", level - 1)[0] if level else ""
            base = ".".join(filter(None, (start, module)))
            for alias in names:
                submodule = f"{base}.{alias.name}"
                yield submodule if submodule in known else base
        case ast.Constant(str(text)) if text != PACKAGE and _ATTRIBUTE.sub("", text) in known:
            yield _ATTRIBUTE.sub("", text)


_ATTRIBUTE = re.compile(r":\w+$")


def layer_of(module: str) -> str | None:
    """The layer a module belongs to, None if it is not ours."""
    package, _, rest = module.partition(".")
    return (rest.partition(".")[0] or "__init__") if package == PACKAGE else None


def below(layer: str) -> set[str]:
    """All layers that a layer may import."""
    return {lower for each in LAYERS[layer] for lower in (each, *below(each))}


def unknown_places(root: Path) -> list[str]:
    """Folders and modules that no layer knows, and modules among data."""
    faults = [f"{path.name}: no layer" for path in sorted(root.iterdir()) if _is_unknown(path)]
    faults += [
        f"{path.relative_to(root)}: a module among data" for d in DATA_FOLDERS for path in (root / d).rglob("*.py")
    ]
    return faults


def _is_unknown(path: Path) -> bool:
    if path.is_dir():
        return path.name not in LAYERS.keys() | DATA_FOLDERS | {"__pycache__"}
    return path.suffix == ".py" and path.stem not in LAYERS


def wrong_directions(root: Path) -> list[str]:
    """Imports that go up, or sideways."""
    faults = []
    for found in imports(root):
        upper, lower = layer_of(found.importer), layer_of(found.imported)
        if upper in LAYERS and lower is not None and lower != upper and lower not in below(upper):
            faults.append(_fault(found, f"{upper} must not import {lower}"))
    return faults


def siblings(root: Path) -> list[str]:
    """Built-in plugins that import one another."""
    faults = []
    for found in imports(root):
        mine, other = _plugin(found.importer), _plugin(found.imported)
        if mine and other and mine[0] == other[0] and mine != other:
            faults.append(_fault(found, f"the plugin {'.'.join(mine)} must not import {'.'.join(other)}"))
    return faults


def _plugin(module: str) -> tuple[str, str] | None:
    match module.split("."):
        case [package, layer, plugin, *_] if package == PACKAGE and layer in BUILT_IN_PLUGINS and plugin != HOOK_MODULE:
            return layer, plugin
    return None


def impurities(root: Path) -> list[str]:
    """I/O and clocks in the pure layers."""
    faults = [
        _fault(found, f"{layer_of(found.importer)} is pure")
        for found in imports(root)
        if layer_of(found.importer) in PURE and found.imported.partition(".")[0] in IMPURE_MODULES
    ]
    for module, path in modules(root).items():
        if layer_of(module) in PURE:
            calls = [node for node in ast.walk(_tree(path)) if isinstance(node, ast.Call) and _is_impure(node.func)]
            faults += [f"{path.name}:{c.lineno}: {layer_of(module)} is pure: {ast.unparse(c)}" for c in calls]
    return faults


def _is_impure(called: ast.expr) -> bool:
    match called:
        case ast.Name(name):
            return name in IMPURE_FUNCTIONS
        case ast.Attribute(_, name):
            return name in IMPURE_METHODS
    return False


def _fault(found: Import, why: str) -> str:
    return f"{found.file.name}:{found.line}: {why}: {found.imported}"


Rule = Callable[[Path], list[str]]
RULES: tuple[Rule, ...] = (unknown_places, wrong_directions, siblings, impurities)


@pytest.mark.parametrize("rule", RULES)
def test_the_house_keeps_the_rule(rule: Rule) -> None:
    """Every module under src lies in a layer, imports downwards only, and does no I/O where none may be done."""
    assert modules(SOURCE), "no module was read"
    assert rule(SOURCE) == []


#: A small house without a fault.
GOOD = {
    "__init__.py": "if TYPE_CHECKING:\n    from clientloop.app import ClientLoop\nHOME = 'clientloop.app:ClientLoop'",
    "errors.py": "import difflib",
    "model/__init__.py": "",
    "model/calendar.py": "from clientloop import errors\nfrom datetime import datetime",
    "rules/moves.py": "from ..model.calendar import Calendar\ndef is_open(calendar, at): return calendar.open(at)",
    "plugins/registry.py": "GROUP = 'clientloop'",
    "channels/plugin.py": "from clientloop.channels import phone\nHEAVY = 'clientloop.channels.mail:Mail'",
    "channels/mail.py": "import smtplib\nfrom clientloop.ports import channel",
    "channels/phone.py": "",
    "ports/channel.py": "",
    "stores/memory.py": "",
    "stores/plugin.py": "HEAVY = 'clientloop.stores.sqlite'",
    "stores/sqlite/__init__.py": "from clientloop.stores.sqlite import claims\nimport sqlite3",
    "stores/sqlite/claims.py": "from clientloop.sql import tables",
    "sql/tables.py": "from clientloop.plugins.registry import GROUP",
    "services/outbox.py": "import time",
    "reports/loop.py": "from clientloop.services import outbox",
    "app.py": "BUILTINS = ('clientloop.stores.sqlite', 'clientloop.channels')",
    "cli/__init__.py": "from clientloop import ClientLoop",
    "testing/store.py": "from clientloop.app import ClientLoop",
    "templates/received.txt": "We have your words.",
}


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """The small house without a fault."""
    root = tmp_path / PACKAGE
    for name, source in GOOD.items():
        _write(root / name, source)
    return root


def _write(path: Path, source: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(source, encoding="utf-8")


def test_a_good_house_passes(house: Path) -> None:
    """What the layers allow is not reported."""
    assert [fault for rule in RULES for fault in rule(house)] == []


UP = "def later():\n    from clientloop.services import outbox"
HINTS_ONLY = "if TYPE_CHECKING:\n    from clientloop.app import ClientLoop"


@pytest.mark.parametrize(
    ("rule", "name", "source", "fault"),
    [
        (wrong_directions, "model/bad.py", "import clientloop.stores.memory", "model must not import stores"),
        (wrong_directions, "errors.py", "from .model import calendar", "errors must not import model"),
        (wrong_directions, "rules/bad.py", "from .. import app", "rules must not import app"),
        (wrong_directions, "rules/bad.py", UP, "rules must not import services"),
        (wrong_directions, "ports/bad.py", HINTS_ONLY, "ports must not import app"),
        (wrong_directions, "services/bad.py", "LAZY = 'clientloop.sql.tables'", "services must not import sql"),
        (wrong_directions, "services/bad.py", "LAZY = 'clientloop.cli:main'", "services must not import cli"),
        (wrong_directions, "services/bad.py", "from clientloop import ClientLoop", "services must not import __init__"),
        (
            wrong_directions,
            "channels/bad.py",
            "from clientloop.stores import memory",
            "channels must not import stores",
        ),
        (wrong_directions, "reports/bad.py", "import clientloop.exchange.csv", "reports must not import exchange"),
        (wrong_directions, "app.py", "from clientloop.testing import store", "app must not import testing"),
        (wrong_directions, "__init__.py", "from clientloop.testing import store", "__init__ must not import testing"),
        (wrong_directions, "cli/bad.py", "from clientloop.testing.store import Suite", "cli must not import testing"),
        (
            siblings,
            "channels/bad.py",
            "from clientloop.channels import phone",
            "channels.bad must not import channels.phone",
        ),
        (siblings, "channels/bad.py", "from .phone import Phone", "channels.bad must not import channels.phone"),
        (siblings, "stores/sqlite/bad.py", "from ..memory import Store", "stores.sqlite must not import stores.memory"),
        (impurities, "model/bad.py", "from os import path", "model is pure: os"),
        (impurities, "rules/bad.py", "def late():\n    import time", "rules is pure: time"),
        (impurities, "rules/bad.py", "at = datetime.now(UTC)", "rules is pure: datetime.now(UTC)"),
        (impurities, "rules/bad.py", "on = datetime.date.today()", "rules is pure: datetime.date.today()"),
        (impurities, "rules/bad.py", "text = open('notes.txt').read()", "rules is pure: open('notes.txt')"),
        (unknown_places, "helpers/__init__.py", "", "helpers: no layer"),
        (unknown_places, "utils.py", "", "utils.py: no layer"),
        (unknown_places, "templates/fill.py", "", "templates/fill.py: a module among data"),
    ],
)
def test_a_fault_in_the_house_is_reported(house: Path, rule: Rule, name: str, source: str, fault: str) -> None:
    """Each way to break a rule is found, wherever the import stands and however it is written, and found once."""
    _write(house / name, source)
    [reported] = rule(house)
    assert fault in reported

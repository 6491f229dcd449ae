"""Every hook is documented with its exact signature, has a fact or a sort that it is for, and is called."""

import ast
import inspect
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import pytest

from clientloop.model.facts import Fact, FactName
from clientloop.plugins import hookimpl, spec
from clientloop.plugins.loading import HOOKS
from clientloop.plugins.registry import Registry
from clientloop.plugins.spec import Sort
from clientloop.presets.praise import PRAISE

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "hooks.md"
SPECS = {name: it for name, it in inspect.getmembers(spec, inspect.isfunction) if name.startswith("clientloop_")}


def signature(hook: Callable[..., object]) -> str:
    """The signature as it is written."""
    [function] = ast.parse(inspect.getsource(hook)).body
    assert isinstance(function, ast.FunctionDef)
    assert function.returns is not None
    return f"def {function.name}({ast.unparse(function.args)}) -> {ast.unparse(function.returns)}: ..."


def test_every_sort_and_every_fact_has_its_hook() -> None:
    """The tables of sorts and of facts, and the hooks, name each other."""
    assert sorted(SPECS) == sorted(HOOKS) == sorted([*(s.hook for s in Sort), *(fact.hook for fact in FactName)])


def test_the_reference_lists_every_hook_and_no_other() -> None:
    """What the reference calls a hook is one, once."""
    documented = re.findall(r"^def (clientloop_\w+)", REFERENCE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert sorted(documented) == sorted(SPECS)


@pytest.mark.parametrize("name", SPECS)
def test_a_hook_is_documented_with_its_signature(name: str) -> None:
    """The reference shows the hook as it is declared, and says when it is called."""
    hook = SPECS[name]
    page = REFERENCE.read_text(encoding="utf-8")
    assert signature(hook) in page
    assert f"### {name}" in page
    assert (inspect.getdoc(hook) or "").partition("\n")[0] in page


@pytest.mark.parametrize("sort", Sort)
def test_a_hook_that_registers_adds_names(sort: Sort) -> None:
    """Each is called once, when the registry is made."""
    calls = []

    @hookimpl(specname=sort.hook)
    def register() -> object:
        calls.append(sort)
        return [PRAISE] if sort is Sort.PROCESS else {"praise": "no.such:Thing"}

    registry = Registry(plugins=[SimpleNamespace(register=register)], entry_points=False)
    assert registry.names(sort) == ("praise",)
    assert calls == [sort]


@pytest.mark.parametrize("name", FactName)
def test_a_hook_that_observes_is_told_of_its_fact(name: FactName) -> None:
    """Each hears of facts of its own name, and of no other."""
    heard = []

    @hookimpl(specname=name.hook)
    def observe(facts: tuple[Fact, ...]) -> None:
        heard.extend(facts)

    registry = Registry(plugins=[SimpleNamespace(observe=observe)], entry_points=False)
    facts = {each: Fact(each, "main", UUID(int=1), datetime(2026, 3, 2, tzinfo=UTC)) for each in FactName}
    registry.notify(tuple(facts.values()))
    assert heard == [facts[name]]

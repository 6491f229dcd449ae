"""The page on keeping a store safe."""

from clientloop.services.keeping.checking import RULES
from tests.conftest import ROOT

PAGE = ROOT / "docs" / "how-to" / "keep-safe.md"


def test_the_page_tells_every_rule_as_it_is() -> None:
    """Its table has the rules in their order, each in its own sentence; and it says how many there are."""
    page = PAGE.read_text(encoding="utf-8")
    table = "".join(f"| `{rule.name}` | {rule.says} |\n" for rule in RULES.values())
    assert f"| rule | what it demands |\n|---|---|\n{table}\n" in page
    assert f"all {len(RULES)} rules hold" in page

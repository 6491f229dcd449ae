"""The page of the built-in processes."""

import runpy
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[1] / "docs" / "processes.py"


def test_the_page_of_the_processes_is_up_to_date() -> None:
    """`docs/reference/processes.md` says what the presets declare; run `python docs/processes.py` to write it anew."""
    script = runpy.run_path(str(SCRIPT))
    assert script["PAGE"].read_text(encoding="utf-8") == script["page"]()

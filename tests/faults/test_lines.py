"""The files that checkers believe."""

from pathlib import Path

from tests.faults.lines import Lines


def test_a_torn_line_is_none(tmp_path: Path) -> None:
    """Whoever is killed while he writes leaves a part of a line, which neither counts nor spoils the next."""
    lines = Lines(tmp_path / "lines")
    assert list(lines) == []
    lines.append("one", "two")
    with lines.path.open("ab") as file:
        file.write(b"\n('three', \xc4")
    lines.append("four")
    assert list(lines) == ["one", "two", "four"]

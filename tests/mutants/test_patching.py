"""The applier of patches, against diffs that the standard library writes."""

import difflib
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.mutants.patching import Stale, apply

WORDS = st.lists(st.sampled_from(["a", "b", "", "-- c", "++ d", "@@ -1 +1 @@"]), max_size=12)


def diff(before: list[str], after: list[str], context: int) -> str:
    """The unified diff of a file."""
    return "\n".join(difflib.unified_diff(before, after, "a/src/x.py", "b/src/x.py", n=context, lineterm=""))


@given(before=WORDS, after=WORDS)
def test_what_a_diff_says_is_done(
    tmp_path_factory: pytest.TempPathFactory, before: list[str], after: list[str]
) -> None:
    """A file becomes what the diff was made for, whatever its lines look like."""
    file = tmp_path_factory.mktemp("patched") / "src" / "x.py"
    file.parent.mkdir()
    file.write_text("\n".join(["first", *before, "last", ""]))
    apply("# a comment\n" + diff(["first", *before, "last"], ["first", *after, "last"], 20), file.parents[1])
    assert file.read_text() == "\n".join(["first", *after, "last", ""])


def test_several_hunks_find_their_places_although_lines_have_moved(tmp_path: Path) -> None:
    """Lines that came in since, elsewhere, do no harm."""
    before = [f"line {number}" for number in range(40)]
    after = [*before[:5], "new", *before[6:30], *before[31:]]
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "x.py").write_text("\n".join(["import this", *before, ""]))
    apply(diff(before, after, 3), tmp_path)
    assert (tmp_path / "src" / "x.py").read_text() == "\n".join(["import this", *after, ""])


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("other\n", "has 0 places that look like this, write the patch anew:\na"),
        ("a\na\n", "has 2 places"),
        (None, "src/x.py is not there any more"),
    ],
)
def test_a_patch_that_does_not_fit_says_so(tmp_path: Path, content: str | None, says: str) -> None:
    """A stale patch names its file and the lines that it looked for, and changes nothing."""
    (tmp_path / "src").mkdir()
    if content is not None:
        (tmp_path / "src" / "x.py").write_text(content)
    with pytest.raises(Stale, match=re.escape(says)):
        apply(diff(["a"], ["b"], 3), tmp_path)
    assert content is None or (tmp_path / "src" / "x.py").read_text() == content


def test_half_a_patch_is_refused(tmp_path: Path) -> None:
    """A patch that was cut off is not applied in part."""
    whole = diff(["a", "b"], ["a", "c"], 3)
    with pytest.raises(Stale, match="in the middle of a hunk"):
        apply(whole.rpartition("\n")[0], tmp_path)

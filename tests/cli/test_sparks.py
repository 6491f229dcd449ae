"""Lines of blocks."""

from hypothesis import given
from hypothesis import strategies as st

from clientloop.cli.sparks import legend, spark

numbers = st.lists(st.none() | st.floats(-1e6, 1e6), max_size=30)


@given(numbers)
def test_a_line_has_a_sign_for_each_number(values: list[float | None]) -> None:
    """As long as the series, blank exactly at the gaps, and never lower for a greater number."""
    line = spark(values)
    assert [sign == " " for sign in line] == [value is None for value in values]
    pairs = sorted((value, sign) for value, sign in zip(values, line, strict=True) if value is not None)
    assert [sign for _, sign in pairs] == sorted(sign for _, sign in pairs)


@given(numbers)
def test_a_terminal_without_blocks_gets_ascii(values: list[float | None]) -> None:
    """Every sign is of ASCII, and says the same."""
    signs = dict(zip(" ▁▂▃▄▅▆▇█", " _.-=+*%#", strict=True))
    line = spark(values, encoding="latin-1")
    assert line.isascii()
    assert line == "".join(signs[sign] for sign in spark(values))


def test_the_ends_and_the_number_are_told() -> None:
    """Blocks alone say neither how high they are nor what they rest on; of nothing there are no ends."""
    assert legend([-100, None, 33.333333], [3, 0, 9]) == "-100 to 33.33, n = 12"
    assert legend([None], [0]) == "n = 0"

"""Series of numbers as one line of blocks, with gaps where there are none."""

from collections.abc import Callable, Sequence

#: From the least to the greatest number: where the encoding of a stream has blocks, and where it does not.
_BLOCKS, _SIGNS = "▁▂▃▄▅▆▇█", "_.-=+*%#"


def spark(values: Sequence[float | None], *, encoding: str = "utf-8") -> str:
    """A series as one line of blocks, the least number the lowest and the greatest the highest; a gap is a blank.

    Args:
        values: The numbers in their order; None for a gap.
        encoding: That of the stream; signs of ASCII stand for the blocks where it has none.

    >>> spark([1, 5, None, 9])
    '▁▄ █'
    >>> spark([1, 5, None, 9], encoding="ascii"), spark([3, 3]), spark([])
    ('_= #', '▄▄', '')
    """
    known = [value for value in values if value is not None]
    if not known:
        return " " * len(values)
    low, high, levels = min(known), max(known), _levels(encoding)
    top = len(levels) - 1
    middle = levels[top // 2]
    return "".join(
        " " if value is None else middle if low == high else levels[int((value - low) / (high - low) * top)]
        for value in values
    )


def legend(
    values: Sequence[float | None], counts: Sequence[int], *, told: Callable[[float], str] = "{:.4g}".format
) -> str:
    """What a line of blocks cannot say: between which numbers it lies, and how many rows it rests on.

    Args:
        values: As of `spark`.
        counts: How many rows each number rests on.
        told: A number in words.

    >>> legend([1, 5, None, 9.25], [10, 20, 0, 30])
    '1 to 9.25, n = 60'
    """
    known = [value for value in values if value is not None]
    return f"{told(min(known))} to {told(max(known))}, n = {sum(counts):,}" if known else "n = 0"


def _levels(encoding: str) -> str:
    try:
        _BLOCKS.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return _SIGNS
    return _BLOCKS

"""Work that makes very much at once, and the garbage collector kept out of it."""

import gc
from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def uncollected() -> Generator[None]:
    """Keep the garbage collector out of a block.

    All that the block makes is needed until its end; the collector would go through it, and through whatever else the
    application holds, again and again in vain. That took a third of the time of imports, and half of assessments.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()

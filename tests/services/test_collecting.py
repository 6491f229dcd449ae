"""The garbage collector kept out of work that makes very much."""

import gc

import pytest

from clientloop.services.collecting import uncollected


@pytest.mark.parametrize("enabled", [True, False])
def test_the_garbage_collector_is_left_as_it_was(enabled: bool) -> None:
    """It rests for a chunk, also one that fails; who had switched it off finds it off."""

    def fail() -> None:
        raise RuntimeError(f"while it is {gc.isenabled()}")

    was = gc.isenabled()
    (gc.enable if enabled else gc.disable)()
    try:
        with pytest.raises(RuntimeError, match="while it is False"), uncollected():
            fail()
        assert gc.isenabled() is enabled
    finally:
        (gc.enable if was else gc.disable)()

"""A plugin that needs a library which it does not declare."""

import a_library_that_nobody_has  # noqa: F401

from clientloop import hookimpl


@hookimpl
def clientloop_register_channels() -> dict[str, str]:
    """Never called."""
    return {"carrier_pigeon": "a_library_that_nobody_has:Pigeon"}

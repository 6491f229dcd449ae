"""Records as data for programs, as the services write them."""

from clientloop.services.data import as_data

__all__ = ["as_data"]

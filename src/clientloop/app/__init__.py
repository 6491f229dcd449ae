"""The application: the object that programs hold, what they do with it, and the one place where everything is wired."""

from clientloop.app.copying import copy_space, unseal_space
from clientloop.app.keeping import back_up_store, check_store
from clientloop.app.loop import BUILTINS, DEFAULT_SPACE, ClientLoop, JoinedLoop
from clientloop.app.running import Ran

__all__ = [
    "BUILTINS",
    "DEFAULT_SPACE",
    "ClientLoop",
    "JoinedLoop",
    "Ran",
    "back_up_store",
    "check_store",
    "copy_space",
    "unseal_space",
]

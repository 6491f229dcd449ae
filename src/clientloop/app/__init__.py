"""The application: the object that programs hold, what they do with it, and the one place where everything is wired."""

from clientloop.app.copying import copy_space, unseal_space
from clientloop.app.loop import BUILTINS, DEFAULT_SPACE, ClientLoop, JoinedLoop
from clientloop.app.running import Ran

__all__ = ["BUILTINS", "DEFAULT_SPACE", "ClientLoop", "JoinedLoop", "Ran", "copy_space", "unseal_space"]

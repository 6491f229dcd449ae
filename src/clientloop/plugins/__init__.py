"""How clientloop is extended: the mark of a hook, the hooks, and the registry that finds who implements them."""

from clientloop.plugins.markers import hookimpl as hookimpl

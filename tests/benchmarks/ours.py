"""Our side. `rows` and `run` look here for three names; a row whose name is missing prints "not available".

- ``fill(path, items)`` makes the file of a store that holds `items` feedback items, and closes it.
- ``Store(path)`` opens such a file and is a `sides.Store`: `receive` and `move` use the public API, each commits.
- ``Rules()`` has ``move(count)``, which prepares and returns `count` moves computed by ``rules/`` alone, with a guard.
"""

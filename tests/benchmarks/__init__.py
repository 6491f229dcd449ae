"""Benchmarks against rivals; run them with ``python -m tests.benchmarks``.

Only ratios within one run mean anything: each measurement alternates our side and the rival's in one process.

- ``rows``: the table of what is compared with what, and the targets.
- ``timing``: alternating rounds, ratios, the printed table; it knows nothing of what it times.
- ``slow_sync``: adds a delay to every sync of the process, to show what a slower disk would do.
- ``recording``: the SQL that a store executes, recorded so that ``rivals.raw_sqlite`` can replay it.
- ``rivals``: one module a rival; ``ours`` is the other side.
- ``bulk``, ``growth``, ``writers``: both sides of the rows on imports, on many items, on several processes.
- ``relationships``: both sides of assessing customers; ``trade`` is the file that they read.
- ``searching``: pages found by words, and the pages of the inbox that they are compared with.
- ``seeds``: the files that contests begin with, copies of what ``walked`` made through the public API.
- ``words``: what the customers say, the same on every side.
"""

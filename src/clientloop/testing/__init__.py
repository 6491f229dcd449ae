"""What authors of plugins test with: conformance suites, samples, fakes. Needs pytest and Hypothesis (extra `test`).

A suite is a class of tests to subclass; it asks for what it judges by a fixture:

>>> import pytest
>>> from clientloop.testing import StoreSuite
>>> class TestMyStore(StoreSuite):
...     @pytest.fixture
...     def store(self):
...         yield MyStore()
"""

import pytest

# Before the suites are imported, so that their assertions tell what they compared.
pytest.register_assert_rewrite("clientloop.testing.stores")

from clientloop.testing.samples import SAMPLE_TIME, inserts, sample, sample_id  # noqa: E402  # see above
from clientloop.testing.stores import Caller, JoinSuite, StoreSuite  # noqa: E402  # see above

__all__ = ["SAMPLE_TIME", "Caller", "JoinSuite", "StoreSuite", "inserts", "sample", "sample_id"]

"""What authors of plugins test with: conformance suites, samples, fakes. Needs pytest and Hypothesis (extra `test`).

A suite is a class of tests to subclass; it asks for what it judges by a fixture, or by class attributes:

>>> import pytest
>>> from clientloop.testing import StoreSuite
>>> class TestMyStore(StoreSuite):
...     @pytest.fixture
...     def store(self):
...         yield MyStore()

Names are loaded when they are first asked for: pytest imports this package wherever clientloop is installed, for its
fixtures.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clientloop.testing.channels import ChannelSuite, Sample, Sending
    from clientloop.testing.failing import Call, FailingStore, Fault, fault_at, faults_by_seed
    from clientloop.testing.metrics import Example, MetricSuite
    from clientloop.testing.relationships import RelationshipSuite, Story
    from clientloop.testing.samples import SAMPLE_TIME, inserts, sample, sample_id
    from clientloop.testing.stores import Caller, JoinSuite, StoreSuite

_HOMES = {
    "channels": ("ChannelSuite", "Sample", "Sending"),
    "failing": ("Call", "FailingStore", "Fault", "fault_at", "faults_by_seed"),
    "metrics": ("Example", "MetricSuite"),
    "relationships": ("RelationshipSuite", "Story"),
    "samples": ("SAMPLE_TIME", "inserts", "sample", "sample_id"),
    "stores": ("Caller", "JoinSuite", "StoreSuite"),
}

_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "SAMPLE_TIME",
    "Call",
    "Caller",
    "ChannelSuite",
    "Example",
    "FailingStore",
    "Fault",
    "JoinSuite",
    "MetricSuite",
    "RelationshipSuite",
    "Sample",
    "Sending",
    "StoreSuite",
    "Story",
    "fault_at",
    "faults_by_seed",
    "inserts",
    "sample",
    "sample_id",
]


def __getattr__(name: str) -> Any:  # Any: each name has a type of its own, told to type checkers above
    """Load a public name when it is first asked for (PEP 562)."""
    if name not in _HOME_OF:
        raise AttributeError(f"module 'clientloop.testing' has no attribute {name!r}")
    import importlib
    import sys

    import pytest

    home = f"{__name__}.{_HOME_OF[name]}"
    if home not in sys.modules:  # before a suite is imported, so that its assertions tell what they compared
        pytest.register_assert_rewrite(home)
    value = globals()[name] = getattr(importlib.import_module(home), name)
    return value


def __dir__() -> list[str]:
    """The public names."""
    return __all__

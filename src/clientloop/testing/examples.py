"""How many cases the suites draw."""

from hypothesis import HealthCheck, settings


def drawn(share: float = 1.0) -> settings:
    """Settings for a test that draws cases: a share of the examples of the active profile, and no clock.

    Args:
        share: Which part of the examples.
    """
    return settings(
        max_examples=max(5, int(settings().max_examples * share)),
        deadline=None,
        suppress_health_check=[
            HealthCheck.function_scoped_fixture,  # what is judged serves all examples
            HealthCheck.differing_executors,  # one test serves several suites
            HealthCheck.too_slow,
        ],
    )


def thorough() -> bool:
    """Whether the active profile of Hypothesis asks for many examples: then the suites also try what takes long."""
    return settings().max_examples >= _MANY


_MANY = 100

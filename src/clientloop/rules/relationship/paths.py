"""The way of a deal through its funnel, as its journal tells it: how far it came, and how long each stage took."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from attrs import frozen

from clientloop.model.deals import Deal, DealOutcome, DealStep


@frozen(kw_only=True)
class Path:
    """The way of one deal."""

    #: The place of the furthest stage that it ever came to, from 0; one beyond the last stage if it is won.
    reached: int
    #: How long it was in each stage that it was in, all times together.
    spent: Mapping[str, timedelta]
    #: The stage that it still is in; None if it has ended.
    stays_in: str | None


def path(deal: Deal, steps: Sequence[DealStep], stages: Sequence[str], now: datetime) -> Path:
    """The way of a deal.

    A stage that was left out counts as reached with the next one, so that of a later stage there are never more deals
    than of an earlier one. Going back takes nothing away. Stages that the funnel no longer has tell nothing of how far
    the deal came.

    Args:
        deal: The deal.
        steps: Its journal.
        stages: The stages of its funnel, the first one first.
        now: The present, UTC.
    """
    heights = {stage: height for height, stage in enumerate(stages)}
    furthest = max((heights.get(step.target, 0) for step in steps), default=0)
    spent: dict[str, timedelta] = {}
    stays = [(step.source, step.at - step.since) for step in steps if step.source and step.since]
    if deal.is_open:
        stays.append((deal.stage, now - deal.stage_since))
    for stage, length in stays:
        spent[stage] = spent.get(stage, timedelta()) + length
    return Path(
        reached=len(stages) if deal.outcome is DealOutcome.WON else furthest,
        spent=spent,
        stays_in=deal.stage if deal.is_open else None,
    )

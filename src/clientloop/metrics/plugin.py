"""The built-in metrics, named lazily: each is loaded when it is first asked for."""

from collections.abc import Mapping

from clientloop.plugins import hookimpl


@hookimpl
def clientloop_register_metrics() -> Mapping[str, str]:
    """The metrics by their names."""
    return {
        "ces": "clientloop.metrics.ces:Ces",
        "click_through": "clientloop.metrics.clicks:ClickThrough",
        "contact_conversion": "clientloop.metrics.contacts:ContactConversion",
        "coverage": "clientloop.metrics.coverage:Coverage",
        "csat": "clientloop.metrics.csat:Csat",
        "dropped": "clientloop.metrics.loop:Dropped",
        "gcr": "clientloop.metrics.gcr:Gcr",
        "loop_rate": "clientloop.metrics.loop:LoopRate",
        "loop_time": "clientloop.metrics.loop:LoopTime",
        "nps": "clientloop.metrics.nps:Nps",
        "rating": "clientloop.metrics.rating:MeanRating",
        "rating_difference": "clientloop.metrics.variants:RatingDifference",
        "response_difference": "clientloop.metrics.variants:ResponseDifference",
        "response_rate": "clientloop.metrics.responses:ResponseRate",
        "rr1": "clientloop.metrics.responses:Rr1",
        "sla": "clientloop.metrics.loop:Sla",
        "sources": "clientloop.metrics.sources:Sources",
    }

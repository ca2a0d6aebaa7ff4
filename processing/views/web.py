"""Views of web traffic."""

from processing.metrics import Count, Sum
from processing.metrics_of_values import Distinct, Quantiles
from processing.view import Piece, Ratio, View

_FAILED = ("status_code", ">=", 400)
_METRICS = (
    Count(name="requests", description="Requests."),
    Count(name="answered", column="status_code", description="Requests whose status is known."),
    Count(name="errors", where=_FAILED, description="Requests answered with 4xx or 5xx."),
    Sum(name="bytes", column="bytes_sent", description="Bytes sent."),
    Quantiles(name="latency", column="response_time_ms", at=(0.5, 0.95), description="Response time."),
)
_RATE = Ratio(name="error_rate", numerator="errors", denominator="answered", description="Errors of answered.")

WEB_VIEWS = (
    View(
        name="requests_by_route",
        dataset="clickstream",
        description="Requests, errors and response times by method and route (the address up to the question mark).",
        dimensions=("method", Piece(name="route", column="url", before="?")),
        metrics=_METRICS,
        ratios=(_RATE,),
        order_by="requests",
    ),
    View(
        name="requests_by_hour",
        dataset="clickstream",
        description="Requests, errors, visitors and response times in each hour.",
        window="1h",
        metrics=(
            *_METRICS,
            Distinct(name="sessions", column="session_id", description="Different sessions."),
            Distinct(name="addresses", column="ip_address", description="Different client addresses."),
        ),
        ratios=(_RATE,),
    ),
)

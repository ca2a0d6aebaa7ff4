"""Views of the catalogue: what arrived."""

from processing.metrics import Count, Max, Sum
from processing.view import View

ARRIVAL_VIEWS = (
    View(
        name="arrivals_by_hour",
        dataset="blob",
        description="Blobs, bytes and rows that arrived in each hour, by dataset.",
        window="1h",
        dimensions=("dataset",),
        metrics=(
            Count(name="blobs", description="Blobs."),
            Sum(name="bytes", column="bytes", description="Bytes."),
            Sum(name="rows", column="rows", description="Rows accepted."),
        ),
    ),
    View(
        name="arrivals_by_media_type",
        dataset="blob",
        description="Blobs by dataset and media type.",
        dimensions=("dataset", "media_type"),
        metrics=(
            Count(name="blobs", description="Blobs."),
            Sum(name="bytes", column="bytes", description="Bytes."),
            Sum(name="rows", column="rows", description="Rows accepted."),
            Max(name="last_arrival", column="received_at", description="Last arrival."),
        ),
        order_by="blobs",
    ),
)

"""Views of network and system logs."""

from processing.metrics import Count, Max, Sum
from processing.metrics_of_values import Distinct
from processing.view import Ratio, View

_ERRORS = ("level", "in", ("error", "err", "critical", "crit", "alert", "emergency", "emerg", "fatal", "severe"))

NETWORK_VIEWS = (
    View(
        name="network_events_by_hour",
        dataset="network_log",
        description="Events by hour and level.",
        window="1h",
        dimensions=("level",),
        metrics=(
            Count(name="events", description="Events."),
            Distinct(name="hosts", column="host", description="Different hosts."),
            Distinct(name="sources", column="source_ip", description="Different source addresses."),
        ),
    ),
    View(
        name="network_components",
        dataset="network_log",
        description="Which part of which system speaks, how often and how badly.",
        dimensions=("component", "level"),
        metrics=(
            Count(name="events", description="Events."),
            Max(name="last_seen", column="time", description="Last event."),
        ),
        order_by="events",
    ),
    View(
        name="log_templates_by_hour",
        dataset="network_log",
        description="Lines of each kind by hour: what is the same of many lines, with a mark where they differ.",
        window="1h",
        dimensions=("template",),
        where=("template", "is not null"),
        metrics=(Count(name="lines", description="Lines."),),
    ),
    View(
        name="network_protocols",
        dataset="network_log",
        description="Traffic by protocol and action.",
        dimensions=("protocol", "action"),
        metrics=(
            Count(name="events", description="Events."),
            Sum(name="bytes", column="bytes", description="Bytes."),
            Sum(name="packets", column="packets", description="Packets."),
            Distinct(name="sources", column="source_ip", description="Different source addresses."),
        ),
    ),
    View(
        name="top_talkers",
        dataset="network_log",
        description="The hundred source addresses with the most events.",
        dimensions=("source_ip",),
        where=("source_ip", "is not null"),
        metrics=(
            Count(name="events", description="Events."),
            Count(name="errors", where=_ERRORS, description="Events of level error or worse."),
            Sum(name="bytes", column="bytes", description="Bytes."),
            Distinct(name="destinations", column="destination_ip", description="Different destinations."),
            Max(name="last_seen", column="time", description="Last event."),
        ),
        ratios=(Ratio(name="error_rate", numerator="errors", denominator="events", description="Errors of events."),),
        order_by="events",
        limit=100,
    ),
)

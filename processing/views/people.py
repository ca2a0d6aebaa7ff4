"""Views of what people write and play."""

from processing.metrics import Count, Mean, Sum
from processing.metrics_of_values import Distinct
from processing.view import Piece, View

PEOPLE_VIEWS = (
    View(
        name="sentiment_by_hour",
        dataset="social_post",
        description="How posts sound, by platform and hour.",
        window="1h",
        dimensions=("platform",),
        metrics=(
            Count(name="posts", description="Posts."),
            Distinct(name="authors", column="author", description="Different authors."),
            Mean(name="sentiment_mean", column="sentiment_score", description="Mean sentiment."),
            Count(name="positive", where=("sentiment_score", ">", 0), description="Posts that sound good."),
            Count(name="negative", where=("sentiment_score", "<", 0), description="Posts that sound bad."),
            Sum(name="likes", column="likes", description="Likes."),
        ),
    ),
    View(
        name="sentiment_by_topic",
        dataset="social_post",
        description="How posts sound, by topic and minute.",
        window="1m",
        dimensions=("topic",),
        metrics=(
            Count(name="posts", description="Posts."),
            Mean(name="sentiment_mean", column="sentiment_score", description="Mean sentiment."),
            Count(name="positive", where=("sentiment_score", ">", 0), description="Posts that sound good."),
            Count(name="negative", where=("sentiment_score", "<", 0), description="Posts that sound bad."),
        ),
    ),
    View(
        name="sports_events_by_team",
        dataset="sports_event",
        description="What teams did, by kind of event.",
        dimensions=("team", "event_type"),
        metrics=(
            Count(name="events", description="Events."),
            Distinct(name="matches", column="match_id", description="Different matches."),
        ),
        order_by="events",
    ),
    View(
        name="sports_matches",
        dataset="sports_event",
        description="Matches and what is recorded of each.",
        dimensions=("match_id", "home_team", "away_team"),
        metrics=(
            Count(name="events", description="Events."),
            Distinct(name="kinds", column="event_type", description="Different kinds of event."),
        ),
    ),
    View(
        name="emails_by_day",
        dataset="email",
        description="E-mails by day and the sender's domain.",
        window="1d",
        dimensions=(Piece(name="sender_domain", column="sender", after="@"),),
        metrics=(
            Count(name="emails", description="E-mails."),
            Distinct(name="senders", column="sender", description="Different senders."),
        ),
    ),
)

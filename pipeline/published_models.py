"""What is published of models: what each said of the records, and what it has learned."""

from collections.abc import Iterator

from core.dataset import Column, ColumnType, Dataset
from pipeline import published_findings
from pipeline.model_table import ModelTable
from pipeline.published_datasets import MODEL_PREFIX, Merge, Published

KEYWORD, TEXT, INTEGER = ColumnType.KEYWORD, ColumnType.TEXT, ColumnType.INTEGER
NUMBER, MONEY, BOOLEAN = ColumnType.NUMBER, ColumnType.MONEY, ColumnType.BOOLEAN
TIMESTAMP = ColumnType.TIMESTAMP
EXPLAINED_SUFFIX = "_explained"


_RECORD = (
    Column("record_id", KEYWORD, "The record's identity."),
    Column("blob", KEYWORD, "SHA-256 of the file that it came from."),
)
_SERIES = (
    Column("series", KEYWORD, "Whose readings they are."),
    Column("column", KEYWORD, "Which column of theirs."),
)
_REASONS = Column("reasons", KEYWORD, "Why, the weightiest first.")
_PROBABILITY = Column("fraud_probability", NUMBER, "How likely it is a fraud, from 0 to 1.")
_WEIGHT = Column("weight", NUMBER, "How far it moves the log-odds.")
_LEARNED = ModelTable(
    "What the model has learned.",
    ("feature", "value"),
    (
        Column("feature", KEYWORD, "The column."),
        Column("value", KEYWORD, "Its value; of a number none."),
        _WEIGHT,
    ),
    {"weight": Merge.MEAN},
)
_TRAITS = {
    "spread": "How wide the values scatter.",
    "skew": "How far they lean to one side.",
    "peakedness": "How heavy their tails are.",
    "smoothness": "How like a value is to the one before.",
    "outliers": "The share of values far off.",
    "zeros": "The share of zeros.",
    "variety": "The share of different values.",
}
_RESULTS = {
    "claim_fraud": ModelTable(
        "How likely each claim is a fraud.",
        ("record_id",),
        (*_RECORD, _PROBABILITY, _REASONS),
        {"fraud_probability": Merge.MEAN},
    ),
    "claim_review": ModelTable(
        "Which claims to review first.",
        ("record_id",),
        (
            *_RECORD,
            Column("rank", INTEGER, "Its place; 1 is first."),
            Column("review", BOOLEAN, "Whether to review it."),
            Column("expected_saving", NUMBER, "What a review is expected to save."),
            _PROBABILITY,
            Column("amount", MONEY, "What is claimed."),
            _REASONS,
        ),
        {"expected_saving": Merge.SUM, "fraud_probability": Merge.MEAN, "amount": Merge.SUM},
    ),
    "bill_denial": ModelTable(
        "How likely a payer refuses each bill.",
        ("record_id",),
        (*_RECORD, Column("denial_probability", NUMBER, "How likely it is refused, from 0 to 1."), _REASONS),
        {"denial_probability": Merge.MEAN},
    ),
    "bill_holds": ModelTable(
        "Which bills to hold because they were most likely billed before.",
        ("record_id",),
        (
            *_RECORD,
            Column("hold", BOOLEAN, "Whether to hold it."),
            Column("expected_saving", NUMBER, "What a look at it is expected to save."),
            Column("duplicate_probability", NUMBER, "How likely it was billed before, from 0 to 1."),
            Column("amount", NUMBER, "What is billed."),
            Column("duplicate_of", KEYWORD, "The record that it most likely repeats."),
            _REASONS,
        ),
        {"expected_saving": Merge.SUM, "duplicate_probability": Merge.MEAN, "amount": Merge.SUM},
    ),
    "match_outlook": ModelTable(
        "How each football match may end and who scores next.",
        ("match",),
        (
            Column("match", KEYWORD, "The match, or the file that it came from."),
            Column("home_team", KEYWORD, "The home team."),
            Column("away_team", KEYWORD, "The away team."),
            Column("minute", NUMBER, "The minute it is of."),
            Column("home_goals", INTEGER, "Goals of the home team."),
            Column("away_goals", INTEGER, "Goals of the away team."),
            Column("home_win_probability", NUMBER, "That the home team wins."),
            Column("draw_probability", NUMBER, "That nobody does."),
            Column("away_win_probability", NUMBER, "That the away team wins."),
            Column("next_goal_home_probability", NUMBER, "That the home team scores next."),
            Column("no_more_goals_probability", NUMBER, "That nobody scores any more."),
            Column("next_goal_away_probability", NUMBER, "That the away team scores next."),
            _REASONS,
        ),
        {"home_goals": Merge.SUM, "away_goals": Merge.SUM, "home_win_probability": Merge.MEAN},
    ),
    "sensor_groups": ModelTable(
        "Series of sensors that behave alike.",
        ("series", "column"),
        (
            Column("series", KEYWORD, "Whose readings they are."),
            Column("column", KEYWORD, "Which column of theirs."),
            Column("readings", INTEGER, "How many there are."),
            *(Column(name, NUMBER, description) for name, description in _TRAITS.items()),
            Column("cluster", INTEGER, "The group's number."),
            Column("behaviour", KEYWORD, "What the group does."),
            _REASONS,
        ),
        {"readings": Merge.SUM} | dict.fromkeys(_TRAITS, Merge.MEAN),
    ),
    "sensor_anomalies": ModelTable(
        "How unusual the readings of each sensor are.",
        ("series", "column"),
        (
            *_SERIES,
            Column("readings", INTEGER, "How many there are."),
            Column("last_reading", TIMESTAMP, "When the last was taken."),
            Column("is_alert", BOOLEAN, "Whether something is wrong now."),
            Column("since", TIMESTAMP, "Since when."),
            Column("anomaly_score", NUMBER, "Of the last reading; 1 is what one in 200 exceeds."),
            Column("highest_score", NUMBER, "The highest that was."),
            Column("highest_at", TIMESTAMP, "When it was."),
            Column("alerts", INTEGER, "How many alerts there were."),
            _REASONS,
        ),
        {"readings": Merge.SUM, "alerts": Merge.SUM, "anomaly_score": Merge.MEAN, "highest_score": Merge.MEAN},
    ),
    "sensor_alerts": ModelTable(
        "When something was wrong with which sensor.",
        ("series", "column", "raised_at"),
        (
            *_SERIES,
            Column("lasts", BOOLEAN, "Whether it is not over."),
            Column("raised_at", TIMESTAMP, "When it was raised."),
            Column("ended_at", TIMESTAMP, "When it was over."),
            Column("anomaly_score", NUMBER, "The highest in it; 1 is what one reading in 200 exceeds."),
            Column("reading", NUMBER, "The reading with that score."),
            Column("readings", INTEGER, "How many readings it spans."),
            _REASONS,
        ),
        {"readings": Merge.SUM, "anomaly_score": Merge.MEAN},
    ),
    "sensor_forecast": ModelTable(
        "What each sensor will read next.",
        ("series", "column", "ahead"),
        (
            *_SERIES,
            Column("ahead", INTEGER, "How many readings ahead."),
            Column("at", TIMESTAMP, "For when."),
            Column("forecast", NUMBER, "What it is expected to read."),
            Column("low", NUMBER, "The lower bound; four in five readings are to be within."),
            Column("high", NUMBER, "The upper bound."),
            Column("last_value", NUMBER, "What it read last."),
            Column("way", KEYWORD, "By what: the last value, the level, the time of day or of the week."),
        ),
        {"forecast": Merge.MEAN, "low": Merge.MEAN, "high": Merge.MEAN, "last_value": Merge.MEAN},
    ),
}
_EXPLANATIONS = {
    "bill_denial": _LEARNED,
    "claim_fraud": _LEARNED,
    "claim_review": _LEARNED,
    "match_outlook": ModelTable(
        "How often teams score.",
        ("side",),
        (Column("side", KEYWORD, "At home or away."), Column("weight", NUMBER, "Goals in a match.")),
        {"weight": Merge.MEAN},
    ),
    "bill_holds": ModelTable(
        "How telling it is that two bills agree.",
        ("feature",),
        (
            Column("feature", KEYWORD, "In what they agree."),
            Column("same", NUMBER, "How often bills that are the same do."),
            Column("chance", NUMBER, "How often bills drawn by lot do."),
            _WEIGHT,
        ),
        {"weight": Merge.MEAN, "same": Merge.MEAN, "chance": Merge.MEAN},
    ),
    "sensor_groups": ModelTable(
        "What tells the groups of series apart.",
        ("cluster", "trait"),
        (
            Column("cluster", INTEGER, "The group's number."),
            Column("behaviour", KEYWORD, "What the group does."),
            Column("trait", KEYWORD, "In what."),
            Column("weight", NUMBER, "How far its centre is from the mean, in deviations."),
        ),
        {"weight": Merge.MEAN},
    ),
    "sensor_anomalies": ModelTable(
        "In what readings were unusual.",
        ("aspect",),
        (
            Column("aspect", KEYWORD, "Level, time of day, time of the week or change."),
            Column("weight", NUMBER, "In what share of the alerts it spoke most."),
        ),
        {"weight": Merge.MEAN},
    ),
    "sensor_alerts": ModelTable(
        "What if a missed anomaly cost more or less, a false alarm one.",
        ("missed_cost",),
        (
            Column("missed_cost", NUMBER, "What a missed anomaly costs."),
            Column("threshold", NUMBER, "The score at which to raise an alert then."),
            Column("alerts", INTEGER, "How many it raises on the readings there are."),
            Column("share_found", NUMBER, "The share of anomalies that it is expected to find."),
            Column("weight", NUMBER, "What it is expected to cost for 10,000 readings."),
        ),
        {"weight": Merge.MEAN, "share_found": Merge.MEAN},
    ),
    "sensor_forecast": ModelTable(
        "By what forecasts were least off.",
        ("way",),
        (
            Column("way", KEYWORD, "The last value, the level, the time of day or of the week."),
            Column("weight", NUMBER, "For what share of the forecasts."),
        ),
        {"weight": Merge.MEAN},
    ),
}
RENAMED = {"_id": "record_id", "_blob": "blob"}
"""What a model's results are called here: a document has an ``_id`` of its own."""


def published_models(name: str, page: str) -> Iterator[Published]:
    """What is published of a model: its results, then what it has learned; nothing of one not described here."""
    results = _RESULTS | published_findings.RESULTS
    explained = _EXPLANATIONS | published_findings.EXPLANATIONS
    for suffix, tables in (("", results), (EXPLAINED_SUFFIX, explained)):
        if table := tables.get(name):
            dataset = Dataset(MODEL_PREFIX + name + suffix, table.description, table.columns, identity=table.identity)
            yield Published(dataset, page=page, measures=table.measures)

"""What is published of models that describe: rings and parties, what goes together, topics, kinds of log line."""

from core.dataset import Column, ColumnType
from pipeline.model_table import ModelTable
from pipeline.published_datasets import Merge

KEYWORD, INTEGER, NUMBER = ColumnType.KEYWORD, ColumnType.INTEGER, ColumnType.NUMBER
BOOLEAN, TIMESTAMP = ColumnType.BOOLEAN, ColumnType.TIMESTAMP

_REASONS = Column("reasons", KEYWORD, "Why, the weightiest first.")
_HOW_OFTEN = (
    Column("lift", NUMBER, "How many times more often than by chance."),
    Column("confidence", NUMBER, "How often who did the first did the last."),
    Column("support", NUMBER, "The share of all who did all of it."),
    Column("times", INTEGER, "How many did."),
    _REASONS,
)
_OFTEN_MERGE = {"times": Merge.SUM, "support": Merge.MEAN, "confidence": Merge.MEAN, "lift": Merge.MEAN}
_PARTIES = ModelTable(
    "Who is named by more than one record, the most central first.",
    ("kind", "party"),
    (
        Column("party", KEYWORD, "Who, as people may see it."),
        Column("kind", KEYWORD, "What kind of party."),
        Column("rank", NUMBER, "How many times as central as the mean."),
        Column("records", INTEGER, "How many records name it."),
        Column("met", INTEGER, "How many others are named beside it."),
        Column("group", INTEGER, "The number of what hangs together."),
        Column("records_in_group", INTEGER, "How many records that has."),
    ),
    {"records": Merge.SUM, "met": Merge.SUM, "rank": Merge.MEAN},
)
_RULES = ModelTable(
    "What goes together.",
    ("rule",),
    (Column("rule", KEYWORD, "What was done, and what was done as well."), *_HOW_OFTEN),
    _OFTEN_MERGE,
)
_PATHS = ModelTable(
    "What follows what.",
    ("path",),
    (
        Column("path", KEYWORD, "The steps, in order."),
        Column("steps", INTEGER, "How many they are."),
        *_HOW_OFTEN,
    ),
    _OFTEN_MERGE,
)
_TOPICS = ModelTable(
    "What texts are about.",
    ("topic",),
    (
        Column("topic", KEYWORD, "Its first words."),
        Column("terms", KEYWORD, "Its words, the most telling first."),
        Column("share", NUMBER, "Its share of what is written."),
        Column("share_lately", NUMBER, "Its share in the last tenth of the time."),
        Column("texts", INTEGER, "How many texts are about it most."),
    ),
    {"texts": Merge.SUM, "share": Merge.MEAN},
)
_TRAITS = {
    "activity": "How much it did, as a logarithm.",
    "variety": "The share of what it did that was new.",
    "failures": "The share that went wrong.",
    "nights": "The share before six in the morning.",
    "pace": "The usual pause between, as a logarithm.",
    "bursts": "How uneven the pauses are.",
}
_GROUPS = ModelTable(
    "Who behaves alike.",
    ("actor",),
    (
        Column("actor", KEYWORD, "Who, as people may see it."),
        Column("events", INTEGER, "How much it did."),
        *(Column(name, NUMBER, description) for name, description in _TRAITS.items()),
        Column("cluster", INTEGER, "The group's number."),
        Column("behaviour", KEYWORD, "What the group does."),
        _REASONS,
    ),
    {"events": Merge.SUM} | dict.fromkeys(_TRAITS, Merge.MEAN),
)
RESULTS = {
    "host_groups": _GROUPS,
    "visitor_groups": _GROUPS,
    "claim_rings": ModelTable(
        "Rings of claims that share more than chance explains.",
        ("ring",),
        (
            Column("ring", INTEGER, "Its number."),
            Column("score", NUMBER, "How unlikely it is by chance, in bits."),
            Column("claims", INTEGER, "How many claims it has."),
            Column("claimants", INTEGER, "How many people claim, as far as they are told."),
            Column("claimed", NUMBER, "What they claim."),
            Column("density", NUMBER, "The share of pairs that are tied."),
            Column("tied_by", KEYWORD, "What they share."),
            Column("members", KEYWORD, "Which claims they are."),
            _REASONS,
        ),
        {"claimed": Merge.SUM, "claims": Merge.SUM, "claimants": Merge.SUM, "score": Merge.MEAN},
    ),
    "claim_parties": _PARTIES,
    "bill_parties": _PARTIES,
    "procedures_together": _RULES,
    "pages_together": _RULES,
    "visitor_paths": _PATHS,
    "log_sequences": _PATHS,
    "document_topics": _TOPICS,
    "post_topics": _TOPICS,
    "email_topics": _TOPICS,
    "log_templates": ModelTable(
        "Kinds of log line, new ones and bursts.",
        ("source", "template"),
        (
            Column("source", KEYWORD, "The host, or the file."),
            Column("template", KEYWORD, "What is the same of its lines."),
            Column("is_new", BOOLEAN, "Whether it was first seen in the last tenth of the time."),
            Column("burst_score", NUMBER, "How unlikely its fullest window is, in nats."),
            Column("lines", INTEGER, "How many lines there are."),
            Column("first_seen", TIMESTAMP, "When the first came."),
            Column("last_seen", TIMESTAMP, "When the last did."),
            Column("burst_at", TIMESTAMP, "When its burst began, where it had one."),
            Column("lines_in_burst", INTEGER, "How many lines its fullest window has."),
            Column("usual_lines", NUMBER, "How many the others have."),
            Column("windows_with_it", INTEGER, "In how many windows it came."),
            _REASONS,
        ),
        {"lines": Merge.SUM, "burst_score": Merge.MEAN},
    ),
}


def _explained(description: str, *others: Column, identity: tuple[str, ...] = ("feature",)) -> ModelTable:
    weight = Column("weight", NUMBER, "How much it weighs.")
    own = (Column("feature", KEYWORD, "What."),) if "feature" in identity else ()
    return ModelTable(description, identity, (*own, *others, weight), {"weight": Merge.MEAN})


_EXPLAINED_PARTIES = _explained(
    "Which kinds of party records share.", Column("shared", INTEGER, "How many of the kind two records or more name.")
)
_EXPLAINED_RULES = _explained("What is in the rules.", Column("name", KEYWORD, "What it is called."))
_EXPLAINED_PATHS = _explained(
    "What is in the paths.",
    Column("starts", INTEGER, "How many paths it begins."),
    Column("ends", INTEGER, "How many it ends."),
)
_EXPLAINED_TOPICS = _explained(
    "The words of each topic.",
    Column("topic", KEYWORD, "The topic."),
    Column("term", KEYWORD, "The word."),
    identity=("topic", "term"),
)
_EXPLAINED_GROUPS = _explained(
    "What tells the groups apart.",
    Column("cluster", INTEGER, "The group's number."),
    Column("behaviour", KEYWORD, "What the group does."),
    Column("trait", KEYWORD, "In what."),
    identity=("cluster", "trait"),
)
EXPLANATIONS = {
    "host_groups": _EXPLAINED_GROUPS,
    "visitor_groups": _EXPLAINED_GROUPS,
    "claim_rings": _explained(
        "How telling it is to share a party.",
        Column("columns", KEYWORD, "The columns that name one."),
        Column("claims", INTEGER, "How many claims share one."),
    ),
    "claim_parties": _EXPLAINED_PARTIES,
    "bill_parties": _EXPLAINED_PARTIES,
    "procedures_together": _EXPLAINED_RULES,
    "pages_together": _EXPLAINED_RULES,
    "visitor_paths": _EXPLAINED_PATHS,
    "log_sequences": _EXPLAINED_PATHS,
    "document_topics": _EXPLAINED_TOPICS,
    "post_topics": _EXPLAINED_TOPICS,
    "email_topics": _EXPLAINED_TOPICS,
    "log_templates": _explained(
        "In what windows lines are counted.",
        Column("source", KEYWORD, "Of which log."),
        Column("window", KEYWORD, "How long one is."),
        identity=("source",),
    ),
}

"""The templates of log messages: what a program printed, with ``<*>`` where it printed something else each time.

Drain (He, Zhu, Zheng, Lyu: "Drain: An Online Log Parsing Approach with Fixed Depth Tree", ICWS 2017): messages of
equally many words that begin alike meet in a leaf of a tree of fixed depth, and there join the group whose template
has the most words in common with them. The package drain3 does the same; it keeps its state with jsonpickle and pins
old releases of it and of cachetools, and it takes one message at a time. Here what is surely variable is masked in
Polars first, so that only distinct masked messages, a few in a thousand, go through the tree.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import polars as pl

VARIABLE = "<*>"
MAX_DISTINCT = 20_000  # masked messages that differ; a log of more prints prose, not templates
MAX_WORDS = 60  # of a message; the template ends there
MAX_MASKED_CHARS = 600
_DEPTH = 2  # words that lead to a leaf, below the number of words; the paper's depth of 4
_SIMILARITY = 0.5
_MAX_BRANCHES = 100
_MAX_GROUPS = 50  # in a leaf; what comes later joins the most alike, so that time stays in proportion to messages
_OPENING, _CLOSING = "([{<\"'", ")]}>\"'"
_MAX_VALUES, _MIN_MESSAGES_A_VALUE = 4, 10
_NAMED_NEXT = frozenset(("user", "for", "from", "by", "host", "account", "named", "called", "user:", "client"))

# The regular expressions that the paper leaves to the user, here for logs that nobody has seen: numbers, addresses,
# names of hosts, and what is long and hexadecimal.
_MONTHS = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"
_MASKS = (
    rf"\b(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun),? )?(?:{_MONTHS}) +\d{{1,2}}(?:,? \d\d:\d\d:\d\d)?(?:,? \d{{4}})?\b",
    r"\b[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}\b",
    r"\b(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?\b",
    r"\b(?:[0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2}\b",
    r"\b0[xX][0-9a-fA-F]+\b",
    r"\b[0-9a-fA-F]*(?:\d[a-fA-F]+\d|[a-fA-F]\d+[a-fA-F])[0-9a-fA-F]{4,}\b",
    r"[-+]?\b\d+(?:[.,:]\d+)*\b",
)
_MASK = "|".join(_MASKS)


@dataclass(slots=True)
class _Group:
    """Messages that are taken for one template."""

    words: list[str]
    members: list[tuple[list[str], int]]


@dataclass(slots=True)
class _Node:
    branches: "dict[str, _Node]" = field(default_factory=dict)
    groups: list[_Group] = field(default_factory=list)


class TemplateMiner:
    """Sorts messages into groups; a group's template is what its messages have in common."""

    def __init__(self) -> None:
        self._by_length: dict[int, _Node] = {}
        self._groups: list[_Group] = []

    def learn(self, message: str, count: int = 1) -> None:
        """Takes a message that occurs so often into the group whose template is most like it, or into a new one."""
        words = message.split()[:MAX_WORDS]
        groups = self._leaf(words).groups
        best, similarity = None, -1.0
        for group in groups:
            found = _similarity_of(group.words, words)
            if found > similarity:
                best, similarity = group, found
        if best is None or (similarity < _SIMILARITY and len(groups) < _MAX_GROUPS):
            best = _Group(words, [])
            self._groups.append(best)
            groups.append(best)
        elif best.words != words:
            best.words = list(map(_common, best.words, words))
        best.members.append((words, count))

    def templates(self) -> dict[str, str]:
        """The template of each message by its words."""
        return {
            " ".join(words): " ".join(part.words)
            for group in self._groups
            for part in _parts(group)
            for words, _ in part.members
        }

    def _leaf(self, words: list[str]) -> _Node:
        node = self._by_length.setdefault(len(words), _Node())
        for word in words[:_DEPTH]:
            key = VARIABLE if any(map(str.isdigit, word)) or VARIABLE in word else word
            if key not in node.branches and len(node.branches) >= _MAX_BRANCHES:
                key = VARIABLE
            node = node.branches.setdefault(key, _Node())
        return node


def _similarity_of(template: Sequence[str], words: Sequence[str]) -> float:
    """The share of words that are the same; those that are variable in both say nothing."""
    same = variable = 0
    for a, b in zip(template, words, strict=True):
        if a == b:
            if VARIABLE in a:
                variable += 1
            else:
                same += 1
    rest = len(words) - variable
    return same / rest if rest else 1.0


def _common(a: str, b: str) -> str:
    """What two words have in common: all, the key of a pair, the brackets around them, or nothing."""
    if a == b:
        return a
    key, sign, _ = a.partition("=")
    if sign and b.startswith(f"{key}="):
        return f"{key}={VARIABLE}"
    is_framed = a[0] == b[0] in _OPENING and a[-1] == b[-1] in _CLOSING
    return f"{a[0]}{VARIABLE}{a[-1]}" if is_framed else VARIABLE


def _parts(group: _Group) -> list[_Group]:
    """A group, split where a place takes few words, each often: those tell templates apart, as *started* and *stopped*.

    Drain itself takes them for values: `VM Started` and `VM Paused` have all other words in common.
    """
    for at, word in enumerate(group.words):
        if word != VARIABLE or (at and group.words[at - 1].lower() in _NAMED_NEXT):
            continue
        values = Counter[str]()
        for words, count in group.members:
            values[words[at]] += count
        if len(values) > _MAX_VALUES or values.total() < _MIN_MESSAGES_A_VALUE * len(values):
            continue
        if all(value.isalpha() for value in values):
            return [part for value in values for part in _parts(_narrowed(group, at, value))]
    return [group]


def _narrowed(group: _Group, at: int, value: str) -> _Group:
    members = [(words, count) for words, count in group.members if words[at] == value]
    common = members[0][0]
    for words, _ in members[1:]:
        common = list(map(_common, common, words))
    return _Group(common, members)


def templates_of(messages: pl.Series) -> pl.Series:
    """The template of each message; null where there is no message, or where the messages have no templates."""
    masked = _masked(messages)
    counts = masked.drop_nulls().value_counts(name="count")
    if counts.height > MAX_DISTINCT:
        return pl.Series("template", [None], dtype=pl.String).new_from_index(0, len(messages))
    miner = TemplateMiner()
    for message, count in counts.sort("count", "masked", descending=[True, False]).iter_rows():
        miner.learn(message, count)
    templates: Mapping[str, str] = miner.templates()
    found = pl.DataFrame({"masked": list(templates), "template": list(templates.values())}, schema=_FOUND)
    return masked.to_frame().join(found, on="masked", how="left", maintain_order="left").get_column("template")


_FOUND = {"masked": pl.String, "template": pl.String}


def _masked(messages: pl.Series) -> pl.Series:
    """The first line of each message with ``<*>`` for what is surely variable in it."""
    first = pl.col("masked").str.strip_chars().str.extract(r"^([^\n]*)", 1).str.head(MAX_MASKED_CHARS)
    words = first.str.replace_all(_MASK, VARIABLE).str.replace_all(r"\s+", " ")
    return messages.alias("masked").to_frame().select(words).to_series()

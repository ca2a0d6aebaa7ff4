"""Which column of a dataset each incoming column is, and how much that says for the dataset."""

import difflib
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from core.dataset import Column, ColumnType, Dataset
from preparation.catalog import Catalog
from preparation.column_values import NUMERIC, TIMES, ColumnLook, Look
from preparation.header_words import COMMON_KEYS, Header, parsed_header
from preparation.model import Recognition
from preparation.units import is_unit

_PER_PLACE = 0.0001  # of two headers that mean one column, the one whose synonym stands first takes it
_EXACT, _SYNONYM, _SAME_WORDS, _MISSPELT = 1.0, 0.97, 0.95, 0.8
RENAMES_FROM = 0.7
"""A match of at least this quality renames the column; a weaker one only speaks for the dataset."""
_SPEAKS_FROM = 0.55
_NEEDED_FROM = 0.6
_RARITY = (1.0, 0.6, 0.4, 0.25)  # weight of a header that 1, 2, 3, more datasets know
_FIRST_WORD, _MORE_WORDS, _MAX_WORDS = 0.5, 0.15, 3.0
_NESTED = 0.85  # what a header says that is the last part of a dotted name, for each part before it
_MAX_WORDED_DEPTH = 2  # of a part that lies deeper, only its own words speak
_WITH_UNIT = 0.9
_PARTLY = 0.65  # weight of a header of which a known phrase is only a part
_MAX_LENGTH_GAP = 2
_MAX_KEPT_HEADERS = 4_096
_MIN_FUZZY_CHARS, _MAX_FUZZY_HEADERS, _MIN_RATIO = 6, 120, 0.88
_COMMON_WEIGHT = 0.15
_VARIABLE, _VARIABLE_WEIGHT = re.compile("[a-z] ?[0-9]"), 0.3  # p1, x_2: players and sets, but parameters as well
_TIME_TYPES = frozenset((ColumnType.DATE, ColumnType.TIMESTAMP))
_LOOKS = {
    ColumnType.INTEGER: NUMERIC,
    ColumnType.NUMBER: NUMERIC,
    ColumnType.MONEY: NUMERIC,
    ColumnType.BOOLEAN: frozenset((Look.BOOLEAN, Look.NUMBER, Look.WORDS)),
}


@dataclass(frozen=True, slots=True)
class Pair:
    """One incoming column and the dataset's column that it is.

    Attributes:
        header: The incoming column's name.
        column: The dataset's column.
        quality: From 0 to 1, how well they go together.
        weight: What the pair says for the dataset.
    """

    header: str
    column: str
    quality: float
    weight: float

    @property
    def renames(self) -> bool:
        """Whether it is sure enough to take the values."""
        return self.quality >= RENAMES_FROM


@dataclass(frozen=True, slots=True)
class Match:
    """A table held against one dataset.

    Attributes:
        dataset: The dataset's name.
        pairs: Which columns go together; each column at most once on either side.
        words: Words in other headers that speak for the dataset.
        evidence: All that speaks for it.
        missing: The first group of columns that the dataset needs and the table has none of.
    """

    dataset: str
    pairs: tuple[Pair, ...]
    words: tuple[str, ...]
    evidence: float
    missing: tuple[str, ...] = ()


_Option = tuple[str, float, float]  # a column, how well it goes with a header, and how much that says


@dataclass(slots=True)
class _Vocabulary:
    """What one dataset's columns are called.

    Attributes:
        dataset: The dataset.
        recognition: What its model says of it.
        keys: By the key of a header, the column that it is, and how surely.
        phrases: By a word, the phrases that have it, and their columns.
        words: That speak for the dataset in any header.
        phrases_told: The same of several words: ``set 1``, ``co 2``.
        initials: By a first letter, the keys.
        options: What was found for headers so far, the last thousands: files of one kind have the same.
    """

    dataset: Dataset
    recognition: Recognition
    keys: dict[str, tuple[str, float]] = field(default_factory=dict)
    phrases: dict[str, list[tuple[frozenset[str], str]]] = field(default_factory=lambda: defaultdict(list))
    words: frozenset[str] = frozenset()
    phrases_told: frozenset[str] = frozenset()
    initials: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    options: dict[tuple[str, bool], list[_Option]] = field(default_factory=dict)


class Matcher:
    """Holds tables against the datasets of a catalog."""

    def __init__(self, catalog: Catalog) -> None:
        self._vocabularies = {
            each.name: _vocabulary(each, catalog.recognition(each.name)) for each in catalog.datasets()
        }
        self.sought = tuple(name for name, each in self._vocabularies.items() if each.recognition.is_sought)
        self._known_by = Counter(key for name in self.sought for key in self._vocabularies[name].keys)
        self._worded_by = Counter(
            word for each in self._vocabularies.values() for word in each.words | each.phrases_told
        )

    def match(self, headers: list[str], looks: list[ColumnLook], dataset: str) -> Match:
        """Pairs a table's columns with those of one dataset."""
        vocabulary = self._vocabularies[dataset]
        parsed = [parsed_header(header) for header in headers]
        pairs = self._pairs(parsed, looks, vocabulary)
        weak = {pair.header for pair in pairs if pair.weight >= _FIRST_WORD}
        words = self._words([header for header in parsed if header.text not in weak], vocabulary)
        found = {pair.column for pair in pairs if pair.quality >= _NEEDED_FROM}
        missing = next((group for group in vocabulary.recognition.needs if not found & set(group)), ())
        evidence = sum(pair.weight for pair in pairs) + min(sum(words.values()), _MAX_WORDS)
        return Match(dataset, pairs, tuple(words), evidence, missing)

    def word_evidence(self, headers: list[str], dataset: str) -> float:
        """What the words of all headers say for a dataset whose columns are not sought."""
        return sum(self._words([parsed_header(header) for header in headers], self._vocabularies[dataset]).values())

    def _pairs(self, headers: list[Header], looks: list[ColumnLook], vocabulary: _Vocabulary) -> tuple[Pair, ...]:
        options = []
        for index, header in enumerate(headers):
            for column, quality, rarity in self._options(header, vocabulary, is_few=index < _MAX_FUZZY_HEADERS):
                fit = _fit(vocabulary.dataset.column(column), header, looks[index])
                if quality * fit >= _SPEAKS_FROM:
                    weight = rarity * vocabulary.recognition.telling.get(column, 1.0) * quality * fit
                    options.append((quality * fit, -index, column, weight))
        taken: dict[int, Pair] = {}
        columns: set[str] = set()
        for quality, negative, column, weight in sorted(options, reverse=True):
            if -negative not in taken and column not in columns:
                taken[-negative] = Pair(headers[-negative].text, column, quality, weight)
                columns.add(column)
        return tuple(taken[index] for index in sorted(taken))

    def _options(self, header: Header, vocabulary: _Vocabulary, *, is_few: bool) -> list[_Option]:
        asked = header.text, is_few
        if asked not in vocabulary.options:
            if len(vocabulary.options) >= _MAX_KEPT_HEADERS:
                vocabulary.options.clear()
            vocabulary.options[asked] = self._found_options(header, vocabulary, is_few=is_few)
        return vocabulary.options[asked]

    def _found_options(self, header: Header, vocabulary: _Vocabulary, *, is_few: bool) -> list[_Option]:
        known = vocabulary.keys.get(header.key)
        if known:
            return [(known[0], known[1], self._rarity(header.key))]
        leaf, depth = _leaf(header)
        inner = vocabulary.keys.get(leaf.key) if depth else None
        if inner:  # a field of a nested record
            share = _NESTED**depth
            return [(inner[0], inner[1] * share, self._rarity(leaf.key) * share)]
        tokens = header.telling_tokens
        best: dict[str, float] = {}
        for token in tokens:
            for phrase, column in vocabulary.phrases.get(token, ()):
                quality = _phrase_quality(phrase, tokens)
                if quality > best.get(column, 0.0):
                    best[column] = quality
        rarity = self._rarity(header.key) * _PARTLY
        options = [(column, quality, rarity) for column, quality in best.items()]
        measured = _measured_in(header, vocabulary)
        if measured and measured in best:  # it renames surely, and speaks for the dataset as before
            options = [(measured, _WITH_UNIT, rarity * best[measured] / _WITH_UNIT)]
        if not options and is_few and len(header.key) >= _MIN_FUZZY_CHARS:
            near = [
                key
                for key in vocabulary.initials.get(header.key[0], ())
                if abs(len(key) - len(header.key)) <= _MAX_LENGTH_GAP
            ]
            close = difflib.get_close_matches(header.key, near, 1, _MIN_RATIO)
            options = [(vocabulary.keys[key][0], _MISSPELT, self._rarity(key)) for key in close]
        return options

    def _rarity(self, key: str) -> float:
        if key in COMMON_KEYS:
            return _COMMON_WEIGHT
        if _VARIABLE.fullmatch(key):
            return _VARIABLE_WEIGHT
        return _RARITY[min(max(self._known_by[key], 1), len(_RARITY)) - 1]

    def _words(self, headers: list[Header], vocabulary: _Vocabulary) -> dict[str, float]:
        found: dict[str, float] = {}
        seen: set[str] = set()
        for header in headers:
            leaf, depth = _leaf(header)
            outer = header.text[: -len(leaf.text) - 1] if depth else ""
            told = leaf if depth > _MAX_WORDED_DEPTH or outer in seen else header  # what holds many fields speaks once
            seen.add(outer)
            words = vocabulary.words.intersection(told.tokens)
            if vocabulary.phrases_told:
                running = f" {' '.join(told.tokens)} "
                words |= {phrase for phrase in vocabulary.phrases_told if f" {phrase} " in running}
            for word in [min(words, key=lambda each: (self._worded_by[each], -len(each), each))] if words else []:
                share = (_VARIABLE_WEIGHT if _VARIABLE.fullmatch(word) else 1.0) / self._worded_by[word]
                found[word] = found.get(word, 0.0) + share * (_MORE_WORDS if word in found else _FIRST_WORD)
        return found


def _leaf(header: Header) -> tuple[Header, int]:
    """The last part of a dotted name, and how many stand before it; a name without dots as it is."""
    outer, _, leaf = header.text.rpartition(".")
    return (parsed_header(leaf), outer.count(".") + 1) if outer and leaf else (header, 0)


def _vocabulary(dataset: Dataset, recognition: Recognition) -> _Vocabulary:
    vocabulary = _Vocabulary(dataset, recognition)
    for column in dataset.columns:
        vocabulary.keys[parsed_header(column.name).key] = (column.name, _EXACT)
    for column in dataset.columns:
        for place, spelling in enumerate((column.name, *column.synonyms)):
            header = parsed_header(spelling)
            vocabulary.keys.setdefault(header.key, (column.name, _SYNONYM - _PER_PLACE * place))
            phrase = header.telling_tokens
            for token in phrase:
                vocabulary.phrases[token].append((phrase, column.name))
    for key in vocabulary.keys:
        vocabulary.initials[key[:1]].append(key)
    told = {" ".join(parsed_header(word).tokens) for word in recognition.words}
    vocabulary.words = frozenset(word for word in told if " " not in word)
    vocabulary.phrases_told = frozenset(told - vocabulary.words)
    return vocabulary


def _measured_in(header: Header, vocabulary: _Vocabulary) -> str | None:
    """The column of a unit that a header names with a unit after it: pressure_hpa, temp_f."""
    if len(header.tokens) < 2 or not is_unit(header.text.replace(" ", "_").rsplit("_", 1)[-1]):  # noqa: PLR2004
        return None
    known = vocabulary.keys.get("".join(header.tokens[:-1]))
    return known[0] if known and vocabulary.dataset.column(known[0]).unit else None


def _phrase_quality(phrase: frozenset[str], tokens: frozenset[str]) -> float:
    """How well a known phrase goes with a header's words: all of it must be there."""
    if phrase == tokens:
        return _SAME_WORDS
    if not phrase < tokens:
        return 0.0
    return 0.3 + 0.6 * len(phrase) / len(tokens)


def _fit(column: Column, header: Header, look: ColumnLook) -> float:
    """Whether values of that look can be values of the column: 1 they can, 0 they cannot."""
    if look.look is Look.EMPTY:
        return 1.0
    if column.type in _TIME_TYPES:
        return _fit_of_time(header, look)
    if column.type in _LOOKS:
        return float(look.look in _LOOKS[column.type])
    if column.name.endswith(("_ip", "ip_address")) and header.key != parsed_header(column.name).key:
        return 1.0 if look.look is Look.IP or (look.look is Look.WORDS and "ip" in header.tokens) else 0.0
    if column.type is ColumnType.TEXT or column.name == "url":
        return 0.3 if look.look in (Look.NUMBER, Look.MONEY, *TIMES) else 1.0
    return 1.0


def _fit_of_time(header: Header, look: ColumnLook) -> float:
    if look.look in TIMES or look.look is Look.CLOCK:
        return 1.0
    return 0.8 if look.look is Look.NUMBER and {"time", "timestamp", "t", "second"} & set(header.tokens) else 0.0

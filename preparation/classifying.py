"""Which dataset a table belongs to, and why, in words."""

import re
from dataclasses import dataclass

import polars as pl

from core.prepared import Classification
from preparation.column_values import NUMERIC, ColumnLook, Look, looks_of
from preparation.extraction import RawTable
from preparation.header_words import parsed_header
from preparation.matching import Match, Matcher

OTHER = "other"
SENSOR, POST, NETWORK, CLICKS = "sensor_reading", "social_post", "network_log", "clickstream"
_THRESHOLD = 1.05
_PER_COLUMN, _MAX_EXTRA = 0.08, 1.6  # wide tables need more: chance matches grow with the columns
_MAX_EXTRA_OF_SERIES = 0.5  # but for a time beside nothing but numbers, which matches no name by chance
_COUNTER = 0.7  # what a word that speaks for other tables takes away
_SUB_DAILY, _DAILY = 1.6, 0.4
_LONG_FORM = 0.5
_MANY = 10
_OF_TRIPS = 0.5
_FROM, _TO = frozenset(("origin", "from", "source", "pickup")), frozenset(("destination", "to", "dropoff"))
_MAX_LABELS = 3
_SHOWN = 6
_ACTS = re.compile(
    r"(?i)\b(?:page_?views?|add_?to_?cart|remove_?from_?cart|view_?item|app_?open|checkout|page_?viewed|screen_?view"
    r"|(?:begin|start)_?checkout|(?:view|browse)_?(?:product|categor(?:y|ie)|cart)s?|(?:product|category|cart)_?views?)\b"
)
_PROTOCOLS = frozenset(("tcp", "udp", "icmp", "igmp", "arp", "TCP", "UDP", "ICMP", "IGMP", "ARP"))
_MOMENTS = frozenset((Look.DATETIME, Look.EPOCH, Look.DATE))
_FEW, _FEW_PAIRS, _WITHOUT_TIME = 20, 5, 1.0
_NOT_IN_SERIES = frozenset((Look.PROSE, Look.IP, Look.URL, Look.EMAIL, Look.MONEY))


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a table is.

    Attributes:
        classification: The dataset, how sure, and why.
        match: Which of its columns are which of the dataset's; None for `other`.
    """

    classification: Classification
    match: Match | None = None


def classify_table(table: RawTable, matcher: Matcher, looks: list[ColumnLook] | None = None) -> Verdict:
    """Tells the dataset of a table by its headers and values.

    Args:
        table: As it was read.
        matcher: Holds it against the datasets.
        looks: Of its columns, where they are known.
    """
    frame = table.frame
    if frame.width == 0 or frame.height == 0:
        return _other("the table has no rows")
    looks = looks or looks_of(frame)
    if not table.has_header or all(_is_value(name) for name in frame.columns):
        return _by_values_alone(looks)
    matches = sorted(
        (_with_structure(matcher.match(frame.columns, looks, name), frame, looks) for name in matcher.sought),
        key=_standing,
        reverse=True,
    )
    against = matcher.word_evidence(frame.columns, OTHER)
    best, second = matches[0], matches[1] if len(matches) > 1 else None
    most = _MAX_EXTRA if best.dataset != SENSOR or not _is_bare_series(looks) else _MAX_EXTRA_OF_SERIES
    needed = _THRESHOLD + min(_PER_COLUMN * frame.width, most) + _COUNTER * against
    if _standing(best) >= needed + _needed_more(best, frame, looks):
        return Verdict(_classification(best, second, needed), best)
    return _other(_why_not(matches, needed))


def _needed_more(match: Match, frame: pl.DataFrame, looks: list[ColumnLook]) -> float:
    """A handful of rules, routes or policies speaks of clicks and ports in a few fields, yet logs none of them."""
    has_time = any(each.look in _MOMENTS or each.look is Look.CLOCK for each in looks)
    is_slight = frame.height < _FEW and len(match.pairs) < _FEW_PAIRS
    return _WITHOUT_TIME if is_slight and not has_time and match.dataset in (NETWORK, CLICKS) else 0.0


def _standing(match: Match) -> float:
    return match.evidence * (0.25 if match.missing else 1.0)


def _with_structure(match: Match, frame: pl.DataFrame, looks: list[ColumnLook]) -> Match:
    """Adds what the shape of the table says: a time beside numbers is a series of measurements."""
    if match.dataset == SENSOR:
        bonus = _series_evidence(frame, looks) + _long_form_evidence(match)
    elif match.dataset == POST:
        bonus = _post_evidence(match, looks)
    elif match.dataset == CLICKS:
        bonus = float(any(_ACTS.search(" ".join(each.examples)) for each in looks if each.look is Look.WORDS))
    else:
        bonus = 0.0
    return Match(match.dataset, match.pairs, match.words, match.evidence + bonus, match.missing)


def _series_evidence(frame: pl.DataFrame, looks: list[ColumnLook]) -> float:
    """One moment a row beside numbers: much where moments are within a day, little where they are days."""
    moments = [each for each in looks if each.look in _MOMENTS]
    clocks = any(each.look is Look.CLOCK for each in looks)
    rest = [
        (name, each)
        for name, each in zip(frame.columns, looks, strict=True)
        if each.look not in _MOMENTS and each.look is not Look.CLOCK
    ]
    ids = sum(name.lower().endswith("id") for name, _ in rest)
    measures = sum(each.look in NUMERIC and not name.lower().endswith("id") for name, each in rest)
    labels = sum(
        each.look not in NUMERIC and each.look is not Look.EMPTY and not _is_constant(each, frame.height)
        for _, each in rest
    )
    if frame.height == 1 or len(moments) != 1 or not measures or labels > min(measures, _MAX_LABELS):
        return 0.0
    if any(each.look in _NOT_IN_SERIES for _, each in rest):
        return 0.0
    days = moments[0].look is Look.DATE or all(map(_tells_midnight_only, moments[0].examples))
    bonus = (_DAILY if days and not clocks else _SUB_DAILY) * (_OF_TRIPS if _are_trips(rest) else 1.0)
    return bonus * (1.0 if looks[0].look in _MOMENTS else 0.75) * (0.5 if ids > 1 else 1.0)


def _is_bare_series(looks: list[ColumnLook]) -> bool:
    """Whether one column tells a moment of more than a day's precision, and all others are numbers."""
    kinds = [each.look for each in looks if each.look is not Look.EMPTY]
    return kinds.count(Look.DATETIME) == 1 and all(kind in NUMERIC for kind in kinds if kind is not Look.DATETIME)


def _is_constant(look: ColumnLook, rows: int) -> bool:
    """Whether a column says the same of all rows, as the name of the only station does."""
    return rows >= _MANY and len(set(look.examples)) == 1


def _are_trips(rest: list[tuple[str, ColumnLook]]) -> bool:
    """Whether rows say from where to where: shipments, flights, rides; a sensor stays, or has coordinates."""
    names = {token for name, each in rest if each.look is Look.WORDS for token in parsed_header(name).tokens}
    return bool(names & _FROM) and bool(names & _TO)


def _long_form_evidence(match: Match) -> float:
    """A row a reading: which sensor or what, when, how much, and in which unit."""
    columns = {pair.column for pair in match.pairs}
    if columns >= {"metric", "time", "value", "unit"}:
        return 2 * _LONG_FORM
    return _LONG_FORM if columns >= {"sensor_id", "time", "value"} else 0.0


def _tells_midnight_only(text: str) -> bool:
    return text.endswith((" 00:00", " 00:00:00", "T00:00:00", "T00:00:00Z"))


def _post_evidence(match: Match, looks: list[ColumnLook]) -> float:
    has_text = any(pair.column == "text" for pair in match.pairs)
    prose = sum(each.look is Look.PROSE for each in looks)
    marks = any(each.has_post_marks for each in looks)
    return (0.6 if has_text and prose else 0.0) + (1.0 if marks else 0.0)


def _by_values_alone(looks: list[ColumnLook]) -> Verdict:
    """Without headers only values can tell, and few kinds of table show themselves so."""
    kinds = [each.look for each in looks if each.look is not Look.EMPTY]
    times: list[Look] = [kind for kind in kinds if kind in (Look.DATETIME, Look.EPOCH)]
    if not times and kinds.count(Look.DATE) == kinds.count(Look.CLOCK) == 1:  # a moment in two columns
        kinds = [kind for kind in kinds if kind is not Look.CLOCK]
        times = [Look.DATE]
    if kinds.count(Look.IP) > 1:
        return _guess(NETWORK, "no headers; two columns are IP addresses")
    if Look.IP in kinds and Look.REQUEST in kinds:
        return _guess(CLICKS, "no headers; a column of IP addresses and one of HTTP requests")
    if len(kinds) >= _MANY and any(each.examples and _PROTOCOLS.issuperset(each.examples) for each in looks):
        return _guess(NETWORK, "no headers; a column of protocols among many others")
    if any(each.has_post_marks and each.look is Look.PROSE for each in looks):
        return _guess(POST, "no headers; a column of texts with @names, #tags or shortened links")
    if len(times) == 1 and len(kinds) > 1 and all(kind in NUMERIC or kind in times for kind in kinds):
        return _guess(SENSOR, "no headers; one column of times, all others numbers")
    return _other("the table has no headers, and its values do not tell")


def _guess(dataset: str, why: str) -> Verdict:
    return Verdict(Classification(dataset, 0.6, why), Match(dataset, (), (), 0.0))


def _is_value(name: str) -> bool:
    return name.lstrip("-+.").replace(".", "", 1).replace(",", "").replace("_duplicated_0", "").isdigit()


def _other(why: str) -> Verdict:
    return Verdict(Classification(OTHER, 0.7, why))


def _classification(best: Match, second: Match | None, needed: float) -> Classification:
    lead = (_standing(best) - _standing(second)) / _standing(best) if second else 1.0
    confidence = min(0.99, 0.5 + 0.3 * min(lead, 1.0) + 0.2 * min(_standing(best) / (needed * 2), 1.0))
    return Classification(best.dataset, round(confidence, 2), _reasons(best))


def _reasons(match: Match) -> str:
    ranked = sorted(match.pairs, key=lambda pair: pair.weight, reverse=True)
    shown = ", ".join(_shown(pair.header, pair.column) for pair in ranked[:_SHOWN])
    more = f" and {len(ranked) - _SHOWN} more" if len(ranked) > _SHOWN else ""
    words = f"; words in other headers: {', '.join(match.words[:_SHOWN])}" if match.words else ""
    return f"columns of {match.dataset}: {shown}{more}{words} (evidence {match.evidence:.1f})"


def _shown(header: str, column: str) -> str:
    return header if header == column else f"{header} → {column}"


def _why_not(matches: list[Match], needed: float) -> str:
    lacking = max(matches, key=lambda match: match.evidence)
    if lacking.missing and lacking.evidence >= needed:
        return f"nearest is {lacking.dataset}, but it has none of {', '.join(lacking.missing[:_SHOWN])}"
    best = matches[0]
    return f"no dataset's columns are there; nearest is {best.dataset}: evidence {_standing(best):.1f} of {needed:.1f}"

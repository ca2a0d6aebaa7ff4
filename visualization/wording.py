"""Numbers, times, names and the state of the system in words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

from core.dataset import Column, ColumnType

_KILO = 1000
_MANY = 10_000
_UNITS = {
    "Cel": "°C",
    "[degF]": "°F",
    "[degC]": "°C",
    "deg": "°",
    "Ohm": "Ω",
    "m/s2": "m/s²",
    "m2": "m²",
    "m3": "m³",
    "um": "µm",
    "us": "µs",
    "By": "bytes",
    "a": "years",
    "mo": "months",
    "d": "days",
    "1": "",
    "{1}": "",
}
"""UCUM codes that people write differently."""
_ACRONYMS = {
    "auc",
    "rmse",
    "mae",
    "r2",
    "roc",
    "id",
    "ip",
    "url",
    "npi",
    "ssn",
    "uri",
    "http",
    "icd",
    "cpt",
    "dob",
    "utc",
    "edi",
    "ein",
    "tin",
    "os",
    "vin",
}


def number(value: float | int | None) -> str:
    """1234567 → 1,234,567; a fraction keeps at most four significant digits."""
    if value is None:
        return "—"
    if isinstance(value, int) or float(value).is_integer():
        return f"{int(value):,}"
    return f"{value:,.0f}" if abs(value) >= _MANY else f"{value:,.4g}"


def amount_of_bytes(size: float | None) -> str:
    """1234567 → 1.2 MB."""
    if size is None:
        return "—"
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if abs(size) < _KILO or unit == "TB":
            break
        size /= _KILO
    return f"{size:,.0f} {unit}" if unit == "B" or size >= 100 else f"{size:,.1f} {unit}"  # noqa: PLR2004


def counted(count: int, noun: str, plural: str = "") -> str:
    """1, file → 1 file; 2, file → 2 files."""
    return f"{number(count)} {noun if count == 1 else plural or noun + 's'}"


def duration(seconds: float | None) -> str:
    """0.0042 → 4 ms; 75 → 1 min 15 s."""
    if seconds is None:
        return ""
    if seconds < 1:
        return f"{seconds * _KILO:.0f} ms"
    if seconds < 60:  # noqa: PLR2004
        return f"{seconds:.1f} s"
    return f"{seconds // 60:.0f} min {seconds % 60:.0f} s"


def moment(text: str | None) -> datetime | None:
    """The time in an ISO-8601 text, in UTC; None where there is none."""
    if not text:
        return None
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        return None
    return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def ago(text: str | None, now: datetime | None = None) -> str:
    """How long ago an ISO-8601 time was: `just now`, `4 min ago`, `3 h ago`, then the date."""
    then = moment(text)
    if then is None:
        return "—"
    seconds = ((now or datetime.now(UTC)) - then).total_seconds()
    for limit, size, unit in ((60, 1, "s"), (3600, 60, "min"), (86_400, 3600, "h")):
        if seconds < limit:
            return "just now" if seconds < 2 else f"{seconds // size:.0f} {unit} ago"  # noqa: PLR2004
    return f"{then:%d %b %Y}"


def title(name: str) -> str:
    """medical_bill → Medical bill; patient_id → Patient ID."""
    words = [word.upper() if word in _ACRONYMS else word for word in name.strip("_").split("_")]
    text = " ".join(words)
    return text[:1].upper() + text[1:]


def unit(code: str | None) -> str:
    """A UCUM or ISO 4217 code as people write it; "" where there is none."""
    if not code:
        return ""
    if code.startswith("{") and code.endswith("}"):
        return code[1:-1]
    return _UNITS.get(code, code)


def with_unit(label: str, code: str | None) -> str:
    """Temperature, Cel → Temperature (°C)."""
    shown = unit(code)
    return f"{label} ({shown})" if shown and shown.lower() not in label.lower() else label


_MEASURES = {
    "auc": "How often a true case is ranked above another: 0.5 is chance, 1 is perfect.",
    "auc_worst_fold": "The AUC on the part of the records where it is worst.",
    "average_precision": "How pure the top of the ranking is: chance is the share of true cases, 1 is perfect.",
    "brier": "The mean squared error of the probability: 0 is perfect.",
    "calibration_error": "How far the probability is from the share that came true, on average: 0 is perfect.",
    "silhouette": "How well the groups are apart: 0 is not at all, 1 is perfectly.",
    "silhouette_on_training_series": "The same on the series it learned from.",
    "silhouette_on_training_actors": "The same on those it learned from.",
    "saved": "What its choice of reviews saves on the records kept aside, the cost of the reviews taken off.",
    "saved_by_largest_first": "What as many reviews save if the largest amounts are taken first.",
    "saved_by_even_odds": "What it saves to review those likelier than not, as they come, within the same budget.",
    "saved_by_chance": "What as many reviews save if they are drawn by lot.",
    "frauds_among_reviewed": "The share of frauds among what it sends to review.",
    "share_of_frauds": "The share of frauds among all records that were judged.",
    "brier_of_outcomes": "How far its chances of a win or draw were from what came: 0 is perfect, 1/3 knows nothing.",
    "brier_of_next_goals": "The same of who scored next.",
    "expected_saving": "What a look at the bills it holds is expected to save, its cost taken off.",
    "share_of_bills_held": "The share of bills that it would hold.",
    "alerts_per_10_000_readings": "How often it raises an alert.",
    "share_of_anomalies_found": "The share of known anomalies that an alert fell into.",
    "error_beside_last_value": "How far off it is, beside saying the last value again: below 1 is better.",
    "share_of_readings_in_interval": "The share of later readings that its intervals held; 80% is what they aim at.",
    "threshold": "The score that raises an alert; 1 is what one reading in 200 exceeds.",
    "claimed_in_rings": "What the claims in rings ask for, together.",
    "share_of_claims_in_rings": "The share of all claims that are in a ring.",
    "share_of_frauds_in_rings": "The share of frauds among the claims in rings that were judged.",
    "share_of_records_that_share_a_party": "The share of records that name somebody whom another names, too.",
    "share_of_lines_in_bursts": "The share of all lines that came in a burst.",
    "confidence": "How often, on average, who did the first did the last as well.",
    "confidence_on_held_out": "The same on records kept aside, by rules learned from the others.",
    "lift_on_held_out": "How many times more often than by chance rules held on records kept aside.",
    "error_of_support_on_held_out": "How far off the share of each path was on records kept aside.",
    "coherence_on_held_out": "How much the words of a topic come together in texts kept aside: 0 by chance, 1 always.",
    "share_of_terms_of_one_topic": "The share of the first words of topics that no other topic begins with.",
    "expected_cost": "What missed anomalies and false alarms are expected to cost for 10,000 readings.",
}


def measure_meaning(name: str) -> str | None:
    """What a measure of a model's quality means; None of one that is not known."""
    return _MEASURES.get(name)


def measured(name: str, value: float) -> str:
    """A measure of a model's quality: shares in percent, others with at most four digits."""
    is_share = name.startswith("share_of_") or "_among_" in name
    return f"{value:.1%}" if is_share else number(round(value, 4))


def shorter(text: str, most: int) -> str:
    """The text, or its beginning and an ellipsis."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def metric_label(metric: Mapping[str, Any], among: Sequence[Mapping[str, Any]] = ()) -> str:
    """What a view's metric is called; metrics of one label are told apart by the end of their name (p50, p95)."""
    label = str(metric.get("label") or title(str(metric["name"]))).rstrip(".")
    if sum(other.get("label") == metric.get("label") for other in among) > 1:
        return f"{label}, {str(metric['name']).rpartition('_')[2]}"
    return label


def file_name(path: str) -> str:
    """The last part of a path; of a member of an archive, the archive's name too."""
    outer, mark, inner = path.rpartition("!/")
    return f"{PurePosixPath(outer).name}{mark}{inner}" if mark else PurePosixPath(path).name or path


def shown(value: Any, column: Column | None = None) -> str:
    """A record's value as text; empty for null."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if column is not None and column.type is ColumnType.TIMESTAMP:
        at = moment(str(value))
        return f"{at:%Y-%m-%d %H:%M:%S} UTC" if at else str(value)
    if isinstance(value, float) or (isinstance(value, int) and (column is None or not column.name.endswith("id"))):
        text = number(value)
    else:
        text = str(value)
    suffix = unit(column.unit) if column else ""
    return f"{text} {suffix}" if suffix else text


@dataclass(frozen=True, slots=True)
class Headline:
    """The state of the system in one sentence.

    Attributes:
        lamp: The name of a state whose colour it has.
        text: The sentence.
        detail: What else there is to know.
    """

    lamp: str
    text: str
    detail: str


def headline(books: Mapping[str, Any], open_entries: int, *, is_running: bool) -> Headline:
    """What a person should know first; what is worst comes first."""
    received, in_flight = books["received"], books["in_flight"]
    counts = ", ".join(
        f"{number(books[state])} {word}"
        for state, word in (("stored", "stored"), ("duplicate", "duplicate"), ("quarantined", "quarantined"))
        if books[state] or state == "stored"
    )
    detail = f"{counts} · {counted(books['rows'], 'record')} from {amount_of_bytes(books['bytes'])}"
    if not books["balanced"]:
        return Headline("error", "The books do not balance", f"{detail}. Run penstock verify to find the file.")
    if not received:
        waiting = "Drop a file into the inbox and watch it arrive." if is_running else "Start it with penstock run."
        return Headline("duplicate", "Nothing has arrived yet", waiting)
    if open_entries:
        verb = "needs" if open_entries == 1 else "need"
        return Headline("quarantined", f"{counted(open_entries, 'file')} {verb} you", f"Nothing is lost: {detail}")
    if in_flight:
        return Headline("in_flight", f"Taking in {counted(in_flight, 'file')}", detail)
    return Headline("stored", _all_accounted(received), detail)


def _all_accounted(received: int) -> str:
    return "The one file is accounted for" if received == 1 else f"All {number(received)} files accounted for"


def open_entries(entries: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The quarantine entries that wait for a person."""
    return [entry for entry in entries if entry.get("state", "open") != "discarded"]

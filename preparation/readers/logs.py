"""System and application logs: one record a line, stack traces joined to the record that they belong to."""

import re

import polars as pl

from preparation.encodings import decode
from preparation.extraction import Extraction, RawTable, Source, unreadable
from preparation.readers import log_pairs, web_logs
from preparation.readers.log_format import CONTENT, LogFormat
from preparation.readers.log_formats import CONTINUED, best_format, is_general
from preparation.readers.log_heads import with_heads
from preparation.readers.log_times import iso_times
from preparation.templates import templates_of

COLUMNS = ("time", "host", "level", "component", "pid", "content")
MAX_LINE_CHARS = 65_536
_ESCAPES = re.compile(r"\x1b\[[0-9;]*m")
_SEVERITIES = ("emergency", "alert", "critical", "error", "warning", "notice", "informational", "debug")


def read(source: Source) -> Extraction:
    """Reads a log into rows of ``network_log``, or of ``clickstream`` where it is a web access log.

    A text of which too few lines fit any known format comes back as a document.
    """
    data = source.path.read_bytes()
    if not data.strip(b"\x00 \t\r\n\xef\xbb\xbf"):
        return unreadable(f"The log is empty: {len(data)} bytes.", "Check what should have written it.", kind="log")
    decoded = decode(data)
    lines = _unindented(split_lines(decoded.text))
    web_share = web_logs.access_share(lines)
    known, share = best_format(lines)
    if web_share > share:
        return web_logs.from_lines(lines, source.limits, decoded.encoding)
    if known is None and (pairs := log_pairs.table(lines)) is not None:
        return Extraction(kind="log", tables=(pairs,), metadata={"encoding": decoded.encoding, "format": "key=value"})
    if known is None:
        text = decoded.text[: source.limits.max_text_chars]
        return Extraction(kind="document", text=text.strip(), metadata={"encoding": decoded.encoding, "form": "text"})
    return _extraction(lines, known, decoded.encoding)


def split_lines(text: str) -> list[str]:
    """The lines of a text, terminal colours taken out and unending lines cut."""
    if "\x1b[" in text:
        text = _ESCAPES.sub("", text)
    lines = text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return [line[:MAX_LINE_CHARS] for line in lines] if len(text) > MAX_LINE_CHARS else lines


def _unindented(lines: list[str]) -> list[str]:
    """Lines without the margin that most of them have: an indented line goes on with the one before otherwise."""
    filled = [line for line in lines if line.strip()]
    is_margin = sum(line[0] in " \t" for line in filled) > len(filled) / 2
    return [line.lstrip(" \t") for line in lines] if is_margin else lines


def _extraction(lines: list[str], known: LogFormat, encoding: str) -> Extraction:
    frame = _matched(lines, known)
    if is_general(known):
        frame = with_heads(frame)
    if known.has_heading:
        frame = frame.filter(pl.col("_fits").cum_sum() > 0)
    total, fitting = frame.height, int(frame["_fits"].sum())
    frame, joined = _joined(frame)
    times, remark = iso_times(frame, known)
    frame = frame.with_columns(times, templates_of(frame["content"]))
    positions = frame["_line"]
    why = f"{fitting} of {total} lines are records of the format {known.name}" + (f"; {remark}" if remark else "")
    metadata: dict[str, str | int | float | bool] = {
        "encoding": encoding,
        "format": known.name,
        "lines": total,
        "continuation_lines": joined,
        "unmatched_lines": total - fitting - joined,
        "templates": frame["template"].drop_nulls().n_unique(),
    }
    table = RawTable(
        frame.select(*COLUMNS, "template", *_extras(frame)),
        dataset="network_log",
        why=why,
        positions=positions,
        has_header=False,
    )
    return Extraction(kind="log", tables=(table,), metadata=metadata)


def _matched(lines: list[str], known: LogFormat) -> pl.DataFrame:
    """Every line that is not blank with its number and its fields; of a line that does not fit, all is content."""
    frame = pl.DataFrame({"_text": lines}, schema={"_text": pl.String}).with_row_index("_line")
    frame = frame.with_columns(pl.col("_line").cast(pl.Int64), pl.col("_text").str.strip_chars_end())
    frame = frame.filter(pl.col("_text") != "")
    # only the head goes through the regular expression: capturing the content as well takes three times as long
    head = known.pattern.removeprefix("^").removesuffix(CONTENT)
    fields = pl.col("_text").str.extract_groups(f"^(?P<_head>{head})")
    frame = frame.with_columns(fields.alias("_fields")).unnest("_fields")
    frame = frame.with_columns(
        pl.col("_head").is_not_null().alias("_fits"), pl.col("_text").str.strip_prefix(pl.col("_head")).alias("content")
    )
    missing = [pl.lit(None, dtype=pl.String).alias(name) for name in COLUMNS if name not in frame.columns]
    frame = frame.with_columns(missing)
    blanks = [name for name in frame.columns if name not in ("content", "time") and not name.startswith("_")]
    content = pl.when("_fits").then(pl.col("content").str.strip_chars()).otherwise("_text")
    frame = frame.with_columns(content.alias("content"), *map(_blank_as_null, blanks))
    return _levelled(frame)


def _blank_as_null(name: str) -> pl.Expr:
    stripped = pl.col(name).str.strip_chars()
    return pl.when(stripped.is_in(["", "-"])).then(None).otherwise(stripped).alias(name)


def _levelled(frame: pl.DataFrame) -> pl.DataFrame:
    """The level that the syslog priority tells, where the line has no other."""
    if "priority" not in frame.columns:
        return frame
    severity = pl.col("priority").cast(pl.Int64, strict=False) % len(_SEVERITIES)
    names = severity.replace_strict(dict(enumerate(_SEVERITIES)), default=None, return_dtype=pl.String)
    return frame.with_columns(pl.coalesce("level", names).alias("level"))


def _joined(frame: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """Continuation lines appended to the content of the record before, and how many there were."""
    looks = ~pl.col("_fits") & pl.col("_text").str.contains(CONTINUED) & (pl.col("_fits").cum_sum() > 0)
    frame = frame.with_columns(looks.alias("_goes_on"))
    joined = int(frame["_goes_on"].sum())
    if not joined:
        return frame, 0
    record = (~pl.col("_goes_on")).cum_sum().alias("_record")
    rest = [pl.col(name).first() for name in frame.columns if name not in ("content", "_goes_on")]
    content = pl.col("content").str.join("\n")
    return frame.group_by(record, maintain_order=True).agg(content, *rest).drop("_record"), joined


def _extras(frame: pl.DataFrame) -> list[str]:
    """Fields of the format beyond the schema's, kept under their own names where any line has one."""
    names = [name for name in frame.columns if name not in (*COLUMNS, "template", "year") and name[0] != "_"]
    return [name for name in names if frame[name].null_count() < frame.height]

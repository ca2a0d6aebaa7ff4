"""What stands before the message in lines of a log that nobody has described: level, host, component, thread.

Lines of a general format have their time taken off. What the rest of nearly all of them begins with is then taken off
piece by piece: a level, a name in brackets, a program with its number, a module before a dash or a colon.
"""

import polars as pl

from preparation.readers.log_format import LEVEL

_USUAL = 0.9
_SAMPLE, _MAX_PIECES = 2_000, 6
_PIECES = (
    rf"^[\[<(|]?\s*(?P<level>(?i:{LEVEL}))\b\s*[\])>|]?[\s|:,-]*",
    r"^(?P<host>[A-Za-z][\w.-]*) (?P<component>[A-Za-z][\w./-]*)\[(?P<pid>\d+)\]:?\s+",
    r"^(?P<component>[A-Za-z][\w./-]*)\[(?P<pid>\d+)\]:?\s+",
    r"^\[(?P<thread>[A-Za-z][\w .#/-]*-\d+|main|pool[^\]]*|[^\]]*[Tt]hread[^\]]*)\]\s*[|:-]*\s*",
    r"^(?P<thread>[A-Za-z][\w.#/]*-\d+|main|[\w-]*[Tt]hread[\w-]*)\s*\|\s*",
    r"^\[(?P<component>[A-Za-z_][\w.$:/-]{0,80})\]\s*[|:-]*\s*",
    r"^(?P<component>[A-Za-z_][\w.$/-]{0,80})\s*\|\s*",
    r"^(?P<component>[A-Za-z_][\w.$/-]{0,80}) \((?P<location>[\w./$-]+:\d+)\)\s*[:-]\s+",
    r"^(?P<component>[A-Za-z_][\w.$/-]{0,80})(?: -|:)\s+",
)
_GROUPS = tuple(tuple(pl.Series([""]).str.extract_groups(piece).struct.fields) for piece in _PIECES)


def with_heads(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame of a log's lines with what nearly all contents begin with in columns of its own.

    Args:
        frame: With `content` and `_fits`; a column that is there already is not sought.
    """
    for _ in range(_MAX_PIECES):
        found = next((at for at in range(len(_PIECES)) if _is_usual(frame, at)), None)
        if found is None:
            break
        piece, names = _PIECES[found], _GROUPS[found]
        groups = pl.col("content").str.extract_groups(piece)
        taken = [pl.when("_fits").then(groups.struct.field(name)).alias(f"_new_{name}") for name in names]
        frame = frame.with_columns(*taken)
        rest = pl.when(pl.col(f"_new_{names[0]}").is_not_null()).then(pl.col("content").str.replace(piece, ""))
        old = [pl.col(name) if name in frame.columns else pl.lit(None, pl.String) for name in names]
        filled = [pl.coalesce(own, pl.col(f"_new_{name}")).alias(name) for own, name in zip(old, names, strict=True)]
        frame = frame.with_columns(rest.otherwise("content").alias("content"), *filled)
        frame = frame.drop([f"_new_{name}" for name in names])
    return frame


def _is_usual(frame: pl.DataFrame, at: int) -> bool:
    """Whether nearly all contents begin with the piece, and none of its fields is known yet."""
    names = _GROUPS[at]
    if any(name in frame.columns and frame[name].null_count() < frame.height for name in names):
        return False
    sample = frame.lazy().filter("_fits").select("content").head(_SAMPLE).collect().to_series()
    share = sample.str.contains(_PIECES[at]).mean()
    return isinstance(share, float) and share >= _USUAL

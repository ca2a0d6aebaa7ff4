"""What stands before the message in lines of a log that nobody has described: level, host, component, thread.

Lines of a general format have their time taken off. What the rest of nearly all of them begins with is then taken off
piece by piece: a level, a name in brackets, a program with its number, a module before a dash or a colon.
"""

import polars as pl

from preparation.readers.log_format import LEVEL

_USUAL = 0.9
_SAMPLE, _MAX_PIECES = 2_000, 6
# ASCII words and bounds: with those of Unicode the time is three times as long
_PIECES = (
    rf"^[\[<(|]?\s*(?P<level>(?i:{LEVEL}))(?-u:\b)\s*[\])>|]?[\s|:,-]*",
    r"^(?P<host>[A-Za-z][A-Za-z0-9_.-]*) (?P<component>[A-Za-z][A-Za-z0-9_./-]*)\[(?P<pid>\d+)\]:?\s+",
    r"^(?P<component>[A-Za-z][A-Za-z0-9_./-]*)\[(?P<pid>\d+)\]:?\s+",
    r"^\[(?P<thread>[A-Za-z][A-Za-z0-9_ .#/-]*-\d+|main|pool[^\]]*|[^\]]*[Tt]hread[^\]]*)\]\s*[|:-]*\s*",
    r"^(?P<thread>[A-Za-z][A-Za-z0-9_.#/]*-\d+|main|[A-Za-z0-9_-]*[Tt]hread[A-Za-z0-9_-]*)\s*\|\s*",
    r"^\[(?P<component>[A-Za-z_][A-Za-z0-9_.$:/-]{0,80})\]\s*[|:-]*\s*",
    r"^(?P<component>[A-Za-z_][A-Za-z0-9_.$/-]{0,80})\s*\|\s*",
    r"^(?P<component>[A-Za-z_][A-Za-z0-9_.$/-]{0,80}) \((?P<location>[A-Za-z0-9_./$-]+:\d+)\)\s*[:-]\s+",
    r"^(?P<component>[A-Za-z_][A-Za-z0-9_.$/-]{0,80})(?: -|:)\s+",
)
_GROUPS = tuple(tuple(pl.Series([""]).str.extract_groups(piece).struct.fields) for piece in _PIECES)


def with_heads(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame of a log's lines with what nearly all contents begin with in columns of its own.

    Which pieces there are is decided on the first lines; all of them are then taken off by one regular expression:
    piece by piece, a million lines took 8 s, so they take 2 s.

    Args:
        frame: With `content` and `_fits`; a column that is there already is not sought.
    """
    known = {name for name in frame.columns if frame[name].null_count() < frame.height}
    pieces = _usual_pieces(frame.lazy().filter("_fits").select("content").head(_SAMPLE).collect().to_series(), known)
    if not pieces:
        return frame
    nested = ""
    for piece in reversed(pieces):  # a line may have only the first of them
        nested = piece.removeprefix("^") + (f"(?:{nested})?" if nested else "")
    fields = pl.col("content").str.extract_groups(f"^(?P<_taken>{nested})")
    names = pl.Series([""]).str.extract_groups(nested).struct.fields
    found = frame.select(pl.when("_fits").then(fields).alias("f")).unnest("f")
    own = [found[name] for name in names]
    rest = frame["content"].to_frame().with_columns(found["_taken"].fill_null(""))
    content = rest.select(pl.col("content").str.strip_prefix(pl.col("_taken"))).to_series()
    return frame.with_columns(content, *own)


def _usual_pieces(sample: pl.Series, known: set[str]) -> list[str]:
    """The pieces that nearly all of the sample begins with, in order; none of a field that is known."""
    pieces: list[str] = []
    while len(pieces) < _MAX_PIECES:
        found = next((at for at in range(len(_PIECES)) if not known & set(_GROUPS[at]) and _is_usual(sample, at)), None)
        if found is None:
            break
        pieces.append(_PIECES[found])
        known = known | set(_GROUPS[found])
        sample = sample.str.replace(_PIECES[found], "")
    return pieces


def _is_usual(sample: pl.Series, at: int) -> bool:
    share = sample.str.contains(_PIECES[at]).mean()
    return isinstance(share, float) and share >= _USUAL

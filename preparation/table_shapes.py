"""Tables whose shape hides their records: headers in two rows, totals below, a column a sensor."""

import re
from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from core.prepared import Rejection
from preparation.encoding_json import encodable
from preparation.extraction import RawTable
from preparation.headers import shape_of, unique_names
from preparation.numbers import plain_digits, to_floats

_BODY_ROWS, _MIN_DATA_SHARE = 50, 0.6
_MAX_TOTALS = 5
_TOTAL = re.compile(
    r"(?i)^\W*(?:(?:grand|sub|column)[ -]?)?(?:totals?|sum(?:me|ma)?|gesamt|insgesamt|average|mean|mittelwert|avg"
    r"|(?:rows|records|lines|count)(?: returned| affected)?|end of (?:file|report|data)|source|quelle|notes?)\b\W*"
    r"(?:[:=]?\s*[\d.,]+)?\W*$|^\(?\d+ (?:rows?|records?|lines?)(?: affected| returned| selected)?\)?\.?$"
)
_RDB_TYPE = re.compile(r"\d+[sdnSDN]$")  # a line of USGS RDB: the width and type of each column
_RDB_CODE = re.compile(r"^\d+_(?P<code>\d{5})(?P<rest>(?:_\d{5})?(?:_cd)?)$")
_RDB_NAMES = {  # parameter codes of the USGS, of what gauges measure most
    "00010": "water temperature (°C)", "00045": "precipitation (in)", "00060": "discharge_ft3_s",
    "00065": "gauge height (ft)", "00400": "pH", "00300": "dissolved_oxygen_mg_l", "00095": "conductance_us_cm",
    "63680": "turbidity_fnu", "00020": "air temperature (°C)", "00035": "wind speed (mph)",
}  # fmt: skip
_TAG = re.compile(
    r"(?i)^(?:(?:sensor|sens|channel|chan|ch|probe|node|station|meter|tag|point|unit)[ _.-]?\w{1,6}"
    r"|[A-Z]{2,4}[-_]?\d{2,5}[A-Z]?|s[_-]?\d{1,3})$"
)
_MIN_SENSORS = 2
_UNNAMED, _NUMBERED = re.compile(r"column_\d+"), re.compile(r"_\d+$")
_CENT = 0.011


def with_whole_header(table: RawTable) -> RawTable:
    """The table with a second header row merged into the first; itself where there is none."""
    frame = table.frame
    if not table.has_header or table.dataset is not None or frame.height < 2 or frame.width < 2:  # noqa: PLR2004
        return table
    second = [_text(value) for value in frame.row(0)]
    if all(map(_RDB_TYPE.match, second)):
        return _below(table, [_rdb_name(name) for name in frame.columns])
    if not _is_second_header(frame, second):
        return table
    above = _spread(frame.columns)
    names = [" ".join(dict.fromkeys(part for part in pair if part)) for pair in zip(above, second, strict=True)]
    return _below(table, unique_names(names, frame.width))


def _is_second_header(frame: pl.DataFrame, second: Sequence[str]) -> bool:
    """Whether the first row is of words above cells of data, below headers of which some are missing or repeated."""
    body = frame.slice(1, _BODY_ROWS)
    names = set(frame.columns)
    bare = {name: _NUMBERED.sub("", name) for name in names}
    is_incomplete = any(_UNNAMED.fullmatch(name) or (bare[name] != name and bare[name] in names) for name in names)
    filled = [cell for cell in second if cell]
    if not is_incomplete or len(filled) < 2 or any(shape_of(cell) in ("number", "time", "date") for cell in filled):  # noqa: PLR2004
        return False
    columns = [column.cast(pl.String, strict=False).drop_nulls().to_list() for column in body.iter_columns()]
    data = [sum(shape_of(cell) in ("number", "time", "date", "code") for cell in cells) for cells in columns]
    telling = sum(count > _MIN_DATA_SHARE * len(cells) for count, cells in zip(data, columns, strict=True) if cells)
    return telling >= max(_MIN_DATA_SHARE * frame.width, 1)


def _spread(names: Sequence[str]) -> list[str]:
    """The upper headers: without the numbers that made them unique; a missing one is that of the merged cell before."""
    spread: list[str] = []
    for at, name in enumerate(names):
        base = _NUMBERED.sub("", name)
        if _UNNAMED.fullmatch(name):
            spread.append(spread[-1] if at and spread[-1] else "")
        else:
            spread.append(base if base in names[:at] else name)
    return spread


def _rdb_name(name: str) -> str:
    found = _RDB_CODE.match(name)
    known = _RDB_NAMES.get(found["code"]) if found else None
    return name if found is None or known is None else f"{known}{found['rest']}"


def _below(table: RawTable, names: Sequence[str]) -> RawTable:
    frame = table.frame.slice(1)
    positions = None if table.positions is None else table.positions.slice(1)
    return replace(table, frame=frame.rename(dict(zip(frame.columns, names, strict=True))), positions=positions)


def without_totals(table: RawTable) -> RawTable:
    """The table with the totals and footers in its last rows rejected, each with the reason."""
    frame = table.frame
    if table.dataset is not None or frame.width < 2 or frame.height < 2:  # noqa: PLR2004
        return table
    count = 0
    while count < min(_MAX_TOTALS, frame.height - 1) and _is_total(frame.row(frame.height - 1 - count), frame.width):
        count += 1
    if not count and _sums_up(frame):
        count = 1
    if not count:
        return table
    kept = frame.height - count
    rows = pl.int_range(frame.height, dtype=pl.Int64, eager=True) if table.positions is None else table.positions
    records = encodable(frame.slice(kept)).select(pl.struct(pl.all()).struct.json_encode()).to_series()
    reason = "It is a total or a footer of the rows above, no record."
    refused = [Rejection(int(row), reason, str(record)) for row, record in zip(rows[kept:], records, strict=True)]
    return replace(
        table,
        frame=frame.head(kept),
        positions=rows.head(kept),
        rejections=(*table.rejections, *refused),
        rejected_rows=table.rejected_rows + count,
    )


def _is_total(row: Sequence[object], width: int) -> bool:
    """Whether its first value says that it is a total, and cells lack that a record would have."""
    cells = [_text(value) for value in row]
    filled = [cell for cell in cells if cell]
    return bool(filled) and len(filled) < width and _TOTAL.match(filled[0]) is not None


def _sums_up(frame: pl.DataFrame) -> bool:
    """Whether the last row names nothing, and holds nothing but sums of the columns above it."""
    cells = [_text(value) for value in frame.row(-1)]
    filled = [at for at, cell in enumerate(cells) if cell]
    if cells[0] or not filled or len(filled) > len(cells) / 2 or frame.height < 3:  # noqa: PLR2004 - two rows to add
        return False
    sums = 0
    for at in filled:
        values = to_floats(plain_digits(frame.to_series(at).cast(pl.String, strict=False)))
        if values[-1] is None or values[:-1].null_count() == frame.height - 1:
            return False
        sums += abs(values[-1] - values[:-1].sum()) < _CENT
    return sums > 0


def one_row_a_reading(table: RawTable, moment: str | None) -> RawTable:
    """A series with a column a sensor as a row a reading; the table itself where its columns are no sensors.

    Args:
        table: With headers.
        moment: The column that says when.
    """
    names = [name for name in table.frame.columns if name != moment]
    if moment is None or len(names) < _MIN_SENSORS or not all(map(_TAG.match, names)) or not table.has_header:
        return table
    texts = table.frame.select(pl.col(names).cast(pl.String, strict=False))
    if not all(_is_numeric(texts.get_column(name)) for name in names):
        return table
    frame = texts.with_columns(table.frame.get_column(moment)).with_row_index("_at")
    rows = pl.int_range(table.frame.height, dtype=pl.Int64, eager=True) if table.positions is None else table.positions
    long = frame.unpivot(names, index=["_at", moment], variable_name="sensor_id", value_name="value")
    place = pl.col("sensor_id").replace_strict({name: at for at, name in enumerate(names)}, return_dtype=pl.Int64)
    positions = rows.gather(long["_at"]) * len(names) + long.select(place).to_series()
    long = long.with_columns(positions.alias("_at")).filter(pl.col("value").is_not_null()).sort("_at")
    return replace(table, frame=long.drop("_at"), positions=long["_at"])


def _is_numeric(column: pl.Series) -> bool:
    cells = column.drop_nulls().head(_BODY_ROWS).to_list()
    return bool(cells) and all(shape_of(cell) == "number" for cell in cells)


def _text(value: object) -> str:
    return "" if value is None else str(value).strip()

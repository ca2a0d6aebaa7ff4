"""Brings a table into a dataset's columns, types and units; what does not fit goes to the rescued column."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from core.dataset import BLOB_COLUMN, RESCUED_COLUMN, ROW_COLUMN, Column, ColumnType, Dataset
from core.frames import POLARS_TYPES, prepared_schema
from preparation.column_values import NULL_WORDS
from preparation.dates import are_read_by_value, to_timestamps
from preparation.encoding_json import encodable
from preparation.numbers import plain_digits, to_floats, to_integers, to_money
from preparation.units import conversion, unit_of_cells

_NUMERIC = frozenset((ColumnType.INTEGER, ColumnType.NUMBER, ColumnType.MONEY))
_MOMENTS = frozenset((ColumnType.DATE, ColumnType.TIMESTAMP))
_TRUE = ("true", "t", "yes", "y", "1", "1.0", "si", "sí", "sim", "ja", "oui", "fraud", "on")
_FALSE = ("false", "f", "no", "n", "0", "0.0", "nao", "não", "nein", "non", "legit", "off")
KEYWORD_NULLS = ("", "NA", "N/A", "n/a", "null", "NULL", "Null", "nan", "NaN", "NAN", "None", "none", "-", "?", "\\N")


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where the rows of a table come from.

    Attributes:
        sha256: The blob.
        positions: Each row's position in it, or None where that is the row's number.
    """

    sha256: str
    positions: pl.Series | None = None


@dataclass(frozen=True, slots=True)
class _Converted:
    values: pl.Series
    lost: pl.Series | None = None  # true where a value was there and none came out
    is_by_value: bool = True  # no value came out as it did because of another


def normalize(
    frame: pl.DataFrame, renames: Mapping[str, str], dataset: Dataset, provenance: Provenance
) -> pl.DataFrame:
    """Rows in the dataset's prepared schema.

    Args:
        frame: The table as it was read.
        renames: Incoming column → column of the dataset.
        dataset: The dataset.
        provenance: What `_blob` and `_row` are filled with.
    """
    frame = encodable(frame)
    return _shaped(frame, _converted(frame, renames, dataset), renames, dataset, provenance)


def normalize_piece(
    frame: pl.DataFrame, renames: Mapping[str, str], dataset: Dataset, provenance: Provenance
) -> pl.DataFrame | None:
    """As `normalize`, of a piece of a table; None where the rows of other pieces could change what becomes of it.

    That is so where the whole column decides: the order of day and month, comma or point, columns given up as lost.
    """
    frame = encodable(frame)
    moments = [name for name, column in renames.items() if dataset.column(column).type in _MOMENTS]
    if not all(are_read_by_value(frame.get_column(name)) for name in moments):
        return None
    converted = _converted(frame, renames, dataset)
    if not all(each.is_by_value for each in converted.values()):
        return None
    return _shaped(frame, converted, renames, dataset, provenance)


def converted_value(value: object, column: Column) -> object:
    """One value in the type and unit of its column, as `normalize` brings a whole column; None where it cannot be."""
    return _convert(pl.Series(column.name, [value], strict=False), column).values.to_list()[0]


def _converted(frame: pl.DataFrame, renames: Mapping[str, str], dataset: Dataset) -> dict[str, _Converted]:
    """The columns that have a place, by incoming name."""
    floats = _floats_at_once(frame, renames, dataset)
    return {
        incoming: _convert(frame.get_column(incoming), dataset.column(name), floats.pop(incoming, None))
        for incoming, name in renames.items()
    }


def _shaped(
    frame: pl.DataFrame,
    converted: Mapping[str, _Converted],
    renames: Mapping[str, str],
    dataset: Dataset,
    provenance: Provenance,
) -> pl.DataFrame:
    columns: dict[str, pl.Series] = {}
    lost: dict[str, pl.Series] = {}
    unknown = [name for name in frame.columns if name not in renames]
    for incoming, each in converted.items():
        if each.lost is not None and bool(each.lost.all()):
            unknown.append(incoming)
            continue
        columns[renames[incoming]] = each.values
        if each.lost is not None:
            lost[incoming] = each.lost
    own = [
        (columns[each.name] if each.name in columns else pl.lit(None, POLARS_TYPES[each.type])).alias(each.name)
        for each in dataset.columns
    ]
    positions = provenance.positions
    rows = pl.int_range(frame.height, dtype=pl.Int64) if positions is None else positions.cast(pl.Int64)
    rescued = _rescued(frame, [name for name in frame.columns if name in set(unknown)], lost)
    shaped = frame.lazy().select(
        pl.lit(provenance.sha256).alias(BLOB_COLUMN), rows.alias(ROW_COLUMN), rescued.alias(RESCUED_COLUMN), *own
    )
    rows_shaped, schema = shaped.collect(), prepared_schema(dataset)
    return rows_shaped if rows_shaped.schema == schema else rows_shaped.cast(dict(schema))  # type: ignore[arg-type]


def _floats_at_once(frame: pl.DataFrame, renames: Mapping[str, str], dataset: Dataset) -> dict[str, pl.Series]:
    """The columns of plain numbers as doubles, by incoming name; together, so that every core has its share."""
    wanted = [
        incoming
        for incoming, name in renames.items()
        if dataset.column(name).type is ColumnType.NUMBER and frame.schema[incoming] == pl.String
    ]
    if len(wanted) < 2:  # noqa: PLR2004 - one alone is as fast by itself
        return {}
    numbers = frame.lazy().select(pl.col(wanted).cast(pl.Float64, strict=False)).collect()
    return {
        name: numbers.get_column(name)
        for name in wanted
        if numbers.get_column(name).null_count() == frame.get_column(name).null_count()
        and numbers.get_column(name).is_finite().all()
    }


def _convert(series: pl.Series, column: Column, floats: pl.Series | None = None) -> _Converted:
    if floats is not None:
        return _Converted(_in_unit(floats, series.name, column))
    series = _flat(series)
    if series.dtype == pl.Null:
        return _Converted(series.cast(POLARS_TYPES[column.type]))
    if column.type in (ColumnType.KEYWORD, ColumnType.TEXT):
        return _Converted(_as_text(series, column.type), is_by_value=not series.dtype.is_float())
    values = _typed(series, column)
    if values.null_count() > series.null_count():
        series = _without_null_words(series)
    is_plain = values.null_count() == series.null_count()
    named = series.name
    if not is_plain:
        values = _once_more(series, values, column)
        named = _with_unit_of_cells(series, column)
    lost = series.is_not_null() & values.is_null() if values.null_count() > series.null_count() else None
    return _Converted(_in_unit(values, named, column), lost, is_plain)


def _with_unit_of_cells(series: pl.Series, column: Column) -> str:
    """The header, with the unit that stands in the cells where it stands there."""
    if column.unit is None or series.dtype != pl.String:
        return series.name
    unit = unit_of_cells(series)
    return f"{series.name} ({unit})" if unit else series.name


def _flat(series: pl.Series) -> pl.Series:
    """Lists and structs as JSON text; categories as strings."""
    if isinstance(series.dtype, pl.Struct):
        return series.struct.json_encode().alias(series.name)
    if series.dtype.is_nested():
        wrapped = series.to_frame().select(pl.struct(series.name).struct.json_encode()).to_series()
        inner = wrapped.str.slice(len(f'{{"{series.name}":')).str.head(-1)
        return inner.set(series.is_null(), None).alias(series.name)
    if series.dtype in (pl.Categorical, pl.Enum, pl.Binary, pl.Object):
        return series.cast(pl.String, strict=False)
    return series


def _typed(series: pl.Series, column: Column) -> pl.Series:
    if column.type is ColumnType.NUMBER:
        return to_floats(series)
    if column.type is ColumnType.INTEGER:
        return to_integers(series)
    if column.type is ColumnType.MONEY:
        return to_money(series)
    if column.type is ColumnType.BOOLEAN:
        return _booleans(series)
    if column.type is ColumnType.DATE:
        return to_timestamps(series.alias("")).dt.date()  # a zone in its header moves no day
    return to_timestamps(series)


def _without_null_words(series: pl.Series) -> pl.Series:
    if series.dtype != pl.String:
        return series
    bare = series.str.strip_chars()
    return bare.set(bare.str.to_lowercase().is_in(list(NULL_WORDS)), None).alias(series.name)


def _once_more(series: pl.Series, values: pl.Series, column: Column) -> pl.Series:
    """Not all values came out: leaves out signs and groups, and tries those again."""
    if series.dtype != pl.String:
        return values
    again = plain_digits(_as_digits(series)) if column.type in _NUMERIC else series
    return _typed(again, column).alias(series.name)


def _as_digits(series: pl.Series) -> pl.Series:
    """A column of nothing but true and false as 1 and 0, for flags that are counted."""
    words = series.str.to_lowercase()
    if not bool(words.drop_nulls().is_in(["true", "false"]).all()):
        return series
    return words.replace({"true": "1", "false": "0"})


def _booleans(series: pl.Series) -> pl.Series:
    if series.dtype == pl.Boolean:
        return series
    words = series.cast(pl.String, strict=False).str.strip_chars().str.to_lowercase().to_frame("v")
    value = pl.when(pl.col("v").is_in(_TRUE)).then(pl.lit(True)).when(pl.col("v").is_in(_FALSE)).then(pl.lit(False))
    return words.select(value.otherwise(None)).to_series()


def _as_text(series: pl.Series, kind: ColumnType) -> pl.Series:
    if series.dtype.is_float():  # numbers of a spreadsheet: 4711.0 is the key 4711
        whole = series.drop_nulls()
        series = series.cast(pl.Int64, strict=False) if bool((whole == whole.round(0)).all()) else series
    texts = series if series.dtype == pl.String else series.cast(pl.String, strict=False)
    nulls = ("",) if kind is ColumnType.TEXT else KEYWORD_NULLS
    is_none = texts.is_in(list(nulls))
    return texts.set(is_none, None) if bool(is_none.any()) else texts


def _in_unit(values: pl.Series, header: str, column: Column) -> pl.Series:
    change = conversion(header, column.unit) if column.type in _NUMERIC else None
    if change is None or column.type is ColumnType.MONEY:
        return values
    factor, offset = change
    changed = values.cast(pl.Float64) * factor + offset
    return changed.round(0).cast(pl.Int64) if column.type is ColumnType.INTEGER else changed.round(9)


def _rescued(frame: pl.DataFrame, unknown: list[str], lost: Mapping[str, pl.Series]) -> pl.Series:
    """One JSON object a row of what found no place; null where all did."""
    if not unknown and not lost:
        return pl.Series([None], dtype=pl.String).new_from_index(0, frame.height)
    full = [name for name in unknown if frame.get_column(name).null_count() == 0]
    parts = [_inside(pl.struct(full).struct.json_encode())] if full else []
    parts += [_fragment(name, pl.col(name).is_not_null()) for name in unknown if name not in full]
    parts += [_fragment(name, pl.lit(gone)) for name, gone in lost.items()]
    joined = pl.concat_str(parts, separator=",", ignore_nulls=True)
    return frame.select(pl.when(joined != "").then(pl.lit("{") + joined + pl.lit("}"))).to_series()


def _fragment(name: str, is_there: pl.Expr) -> pl.Expr:
    return pl.when(is_there).then(_inside(pl.struct(name).struct.json_encode()))


def _inside(encoded: pl.Expr) -> pl.Expr:
    return encoded.str.slice(1).str.head(-1)

"""Numbers as people write them: ``$1,234.50``, ``1.234,50 €``, ``(12)``, ``45 %``."""

import polars as pl

from core.frames import MONEY_PRECISION, MONEY_SCALE

MONEY_TYPE = pl.Decimal(MONEY_PRECISION, MONEY_SCALE)
_SIGNS = r"(?i)[$€£¥₹%]|\b(?:usd|eur|gbp|inr|chf|brl|r\$|rs\.?)|[\s\u00a0']"
_COMMA_IS_DECIMAL = r"^\D*\d{1,3}(?:\.\d{3})+,\d+\D*$|^\D*\d+,(?:\d{1,2}|\d{4,})\D*$"
_DOT_IS_DECIMAL = r"^\D*\d{1,3}(?:,\d{3})+\.\d+\D*$|^\D*\d*\.(?:\d{1,2}|\d{4,})\D*$|^\D*\d{1,3}(?:,\d{3}){2,}\D*$"
_MAX_WHOLE = 2**63 - 1


def plain_digits(texts: pl.Series) -> pl.Series:
    """Strips signs and groups and writes the decimal point, deciding comma or point by the whole column."""
    with_comma = texts.str.contains(_COMMA_IS_DECIMAL).sum() or 0
    with_dot = texts.str.contains(_DOT_IS_DECIMAL).sum() or 0
    frame = texts.to_frame("v").lazy()
    bare = pl.col("v").str.replace_all(_SIGNS, "").str.replace(r"^\((.*)\)$", "-$1").str.replace(r"^--", "-")
    bare = bare.str.replace(r"^(.*\d)-$", "-$1").str.replace(r"[A-Za-z/²³µ°]+$", "").str.replace(r"^\+", "")
    if with_comma > with_dot:
        bare = bare.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
    else:
        bare = bare.str.replace_all(",", "", literal=True)
    return frame.select(bare).collect().to_series()


def to_floats(series: pl.Series) -> pl.Series:
    """As doubles; null where a value is none, and for NaN and infinities."""
    numbers = series.cast(pl.Float64, strict=False)
    if numbers.is_finite().all():
        return numbers
    return numbers.to_frame("v").select(pl.when(pl.col("v").is_finite()).then(pl.col("v"))).to_series()


def to_integers(series: pl.Series) -> pl.Series:
    """As whole numbers; null where a value is none or has a fraction."""
    if series.dtype.is_integer() or series.dtype == pl.String:
        whole = series.cast(pl.Int64, strict=False)
        if series.dtype != pl.String or whole.null_count() == series.null_count():
            return whole
    numbers = to_floats(series)
    frame = pl.DataFrame({"v": numbers})
    is_whole = (pl.col("v") == pl.col("v").round(0)) & (pl.col("v").abs() < _MAX_WHOLE)
    rounded = frame.select(pl.when(is_whole).then(pl.col("v")).cast(pl.Int64, strict=False)).to_series()
    if series.dtype != pl.String:
        return rounded
    exact = series.cast(pl.Int64, strict=False)  # beyond 2**53 a double would lose digits
    return pl.DataFrame({"a": exact, "b": rounded}).select(pl.coalesce("a", "b")).to_series()


def to_money(series: pl.Series) -> pl.Series:
    """As decimal(18, 4): strings exactly, doubles by rounding to the fourth place."""
    if series.dtype.is_float():
        return series.round(MONEY_SCALE).cast(MONEY_TYPE, strict=False)
    return series.cast(MONEY_TYPE, strict=False)

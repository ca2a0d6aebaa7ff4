"""What people may see of a personal value: one expression a class, over the value as a string."""

from collections.abc import Callable

import polars as pl

from core.dataset import PersonalData

HIDDEN = "***"
_LAST_FOUR = 4


def mask(values: pl.Expr, personal: PersonalData) -> pl.Expr:
    """The mask of each value of that class; null stays null."""
    return pl.when(values.is_not_null()).then(_MASKS[personal](values))


def _last_digits(values: pl.Expr, at_least: int, before: str, shown: int = _LAST_FOUR) -> pl.Expr:
    """The last digits after `before`, where there are so many digits that the rest stays unknown."""
    digits = values.str.replace_all(r"[^0-9]", "")
    told = pl.lit(before) + digits.str.tail(shown)
    return pl.when(digits.str.len_chars() >= at_least).then(told).otherwise(pl.lit(HIDDEN))


def _last_characters(values: pl.Expr, at_least: int) -> pl.Expr:
    compact = values.str.replace_all(r"[\s-]", "")
    told = pl.lit(HIDDEN) + compact.str.tail(_LAST_FOUR)
    return pl.when(compact.str.len_chars() >= at_least).then(told).otherwise(pl.lit(HIDDEN))


def _email(values: pl.Expr) -> pl.Expr:
    parts = values.str.extract_groups(r"([^\s<>,;@])[^\s<>,;@]*@([^\s<>,;@]+)")
    told = parts.struct.field("1") + pl.lit("***@") + parts.struct.field("2")
    return told.fill_null(HIDDEN)


def _initials(values: pl.Expr) -> pl.Expr:
    words = values.str.extract_all(r"\p{L}[\p{L}\p{M}'\x{2019}-]*")
    told = words.list.head(4).list.eval(pl.element().str.head(1).str.to_uppercase() + ".").list.join(" ")
    return pl.when(told != "").then(told).otherwise(pl.lit(HIDDEN))


def _year(values: pl.Expr) -> pl.Expr:
    return values.str.extract(r"(?:^|[^0-9])((?:18|19|20)[0-9]{2})(?:[^0-9]|$)").fill_null(HIDDEN)


def _nothing(_: pl.Expr) -> pl.Expr:
    return pl.lit(HIDDEN)


def _sealed(_: pl.Expr) -> pl.Expr:
    return pl.lit("sealed")


_MASKS: dict[PersonalData, Callable[[pl.Expr], pl.Expr]] = {
    PersonalData.PERSON_NAME: _initials,
    PersonalData.SSN: lambda values: _last_digits(values, 9, "***-**-"),
    PersonalData.TAX_ID: lambda values: _last_digits(values, 9, "**-***"),
    PersonalData.MEMBER_ID: lambda values: _last_characters(values, 8),
    PersonalData.ACCOUNT: lambda values: _last_characters(values, 8),
    PersonalData.CARD: lambda values: _last_digits(values, 12, "**** **** **** "),
    PersonalData.PHONE: lambda values: _last_digits(values, 7, "***-***-**", shown=2),
    PersonalData.EMAIL: _email,
    PersonalData.ADDRESS: _nothing,
    PersonalData.BIRTH_DATE: _year,
    PersonalData.RECORD: _sealed,
}

"""The group of each row as one whole number, so that millions of rows are grouped by sorting numbers.

Texts are numbered by the dictionaries of their files, or by Polars as it reads them; other keys are numbers already, of
which only the steps count; of each key what lies between its least and its greatest takes as many bits as it needs,
null included. Where they do not fit, groups are numbered one by one.
"""

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from processing.text_columns import TextColumns

WORD_BITS = 64

_PLACE = "_place"

Words = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Coded:
    """Rows whose texts are numbers.

    Attributes:
        rows: The rows; texts as the places that they have in `texts`, null where they are null.
        texts: By column, the different texts.
        schema: The types that the columns had.
    """

    rows: pl.DataFrame
    texts: Mapping[str, pl.Series]
    schema: pl.Schema

    @classmethod
    def of(cls, rows: pl.LazyFrame, texts: TextColumns, *, is_large: bool) -> "Coded":
        """All of the rows.

        Args:
            rows: The rows.
            texts: Columns of them that are read in another way.
            is_large: Whether the rows are many, and so read as a stream.
        """
        schema = rows.collect_schema()
        others = [name for name in schema if name not in texts.columns]
        known = {name: pl.Categories.random() for name in others if schema[name] == pl.String()}
        # Polars forgets categories with the last column that has them; these have them until the texts are read.
        keeping = {name: pl.Series(dtype=pl.Categorical(categories)) for name, categories in known.items()}
        numbered = (pl.col(name).cast(kept.dtype).to_physical() for name, kept in keeping.items())
        query = rows.select(others).with_columns(numbered)
        with ThreadPoolExecutor(1) as pool:
            read = pool.submit(texts.coded)
            coded = query.collect(engine="streaming" if is_large else "in-memory").get_columns() if others else []
        coded += [each.codes.alias(name) for name, each in read.result().items()]
        places = {name: categories.to_series() for name, categories in known.items()}
        return cls(pl.DataFrame(coded), places | {name: each.texts for name, each in read.result().items()}, schema)

    def decoded(self, codes: pl.DataFrame) -> pl.DataFrame:
        """Columns of such numbers as what they stand for."""
        return codes.select(
            self.texts[code.name].gather(code).alias(code.name)
            if code.name in self.texts
            else code.cast(self.schema[code.name])
            for code in codes
        )


@dataclass(frozen=True, slots=True)
class Groups:
    """The groups that rows are in.

    Attributes:
        number: The number of a row's group, a UInt64.
        bits: How many bits no number exceeds.
        coded: The rows.
        keys: The columns that make a group; or
        several: each different group, at the place that its number tells.
    """

    number: pl.Expr
    bits: int
    coded: Coded
    keys: tuple["_Digit", ...] = ()
    several: pl.DataFrame | None = None

    @classmethod
    def of(cls, coded: Coded, steps: Mapping[str, int], most_bits: int) -> "Groups":
        """The groups by those columns.

        Args:
            coded: The rows.
            steps: The columns; of each, a number that divides all its numbers.
            most_bits: How many bits a group's number may take; enough for the number of rows.
        """
        keys = tuple(_Digit.of(coded.rows[name], step) for name, step in steps.items())
        bits = sum(key.bits for key in keys)
        if bits > most_bits:
            return cls._numbered(coded, list(steps))
        number = pl.lit(0, dtype=pl.UInt64)
        for key in keys:
            number = number * 2**key.bits + key.lifted()
        return cls(number, bits, coded, keys)

    @classmethod
    def _numbered(cls, coded: Coded, keys: Sequence[str]) -> "Groups":
        several = coded.rows.select(keys).unique()
        place = several.with_row_index(_PLACE)
        rows = coded.rows.join(place, on=list(keys), how="left", nulls_equal=True, maintain_order="left")
        number = pl.col(_PLACE).cast(pl.UInt64)
        return cls(number, several.height.bit_length(), replace(coded, rows=rows), several=several)

    def keys_of(self, numbers: Words) -> pl.DataFrame:
        """The keys of the groups with those numbers."""
        if self.several is not None:
            return self.coded.decoded(self.several[numbers.astype(np.int64)])
        columns: list[pl.Series] = []
        rest = numbers
        for key in reversed(self.keys):
            columns.append(key.lowered(rest & np.uint64(2**key.bits - 1)))
            rest = rest >> np.uint64(key.bits)
        return self.coded.decoded(pl.DataFrame(columns[::-1]))


@dataclass(frozen=True, slots=True)
class _Digit:
    """What a column adds to the number of a group: 0 is null.

    Attributes:
        column: Its name.
        least: Its least number.
        step: What divides its numbers.
        bits: How many bits no digit exceeds.
    """

    column: str
    least: int
    step: int
    bits: int

    @classmethod
    def of(cls, column: pl.Series, step: int) -> "_Digit":
        numbers = column.to_physical()
        least, greatest = (int(each or 0) for each in (numbers.min(), numbers.max()))  # type: ignore[arg-type] # of numbers: a number
        return cls(column.name, least, step, ((greatest - least) // step + 1).bit_length())

    def lifted(self) -> pl.Expr:
        above = pl.col(self.column).to_physical().cast(pl.Int64) - self.least
        return (above // self.step + 1 if self.step > 1 else above + 1).fill_null(0).cast(pl.UInt64)

    def lowered(self, digits: Words) -> pl.Series:
        found = pl.Series(self.column, digits.astype(np.int64))
        there = pl.when(found > 0).then((found - 1) * self.step + self.least)
        return pl.select(there.alias(self.column)).to_series()

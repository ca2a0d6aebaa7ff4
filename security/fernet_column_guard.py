"""Personal data in rows: tokens, keyed fingerprints and masks."""

import hmac

import polars as pl

from core.dataset import FINGERPRINT_SUFFIX, MASK_SUFFIX, RESCUED_COLUMN, Column, Dataset, PersonalData
from core.errors import TamperedError
from core.frames import lake_schema
from core.ports import ColumnGuard
from core.settings import Security
from security.fingerprinting import canonical
from security.free_text import mask_text
from security.json_values import mask_json
from security.key_ring import KeyRing
from security.masks import mask


class FernetColumnGuard(ColumnGuard):
    """Seals columns with Fernet tokens under the newest key of a ring.

    Fingerprints come from the ring's root, which does not rotate: an equal value is found whenever it was stored.

    Args:
        ring: Seals, opens and derives.
        security: Its `reveal` names the columns, as ``dataset.column``, that people may see in clear.
    """

    def __init__(self, ring: KeyRing, security: Security) -> None:
        self._ring = ring
        self._fingerprint_key = ring.derived("fingerprint")
        self._reveal = frozenset(security.reveal)

    def protect(self, frame: pl.DataFrame, dataset: Dataset) -> pl.DataFrame:
        plain_names = any(column.personal is PersonalData.PERSON_NAME for column in dataset.columns)
        protected = frame
        if f"{dataset.name}.{RESCUED_COLUMN}" not in self._reveal:
            protected = frame.with_columns(mask_json(frame[RESCUED_COLUMN], plain_names=plain_names))
        for column in dataset.columns:
            if column.personal is None:
                continue
            is_open = f"{dataset.name}.{column.name}" in self._reveal
            if frame[column.name].null_count() == frame.height:  # of a wide dataset, most
                protected = protected.with_columns(pl.lit(None, pl.String).alias(name) for name in _kept_names(column))
            elif column.is_sealed:
                protected = self._sealed(protected, column, is_open=is_open)
            elif not is_open:
                protected = protected.with_columns(_open_text_masked(protected[column.name]))
        return protected.select(pl.col(name).cast(kind) for name, kind in lake_schema(dataset).items())

    def fingerprint(self, value: str, personal: PersonalData | None = None) -> str:
        return hmac.digest(self._fingerprint_key, canonical(value, personal).encode(), "sha256").hex()

    def reveal(self, token: str) -> str:
        try:
            return self._ring.decrypt(token.encode("ascii")).decode()
        except UnicodeError as error:
            raise TamperedError("That is no token of ours.", "Give the token of a sealed column, whole.") from error

    def _sealed(self, frame: pl.DataFrame, column: Column, *, is_open: bool) -> pl.DataFrame:
        """The frame with three columns in place of one; each distinct value is encrypted once."""
        values = _as_text(frame[column.name])
        distinct = values.unique().drop_nulls()
        listed = distinct.to_list()
        sealer = self._ring.sealer()
        tokens = [sealer.encrypt(value.encode()).decode() for value in listed]
        fingerprints = [self.fingerprint(value, column.personal) for value in listed]
        name = column.name
        looked_up = pl.DataFrame(
            {"value": distinct, "token": tokens, "fingerprint": fingerprints},
            schema={"value": pl.String, "token": pl.String, "fingerprint": pl.String},
        )
        shown = pl.col("value") if is_open or column.personal is None else mask(pl.col("value"), column.personal)
        found = values.to_frame("value").join(
            looked_up.with_columns(mask=shown), on="value", how="left", maintain_order="left"
        )
        return frame.with_columns(
            found["token"].alias(name),
            found["fingerprint"].alias(name + FINGERPRINT_SUFFIX),
            found["mask"].alias(name + MASK_SUFFIX),
        )


def _kept_names(column: Column) -> tuple[str, ...]:
    """The lake's columns for a personal column."""
    name = column.name
    return (name, name + FINGERPRINT_SUFFIX, name + MASK_SUFFIX) if column.is_sealed else (name,)


def _open_text_masked(texts: pl.Series) -> pl.Series:
    """Prose masked in place; a text that is a JSON object is masked by its keys too."""
    is_json = (texts.str.starts_with("{") & texts.str.ends_with("}")).fill_null(value=False)
    if not is_json.any():
        return mask_text(texts)
    places = is_json.arg_true()
    masked = mask_text(texts.set(is_json, None)) if len(places) < len(texts) else texts
    return masked.scatter(places, mask_json(texts.filter(is_json), plain_names=False)).alias(texts.name)


def _as_text(values: pl.Series) -> pl.Series:
    """The values as strings; dates and times in ISO-8601."""
    return values.dt.to_string("iso:strict") if isinstance(values.dtype, pl.Datetime) else values.cast(pl.String)

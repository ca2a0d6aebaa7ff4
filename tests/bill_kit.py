"""Medical bills of which one payer refuses most, as the lake keeps them."""

import numpy as np
import polars as pl

from core.dataset import Column, ColumnType, Dataset
from core.frames import lake_schema

T = ColumnType
BILL = Dataset(
    "medical_bill",
    "A bill.",
    (
        Column("payer", T.KEYWORD),
        Column("department", T.KEYWORD),
        Column("billed_amount", T.MONEY),
        Column("patient_age", T.INTEGER),
        Column("bill_status", T.KEYWORD),
    ),
)


DEPARTMENTS = ("heart", "skin", "eye", None)


def bills(count: int, seed: int, *, scale: float = 1.0, blob: str = "") -> pl.DataFrame:
    """So many bills of one blob; their amounts times `scale`."""
    dice = np.random.default_rng(seed)
    payer = dice.choice(["North", "South", "Public"], count)
    is_denied = dice.random(count) < np.where(payer == "North", 0.6, 0.08)
    schema = lake_schema(BILL)
    rows = pl.DataFrame(
        {
            "_blob": [blob or f"{seed:064x}"] * count,
            "_row": range(count),
            "payer": payer,
            "department": [DEPARTMENTS[i] for i in dice.integers(0, 4, count)],
            "billed_amount": dice.lognormal(6, 1, count) * scale,
            "patient_age": [None if age < 20 else int(age) for age in dice.integers(0, 95, count)],
            "bill_status": np.where(dice.random(count) < 0.1, "Pending", np.where(is_denied, "DENIED", "Paid")),
        },
        schema_overrides={"department": pl.String, "patient_age": pl.Int64},
    )
    return pl.concat([pl.DataFrame(schema=schema), rows.cast({n: schema[n] for n in rows.columns})], how="diagonal")

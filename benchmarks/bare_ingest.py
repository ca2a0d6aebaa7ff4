"""The steps of one file of readings done bare, in one script: ``python benchmarks/bare_ingest.py CSV FOLDER``.

Hash and seal to a file, read, check with Pandera, append to a Delta table; prints the seconds it took. No ledger, no
recognition, no worker, no recovery.
"""

import hashlib
import os
import sys
import time
from datetime import datetime
from pathlib import Path

import pandera.polars as pa
import polars as pl
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from deltalake import write_deltalake

FRAME = 1024 * 1024


class Reading(pa.DataFrameModel):
    """The columns of the file with five checks."""

    sensor_id: str = pa.Field(str_length={"min_value": 1})
    timestamp: datetime
    temperature: float = pa.Field(ge=-100, le=2000)
    humidity: float = pa.Field(ge=0, le=100)
    pressure: float = pa.Field(ge=0)
    battery: float = pa.Field(ge=0, le=100)
    voltage: float
    co2: float
    light: float
    location: str


def main(csv: Path, folder: Path) -> None:
    """Does it once."""
    started = time.perf_counter()
    _seal(csv, folder / "sealed")
    frame = pl.read_csv(csv).with_columns(pl.col("timestamp").str.to_datetime("%Y-%m-%d %H:%M:%S", time_unit="us"))
    accepted = Reading.validate(frame, lazy=True)
    write_deltalake(str(folder / "table"), accepted, mode="append")
    print(time.perf_counter() - started)


def _seal(csv: Path, sealed: Path) -> None:
    key, digest = AESGCM(os.urandom(32)), hashlib.sha256()
    with csv.open("rb") as source, sealed.open("wb") as sink:
        for number, piece in enumerate(iter(lambda: source.read(FRAME), b"")):
            digest.update(piece)
            sink.write(key.encrypt(number.to_bytes(12, "big"), piece, None))
        os.fsync(sink.fileno())


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))

"""What comes back from a worker: the whole answer, and nothing that runs."""

import os
import pickle
from pathlib import Path
from types import MappingProxyType

import numpy as np
import polars as pl
import pytest

from core.blob import Fault
from core.errors import PenstockError
from core.prepared import Child, Classification, Place, Prepared, Rejection, Table
from preparation.answers import ModelNeeded, packed, unpacked
from preparation.row_files import RowFiles


class Title(str):
    """A string of a library's own class, as pypdf has."""

    __slots__ = ()


class Attack:
    """What a taken-over worker would send."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.path),)


def prepared() -> Prepared:
    frame = pl.DataFrame(schema={"name": pl.String, "at": pl.Datetime("us", "UTC"), "amounts": pl.List(pl.Float64)})
    return Prepared(
        "application/pdf",
        Classification("document", 0.5, "why"),
        tables=(Table("document", frame, (Rejection(3, "no", "{}"),), 1),),
        children=(Child("a/b", b"\x00bytes"),),
        fields={"Name": "Ann"},
        places={"Name": Place(1, 0.1, 0.2, 0.3, 0.4, 0.9)},
        metadata={"title": "x", "pages": 3, "is_scan": True, "share": 0.5},
        fault=Fault("preparation", "reason", "fix"),
    )


def test_an_answer_comes_back_as_it_was() -> None:
    whole = prepared()
    answer = unpacked(packed((whole, [2])))
    assert isinstance(answer, tuple)
    assert answer[0].tables[0].frame.schema == whole.tables[0].frame.schema
    assert repr(answer) == repr((whole, [2]))
    assert [unpacked(packed(each)) for each in (None, ModelNeeded("ocr"))] == [None, ModelNeeded("ocr")]


def test_values_of_libraries_come_back_as_plain_ones() -> None:
    facts = MappingProxyType({"title": Title("x"), "pages": np.int32(3), "is_scan": np.bool_(True), "at": Path("p")})
    kind = Classification("document", np.float64(0.5), np.str_("why"))
    answer = unpacked(packed((Prepared("a/b", kind, metadata=facts), [])))  # type: ignore[arg-type]
    assert isinstance(answer, tuple)
    values = answer[0].metadata
    assert {name: type(value) for name, value in values.items()} == {
        "title": str,
        "pages": int,
        "is_scan": bool,
        "at": str,
    }
    assert type(answer[0].classification.confidence) is float


@pytest.mark.parametrize("content", [b"", b"junk", pickle.dumps(7), packed((prepared(), []))[:-9]])
def test_what_is_no_answer_is_told(content: bytes) -> None:
    with pytest.raises(ValueError, match="no answer"):
        unpacked(content)


def test_an_answer_cannot_have_its_reader_run_anything(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="mkdir"):
        unpacked(pickle.dumps(Attack(tmp_path / "ran")))
    assert not (tmp_path / "ran").exists()


def test_rows_are_bounded_together_and_those_given_up_do_not_count() -> None:
    rows = pl.DataFrame({"a": range(10_000)})
    files = RowFiles(200_000)
    for _ in range(5):
        files.add(rows)
        files.clear()
    files.add(rows)
    files.add(rows)
    with pytest.raises(PenstockError, match="Its rows take more than 0 MiB"):
        files.add(rows)
    files.clear()

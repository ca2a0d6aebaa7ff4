"""Texts on which a careless expression or loop takes minutes: each is read in a moment."""

import time
from pathlib import Path

import pytest

from preparation.catalog import Catalog
from preparation.preparing import prepare

MAX_SECONDS = 3.0

LONG_LINE = "A list of words,\n" + "word, 1,234 more words, and 56 of them; " * 6_000
UNCLOSED_QUOTE = 'when"ce,value\n' + "".join(f"2015-02-26 21:{n % 60:02d}:53,{n}\n" for n in range(12_000))
MANY_NAMES = "{" + ", ".join(f'"Type{n % 90}.part{n}": "word"' for n in range(9_000)) + "}"

TEXTS = {
    "one line of commas and numbers": LONG_LINE,
    "a quote in the header that is never closed": UNCLOSED_QUOTE,
    "an object of thousands of names": MANY_NAMES,
}


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    found = Catalog()
    found.datasets()
    return found


@pytest.mark.parametrize("what", TEXTS)
def test_a_text_that_invites_going_back_is_read_in_a_moment(what: str, catalog: Catalog, tmp_path: Path) -> None:
    file = tmp_path / "blob.csv"
    file.write_text(TEXTS[what], encoding="utf-8")
    started = time.process_time()
    prepared = prepare(file, name=file.name, sha256="ab" * 32, size=file.stat().st_size, catalog=catalog)
    assert time.process_time() - started < MAX_SECONDS
    assert prepared.fault is None

"""Broken copies of the bundled sample files: each has an answer in time, and a reason that names what is wrong."""

import struct
from dataclasses import replace
from pathlib import Path

import pytest
from bench_fuzz import Outcome, is_wrong, outcomes
from reader_kit import source
from samples import Sample
from variants import Variant, variants

from pipeline.sample_files import write_samples
from preparation.readers import media, pdf

SEED = 7
MIN_VARIANTS = 150
MAX_BYTES = 100_000  # the large ones of the bundle are many rows of one kind


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> list[Sample]:
    folder = tmp_path_factory.mktemp("bundle")
    write_samples(folder)
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.stat().st_size <= MAX_BYTES)
    return [Sample(path, str(path.relative_to(folder)), "", frozenset(), "", None) for path in files]


@pytest.fixture(scope="module")
def done(bundle: list[Sample], tmp_path_factory: pytest.TempPathFactory) -> list[Outcome]:
    chosen = [variant for sample in bundle for variant in variants(sample, SEED)]
    originals = [Variant(sample, "original", sample.path.name, sample.content) for sample in bundle]
    return outcomes([*originals, *chosen], tmp_path_factory.mktemp("schemas"))


@pytest.mark.timeout(120)
def test_every_broken_copy_has_an_answer_that_names_the_cause(done: list[Outcome]) -> None:
    originals = {outcome.variant.sample.name: outcome for outcome in done if outcome.variant.kind == "original"}
    broken = [outcome for outcome in done if outcome.variant.kind != "original"]
    assert len(broken) >= MIN_VARIANTS
    assert [
        (each.variant.kind, each.variant.sample.name, each.reason) for each in broken if is_wrong(each, originals)
    ] == []
    assert any(outcome.cause == "damaged" for outcome in broken)


def test_a_picture_that_tells_no_size_is_damaged(tmp_path: Path) -> None:
    only_tag = struct.pack("<HHII", 262, 3, 1, 1)
    tiff = b"II*\0" + struct.pack("<IH", 8, 1) + only_tag + bytes(4)
    extraction = media.read(source(tmp_path, tiff, "image/tiff"))
    assert extraction.fault is not None
    assert "damaged" in extraction.fault.reason


def test_a_page_that_is_lost_costs_no_other_page_its_words(tmp_path: Path) -> None:
    lost = source(
        tmp_path,
        b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[9 0 R 3 0 R]/Count 2>>endobj\n"
        b"3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n",
    )
    extraction = pdf.read(replace(lost, wants_places=lambda _text, _pages: True))
    assert [page.number for page in extraction.layout] == [2]
    assert extraction.note == "Pages that could not be read: 1."

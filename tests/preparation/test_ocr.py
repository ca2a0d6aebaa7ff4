"""OCR: what is written in pictures and scans, where it stands, and what is left unread."""

from pathlib import Path

import imagehash
import numpy
import pypdfium2
import pytest
import zxingcpp
from picture_kit import FORM, LINES, form, page, saved
from PIL import Image
from reader_kit import sample

from preparation.extraction import Extraction, Limits, ModelNeededError, ModelUse, Options, Source
from preparation.extras import OCR, Extra
from preparation.ocr import Reading, read_picture
from preparation.ocr.pictures import grey
from preparation.readers import read
from preparation.readers.media_likeness import likeness

needs_models = pytest.mark.skipif(bool(OCR.missing()), reason=f"OCR is not installed: {OCR.install}")
HERE = Options(ocr=ModelUse.HERE)


def words(picture: Image.Image) -> Reading:
    return read_picture(grey(picture))


def extracted(file: Path, media_type: str, options: Options = HERE, limits: Limits | None = None) -> Extraction:
    return read(Source(file, "blob", media_type, file.stat().st_size, limits or Limits(), options))


def printed(reading: Reading) -> list[str]:
    return [line for line in reading.text.splitlines() if line]


@needs_models
def test_print_is_read_line_by_line() -> None:
    reading = words(page(*LINES))

    assert printed(reading) == list(LINES)
    assert reading.confidence > 0.85


@needs_models
def test_each_word_has_its_place() -> None:
    found = {word.text: word.box for word in words(page(*LINES)).page.words}

    assert 0.06 < found["Invoice"].left < 0.08
    assert 120 / 360 < found["Invoice"].top < found["Invoice"].bottom < 165 / 360
    assert found["Invoice"].right < found["40718"].left < found["Friday"].left


@needs_models
@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_page_that_lies_on_its_side_or_head_is_set_upright(degrees: int) -> None:
    reading = words(page(*LINES, *LINES).rotate(degrees, expand=True))

    assert reading.text.split()[:8] == LINES[0].split()
    assert "".join(reading.text.split()) == "".join((*LINES, *LINES)).replace(" ", "")
    assert round(reading.turned) % 360 == 360 - degrees
    assert reading.page.width > reading.page.height


@needs_models
@pytest.mark.parametrize("degrees", [-5.0, 3.0])
def test_a_page_laid_in_askew_is_set_straight(degrees: float) -> None:
    reading = words(page(*LINES).rotate(degrees, expand=True, fillcolor="white", resample=Image.Resampling.BICUBIC))

    assert printed(reading) == list(LINES)
    assert reading.turned == pytest.approx(-degrees, abs=0.5)


@needs_models
@pytest.mark.parametrize("shade", ["white", "#a8a8a8"])
def test_values_in_ruled_and_shaded_boxes_are_read(shade: str) -> None:
    found = words(form(shade))

    for label, value in FORM:
        assert label in found.text
        assert value in found.text.replace("  ", "\n").splitlines()


@needs_models
@pytest.mark.parametrize(("size", "share"), [(12, 0.9), (90, 1.0)])
def test_small_and_large_print_is_brought_to_size(size: int, share: float) -> None:
    line = LINES[0] if size < 50 else "Balance 1284"
    found = words(page(line, size=size)).text.split()

    assert len(set(found) & set(line.split())) >= share * len(set(line.split()))


@needs_models
def test_transparent_paper_counts_as_white() -> None:
    ink = page(*LINES).convert("L").point(lambda value: 255 - value)
    picture = Image.new("RGBA", ink.size)
    picture.putalpha(ink)

    assert printed(words(picture)) == list(LINES)


@needs_models
def test_a_picture_of_things_gives_no_words() -> None:
    noise = numpy.random.default_rng(7).integers(0, 255, (300, 400), dtype=numpy.uint8)

    assert words(Image.fromarray(noise)).text == ""
    assert words(Image.open(sample("documents/unstructured/img__example.jpg").path)).text == ""


@needs_models
def test_chinese_is_read_by_the_other_engine() -> None:
    reading = words(Image.open(sample("documents/unstructured/img__chi_sim_image.jpeg").path))

    assert reading.engine == "rapidocr"
    assert "改善肌肤松弛" in reading.text


@needs_models
def test_each_page_of_a_fax_is_read(tmp_path: Path) -> None:
    first, second = page(*LINES[:2]), page(*LINES[2:])
    first.save(tmp_path / "fax.tif", save_all=True, append_images=[second])

    extraction = extracted(tmp_path / "fax.tif", "image/tiff")

    assert [each.number for each in extraction.layout] == [1, 2]
    assert [line for line in extraction.text.splitlines() if line] == list(LINES)


@needs_models
def test_bar_codes_are_read(tmp_path: Path) -> None:
    code = zxingcpp.create_barcode("PARCEL 4711", zxingcpp.BarcodeFormat.QRCode).to_image(scale=6)
    picture = page(*LINES)
    picture.paste(Image.fromarray(numpy.array(code)), (900, 20))

    extraction = extracted(saved(picture, tmp_path), "image/png")

    assert extraction.metadata["barcode"] == "PARCEL 4711"
    assert extraction.fields == {"barcode": "PARCEL 4711"}


@pytest.fixture(scope="module")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A PDF whose first page is a scan and whose second has a text layer."""
    folder = tmp_path_factory.mktemp("mixed")
    page(*LINES).save(folder / "scan.pdf", resolution=150)
    document = pypdfium2.PdfDocument(folder / "scan.pdf")
    article = pypdfium2.PdfDocument(sample("documents/kreuzberg/pdfs__test_article.pdf").path)
    document.import_pages(article, [0])
    document.save(folder / "mixed.pdf")
    article.close()
    document.close()
    return folder / "mixed.pdf"


@needs_models
def test_of_a_pdf_only_the_scans_are_read_by_ocr_in_the_order_of_pages(mixed: Path) -> None:
    extraction = extracted(mixed, "application/pdf")

    assert extraction.text.index(LINES[0]) < extraction.text.index("INVERTED HONOR")
    assert extraction.metadata["ocr_pages"] == extraction.metadata["scanned_pages"] == 1
    assert extraction.metadata["scanned_page_numbers"] == "1"
    assert float(extraction.metadata["ocr_confidence"]) > 0.85
    assert extraction.note is None
    assert [each.number for each in extraction.layout if each.is_scan] == [1]


def test_a_scan_is_handed_to_where_the_models_are(mixed: Path, tmp_path: Path) -> None:
    elsewhere = Options(ocr=ModelUse.ELSEWHERE)

    with pytest.raises(ModelNeededError):
        extracted(mixed, "application/pdf", elsewhere)
    with pytest.raises(ModelNeededError):
        extracted(saved(page(*LINES), tmp_path), "image/png", elsewhere)
    article = sample("documents/kreuzberg/pdfs__test_article.pdf").path
    assert extracted(article, "application/pdf", elsewhere).fault is None


@pytest.mark.parametrize(
    ("extra", "advice"), [(OCR, "preparation.ocr"), (Extra("ocr", ("no_such_library",)), 'install -e ".[ocr]"')]
)
def test_what_stays_unread_is_said_with_the_way_to_have_it_read(
    mixed: Path, monkeypatch: pytest.MonkeyPatch, extra: Extra, advice: str
) -> None:
    monkeypatch.setattr("preparation.ocr.absence.OCR", extra)

    extraction = extracted(mixed, "application/pdf", Options())

    assert "1 of 2 pages" in (extraction.note or "")
    assert advice in (extraction.note or "") or (extra is OCR and OCR.missing())
    assert "INVERTED HONOR" in extraction.text


def test_a_scan_that_takes_too_long_keeps_what_is_read(mixed: Path) -> None:
    extraction = extracted(mixed, "application/pdf", limits=Limits(max_ocr_seconds=-1))

    assert "stopped by its time" in (extraction.note or "")
    assert "INVERTED HONOR" in extraction.text


def test_pictures_look_alike_whatever_their_size_and_format() -> None:
    picture = Image.open(sample("documents/unstructured/img__example.jpg").path)

    assert likeness(picture) == str(imagehash.phash(picture))
    changed = int(likeness(picture.resize((200, 150))), 16) ^ int(likeness(picture), 16)
    assert changed.bit_count() <= 6
    other = int(likeness(page(*LINES)), 16) ^ int(likeness(picture), 16)
    assert other.bit_count() > 6
    assert likeness(Image.new("RGB", (64, 64), "red")) == ""

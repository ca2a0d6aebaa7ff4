"""PDF: text, facts, form fields, scans; locked and damaged files are faults that say what to do."""

from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pypdf
import pypdfium2
import pytest
from PIL import Image, ImageDraw, ImageFont
from pypdf.generic import NameObject, StreamObject
from reader_kit import memory_file, sample, source

from preparation.extraction import Limits, Options, Source
from preparation.readers import pdf
from preparation.readers.pdf_scan_signs import is_scan


def test_text_pages_and_facts_are_read() -> None:
    extraction = pdf.read(sample("documents/kreuzberg/pdfs__test_article.pdf"))

    assert extraction.kind == "document"
    assert extraction.pages == 28
    assert "INVERTED HONOR" in extraction.text
    assert extraction.metadata["title"] == "Inverted Honor"
    assert extraction.metadata["author"] == "Na'aman Hirschfeld"
    assert extraction.metadata["created_at"] == "2009-08-16T12:04:05"


def test_a_title_that_is_no_text_costs_no_other_fact(tmp_path: Path) -> None:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(200, 200)
    writer.add_metadata({"/Author": "A. Writer", "/Title": "ABCD"})
    content = BytesIO()
    writer.write(content)

    damaged = content.getvalue().replace(b"(ABCD)", b"(\xfe\xff\xd8\x00)")  # half of a character of UTF-16

    extraction = pdf.read(source(tmp_path, damaged))

    assert extraction.fault is None
    assert extraction.metadata["author"] == "A. Writer"
    assert "title" not in extraction.metadata


def test_the_values_of_a_filled_form_are_its_fields() -> None:
    fields = pdf.read(sample("forms/RubenPetrosyan__acord25.pdf")).fields

    assert fields["Form_EditionIdentifier_A"] == "ACORD 0025 2016-03 Acroform"
    assert len(fields) == 129


@pytest.mark.parametrize("path", ["documents/kreuzberg/pdfs__non_searchable.pdf", "forms/Sampuccino__f941sb.pdf"])
def test_a_page_that_shows_letters_without_text_counts_as_a_scan(path: str) -> None:
    extraction = pdf.read(sample(path))

    assert extraction.text == ""
    assert extraction.metadata["scanned_pages"] == 1
    assert extraction.metadata["scanned_page_numbers"] == "1"
    assert extraction.fault is None


def test_a_locked_file_is_a_fault_that_names_the_password() -> None:
    fault = pdf.read(sample("documents/docling/pdf_password__2206.01062_pg3.pdf")).fault

    assert fault is not None
    assert "password" in fault.reason
    assert "--ask-password" in fault.fix


@pytest.mark.parametrize("content", [b"", b"%PDF-1.7\n", b"%PDF-1.7\n" + b"\x00" * 500, b"no pdf"])
def test_a_damaged_file_is_a_fault(tmp_path: Path, content: bytes) -> None:
    extraction = pdf.read(source(tmp_path, content))

    assert extraction.kind == "document"
    assert extraction.fault is not None
    assert "damaged" in extraction.fault.reason


def test_text_stops_at_its_limit_with_a_note() -> None:
    given = sample("documents/kreuzberg/pdfs__test_article.pdf")
    limited = Source(given.path, given.name, given.media_type, given.size, Limits(max_text_chars=5_000))

    extraction = pdf.read(limited)

    assert len(extraction.text) <= 5_100
    assert extraction.pages == 28
    assert "Only the text of the first" in (extraction.note or "")


def test_a_memory_file_gives_the_same_text_and_fields() -> None:
    given = sample("forms/RubenPetrosyan__acord25.pdf")

    with memory_file(given) as memory:
        assert pdf.read(memory) == pdf.read(given)


@pytest.mark.parametrize(("passwords", "is_open"), [((), False), (("wrong",), False), (("wrong", "open sesame"), True)])
def test_a_locked_file_opens_with_one_of_the_given_passwords(
    tmp_path: Path, passwords: tuple[str, ...], is_open: bool
) -> None:
    writer = pypdf.PdfWriter(clone_from=sample("forms/RubenPetrosyan__acord25.pdf").path)
    writer.encrypt("open sesame", algorithm="AES-256")
    with (tmp_path / "locked.pdf").open("wb") as file:
        writer.write(file)
    size = (tmp_path / "locked.pdf").stat().st_size
    options = Options(passwords=passwords)

    extraction = pdf.read(Source(tmp_path / "locked.pdf", "blob", "application/pdf", size, options=options))

    assert (extraction.fault is None) is is_open
    assert ("CERTIFICATE OF LIABILITY INSURANCE" in extraction.text) is is_open
    assert len(extraction.fields) == (129 if is_open else 0)


def test_a_stamp_on_a_scan_and_codes_without_letters_do_not_count_as_its_text() -> None:
    scan = Image.new("RGB", (620, 870), "white")
    ImageDraw.Draw(scan).text((60, 60), "Statement of account", "black", ImageFont.load_default(30))
    content = BytesIO()
    scan.save(content, "PDF", resolution=75)
    document = pypdfium2.PdfDocument(content.getvalue())
    page = document[0]

    assert is_scan(page, "")
    assert is_scan(page, "Received 26 November 2026 under number 4711")
    assert not is_scan(page, "A text layer that OCR software laid under the scan. " * 10)
    assert is_scan(page, "\ue001\ue002\ue003 " * 100)
    page.close()
    document.close()


def test_a_page_with_nothing_but_a_frame_is_no_scan() -> None:
    document = pypdfium2.PdfDocument.new()
    page = document.new_page(595, 842)
    frame = pypdfium2.PdfObject(pypdfium2.raw.FPDFPageObj_CreateNewRect(50, 50, 400, 600), page=None)
    page.insert_obj(frame)

    assert not is_scan(page, "")
    page.close()
    document.close()


def test_words_come_with_their_places_where_these_are_wanted() -> None:
    article = sample("documents/kreuzberg/pdfs__test_article.pdf")
    asked: list[tuple[str, int]] = []

    def wants_places(text: str, pages: int) -> bool:
        asked.append((text, pages))
        return True

    extraction = pdf.read(replace(article, wants_places=wants_places))
    assert asked == [(extraction.text, 28)]
    assert [page.number for page in extraction.layout] == list(range(1, 13))
    assert pdf.read(article).layout == ()
    words = [word for word in extraction.layout[0].words if word.text in ("INVERTED", "HONOR")]
    assert words
    assert all(0 < word.box.left < word.box.right < 1 and 0 < word.box.top < word.box.bottom < 1 for word in words)


def test_what_is_filled_in_is_told_with_its_place_and_of_an_empty_form_nothing_is() -> None:
    filled = pdf.read(replace(sample("forms/wickedest__f1040-example-filled.pdf"), wants_places=lambda *_: True))
    entries = [entry for page in filled.layout for entry in page.entries]
    values = {" ".join(value.split()) for value in filled.fields.values()}
    assert len(entries) > 20
    assert {entry.word.text for entry in entries} <= values
    assert all(entry.word.box.left < entry.word.box.right <= 1 and entry.name for entry in entries)
    empty = pdf.read(replace(sample("forms/wickedest__f1116.pdf"), wants_places=lambda *_: True))
    assert empty.layout == ()


def test_a_box_is_an_entry_where_it_is_checked(tmp_path: Path) -> None:
    writer = pypdf.PdfWriter(clone_from=sample("forms/wickedest__f1116.pdf").path)
    boxes = [each.get_object() for each in writer.pages[0]["/Annots"]]
    boxes = [box for box in boxes if box.get("/FT") == "/Btn"]
    for box in boxes[:2]:
        state = NameObject(next(name for name in box["/AP"]["/N"] if name != "/Off"))
        box.update({NameObject("/AS"): state, NameObject("/V"): state})
    content = BytesIO()
    writer.write(content)
    checked = pdf.read(replace(source(tmp_path, content.getvalue()), wants_places=lambda *_: True))
    entries = [entry for page in checked.layout for entry in page.entries]
    assert len(boxes) > 2
    assert [(entry.word.text, entry.is_checkbox) for entry in entries] == [("X", True), ("X", True)]


def test_a_page_of_more_parts_than_a_form_has_is_not_kept_open(tmp_path: Path) -> None:
    writer = pypdf.PdfWriter()
    for lines in (10, 60_000):
        page = writer.add_blank_page(200, 200)
        content = StreamObject()
        content.set_data(b"0 0 m 9 9 l S\n" * lines)
        page[NameObject("/Contents")] = writer._add_object(content)
    file = BytesIO()
    writer.write(file)
    extraction = pdf.read(replace(source(tmp_path, file.getvalue()), wants_places=lambda *_: True))
    assert extraction.pages == 2
    assert [page.number for page in extraction.layout] == [1]

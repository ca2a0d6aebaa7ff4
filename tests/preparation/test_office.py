"""Office documents, e-books and markup: the words of the reference texts are found again."""

import io
import re
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from reader_kit import SAMPLES, sample, source

from preparation.extraction import Extraction, Source
from preparation.language import language_of
from preparation.readers import markup, office

WORD = re.compile(r"[^\W_]+")
OFFICE = (".docx", ".doc", ".odt", ".odp", ".pptx")
MARKUP = (".html", ".md", ".tex", ".asciidoc", ".vtt", ".nxml", ".docbook", ".typ", ".org", ".fb2", ".xml")


def recall(read: Callable[[Source], Extraction], endings: tuple[str, ...]) -> list[float]:
    """For each sample with a reference text the share of its words that the reader found."""
    sample("documents/docling/docx__word_sample.docx")
    found = []
    for truth in (SAMPLES / "documents").rglob("*.truth.txt"):
        file = truth.with_name(truth.name.removesuffix(".truth.txt"))
        if file.suffix in endings:
            wanted = Counter(WORD.findall(truth.read_text(encoding="utf-8").lower()))
            got = Counter(WORD.findall(read(sample(str(file.relative_to(SAMPLES)))).text.lower()))
            found.append((wanted & got).total() / max(1, wanted.total()))
    return found


def test_ninety_seven_percent_of_the_words_of_office_documents_are_found() -> None:
    shares = recall(office.read, OFFICE)

    assert len(shares) > 20
    assert sum(shares) / len(shares) > 0.97


def test_ninety_six_percent_of_the_words_of_markup_are_found() -> None:
    shares = recall(markup.read, MARKUP)

    assert len(shares) > 30
    assert sum(shares) / len(shares) > 0.96


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("unstructured/docx-hdrftr.docx", "Main document"),
        ("unstructured/fake.doc", "Lorem ipsum dolor sit amet."),
        ("unstructured/simple.odt", "Hockey"),
        ("unstructured/fake-power-point.pptx", "Adding a Bullet Slide"),
        ("kreuzberg/rtf__lorem_ipsum.rtf", "Lorem ipsum dolor sit amet"),
        ("kreuzberg/epub__wasteland.epub", "The Waste Land"),
        ("kreuzberg/fictionbook__writer.fb2", "Pandoc Test Suite"),
    ],
)
def test_each_format_gives_its_words_by_content_alone(path: str, words: str) -> None:
    extraction = office.read(sample(f"documents/{path}"))

    assert extraction.fault is None
    assert words in extraction.text


def test_headers_and_footers_are_read_too() -> None:
    assert "header" in office.read(sample("documents/unstructured/docx-hdrftr.docx")).text.lower()


def test_a_locked_document_is_a_fault_that_says_so() -> None:
    fault = office.read(sample("documents/docling/pages__pages_password_protected.pages")).fault

    assert fault is not None
    assert "password" in fault.reason


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04junk", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1junk", b"\x00" * 100])
def test_a_damaged_document_is_a_fault(tmp_path: Path, content: bytes) -> None:
    extraction = office.read(source(tmp_path, content, "application/vnd.ms-word"))

    assert extraction.fault is not None
    assert extraction.kind == "document"


def test_a_package_that_no_library_knows_gives_the_text_of_its_parts(tmp_path: Path) -> None:
    package = io.BytesIO()
    with zipfile.ZipFile(package, "w") as archive:
        archive.writestr("content.xml", "<office><p>First <b>bold</b> line</p><p>second</p></office>")

    assert office.read(source(tmp_path, package.getvalue())).text == "First bold line\nsecond"


@pytest.mark.parametrize(
    ("content", "text", "title"),
    [
        ("<html><head><title>T</title><script>x()</script></head><body><p>a<br>b</p></body></html>", "a\nb", "T"),
        ("WEBVTT\n\n1\n00:00:01.000 --> 00:00:02.000\n<v Ann>Hello</v> there\n", "Hello there", None),
        ("1\n00:00:01,000 --> 00:00:02,000\nHello\n\n2\n00:00:03,000 --> 00:00:04,000\nagain\n", "Hello\nagain", None),
        ('{"nbformat": 4, "cells": [{"source": ["# Title\\n", "words"]}]}', "# Title\nwords", "Title"),
        ("\\documentclass{article}\n\\title{On X}\n\\begin{document}\nSome \\emph{good} text % no\n", None, "On X"),
        ("<?xml version='1.0'?><book><title>B</title><para>one</para></book>", "B\none", "B"),
        ("<opml><head><title>O</title></head><body><outline text='x'/></body></opml>", "O\nx", "O"),
    ],
)  # fmt: skip
def test_tags_are_left_out_and_the_title_is_told(
    tmp_path: Path, content: str, text: str | None, title: str | None
) -> None:
    extraction = markup.read(source(tmp_path, content))

    assert text is None or extraction.text == text
    assert extraction.metadata.get("title") == title
    assert "good text" in extraction.text or "emph" not in content


@pytest.mark.parametrize(
    "content", ["<a>" * 200_000, '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "<p>" * 50_000, "\x00<html>"]
)
def test_hostile_markup_never_raises(tmp_path: Path, content: str) -> None:
    assert markup.read(source(tmp_path, content)).kind == "document"


def test_the_language_is_told_where_there_is_enough_prose() -> None:
    assert language_of("Ceci est un texte français pour tester la détection de langue.") == "fr"
    assert language_of("This is a short English sentence about nothing in particular.") == "en"
    assert language_of("12345 67890") is None
    assert language_of("Total due") is None

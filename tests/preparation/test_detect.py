"""What a blob is, told from its content."""

import csv
import io
import json
import sqlite3
import tarfile
import time
import zipfile
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.feather
import pyarrow.orc
import pytest

from preparation.detect import detect
from preparation.media_types import MEDIA_TYPES

SAMPLES = Path(__file__).resolve().parents[2] / "../shared/samples"

ISA = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *240101*1253*^*00501*000000905*1*T*:~"
GS = "GS*HC*SENDER*RECEIVER*20240101*0802*1*X*005010X222A1~ST*837*0021*005010X222A1~BHT*0019*00*1*20240101*09*CH~"


def kind(path: Path, content: bytes | str, name: str = "blob") -> str:
    data = content.encode() if isinstance(content, str) else content
    path.write_bytes(data)
    return detect(path, name, len(data)).media_type


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "blob"


TEXTS = {
    "x12": (ISA + GS, "application/edi-x12"),
    "x12 with other delimiters": ((ISA + GS).replace("*", "|").replace("~", "\n"), "application/edi-x12"),
    "x12 without its envelope": (GS, "application/edi-x12"),
    "x12 behind garbage": ("\x00\x1b%-12345X\n--- cut here ---\n" + ISA + GS, "application/edi-x12"),
    "x12 that begins with a transaction": (GS[GS.index("ST*") :] + "NM1*41*2*X*****46*1~" * 3, "application/edi-x12"),
    "hl7": ("MSH|^~\\&|LAB|H|EHR|H|20240101||ORU^R01|1|P|2.5\rPID|1||123\r", "application/hl7-v2"),
    "edifact": ("UNB+UNOC:3+A+B+240101:1200+1'\nUNH+1+INVOIC:D:96A:UN'\n", "application/edifact"),
    "syslog 5424": ("<34>1 2024-01-01T00:00:00Z host app 1 ID47 - hello\n" * 3, "text/x-syslog"),
    "syslog 3164": ("<34>Oct 11 22:14:15 mymachine su: failed for lonvick\n" * 3, "text/x-syslog"),
    "syslog without priority": ("Jun 14 15:16:01 combo sshd[19939]: check pass\n" * 3, "text/x-syslog"),
    "access log": ('1.2.3.4 - - [17/May/2015:17:05:56 +0000] "GET / HTTP/1.1" 200 5\n' * 2, "text/x-access-log"),
    "combined log": (
        '::1 - bob [17/May/2015:17:05:56 +0000] "GET /a?b=1 HTTP/2" 404 - "https://x.y/" "curl/8, like"\n' * 2,
        "text/x-access-log",
    ),
    "apache error log": ("[Sun Dec 04 04:47:44 2005] [error] mod_jk child in error state 6\n" * 3, "text/x-log"),
    "openstack log": ("nova.log 2017-05-16 00:00:00.008 25746 INFO nova.server [req-1 - -] x\n" * 3, "text/x-log"),
    "python log": ("2024-01-01 00:00:00,123 - app - INFO - started, all well\n" * 4, "text/x-log"),
    "log with a stack trace": (
        "2024-01-01 00:00:00 ERROR failed\nTraceback:\n  File x\n2024-01-01 00:00:01 INFO on\n",
        "text/x-log",
    ),
    "hdfs log": ("081109 203615 148 INFO dfs.DataNode$PacketResponder: Packet 1 terminating\n" * 3, "text/x-log"),
    "android log": ("03-17 16:13:38.811  1702  2395 D WindowManager: printFreezing\n" * 3, "text/x-log"),
    "key-value log": ('time=2024 level=info msg="started well" port=80 ok\n' * 3, "text/x-log"),
    "mail": ("From: a@b.c\nTo: d@e.f\nSubject: Hi\nDate: Mon, 1 Jan 2024 00:00:00 +0000\n\nHello.", "message/rfc822"),
    "mailbox": ("From a@b.c Mon Jan  1 00:00:00 2024\nFrom: a@b.c\nSubject: x\n\nHi\n", "application/mbox"),
    "json": ('{"a": [1, 2, {"b": null}]}', "application/json"),
    "json list": ('[{"a": 1}, {"a": 2}]', "application/json"),
    "json lines": ('{"a": 1}\n{"a": 2}\n{"a": 3}\n', "application/x-ndjson"),
    "geojson": ('{"type": "FeatureCollection", "features": []}', "application/geo+json"),
    "fhir": ('{"resourceType": "Patient", "id": "1"}', "application/fhir+json"),
    "xml": ('<?xml version="1.0"?><orders><order id="1"/></orders>', "application/xml"),
    "xml without declaration": ("<orders>\n<order><id>1</id></order></orders>", "application/xml"),
    "docbook": ('<book xmlns="http://docbook.org/ns/docbook"><title>x</title></book>', "application/docbook+xml"),
    "fictionbook": ("<?xml version='1.0'?><FictionBook><body/></FictionBook>", "application/x-fictionbook+xml"),
    "jats": ('<!DOCTYPE article PUBLIC "-//NLM//DTD JATS v1.2//EN" "x.dtd"><article/>', "application/jats+xml"),
    "opml": ('<?xml version="1.0"?><opml version="2.0"><body/></opml>', "text/x-opml"),
    "svg": ('<svg xmlns="http://www.w3.org/2000/svg"><g/></svg>', "image/svg+xml"),
    "html": ("<!doctype html><title>x</title><p>y", "text/html"),
    "xhtml": ('<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><body/></html>', "text/html"),
    "html fragment": ("<div><p>one</p><p>two</p></div>", "text/html"),
    "rtf": ("{\\rtf1\\ansi Hello\\par}", "application/rtf"),
    "card": ("BEGIN:VCARD\nVERSION:3.0\nFN:A\nEND:VCARD\n", "text/vcard"),
    "calendar": ("BEGIN:VCALENDAR\nVERSION:2.0\nEND:VCALENDAR\n", "text/calendar"),
    "captions": ("WEBVTT\n\n00:01.000 --> 00:02.000\nHi\n", "text/vtt"),
    "subtitles": ("1\n00:00:01,000 --> 00:00:02,000\nHi\n", "application/x-subrip"),
    "markdown": ("# Title\n\nSome **bold** [link](http://x.y).\n\n```\ncode\n```\n", "text/markdown"),
    "restructured text": ("Title\n=====\n\n.. note:: x\n\n``code`` and `a <b>`_\n", "text/x-rst"),
    "org": ("#+TITLE: x\n* Heading\n** TODO sub\n#+BEGIN_SRC python\n#+END_SRC\n", "text/x-org"),
    "tex": ("\\documentclass{article}\n\\begin{document}\nHi\n\\end{document}\n", "application/x-tex"),
    "asciidoc": ("= Title\n:toc:\n\n== Section\n\n[source]\n----\nx\n----\n", "text/asciidoc"),
    "typst": ("#set page(margin: 1in)\n#let x = 1\n= Title\n", "text/x-typst"),
    "yaml": ("title: x\nserver:\n  host: a\n  port: 1\nitems:\n  - b\n", "application/yaml"),
    "toml": ('[tool]\nname = "x"\nlist = [1, 2]\n', "application/toml"),
    "toml without sections, and a comment": ('# A lock file\nversion = 1\ntags = ["a", "b"]\n', "application/toml"),
    "lists of a lock file": (
        'version = 1\n\n[[package]]\nname = "a"\nsource = { url = "u" }\nwheels = [\n'
        + '    { url = "x", hash = "h", size = 1 },\n' * 30
        + "]\n",
        "application/toml",
    ),
    "a script": ("#!/bin/sh\n# Builds all.\nset -e\n# Then tests.\nmake test\n", "text/x-shellscript"),
    "comments of a program": ("# One thing\n# and another.\nx = f(1)\n# A third\n# thing.\ny = g(x)\n", "text/plain"),
    "lines of an assembler": ("\tVSLLVI\t$12, B, V29 \n\tVSRLVI\t$20, B, B \n\tVXORVV\tV29, B, B \n" * 9, "text/plain"),
    "declarations of a program": ("int\t\tx;\nchar\t\ty[3];\nlong\t\tz;\n" * 9, "text/plain"),
    "a document type of its own": (
        '<?xml version="1.0" encoding="UTF-8"?>\n\n<!ELEMENT doc (#PCDATA)>\n',
        "text/plain",
    ),
    "an event without its calendar": ("BEGIN:VEVENT\nSUMMARY:Tea\nEND:VEVENT\n", "text/calendar"),
    "links without a page": ("<a href='x'>One</a>\n<a>Two</a>\n", "text/html"),
    "a picture without a page": ('<img src="a.jpg" alt="A" />\n\n<img src="b.jpg" />\n', "text/html"),
    "one element within a line": ("<a><b>x</b></a>\n", "application/xml"),
    "captions without numbers": ("00:00:06,500 --> 00:00:09,000\nAbout\n", "application/x-subrip"),
    "a bitmap of X": (
        "#define a_width 8\n#define a_height 2\nstatic char a_bits[] = {\n 0x01, 0x02};\n",
        "image/x-xbitmap",
    ),
    "csv": ("a,b,c\n1,2,3\n4,5,6\n", "text/csv"),
    "times in a csv": ("timestamp,value\n2024-01-01 00:00:00,1.5\n2024-01-01 00:05:00,2.5\n", "text/csv"),
    "times in a csv without header": ("2024-01-01 00:00:00,1.5\n2024-01-01 00:05:00,2.5\n" * 4, "text/csv"),
    "times and numbers between blanks": ("2031-02-03 03:38:15.7 2 1 122.1 -3.9\n" * 3, "text/csv"),
    "names of columns that look like a segment": (
        "Rk,Team,G,GS,MP,FG,FGA,FT,AST,STL,PTS\n1,AAA,76,75,26,2,5,1,3,0,6\n2,BBB,56,56,32,7,13,4,3,1,19\n",
        "text/csv",
    ),
    "tab-separated": ("a\tb\n1\t2\n3\t4\n", "text/tab-separated-values"),
    "semicolons": ("a;b;c\n1,5;2;3\n4,5;5;6\n", "text/csv"),
    "prose": (
        "It was the best of times, it was the worst of times.\nIt was an age, they said, of wisdom.\n",
        "text/plain",
    ),
    "lines that are indented": ("func f() { y := z\n\t/* a comment */\n\t// a comment too\n}\n\n", "text/plain"),
    "lines that end in an amount": (
        "Form 7\nName Jane Roe\n1a Wages 54,000\n11 Income 54,000\n24 Tax 4,823\n",
        "text/plain",
    ),
    "a letter": ("Dear Ann,\n\nThank you for the book, I liked it.\n\nYours,\nBob\n", "text/plain"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_a_text_is_told_by_its_content(file: Path, name: str) -> None:
    content, expected = TEXTS[name]
    assert kind(file, content) == expected


@pytest.mark.parametrize("name", ["csv", "json", "json lines", "xml", "html", "syslog 3164", "mail", "prose", "hl7"])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-32"])
def test_a_wide_encoding_hides_no_text(file: Path, name: str, encoding: str) -> None:
    content, expected = TEXTS[name]
    assert kind(file, content.encode(encoding)) == expected


def test_a_name_decides_only_between_kinds_of_text_that_content_allows(file: Path) -> None:
    assert kind(file, "Industry\nFarming\nMining\n", "x.csv") == "text/csv"
    assert kind(file, "plain words\n", "x.md") == "text/markdown"
    assert kind(file, "Press <kbd>A</kbd> now.\n", "x.html") == "text/html"
    assert kind(file, "<a href='x' title>One</a>", "x.htm") == "text/html"
    assert kind(file, "a < b and b > c\n", "x.html") == "text/plain"
    assert kind(file, '{"a": 1}', "x.csv") == "application/json"
    assert kind(file, b"%PDF-1.7\n", "x.txt") == "application/pdf"
    assert kind(file, b"\x89PNG\r\n\x1a\n" + bytes(40), "x.csv") == "image/png"


def test_an_empty_file_is_what_its_name_says(file: Path) -> None:
    assert kind(file, b"") == "application/x-empty"
    assert kind(file, b"", "x.txt") == "text/plain"


@pytest.mark.parametrize(
    ("head", "media_type"),
    [
        (b"DDS " + bytes(40), "image/vnd.ms-dds"),
        (b"qoif" + bytes(40), "image/x-qoi"),
        (b"\x01\xda\x01\x01\x00\x02\x00\x08\x00\x08" + bytes(40), "image/sgi"),
        (b"\0\0\x01\0\x01\0\x10\x10\0\0\x01\0\x20\0" + bytes(40), "image/vnd.microsoft.icon"),
        (b"wvpk" + bytes(40), "audio/x-wavpack"),
        (b"OggS\0\x02" + bytes(20) + b"\x01\x1e\x01vorbis" + b"words\n" * 40, "audio/ogg"),
        (b"OggS\0\x02" + bytes(20) + b"\x01\x2a\x80theora" + bytes(40), "video/ogg"),
        (b"II*\0\x08\0\0\0" + b"\xf2\xf2\xe6\xe6\x40\xc1\xf2\xf2" * 60, "image/tiff"),
        (bytes([0, 0, 2] + [0] * 9 + [8, 0, 8, 0, 24, 0]) + bytes(192), "image/x-tga"),
        (bytes([1] * 512), "application/octet-stream"),
    ],
)
def test_pictures_and_sounds_are_told_by_their_first_bytes(file: Path, head: bytes, media_type: str) -> None:
    assert kind(file, head) == media_type


@pytest.mark.parametrize("name", ["DDS", "DSD", "MAC", "TTA1"])
def test_a_table_whose_first_name_is_a_signature_is_a_table(file: Path, name: str) -> None:
    assert kind(file, f"{name} address,port,bytes\n00:1a,80,5\n00:1b,443,6\n") == "text/csv"


def test_a_film_by_its_brand_is_a_sound_if_it_is_named_so(file: Path) -> None:
    head = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom"
    assert kind(file, head) == "video/mp4"
    assert kind(file, head, "Speech.M4A") == "audio/mp4"


def test_noise_is_unknown_binary(file: Path) -> None:
    noise = bytes((i * i * 7 + i // 3) % 256 for i in range(5000))
    assert kind(file, noise, "x.csv") == "application/octet-stream"


def test_a_few_nuls_leave_a_table_a_table(file: Path) -> None:
    assert kind(file, b"id,name,n\n" + b"1,abc,2\n" * 50 + b"2,a\x00c,3\n") == "text/csv"


def test_columnar_files_are_told_by_their_marks(file: Path) -> None:
    table = pa.table({"a": [1, 2], "b": ["x", "y"]})
    frame = pl.DataFrame({"a": [1, 2], "b": ["x", "y"]})
    frame.write_parquet(file)
    assert kind(file, file.read_bytes()) == "application/vnd.apache.parquet"
    frame.write_avro(file)
    assert kind(file, file.read_bytes()) == "application/avro"
    frame.write_ipc(file)
    assert kind(file, file.read_bytes()) == "application/vnd.apache.arrow.file"
    pyarrow.orc.write_table(table, file)
    assert kind(file, file.read_bytes()) == "application/x-orc"
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    assert kind(file, sink.getvalue()) == "application/vnd.apache.arrow.stream"


def test_a_database_is_told_by_its_mark(file: Path) -> None:
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE t (a)")
    connection.commit()
    connection.close()
    assert detect(file, "x", file.stat().st_size).media_type == "application/vnd.sqlite3"


def zipped(members: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


PACKAGES = {
    "application/zip": {"a.txt": "x"},
    "application/epub+zip": {"mimetype": "application/epub+zip", "META-INF/container.xml": ""},
    "application/vnd.oasis.opendocument.text": {"mimetype": "application/vnd.oasis.opendocument.text"},
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": {
        "customXml/item1.xml": "x",
        "[Content_Types].xml": "…wordprocessingml.document.main+xml…",
    },
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": {"_rels/.rels": "", "xl/workbook.xml": ""},
    "application/vnd.ms-excel.sheet.macroenabled.12": {"[Content_Types].xml": "ms-excel.sheet.macroEnabled.main+xml"},
    "application/vnd.apple.pages": {"Index/Document.iwa": "x"},
    "application/java-archive": {"META-INF/MANIFEST.MF": "x", "A.class": ""},
}


@pytest.mark.parametrize("expected", PACKAGES)
def test_a_package_is_told_by_what_lies_in_it(file: Path, expected: str) -> None:
    assert kind(file, zipped(PACKAGES[expected])) == expected


def test_a_package_that_lost_its_end_is_still_told(file: Path) -> None:
    whole = zipped({"[Content_Types].xml": "x" * 50, "word/document.xml": "y" * 500})
    assert kind(file, whole[:300]).endswith("wordprocessingml.document")


def test_a_tar_is_told_by_its_header(file: Path) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        archive.addfile(tarfile.TarInfo("a"), io.BytesIO(b""))
    assert kind(file, buffer.getvalue()) == "application/x-tar"


def test_ebcdic_records_are_told_by_their_bytes(file: Path) -> None:
    text = "0101055934 Noise complaint closed by the inspector           "
    assert kind(file, (text * 50).encode("cp037")) == "text/x-ebcdic"


def test_a_large_json_is_told_by_its_start(file: Path) -> None:
    content = json.dumps([{"id": i, "name": "x" * 50} for i in range(6000)])
    assert kind(file, content) == "application/json"


@pytest.mark.parametrize("unit", ["-", "0", "1e", "\n", " ", "[", "[[", "`", '"', "@.", "<", "<a ", "é", "a=,", "#\n"])
def test_no_text_takes_the_square_of_its_length(file: Path, unit: str) -> None:
    start = time.process_time()
    kind(file, (unit * 250_000)[:250_000])
    assert time.process_time() - start < 3


def test_every_kind_named_has_words() -> None:
    assert all(words and words[0] != " " for words in MEDIA_TYPES.values())


REFINED = {
    ("text/plain", "text/x-syslog"),
    ("text/plain", "text/x-log"),
    ("text/plain", "text/x-access-log"),
    ("application/xml", "application/jats+xml"),
    ("application/octet-stream", "text/x-ebcdic"),
}


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the shared samples are not beside the repository")
@pytest.mark.parametrize(("named", "least"), [(True, 0.99), (False, 0.97)])
def test_the_samples_are_what_their_authors_say(named: bool, least: float) -> None:
    with (SAMPLES / "MANIFEST.tsv").open(encoding="utf-8", newline="") as manifest:
        rows = [r for r in csv.DictReader(manifest, delimiter="\t", quoting=csv.QUOTE_NONE) if r["media_type"]]
    wrong = []
    for number, row in enumerate(rows):
        path = SAMPLES / row["path"]
        found = detect(path, f"x{number}{path.suffix if named else ''}", path.stat().st_size).media_type
        if found != row["media_type"] and (row["media_type"], found) not in REFINED:
            wrong.append((row["path"], row["media_type"], found))
    assert len(wrong) <= (1 - least) * len(rows), wrong


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        ("#!/bin/sh\nset -e\necho one\n", "text/x-shellscript"),
        ('#include <stdio.h>\n\nint main(void) {\n    puts("one");\n    return 0;\n}\n', "text/x-c"),
        ("diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@\n one\n-two\n+three\n", "text/x-diff"),
        ('<?php\necho "one";\n?>\n', "text/x-php"),
        ('#!/usr/bin/perl\nuse strict;\nprint "one";\n', "text/x-perl"),
        ("The river rose.\nNobody could cross the bridge for a week; then it fell again.\n", "text/plain"),
    ],
)
def test_programs_and_patches_are_told_from_prose(file: Path, content: str, media_type: str) -> None:
    assert kind(file, content) == media_type

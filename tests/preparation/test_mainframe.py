"""Files of mainframes: which code page, where records end, and the numbers among their text."""

import struct
from pathlib import Path

import pytest
from reader_kit import source

from preparation.detect import detect
from preparation.ebcdic import code_page, decoded, holds_ebcdic_records
from preparation.extraction import Extraction
from preparation.readers import read

PLANS = ("GOLD PLAN", "SILVER", "BRONZE PLUS")
CP1047 = str.maketrans("[]\u00dd\u00a8^\u00ac", "\u00dd\u00a8[]\u00ac^")


def packed(number: int, width: int) -> bytes:
    """A number as COBOL packs it: two digits a byte, the sign in the last half."""
    return bytes.fromhex(str(abs(number)).zfill(2 * width - 1) + ("D" if number < 0 else "C"))


def claims(count: int) -> list[bytes]:
    return [
        f"{at:06d}{PLANS[at * at % 7 % 3]:<14}{'NY' if at % 2 else 'CA'}".encode("cp037") + packed(at * 125 - 500, 6)
        for at in range(count)
    ]


def extracted(tmp_path: Path, content: bytes) -> Extraction:
    of = source(tmp_path, content)
    found = detect(of.path, "blob", of.size)

    assert found.media_type == "text/x-ebcdic"
    return read(source(tmp_path, content, found.media_type))


def test_records_of_one_length_are_lines_with_their_packed_numbers(tmp_path: Path) -> None:
    extraction = extracted(tmp_path, b"".join(claims(120)))

    assert extraction.metadata == {"encoding": "cp037", "record_format": "fixed", "record_bytes": 28, "records": 120}
    assert extraction.text.split("\n")[:3] == [
        "000000\tGOLD PLAN\tCA -500",
        "000001\tSILVER\tNY -375",
        "000002\tSILVER\tCA -250",
    ]


def test_records_that_begin_with_their_length_are_lines(tmp_path: Path) -> None:
    records = [f"CLAIM {at} OF JOHN SMITH {'X' * (at % 5)}".encode("cp037") for at in range(40)]
    content = b"".join(struct.pack(">HH", len(record) + 4, 0) + record for record in records)

    extraction = extracted(tmp_path, content)

    assert extraction.metadata["record_format"] == "variable"
    assert extraction.text.split("\n")[1] == "CLAIM 1 OF JOHN SMITH X"
    assert extraction.text.count("\n") == 39


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("Die Überweisung für die Straße über Österreich ist schön und grün", "cp273"),
        ("The array a[1] is {set} and la garçonnière à côté", "cp500"),
        ("We owe 12 € for the garçon and 40 € more", "cp1140"),
        ("if (a[1] != b[2]) { call c(d); }", "cp037"),
    ],
)
def test_the_code_page_is_that_in_which_words_are_whole(text: str, page: str) -> None:
    content = (text + " ").encode(page) * 3

    assert code_page(content) == page
    assert decoded(content, code_page(content)) == (text + " ") * 3


def test_brackets_of_unix_on_a_mainframe_are_brackets() -> None:
    text = "int main(void) { char a[10]; a[0] = b[1]; }\n"
    content = text.translate(CP1047).encode("cp037")

    assert code_page(content) == "cp1047"
    assert decoded(content, "cp1047") == text


@pytest.mark.parametrize(
    "content",
    [
        bytes(range(256)) * 64,
        b"\x00" * 4_096,
        b"@" * 4_096,
        b"Plain text of ASCII, words and all. " * 100,
        b"\xf0\x00" * 2_000,
    ],
)
def test_other_bytes_are_no_records(content: bytes) -> None:
    assert not holds_ebcdic_records(content)

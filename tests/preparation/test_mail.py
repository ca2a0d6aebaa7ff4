"""E-mail of every kind becomes rows; broken headers never raise."""

from pathlib import Path

import pytest
from reader_kit import SAMPLES, sample, source

from preparation.extraction import Extraction
from preparation.readers import mail
from preparation.readers.rtf_lzfu import decompressed

PLAIN = (
    b"From: a@example.com\nTo: b@example.com\nDate: Mon, 1 Jan 2024 10:00:00 +0100\n"
    b"Subject: =?utf-8?q?caf=C3=A9?=\n\nHello\n"
)
BROKEN = (
    b'From: =?utf-8?b?!!!?= <\nTo: \xff\xfe, "x\nDate: 99 Foo\nMessage-ID: <<<[[\n'
    b"Content-Type: multipart/mixed; boundary=\nContent-Transfer-Encoding: base64\nSubject: \x00\x01\n\n--\n=\n"
)


def row(extraction: Extraction, number: int = 0) -> dict[str, object]:
    return extraction.tables[0].frame.row(number, named=True)


@pytest.mark.parametrize(
    ("path", "subject", "attachments"),
    [
        ("docling/email__eml_with_attachment.eml", "Email with Attachment", ["test.txt"]),
        ("docling/email__msg_simple.msg", "Simple Email", []),
        ("kreuzberg/email__msg__with_attachments__msg_with_attachments_alt.msg", "This is the subject", ["canvas.png"]),
        ("unstructured/fake-email-attachment.msg", "Fake email with attachment", ["fake-attachment.txt"]),
        ("unstructured/eml__fake-email-utf-16.eml", "Test Email", []),
        ("unstructured/eml__fake-email-b64.eml", "Test Email", []),
        ("unstructured/eml__mime-attach-mp3.eml", "Email with MP3 Attachment", ["sample-3s.mp3"]),
    ],
)
def test_a_message_gives_its_subject_people_body_and_attachments(
    path: str, subject: str, attachments: list[str]
) -> None:
    extraction = mail.read(sample(f"documents/{path}"))

    found = row(extraction)
    assert extraction.kind == "email"
    assert found["subject"] == subject
    assert found["body"]
    assert "@" in str(found["sender"])
    assert "@" in str(found["recipients"])
    assert [child.name for child in extraction.children] == attachments
    assert found["attachments"] == len(attachments)


def test_every_sample_message_is_read_or_named_empty() -> None:
    sample("documents/unstructured/eml__empty.eml")
    files = [file for file in (SAMPLES / "documents").rglob("*") if file.suffix in (".eml", ".msg", ".p7s")]

    faults = [file.name for file in files if mail.read(sample(str(file.relative_to(SAMPLES)))).fault]

    assert len(files) > 25
    assert faults == ["eml__empty.eml"]


def test_times_are_in_utc_and_words_decoded(tmp_path: Path) -> None:
    found = row(mail.read(source(tmp_path, PLAIN)))

    assert (found["sent_at"], found["subject"], found["body"]) == ("2024-01-01T09:00:00Z", "café", "Hello")


def test_a_mailbox_gives_a_row_a_message(tmp_path: Path) -> None:
    mailbox = b"".join(b"From x Mon Jan  1 10:00:00 2024\n" + PLAIN + b">From here on\n\n" for _ in range(3))

    extraction = mail.read(source(tmp_path, mailbox))

    assert extraction.tables[0].frame.height == 3
    assert row(extraction, 2)["body"] == "Hello\nFrom here on"


def test_broken_headers_dates_and_encodings_never_raise(tmp_path: Path) -> None:
    extraction = mail.read(source(tmp_path, BROKEN))

    assert extraction.fault is None
    assert row(extraction)["sent_at"] is None


def test_the_name_of_an_attachment_cannot_leave_its_folder(tmp_path: Path) -> None:
    text = (
        b'Subject: x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n\n--b\n\nhi\n--b\n'
        b'Content-Disposition: attachment; filename="../../etc/pass\\\\wd"\n\nx\n--b--\n'
    )

    (child,) = mail.read(source(tmp_path, text)).children

    assert "/" not in child.name
    assert "\\" not in child.name
    assert not child.name.startswith(".")


def test_an_encrypted_message_says_so() -> None:
    assert "encrypted" in (mail.read(sample("documents/unstructured/eml__fake-encrypted.eml")).note or "")


def test_a_card_and_a_calendar_are_documents(tmp_path: Path) -> None:
    card = mail.read(source(tmp_path, "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Jane\r\n  Doe\r\nEND:VCARD\r\n"))

    assert (card.kind, card.metadata["form"]) == ("document", "vcard")
    assert "Jane Doe" in card.text


def test_compressed_rtf_is_unpacked() -> None:
    # the example of MS-OXRTFCP, section 4.1
    packed = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af86c0a000f3066c020706c6d6c6f20776f726c647d0a800fa0"
    )
    assert decompressed(packed).startswith(b"{\\rtf1\\ansi")


@pytest.mark.parametrize(
    "content", [b"", b"  \r\n\x00", b"just some prose without a header", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1junk"]
)
def test_what_is_no_message_is_a_fault(tmp_path: Path, content: bytes) -> None:
    assert mail.read(source(tmp_path, content)).fault is not None

"""What an office writes: letters, forms, pages, notes and mail."""

from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from xml.sax.saxutils import escape

from pipeline.sample_files import people
from pipeline.sample_files.archive import zip_bytes
from pipeline.sample_files.pdf import pdf_bytes
from pipeline.sample_files.sample import NOW, Sample, csv_bytes, seeded

_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_WORD = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OPEN = "urn:oasis:names:tc:opendocument:xmlns"

W2 = (
    "Form W-2  Wage and Tax Statement  2025",
    "a Employee's social security number: 987-65-4321",
    "b Employer identification number (EIN): 98-7654321",
    "c Employer's name: Tidewater Robotics, 1 Dock Road, Brannoc OH 44101",
    "e Employee's name: Hanne Eklund, 4 Elm Street, Brannoc OH 44101",
    "1 Wages, tips, other compensation: 61,250.00",
    "2 Federal income tax withheld: 8,144.20",
    "3 Social security wages: 61,250.00",
    "4 Social security tax withheld: 3,797.50",
    "5 Medicare wages and tips: 61,250.00",
    "6 Medicare tax withheld: 888.13",
    "Department of the Treasury - Internal Revenue Service",
)
BILL = (
    "Larkspur Clinic   Statement of account   Invoice B-104417",
    "Patient: Oskar Quill   Member ID: W204817733   Date of birth: 1984-02-09",
    "Date of service: 2026-10-28   Provider: Dr. Nadia Moreau   Payer: Northgate Mutual",
    "CPT 99214  Office visit                    $185.00",
    "CPT 93000  Electrocardiogram                $95.00",
    "Total charges $280.00   Insurance paid $196.00   Patient responsibility $84.00",
)
GUIDE = (
    "Moving the archive: a guide for the reading room",
    "Boxes are numbered from the north door. Every box has a list of what is in it,",
    "and a second list stays at the desk. Please report damp or torn folders at once.",
)
MINUTES = (
    "Minutes of the harbour committee",
    "The lamps on the east pier will be replaced in March.",
    "Rosa Ibarra reported on the ferry timetable; the committee thanked her.",
    "The next meeting is on the first Tuesday of the month.",
)


def office() -> Iterator[Sample]:
    """Documents and mail."""
    yield Sample("tax/w2_hanne_eklund.pdf", "tax_form", pdf_bytes([W2], "W-2 2025"))
    yield Sample("clinic/statement_quill.pdf", "medical_bill", pdf_bytes([BILL], "Statement B-104417"))
    yield Sample("office/archive_guide.pdf", "document", pdf_bytes([GUIDE, MINUTES], "Reading room guide"))
    yield Sample("office/minutes.docx", "document", _docx(MINUTES))
    yield Sample("office/minutes.odt", "document", _odt(MINUTES))
    yield Sample("office/notice.html", "document", _html(GUIDE))
    yield Sample("office/handbook.md", "document", _markdown(GUIDE, MINUTES))
    yield Sample("office/letter.rtf", "document", _rtf(MINUTES))
    yield Sample("office/memo_latin1.txt", "document", "\r\n".join(_MEMO).encode("latin-1"))
    yield from _mail()


_MEMO = (
    "Aan: de leeszaal",
    "Betreft: openingstijden vóór de feestdagen",
    "",
    "De leeszaal is vrijdag geopend tot vijf uur. Daarna zijn wij gesloten tot en met maandag.",
    "Met vriendelijke groet, Søren Müller",
)


def _docx(lines: tuple[str, ...]) -> bytes:
    body = "".join(f'<w:p><w:r><w:t xml:space="preserve">{escape(line)}</w:t></w:r></w:p>' for line in lines)
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    relation = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
    return zip_bytes(
        {
            "[Content_Types].xml": f'{_HEAD}<Types xmlns="{_PACKAGE}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            f'<Override PartName="/word/document.xml" ContentType="{kind}"/></Types>',
            "_rels/.rels": f'{_HEAD}<Relationships xmlns="{_PACKAGE}/relationships">'
            f'<Relationship Id="rId1" Type="{relation}" Target="word/document.xml"/></Relationships>',
            "word/document.xml": f'{_HEAD}<w:document xmlns:w="{_WORD}"><w:body>{body}</w:body></w:document>',
        }
    )


def _odt(lines: tuple[str, ...]) -> bytes:
    kind = "application/vnd.oasis.opendocument.text"
    body = "".join(f"<text:p>{escape(line)}</text:p>" for line in lines)
    return zip_bytes(
        {
            "mimetype": kind,
            "META-INF/manifest.xml": f'{_HEAD}<manifest:manifest xmlns:manifest="{_OPEN}:manifest:1.0" '
            f'manifest:version="1.3"><manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
            '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
            "</manifest:manifest>",
            "content.xml": f'{_HEAD}<office:document-content xmlns:office="{_OPEN}:office:1.0" '
            f'xmlns:text="{_OPEN}:text:1.0" office:version="1.3"><office:body><office:text>{body}</office:text>'
            "</office:body></office:document-content>",
        }
    )


def _html(lines: tuple[str, ...]) -> bytes:
    title, *rest = map(escape, lines)
    paragraphs = "".join(f"<p>{line}</p>\n" for line in rest)
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>\n'
        f"<body><h1>{title}</h1>\n{paragraphs}</body></html>\n"
    ).encode()


def _markdown(*parts: tuple[str, ...]) -> bytes:
    return "\n".join(f"# {title}\n\n" + "\n".join(rest) + "\n" for title, *rest in parts).encode()


def _rtf(lines: tuple[str, ...]) -> bytes:
    return ("{\\rtf1\\ansi\\deff0{\\fonttbl{\\f0 Times New Roman;}}\n" + "\\par\n".join(lines) + "\\par}\n").encode(
        "ascii"
    )


def _mail() -> Iterator[Sample]:
    yield Sample("mail/lamp_order.eml", "email", bytes(_message("Order of lamps for the east pier", 3, MINUTES)))
    with_table = _message("Readings of the cellar", 1, ("The readings you asked for are attached.", "Tamsin"))
    readings = [
        {"timestamp": f"{NOW - timedelta(hours=hour):%Y-%m-%d %H:%M}", "temperature": 18 + hour % 3}
        for hour in range(24)
    ]
    with_table.add_attachment(csv_bytes(readings), maintype="text", subtype="csv", filename="cellar.csv")
    with_table.set_boundary("=_penstock_samples")
    yield Sample("mail/with_attachment.eml", "email", bytes(with_table))
    both = [
        _message("Ferry timetable", 5, MINUTES[2:]),
        _message("Re: Ferry timetable", 4, ("Thank you, that helps.",)),
    ]
    letters = b"".join(b"From clerk@example.com Fri Nov 20 18:00:00 2026\n" + _unix(letter) + b"\n" for letter in both)
    yield Sample("mail/ferry.mbox", "email", letters)
    rng = seeded("mail/support_inbox.csv")
    rows = []
    for number in range(260):
        name = people.full_name(rng)
        topic, text = rng.choice(_TOPICS)
        at = NOW - timedelta(hours=rng.random() * 200)
        sender = people.e_mail(name)
        rows.append(
            {
                "message_id": f"<{number}@example.com>",
                "from": sender,
                "to": "help@example.org",
                "date": format_datetime(at),
                "subject": topic,
                "body": f"{text}\nRegards, {name}, {people.phone(rng)}",
            }
        )
    yield Sample("mail/support_inbox.csv", "email", csv_bytes(rows))


_TOPICS = (
    ("Question about my bill", "I was charged twice for the visit in October. Could you look into it?"),
    ("Thank you", "The new form was easy to fill in, and the answer came within a day."),
    ("Claim still open", "My claim has been open for six weeks and nobody calls back. This is frustrating."),
    ("Change of address", "Please send letters to my new address from December on."),
)


def _message(subject: str, days_ago: int, lines: tuple[str, ...]) -> EmailMessage:
    message = EmailMessage(policy=SMTP)
    message["From"] = "Tamsin Quill <tamsin.quill@example.com>"
    message["To"] = "Harbour Office <office@example.org>"
    message["Date"] = format_datetime(NOW - timedelta(days=days_ago))
    message["Subject"] = subject
    message["Message-ID"] = f"<{days_ago}.{len(subject)}@example.com>"
    message.set_content("\n".join(lines) + "\n")
    return message


def _unix(message: EmailMessage) -> bytes:
    return bytes(message).replace(b"\r\n", b"\n")

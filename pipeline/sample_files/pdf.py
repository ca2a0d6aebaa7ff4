"""PDF written by hand: pages of text in one font."""

from collections.abc import Sequence

_LINE_HEIGHT = 18
_TOP = 760


def pdf_bytes(pages: Sequence[Sequence[str]], title: str) -> bytes:
    """A PDF of those pages, each a list of lines; its table of objects is whole."""
    kids = " ".join(f"{5 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        f"<< /Title ({_escaped(title)}) /Producer (Penstock samples) /CreationDate (D:20261120180000Z) >>",
    ]
    for number, lines in enumerate(pages):
        drawing = _drawing(lines)
        objects += [
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {6 + 2 * number} 0 R "
            "/Resources << /Font << /F1 3 0 R >> >> >>",
            f"<< /Length {len(drawing)} >>\nstream\n{drawing}\nendstream",
        ]
    return _with_table(objects)


def _drawing(lines: Sequence[str]) -> str:
    shown = "".join(f"({_escaped(line)}) Tj T*\n" for line in lines)
    return f"BT /F1 12 Tf {_LINE_HEIGHT} TL 56 {_TOP} Td\n{shown}ET"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")


def _with_table(objects: Sequence[str]) -> bytes:
    content = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n"
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(content))
        content += f"{number} 0 obj\n{body}\nendobj\n".encode("cp1252")
    entries = "".join(f"{offset:010d} 00000 n \n" for offset in offsets)
    size = len(objects) + 1
    table = f"xref\n0 {size}\n0000000000 65535 f \n{entries}trailer\n<< /Size {size} /Root 1 0 R /Info 4 0 R >>\n"
    return content + f"{table}startxref\n{len(content)}\n%%EOF\n".encode()


def encrypted_pdf_bytes(pages: Sequence[Sequence[str]], title: str, password: str) -> bytes:
    """The same, to be opened with a password only."""
    import io

    from pypdf import PdfReader, PdfWriter
    from pypdf.generic import ArrayObject, ByteStringObject

    class IdentifiedWriter(PdfWriter):
        """The file's identity is random otherwise, and the key is derived from it."""

        def generate_file_identifiers(self) -> None:
            identity = ByteStringObject(b"penstock-samples")
            self._ID = ArrayObject((identity, identity))

    writer = IdentifiedWriter(clone_from=PdfReader(io.BytesIO(pdf_bytes(pages, title))))
    writer.encrypt(password, algorithm="RC4-128")
    sink = io.BytesIO()
    writer.write(sink)
    return sink.getvalue()

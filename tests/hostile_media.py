"""Documents, pictures and columnar files that are cut off, locked, mislabelled or larger than they look."""

import io
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from hostile_archives import MIB, locked_office, with_part
from hostile_texts import LAUGHS

WHOLE = {
    "pdf": "office/archive_guide.pdf",
    "docx": "office/minutes.docx",
    "xlsx": "insurer/home_claims.xlsx",
    "zip": "archives/week.zip",
    "png": "media/pier.png",
    "mp4": "media/lighthouse.mp4",
    "parquet": "sensors/building.parquet",
}


def png(width: int, height: int) -> bytes:
    """A black picture of one bit a pixel; big ones take no more room than their zeros packed."""
    packer = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    rows = max(1, MIB // len(row))
    data = b"".join(packer.compress(row * min(rows, height - at)) for at in range(0, height, rows)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def text_bomb_png() -> bytes:
    """A small picture whose comment unpacks to 200 MB."""
    comment = b"Comment\0\0" + zlib.compress(bytes(200 * MIB), 1)
    whole = png(8, 8)
    return whole[:33] + _chunk(b"zTXt", comment) + whole[33:]


def parquet_bomb(rows: int = 60_000_000) -> bytes:
    """Sixty million rows of one value in a few kilobytes."""
    sink = io.BytesIO()
    chunk = pa.table({"timestamp": pa.repeat("2026-05-01T00:00:00Z", 5_000_000)})
    with pq.ParquetWriter(sink, chunk.schema, compression="zstd") as writer:
        for _ in range(rows // chunk.num_rows):
            writer.write_table(chunk)
    return sink.getvalue()


def pdf_bomb() -> bytes:
    """One page whose drawing unpacks to 150 MB."""
    packed = zlib.compress(b"(word) Tj\n" * (15 * MIB), 1)
    return _pdf(b"<< /Length %d /Filter /FlateDecode >>\nstream\n" % len(packed) + packed + b"\nendstream")


def looping_pdf() -> bytes:
    """Pages whose parent is their child."""
    return _pdf(b"<< /Type /Pages /Kids [2 0 R 4 0 R] /Count 1000000 /Parent 4 0 R >>", kids=b"[2 0 R 4 0 R]")


def _pdf(fourth: bytes, kids: bytes = b"[3 0 R]") -> bytes:
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R >>"
    bodies = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids %b /Count 1 >>" % kids, page, fourth]
    content, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(bodies, 1):
        offsets.append(len(content))
        content += b"%d 0 obj\n%b\nendobj\n" % (number, body)
    table = b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    return content + table + b"trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(content)


def sheet_bomb(workbook: bytes) -> bytes:
    """A workbook with a sheet of 120 MB of blanks in it."""
    return with_part(workbook, "xl/worksheets/sheet1.xml", b"<worksheet><sheetData>" + b" " * (120 * MIB))


def far_cell(workbook: bytes) -> bytes:
    """A workbook of two cells: the first, and the last that a sheet can have."""
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    first = '<row r="1"><c r="A1"><v>1</v></c></row>'
    last = '<row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
    sheet = f'<worksheet xmlns="{space}"><sheetData>{first}{last}</sheetData></worksheet>'
    return with_part(workbook, "xl/worksheets/sheet1.xml", sheet.encode())


def damaged(bundle: Path) -> Iterator[tuple[str, bytes]]:
    """Each kind cut in half, under another kind's name, and with noise in the middle."""
    names = list(WHOLE)
    for at, (kind, path) in enumerate(WHOLE.items()):
        whole = (bundle / path).read_bytes()
        yield f"cut.{kind}", whole[: len(whole) // 2]
        yield f"stub.{kind}", whole[:12]
        yield f"mislabelled.{names[at - 1]}", whole + b"\0" * (at + 1) if kind not in ("zip", "parquet") else whole
        half = len(whole) // 2
        yield f"noise.{kind}", whole[: half - 20] + bytes(range(200, 240)) + whole[half + 20 :]


def documents(bundle: Path) -> Iterator[tuple[str, bytes]]:
    docx, xlsx = ((bundle / WHOLE[kind]).read_bytes() for kind in ("docx", "xlsx"))
    yield "locked.pdf", (bundle / "damaged/locked.pdf").read_bytes()
    yield "locked.docx", locked_office()
    yield "locked.xlsx", locked_office() + b"\0"
    yield "laughs.docx", with_part(docx, "word/document.xml", LAUGHS.encode())
    yield "laughs.xlsx", with_part(xlsx, "xl/worksheets/sheet1.xml", LAUGHS.encode())
    yield "bomb.docx", with_part(docx, "word/document.xml", b"<w:document>" + b" " * (120 * MIB))
    yield "bomb.xlsx", sheet_bomb(xlsx)
    yield "far_cell.xlsx", far_cell(xlsx)
    yield "bomb.pdf", pdf_bomb()
    yield "looping.pdf", looping_pdf()
    yield "bomb.png", png(40_000, 40_000)
    yield "claims.png", png(8, 8)[:16] + struct.pack(">II", 2**31 - 1, 2**31 - 1) + png(8, 8)[24:]
    yield "comment.png", text_bomb_png()
    yield "bomb.parquet", parquet_bomb()

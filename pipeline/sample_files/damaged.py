"""Broken and hostile files: each must end with an outcome that a person can act on, and stop nothing."""

from collections.abc import Iterator
from datetime import timedelta

from pipeline.sample_files.archive import gzip_bytes, tar_gz_bytes, zip_bytes
from pipeline.sample_files.office import BILL, GUIDE, MINUTES
from pipeline.sample_files.pdf import encrypted_pdf_bytes, pdf_bytes
from pipeline.sample_files.sample import NOW, Row, Sample, csv_bytes, lines_bytes, seeded

_BOMB_BYTES = 64 * 1024 * 1024


def damaged() -> Iterator[Sample]:
    """What arrives in real life: cut off, locked, mislabelled, empty, untrue."""
    guide = pdf_bytes([GUIDE, MINUTES], "Cut off")
    yield Sample("damaged/cut_off.pdf", "document", guide[: len(guide) // 3])
    yield Sample("damaged/locked.pdf", "document", encrypted_pdf_bytes([BILL], "Locked", "larkspur"))
    yield Sample("damaged/corrupt.zip", "other", _corrupt_zip())
    yield Sample("damaged/empty.csv", "other", b"")
    yield Sample("damaged/invalid_utf8.csv", "sensor_reading", _invalid_utf8())
    yield Sample("damaged/ragged.csv", "sensor_reading", _ragged())
    yield Sample("damaged/bad_rows.csv", "sensor_reading", csv_bytes(_bad_rows()))
    yield Sample("damaged/really_a_picture.csv", "image", _tiny_png())
    yield Sample("damaged/really_a_table.pdf", "sensor_reading", csv_bytes(_readings("damaged/really_a_table.pdf", 60)))
    yield Sample("damaged/half_a_record.json", "other", b'{"orders": [{"id": 1, "total": 12.5}, {"id": 2, "tot')
    yield Sample("damaged/small_bomb.gz", "other", gzip_bytes(bytes(_BOMB_BYTES)))


def archives() -> Iterator[Sample]:
    """Archives with members of several kinds, one inside another, and one whose members want to leave."""
    table = csv_bytes(_readings("archives/week.zip", 96))
    inner = zip_bytes({"deeper/minutes.md": "\n".join(MINUTES)})
    yield Sample(
        "archives/week.zip",
        "other",
        zip_bytes({"readings.csv": table, "guide.txt": "\n".join(GUIDE), "inner.zip": inner}),
    )
    notes = {
        "notes/one.txt": "\n".join(MINUTES).encode(),
        "notes/readings.csv": csv_bytes(_readings("archives/notes", 48)),
    }
    yield Sample("archives/notes.tar.gz", "other", tar_gz_bytes(notes))
    yield Sample(
        "archives/wants_to_leave.zip", "other", zip_bytes({"../../outside.txt": "Kept inside all the same.\n"})
    )


def others() -> Iterator[Sample]:
    """Tables and texts that are of no known dataset; they are kept whole."""
    rng = seeded("other/library_stock.csv")
    stock: list[Row] = [
        {"title": f"Book {number}", "shelf": rng.choice("ABCD"), "copies": rng.randint(1, 9)} for number in range(80)
    ]
    yield Sample("other/library_stock.csv", "other", csv_bytes(stock))
    yield Sample(
        "other/ferry_settings.yaml", "other", lines_bytes(("ferry:", "  boats: 3", "  harbour: east", "  lights: on"))
    )


def _readings(path: str, count: int) -> list[Row]:
    rng = seeded(path)
    return [
        {
            "sensor_id": "cellar-humidity",
            "timestamp": (NOW - timedelta(minutes=10 * (count - index))).isoformat(),
            "humidity": round(rng.gauss(62, 4), 1),
            "location": "cellar",
        }
        for index in range(count)
    ]


def _corrupt_zip() -> bytes:
    whole = bytearray(zip_bytes({"readings.csv": csv_bytes(_readings("damaged/corrupt.zip", 200))}))
    middle = len(whole) // 2
    whole[middle : middle + 64] = bytes(64)
    return bytes(whole)


def _invalid_utf8() -> bytes:
    table = csv_bytes(_readings("damaged/invalid_utf8.csv", 80))
    return table.replace(b"cellar\n", b"c\xe9l\xc3\x28lier\xff\n", 3)


def _ragged() -> bytes:
    lines = csv_bytes(_readings("damaged/ragged.csv", 90)).decode().splitlines()
    lines[10] += ",one,too,many"
    lines[40] = lines[40].rsplit(",", 2)[0]
    lines[70] += ",1"
    return lines_bytes(lines)


def _bad_rows() -> list[Row]:
    """A table of which nine in ten rows are good: the rest has no time, or words for numbers."""
    rows: list[Row] = []
    for index, row in enumerate(_readings("damaged/bad_rows.csv", 120)):
        fault = {3: {"timestamp": "yesterday-ish"}, 7: {"humidity": "wet"}}.get(index % 20, {})
        rows.append({**row, **fault})
    return rows


def _tiny_png() -> bytes:
    import io

    from PIL import Image

    sink = io.BytesIO()
    Image.new("RGB", (24, 24), (200, 80, 40)).save(sink, "PNG")
    return sink.getvalue()

"""Archives: members come out safely, and no more than may."""

import bz2
import gzip
import io
import lzma
import tarfile
import warnings
import zipfile
from pathlib import Path

import py7zr
import pyarrow as pa
import pytest

from preparation.detect import detect
from preparation.extraction import Extraction, Limits, Source
from preparation.readers import archives, read

CONTENT = b"id,name\n1,a\n2,b\n" * 20


def opened(path: Path, data: bytes, name: str = "x", limits: Limits | None = None) -> Extraction:
    path.write_bytes(data)
    media_type = detect(path, name, len(data)).media_type
    return read(Source(path, name, media_type, len(data), limits or Limits()))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "blob"


def zipped(members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(buffer, "w", compression) as archive:
            for name, content in members.items():
                archive.writestr(name, content)
    return buffer.getvalue()


def tarred(members: dict[str, bytes], mode: str = "w") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


def by_arrow(codec: str, data: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, codec) as stream:
        stream.write(data)
    return sink.getvalue().to_pybytes()


def seven_zipped(members: dict[str, bytes], password: str | None = None) -> bytes:
    buffer = io.BytesIO()
    with py7zr.SevenZipFile(buffer, "w", password=password) as archive:
        for name, content in members.items():
            archive.writestr(content, name)
    return buffer.getvalue()


MEMBERS = {"a/one.csv": CONTENT, "two.txt": b"hello"}
ARCHIVES = {
    "zip": zipped(MEMBERS),
    "tar": tarred(MEMBERS),
    "tar.gz": tarred(MEMBERS, "w:gz"),
    "tar.bz2": tarred(MEMBERS, "w:bz2"),
    "tar.xz": tarred(MEMBERS, "w:xz"),
    "tar.zst": by_arrow("zstd", tarred(MEMBERS)),
    "7z": seven_zipped(MEMBERS),
}


@pytest.mark.parametrize("form", ARCHIVES)
def test_every_member_comes_out_whole(file: Path, form: str) -> None:
    found = opened(file, ARCHIVES[form])
    assert found.fault is None
    assert {child.name: child.content for child in found.children} == MEMBERS
    assert found.metadata["members"] == 2


@pytest.mark.parametrize(
    ("suffix", "pack"),
    [
        ("gz", gzip.compress),
        ("bz2", bz2.compress),
        ("xz", lzma.compress),
        ("zst", lambda data: by_arrow("zstd", data)),
        ("lz4", lambda data: by_arrow("lz4", data)),
    ],
)
def test_a_compressed_file_comes_out_without_its_suffix(file: Path, suffix: str, pack: object) -> None:
    found = opened(file, pack(CONTENT), f"report.csv.{suffix}")  # type: ignore[operator]
    assert [(child.name, child.content) for child in found.children] == [("report.csv", CONTENT)]


def test_the_name_in_a_gzip_header_wins(file: Path) -> None:
    buffer = io.BytesIO()
    with gzip.GzipFile("folder/inner.log", "wb", fileobj=buffer) as stream:
        stream.write(CONTENT)
    assert opened(file, buffer.getvalue(), "x").children[0].name == "inner.log"


@pytest.mark.parametrize("name", ["../evil", "a/../../evil", "/etc/passwd", "C:\\evil", "..\\evil", "\\\\host\\evil"])
@pytest.mark.parametrize("pack", [zipped, tarred])
def test_a_name_that_leads_out_stays_in(file: Path, name: str, pack: object) -> None:
    found = opened(file, pack({name: b"x", "good.txt": b"y"}))  # type: ignore[operator]
    assert [child.name for child in found.children] == ["good.txt"]
    assert "leads out of its folder" in (found.note or "")


def test_links_stay_in(file: Path) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE):
            info = tarfile.TarInfo(f"link{kind.decode()}")
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    found = opened(file, buffer.getvalue())
    assert not found.children
    assert "it is a link" in (found.note or "")
    linked = zipfile.ZipInfo("link")
    linked.external_attr = 0o120777 << 16
    with zipfile.ZipFile(buffer := io.BytesIO(), "w") as zip_file:
        zip_file.writestr(linked, "/etc/passwd")
    assert "it is a link" in (opened(file, buffer.getvalue()).note or "")


def test_two_members_of_one_name_both_come_out(file: Path) -> None:
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("a.txt", "1")
            archive.writestr("a.txt", "2")
    assert [child.name for child in opened(file, buffer.getvalue()).children] == ["a.txt", "a (2).txt"]


BOMB = bytes(80 * 1024 * 1024)


@pytest.mark.parametrize("form", ["zip", "gz", "tar.gz", "xz"])
def test_a_bomb_is_refused_by_its_ratio(file: Path, form: str) -> None:
    pack = {
        "zip": lambda: zipped({"a": BOMB}),
        "gz": lambda: gzip.compress(BOMB),
        "tar.gz": lambda: gzip.compress(tarred({"../a": BOMB})),
        "xz": lambda: lzma.compress(BOMB, preset=0),
    }[form]
    found = opened(file, pack())
    assert found.fault is not None
    assert "unpacks to more than" in found.fault.reason
    assert not found.children


@pytest.mark.parametrize("form", ["zip", "tar", "tar.gz", "7z"])
def test_an_archive_that_gives_more_than_it_may_is_refused(file: Path, form: str) -> None:
    found = opened(file, ARCHIVES[form], limits=Limits(max_child_bytes=100))
    assert found.fault is not None
    found = opened(file, ARCHIVES[form], limits=Limits(max_children=1))
    assert found.fault is not None
    assert "more than 1 members" in found.fault.reason


def test_a_declared_size_is_not_believed(file: Path) -> None:
    data = bytearray(zipped({"a.txt": b"x" * 100_000}))
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = (10).to_bytes(4, "little")
    found = opened(file, bytes(data), limits=Limits(max_child_bytes=50_000))
    assert found.fault is not None or not found.children or len(found.children[0].content) <= 50_000


def test_an_encrypted_member_is_noted_and_an_encrypted_archive_is_a_fault(file: Path) -> None:
    data = bytearray(zipped({"secret.txt": b"x", "open.txt": b"y"}))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + offset] |= 1
    found = opened(file, bytes(data))
    assert [child.name for child in found.children] == ["open.txt"]
    assert "password" in (found.note or "")
    found = opened(file, seven_zipped({"secret.txt": b"x"}, password="p"))
    assert found.fault is not None
    assert "password" in found.fault.reason


def test_a_damaged_member_costs_only_itself(file: Path) -> None:
    data = bytearray(zipped({"a.txt": b"hello" * 100, "b.txt": b"world"}, zipfile.ZIP_STORED))
    data[data.index(b"hello") + 7] ^= 0xFF
    found = opened(file, bytes(data))
    assert [child.name for child in found.children] == ["b.txt"]
    assert "'a.txt' was left out: it is damaged" in (found.note or "")


@pytest.mark.parametrize("form", ARCHIVES)
def test_a_truncated_archive_is_a_fault_or_noted(file: Path, form: str) -> None:
    whole = ARCHIVES[form]
    found = opened(file, whole[:700] if form == "tar" else whole[: len(whole) // 2])
    assert found.fault is not None or found.note is not None


def test_what_came_out_before_a_compressed_log_breaks_off_is_kept(file: Path) -> None:
    data = b"".join(bytes(str(i * 7919 % 100_003), "ascii") + b"\n" for i in range(400_000))
    packed = gzip.compress(data)
    found = opened(file, packed[: len(packed) * 3 // 4], "x.log.gz")
    assert found.children
    assert data.startswith(found.children[0].content)
    assert "breaks off" in (found.note or "")


def test_an_empty_archive_is_fine(file: Path) -> None:
    found = opened(file, zipped({}))
    assert (found.fault, found.children) == (None, ())


def test_what_cannot_be_opened_is_kept_whole(file: Path) -> None:
    found = opened(file, b"Rar!\x1a\x07\x01\x00" + bytes(20))
    assert found.fault is None
    assert "unrar" in (found.note or "")


@pytest.mark.parametrize(
    ("name", "safe"),
    [("a/./b.txt", "a/b.txt"), ("a\\b.txt", "a/b.txt"), ("a\x00b", "a_b"), ("..", None), ("", None), ("a..b", "a..b")],
)
def test_names_are_made_safe(name: str, safe: str | None) -> None:
    from preparation.readers.archive_limits import safe_name

    assert safe_name(name) == safe


def test_the_reader_names_every_archive_type() -> None:
    from preparation.readers import READERS

    ours = {kind for kind, target in READERS.items() if target.endswith("archives:read")}
    assert set(archives._OPENERS) <= ours

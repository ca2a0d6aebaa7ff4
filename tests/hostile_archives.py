"""Archives and packages that want too much: bombs, nests, members that lead out."""

import gzip
import io
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping

MIB = 2**20
READINGS = b"timestamp,sensor_id,temperature\n2026-05-01T00:00:00Z,s1,20.5\n2026-05-01T00:01:00Z,s1,20.6\n"


def zipped(members: Mapping[str, bytes], *, level: int = 6) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=level) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 5, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return sink.getvalue()


def ratio_bomb() -> bytes:
    """300 MB of zeros in 300 kB."""
    return zipped({"zeros.csv": bytes(300 * MIB)}, level=1)


def nested_bomb() -> bytes:
    """Six archives deep, eight to a level: 8^6 leaves of 4 MiB, were all of them opened."""
    inner = zipped({f"leaf{number}.csv": bytes(4 * MIB) for number in range(8)})
    for level in range(5):
        inner = zipped({f"level{level}-{number}.zip": inner for number in range(8)})
    return inner


def overlapping_bomb() -> bytes:
    """Many entries of the directory point at one and the same compressed kernel."""
    kernel = zlib.compressobj(9, zlib.DEFLATED, -15)
    plain = bytes(8 * MIB)
    packed = kernel.compress(plain) + kernel.flush()
    local = struct.pack("<4sHHHHHIIIHH", b"PK\3\4", 20, 0, 8, 0, 33, zlib.crc32(plain), len(packed), len(plain), 1, 0)
    data, directory = local + b"x" + packed, b""
    for number in range(1000):
        fields = (20, 20, 0, 8, 0, 33, zlib.crc32(plain), len(packed), len(plain), 1, 0, number, 0, 0, 0, 0)
        directory += struct.pack("<4sHHHHHHIIIHHHHHII", b"PK\1\2", *fields) + b"x" + bytes(number)
    return data + directory + struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 1000, 1000, len(directory), len(data), 0)


def nest(depth: int) -> bytes:
    """Gzip in gzip in gzip …, as a quine would unpack for ever."""
    content = READINGS
    for _ in range(depth):
        content = gzip.compress(content, mtime=0)
    return content


def leading_out_zip() -> bytes:
    """Members that lead out, by name and by link, and a good one."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as archive:
        for name in ("../../evil.csv", "/etc/cron.d/evil", "C:\\Windows\\evil.csv", "a/../../evil"):
            archive.writestr(name, READINGS + name.encode())
        link = zipfile.ZipInfo("link.csv")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("good-in-zip.csv", READINGS.replace(b"s1", b"good-in-zip"))
    return sink.getvalue()


def leading_out_tar() -> bytes:
    """As the zip, with hard links, a device and a pipe."""
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w") as archive:
        for name in ("../../evil.csv", "/etc/cron.d/evil"):
            _add(archive, name, READINGS + name.encode())
        for name, kind in (("soft", tarfile.SYMTYPE), ("hard", tarfile.LNKTYPE)):
            archive.addfile(_entry(name, kind, linkname="/etc/passwd"))
        for name, kind in (("null", tarfile.CHRTYPE), ("disk", tarfile.BLKTYPE), ("pipe", tarfile.FIFOTYPE)):
            archive.addfile(_entry(name, kind))
        _add(archive, "good-in-tar.csv", READINGS.replace(b"s1", b"good-in-tar"))
    return sink.getvalue()


def _entry(name: str, kind: bytes, linkname: str = "") -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = kind, linkname
    return entry


def _add(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(content)
    archive.addfile(entry, io.BytesIO(content))


def locked_zip() -> bytes:
    """A zip whose one member claims to be encrypted."""
    plain = zipped({"secret.csv": READINGS})
    at = plain.index(b"PK\1\2")
    local, central = bytearray(plain[:at]), bytearray(plain[at:])
    local[6] |= 1
    central[8] |= 1
    return bytes(local + central)


def with_part(package: bytes, part: str, content: bytes) -> bytes:
    """An Office file with one of its parts replaced."""
    with zipfile.ZipFile(io.BytesIO(package)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    return zipped(members | {part: content}, level=1)


def locked_office(stream: str = "EncryptedPackage") -> bytes:
    """An OLE compound file of one stream: how Office keeps a document that has a password."""
    sector, free, end, fat = 512, 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
    header += struct.pack("<HHHHH", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0)
    header += struct.pack("<109I", 0, *[free] * 108)
    chain = [fat, end, *range(3, 10), end]
    table = struct.pack("<128I", *chain, *[free] * (128 - len(chain)))
    entries = _ole_entry("Root Entry", 5, child=1, start=end, size=0) + _ole_entry(stream, 2, start=2, size=8 * sector)
    return header + table + entries.ljust(sector, b"\0") + bytes(8 * sector)


def _ole_entry(name: str, kind: int, *, start: int, size: int, child: int = 0xFFFFFFFF) -> bytes:
    raw = name.encode("utf-16-le")
    head = raw.ljust(64, b"\0") + struct.pack("<HBBIII", len(raw) + 2, kind, 1, 0xFFFFFFFF, 0xFFFFFFFF, child)
    return head + bytes(36) + struct.pack("<IQ", start, size)


def archives() -> Iterator[tuple[str, bytes]]:
    yield "ratio.zip", ratio_bomb()
    yield "nested.zip", nested_bomb()
    yield "overlapping.zip", overlapping_bomb()
    yield "zeros.gz", gzip.compress(bytes(300 * MIB), 1, mtime=0)
    yield "nest.gz", nest(12)
    yield "leading_out.zip", leading_out_zip()
    yield "leading_out.tar", leading_out_tar()
    yield "locked.zip", locked_zip()
    yield "many.zip", zipped({f"{number}.txt": b"" for number in range(12_000)})

"""Archives with fixed times, so that their bytes do not change."""

import gzip
import io
import tarfile
import zipfile
from collections.abc import Mapping

_MADE_AT = (2026, 11, 20, 18, 0, 0)


def zip_bytes(members: Mapping[str, str | bytes]) -> bytes:
    """A zip of those members, in order; one named ``mimetype`` is stored, as OpenDocument asks."""
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            entry = zipfile.ZipInfo(name, _MADE_AT)
            entry.compress_type = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
    return sink.getvalue()


def gzip_bytes(content: bytes) -> bytes:
    """One gzip member without a name or a time."""
    return gzip.compress(content, mtime=0)


def tar_gz_bytes(members: Mapping[str, bytes]) -> bytes:
    """A compressed tar of those members."""
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode="w") as archive:
        for name, content in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return gzip_bytes(sink.getvalue())

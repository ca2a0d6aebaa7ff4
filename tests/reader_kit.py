"""Where the sample data lies, and sources made of bytes or memory files."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from preparation.extraction import Source

SAMPLES = Path(__file__).resolve().parents[2] / "shared" / "samples"


def sample(path: str, media_type: str = "application/octet-stream") -> Source:
    """A sample under a name that tells nothing; skips the test where there are none."""
    file = SAMPLES / path
    if not file.is_file():
        pytest.skip(f"the sample data is not beside the repository: {SAMPLES}")
    return Source(file, "blob", media_type, file.stat().st_size)


def source(tmp_path: Path, content: bytes | str, media_type: str = "application/octet-stream") -> Source:
    """Bytes as a source without a telling name."""
    data = content.encode() if isinstance(content, str) else content
    file = tmp_path / "blob"
    file.write_bytes(data)
    return Source(file, "blob", media_type, len(data))


@contextmanager
def memory_file(of: Source) -> Iterator[Source]:
    """The same bytes as workers get them: a memory file whose path is a link that leads nowhere."""
    descriptor = os.memfd_create("blob")
    try:
        os.write(descriptor, of.path.read_bytes())
        yield Source(Path(f"/proc/self/fd/{descriptor}"), "blob", of.media_type, of.size)
    finally:
        os.close(descriptor)

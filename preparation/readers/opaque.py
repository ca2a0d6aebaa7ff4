"""What has no inside that Penstock opens: unknown binaries, data kept as its text."""

from preparation.encodings import decode
from preparation.extraction import Extraction, Source
from preparation.media_types import MEDIA_TYPES


def read(source: Source) -> Extraction:
    """Nothing but the fact that it is there; the bytes are kept whole."""
    words = MEDIA_TYPES.get(source.media_type, source.media_type)
    return Extraction(kind="data", note=f"Kept whole; Penstock does not look inside ({words}).")


def read_text(source: Source) -> Extraction:
    """Data that is text to its last byte but no table: its text, as it is."""
    limit = source.limits.max_text_chars
    with source.path.open("rb") as file:
        decoded = decode(file.read(4 * limit), partial=source.size > 4 * limit)
    notes = [decoded.note] if decoded.note else []
    if len(decoded.text) > limit or source.size > 4 * limit:
        notes.append(f"Only the first {limit} characters are searchable.")
    return Extraction(
        kind="data",
        text=decoded.text[:limit],
        metadata={"encoding": decoded.encoding},
        note=" ".join(notes) or None,
    )

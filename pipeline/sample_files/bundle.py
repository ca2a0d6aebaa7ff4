"""All samples together, and the folder that they are written to."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from pipeline.sample_files.claims import claims
from pipeline.sample_files.damaged import archives, damaged, others
from pipeline.sample_files.edi import interchanges
from pipeline.sample_files.feeds import feeds
from pipeline.sample_files.findings import findings
from pipeline.sample_files.media import media
from pipeline.sample_files.office import office
from pipeline.sample_files.public import public
from pipeline.sample_files.sample import Sample


def samples() -> Iterator[Sample]:
    """Every sample, in the order in which it is written."""
    kinds = (claims, feeds, public, findings, interchanges, office, media, archives, others, damaged)
    return chain.from_iterable(kind() for kind in kinds)


def write_samples(folder: Path) -> list[tuple[Path, str]]:
    """Writes the samples below `folder`, replacing files of the same names.

    Returns:
        The path and the dataset of each file.
    """
    written = []
    for sample in samples():
        path = folder / sample.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(sample.content)
        written.append((path, sample.dataset))
    return written

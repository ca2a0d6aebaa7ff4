"""The sample files that the benchmarks of preparation read: real files of other people, with right answers beside some.

They are no part of the repository. They are looked for in ``PENSTOCK_SAMPLES``, else in ``../shared/samples`` beside
it; a benchmark that finds none is left out, with words. `MANIFEST.tsv` there has one line a file.
"""

import csv
import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

VARIABLE = "PENSTOCK_SAMPLES"
BESIDE = Path(__file__).resolve().parents[2] / "shared" / "samples"


class NotHereError(Exception):
    """What a benchmark needs is not on this machine; says what, and where to put it."""


@dataclass(frozen=True)
class Sample:
    """One file.

    Attributes:
        path: The file.
        name: Its path inside the folder.
        dataset: What it is.
        accepted: That, and what a careful reader would accept too.
        sha256: Of its bytes.
        truth: The file that holds the right answer, or None.
    """

    path: Path
    name: str
    dataset: str
    accepted: frozenset[str]
    sha256: str
    truth: Path | None

    @property
    def group(self) -> str:
        """The folder it lies in."""
        return self.name.partition("/")[0]

    @cached_property
    def content(self) -> bytes:
        """Its bytes."""
        return self.path.read_bytes()


def samples(*groups: str) -> list[Sample]:
    """The samples of some groups, or all of them, in the order of the manifest.

    Raises:
        NotHereError: If there are none on this machine.
    """
    folder = Path(os.environ.get(VARIABLE) or BESIDE)
    listing = folder / "MANIFEST.tsv"
    if not listing.exists():
        message = f"no samples at {folder}; name their folder with {VARIABLE}=DIR"
        raise NotHereError(message)
    with listing.open(encoding="utf-8", newline="") as file:
        found = [_sample(folder, row) for row in csv.DictReader(file, delimiter="\t")]
    return [sample for sample in found if not groups or sample.group in groups]


def _sample(folder: Path, row: dict[str, str]) -> Sample:
    return Sample(
        path=folder / row["path"],
        name=row["path"],
        dataset=row["dataset"],
        accepted=frozenset((row["dataset"], *filter(None, row["also"].split(",")))),
        sha256=row["sha256"],
        truth=folder / row["truth"] if row["truth"] else None,
    )

"""A folder of 4,050 small files dropped into a warm running system, until all are stored, searchable and in the views.

The files are `documents` and `forms`, and nine copies of each made distinct by one byte appended. A copy that its
parser refuses for that byte costs its time and is not counted.
"""

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
from measure import Figure, at_least, observed
from running import cli, running
from samples import Sample, samples

MARKS = b" \t\n\r\x0b\x0c\0.;"
WARM_UP = 40
PROMISED = 200.0
WITHOUT_MODELS = {
    "PENSTOCK_PREPARATION_OCR": "false",
    "PENSTOCK_PREPARATION_SPEECH": "false",
    "PENSTOCK_PROCESSING_TRAIN": "false",  # models would start Spark, which is not meant here
}


def figures(folder: Path) -> Iterator[Figure]:
    """Files a second, and what each costs in time of a processor."""
    files = samples("documents", "forms")
    laid_down(folder / "warm", files[:WARM_UP], b"\x0b\x0b")
    for number in range(len(MARKS) + 1):
        laid_down(folder / "files" / str(number), files, MARKS[number - 1 : number] if number else b"")
    with running(folder / "home", WITHOUT_MODELS) as process:
        dropped(folder / "home", folder / "warm")
        before, own_before = _cpu_seconds(process), _own_seconds(process)
        started = time.perf_counter()
        answers = dropped(folder / "home", folder / "files")
        seconds = time.perf_counter() - started
        cpu, own = _cpu_seconds(process) - before, _own_seconds(process) - own_before
    counted = [answer for answer in answers if not _is_refused_copy(answer, answers)]
    yield at_least("from drop to stored and searchable", len(counted) / seconds, PROMISED, "files/s")
    yield observed("copies that a parser refused for the byte", len(answers) - len(counted), "files")
    yield observed("the same, time of both processors a file", 1000 * cpu / len(answers), "ms")
    yield observed("of it outside of the workers", 1000 * own / len(answers), "ms")


def laid_down(folder: Path, files: list[Sample], mark: bytes) -> None:
    """Copies under names that are nobody's."""
    folder.mkdir(parents=True)
    for number, sample in enumerate(files):
        target = folder / f"{number:03d}{sample.path.suffix}"
        shutil.copyfile(sample.path, target)
        if mark:
            with target.open("ab") as file:
                file.write(mark)


def dropped(home: Path, folder: Path) -> list[dict[str, Any]]:
    """What became of each dropped file, and of the files inside it under their own paths."""
    answer = subprocess.run(
        [*cli(home), "drop", "--json", str(folder)],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | WITHOUT_MODELS,
    )
    found = [json.loads(line) for line in answer.stdout.splitlines()]
    return [each for each in found if "!/" not in each["path"]]


def _is_refused_copy(answer: dict[str, Any], answers: list[dict[str, Any]]) -> bool:
    if answer["outcome"] != "quarantined":
        return False
    path = Path(answer["path"])
    original = str(path.parents[1] / "0" / path.name)
    return any(other["path"] == original and other["outcome"] != "quarantined" for other in answers)


def _cpu_seconds(process: psutil.Process) -> float:
    """Of the system's processes, the workers that have ended among them."""
    total = 0.0
    for each in (process, *process.children(recursive=True)):
        times = each.cpu_times()
        total += times.user + times.system + times.children_user + times.children_system
    return total


def _own_seconds(process: psutil.Process) -> float:
    """Of the process that takes in, commits and follows; its workers are others."""
    times = process.cpu_times()
    return float(times.user + times.system)


if __name__ == "__main__":
    import tempfile

    with tempfile.TemporaryDirectory() as scratch:
        for figure in figures(Path(scratch)):
            print(figure, file=sys.stdout)

"""The pool of killable worker processes that open files.

Parsers crash, hang and swell. Here each file has a wall clock and a memory limit; a worker that dies takes
down only its file, which is tried once more in a fresh worker and then given up with the signal or the limit.
Workers are forked from a server that has the libraries loaded already, so a new one costs milliseconds.

There are two kinds. Light workers open every file first. Where only OCR or speech recognition can read it they say
so at once, and a heavy worker, which has the models loaded, opens it anew: a long scan keeps no light worker from
the small files behind it.
"""

import importlib
import os
from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum
from pathlib import Path

from core.prepared import Prepared
from core.settings import Preparation
from preparation.confinement import Confinement
from preparation.extraction import Limits, ModelNeededError, ModelUse, Options
from preparation.extras import model_options
from preparation.row_files import memory_file
from preparation.worker import Job
from preparation.worker_group import WorkerGroup
from preparation.worker_process import Terms

MAX_KEPT_BYTES = 256 * 1024 * 1024
MAX_MODEL_BYTES = 2048 * 1024 * 1024
"""What a heavy worker may keep: its models with their scratch memory stay loaded (OCR 0.75 GB, speech 0.3 GB)."""
_HEAVY_NICENESS = 5  # a quarter of a processor that a light worker wants too: small files come first, scans still go on
_MODEL_ADDRESS_BYTES = 8192 * 1024 * 1024  # models are mapped more than they are held


class Lane(StrEnum):
    """Which workers open a blob."""

    LIGHT = "light"
    HEAVY = "heavy"


class Pool:
    """Workers that prepare blobs, one blob at a time each.

    Args:
        settings: How many workers, and what one file may cost.
        schemas: The folder of the user's own models.
        limits: What one blob may yield.
        niceness: How much all of them step back for others.
    """

    def __init__(
        self, settings: Preparation, schemas: Path, limits: Limits | None = None, *, niceness: int = 0
    ) -> None:
        self._limits = limits or Limits()
        self._schemas = schemas
        self._niceness = niceness
        self._groups = {
            Lane.LIGHT: WorkerGroup(settings.workers, _light_terms(settings, schemas, niceness), schemas),
            Lane.HEAVY: WorkerGroup(settings.model_workers, _heavy_terms(settings, schemas, niceness), schemas),
        }
        self._models = _models(settings)

    def warm(self) -> None:
        """Starts one light worker ahead of the first file; one that cannot start is that file's matter."""
        self._groups[Lane.LIGHT].warm()

    def renew(self) -> None:
        """Replaces every worker before its next file: the user's models have changed."""
        for group in self._groups.values():
            group.renew()

    def adopt(self, settings: Preparation, limits: Limits) -> None:
        """Works by other settings from the next file on, all but the number of workers; finds new extras too."""
        importlib.invalidate_caches()
        self._limits = limits
        self._models = _models(settings)
        self._groups[Lane.LIGHT].adopt(_light_terms(settings, self._schemas, self._niceness))
        self._groups[Lane.HEAVY].adopt(_heavy_terms(settings, self._schemas, self._niceness))

    def prepare(  # noqa: PLR0913 - all that is known of a blob
        self,
        content: Iterable[bytes],
        *,
        name: str,
        sha256: str,
        declared: str | None = None,
        options: Options | None = None,
        lane: Lane | None = None,
    ) -> Prepared:
        """Prepares one blob; waits for a free worker. May be called from several threads.

        Whatever the blob does to its worker, the answer is a `Prepared`, with a `fault` where nothing came out.

        Args:
            content: Its bytes.
            name: The name it arrived under.
            sha256: Its identity.
            declared: The dataset that a person said it is, or None.
            options: Passwords, and how tables are told. What is done about models the pool decides.
            lane: The workers that open it; None for the light ones, and after them, where a model is needed, the heavy.

        Raises:
            ModelNeededError: If the lane is the light one, and a heavy worker must read it.
            PoolClosedError: If its lane is closed before it is done.
        """
        descriptor = memory_file("blob")
        try:
            size = _written(descriptor, content)
            job = Job(name, sha256, size, declared, self._limits, options or Options())
            if lane:
                return self._run(job, descriptor, lane)
            try:
                return self._run(job, descriptor, Lane.LIGHT)
            except ModelNeededError:
                return self._run(job, descriptor, Lane.HEAVY)
        finally:
            os.close(descriptor)

    def end_idle(self, lane: Lane, seconds: float) -> None:
        """Ends workers of a lane that had nothing to do for so long: the models of a heavy one take a gigabyte."""
        self._groups[lane].end_idle(seconds)

    def close(self) -> None:
        """Ends the workers; a file being prepared is given up."""
        for lane in Lane:
            self.close_lane(lane)

    def close_lane(self, lane: Lane) -> None:
        """Ends the workers of one lane at once; who waits for them is told by a `PoolClosedError`."""
        self._groups[lane].close()

    def _run(self, job: Job, descriptor: int, lane: Lane) -> Prepared:
        models = self._models[lane]
        options = replace(job.options, ocr=models.ocr, speech=models.speech, speech_model=models.speech_model)
        return self._groups[lane].run(replace(job, options=options), descriptor)


def _models(settings: Preparation) -> dict[Lane, Options]:
    if settings.model_workers < 1:
        return dict.fromkeys(Lane, Options())  # nobody could load them
    return {
        Lane.LIGHT: model_options(settings, ModelUse.ELSEWHERE),
        Lane.HEAVY: model_options(settings, ModelUse.HERE),
    }


def _light_terms(settings: Preparation, schemas: Path, niceness: int) -> Terms:
    return Terms(
        settings.timeout_seconds,
        "preparation.timeout_seconds",
        replace(_confinement(settings, schemas), niceness=niceness),
        MAX_KEPT_BYTES,
        settings.files_per_worker,
    )


def _heavy_terms(settings: Preparation, schemas: Path, niceness: int) -> Terms:
    confinement = _confinement(settings, schemas)
    return Terms(
        settings.model_timeout_seconds,
        "preparation.model_timeout_seconds",
        replace(
            confinement,
            address_bytes=settings.memory_bytes + _MODEL_ADDRESS_BYTES,
            niceness=niceness + _HEAVY_NICENESS,
        ),
        MAX_MODEL_BYTES,
        settings.files_per_worker,
    )


def _confinement(settings: Preparation, schemas: Path) -> Confinement:
    folders = [str(schemas), *([settings.speech_model] if settings.speech_model else []), *settings.readable]
    return Confinement(
        settings.memory_bytes,
        settings.memory_bytes,
        home=str(schemas.parent.resolve()),
        readable=tuple(folders),
        writable=settings.writable,
    )


def _written(descriptor: int, content: Iterable[bytes]) -> int:
    with open(descriptor, "wb", closefd=False) as file:
        return sum(file.write(piece) for piece in content)

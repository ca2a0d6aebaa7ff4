"""The whole of preparation on two cores, beside a warm Apache Tika server that only extracts text.

Ours: detect, extract, classify, normalise and check each file in a worker that can be killed, its rows handed back.
Tika: `PUT /tika` of the same bytes over two kept connections. Both without OCR. They take turns, after a pass that
does not count.
"""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from measure import Comparison, Figure, compare
from samples import Sample, samples
from tika_server import tika_server

from core.prepared import Prepared
from core.settings import Preparation
from preparation import Pool

WORKERS = 2
ROUNDS, HOT_ROUNDS = 3, 9
PROMISED = 1.3


def figures(folder: Path) -> Iterator[Figure]:
    """Files a second over `documents` and `forms`."""
    files = samples("documents", "forms")
    contents = [sample.content for sample in files]
    pool = Pool(Preparation(workers=WORKERS, ocr=False, speech=False), folder / "schemas")
    try:
        with tika_server(folder) as tika:
            comparison = Comparison(
                "prepare documents and forms, beside Tika's extraction",
                len(files),
                "files",
                lambda: prepared(pool, files),
                lambda: tika.texts(contents),
                PROMISED,
            )
            yield compare(comparison, rounds=ROUNDS)
            # Java compiles for a dozen passes, beside our passes too: the promise is about a server that has run once.
            hot = replace(comparison, name="the same, once Tika has compiled itself", at_least=0.0)
            yield compare(hot, rounds=HOT_ROUNDS)
    finally:
        pool.close()


def prepared(pool: Pool, files: Sequence[Sample]) -> list[Prepared]:
    """What comes out of each file, two at a time."""
    with ThreadPoolExecutor(WORKERS) as threads:
        return list(
            threads.map(
                lambda sample: pool.prepare([sample.content], name=sample.path.name, sha256=sample.sha256), files
            )
        )

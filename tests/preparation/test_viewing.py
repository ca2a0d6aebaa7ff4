"""A picture of a blob for people: small, upright, of the page or moment asked for, with its places marked."""

import io
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PIL import Image
from reader_kit import memory_file
from sound_kit import PICTURES_A_SECOND, film, recording

from core.prepared import Prepared
from preparation.catalog import Catalog
from preparation.extraction import Options, View
from preparation.layout import Box
from preparation.preparing import prepare

RED, GREEN, BLUE = (200, 30, 30), (30, 160, 30), (30, 30, 200)


def _prepared(folder: Path, content: bytes, view: View) -> Prepared:
    """As a worker sees it: through the link of a memory file, which leads nowhere."""
    with memory_file(recording(folder, content, "")) as file:
        options = Options(view=view)
        return prepare(file.path, name="x", sha256="ab" * 32, size=len(content), catalog=Catalog(), options=options)


def _viewed(folder: Path, content: bytes, view: View) -> Image.Image:
    prepared = _prepared(folder, content, view)
    assert prepared.fault is None
    assert prepared.tables == ()
    (child,) = prepared.children
    return Image.open(io.BytesIO(child.content))


def _is(picture: Image.Image, at: tuple[float, float], colour: tuple[int, int, int]) -> bool:
    place = int(at[0] * (picture.width - 1)), int(at[1] * (picture.height - 1))
    seen = picture.getpixel(place)
    assert isinstance(seen, tuple)
    return all(abs(one - other) < 60 for one, other in zip(seen, colour, strict=True))


def _png(colour: tuple[int, ...], size: tuple[int, int] = (900, 600)) -> bytes:
    sink = io.BytesIO()
    Image.new("RGBA" if len(colour) > 3 else "RGB", size, colour).save(sink, "PNG")
    return sink.getvalue()


def test_a_picture_becomes_small_and_keeps_its_shape(tmp_path: Path) -> None:
    picture = _viewed(tmp_path, _png(BLUE), View(side=300))

    assert picture.format == "JPEG"
    assert picture.size == (300, 200)
    assert _is(picture, (0.5, 0.5), BLUE)


def test_what_is_transparent_is_white(tmp_path: Path) -> None:
    assert _is(_viewed(tmp_path, _png((0, 0, 0, 0)), View()), (0.5, 0.5), (255, 255, 255))


def test_a_photo_stands_upright(tmp_path: Path) -> None:
    lying = Image.new("RGB", (400, 200), RED)
    lying.paste(GREEN, (0, 0, 200, 200))
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was held upright: turn it clockwise
    sink = io.BytesIO()
    lying.save(sink, "JPEG", exif=exif)

    picture = _viewed(tmp_path, sink.getvalue(), View(side=200))

    assert picture.size == (100, 200)
    assert _is(picture, (0.5, 0.1), GREEN)
    assert _is(picture, (0.5, 0.9), RED)


def test_a_page_is_drawn_with_the_places_that_were_asked_for(tmp_path: Path) -> None:
    pdf = pypdfium2.PdfDocument.new()
    pdf.new_page(300, 300)
    pdf.new_page(400, 800)
    sink = io.BytesIO()
    pdf.save(sink)

    picture = _viewed(tmp_path, sink.getvalue(), View(page=2, side=400, marks=(Box(0.25, 0.25, 0.75, 0.5),)))

    assert picture.size == (200, 400)
    assert _is(picture, (0.25, 0.4), (220, 60, 20))
    assert _is(picture, (0.5, 0.4), (255, 255, 255))


def test_a_film_is_shown_at_the_moment_asked_for(tmp_path: Path) -> None:
    colours = [np.full((120, 160, 3), colour, np.uint8) for colour in (RED, GREEN, BLUE)]
    content = film(colour for colour in colours for _ in range(2 * PICTURES_A_SECOND))

    for at, colour in ((0.0, RED), (2.5, GREEN), (5.9, BLUE), (99.0, BLUE)):
        assert _is(_viewed(tmp_path, content, View(at=at)), (0.5, 0.5), colour)


@pytest.mark.parametrize(
    "content", [b"timestamp,value\n2026-01-01,1\n", _png(RED)[:60], b"%PDF-1.4\nnothing", film([])], ids=str
)
def test_what_has_no_picture_says_so(tmp_path: Path, content: bytes) -> None:
    prepared = _prepared(tmp_path, content, View())

    assert prepared.children == ()
    assert prepared.fault is not None
    assert "shown" in prepared.fault.reason or "no picture" in prepared.fault.reason

"""A small picture of a blob for people: of a picture, a page of a PDF, or a moment of a film, with places marked.

It is made when a page asks for it and kept nowhere: what a picture shows is as secret as the blob.
"""

import io
from collections.abc import Callable
from typing import Any

from core.blob import Fault
from core.prepared import Child, Classification, Prepared
from preparation import media_types as types
from preparation.av_container import complaint_of
from preparation.extraction import Source, View
from preparation.film import Film

NAME = "view.jpg"
MAX_SIDE = 2_000
_MARK = (220, 60, 20)
_QUALITY = 80
_POINTS = 72


def viewed(source: Source, view: View) -> Prepared:
    """The picture as its only child, a JPEG; a fault where there is none."""
    draw = _drawer(source.media_type)
    try:
        picture = draw(source, view) if draw else None
    except (OSError, ValueError, SyntaxError, IndexError, OverflowError) as error:
        return _nothing(source, f"It cannot be shown: {complaint_of(error)}.")
    if picture is None:
        return _nothing(source, "There is no picture of it.")
    told = Classification("other", 0.0, "it was only looked at")
    return Prepared(source.media_type, told, children=(Child(NAME, _jpeg(picture, view)),))


def _drawer(media_type: str) -> Callable[[Source, View], Any] | None:
    if media_type == types.PDF:
        return _page
    return {"image": _picture, "video": _moment}.get(media_type.partition("/")[0])


def _nothing(source: Source, reason: str) -> Prepared:
    fault = Fault("preparation", reason, "Download the original.")
    return Prepared(source.media_type, Classification("other", 0.0, reason), fault=fault)


def _picture(source: Source, view: View) -> Any:
    from PIL import ImageOps

    from preparation.readers.media_image import opened

    with opened(source.path) as image:
        image.seek(min(view.page, getattr(image, "n_frames", 1)) - 1)
        image.draft("RGB", (view.side, view.side))  # JPEG decodes at the size that is wanted
        return _on_white(ImageOps.exif_transpose(image))


def _on_white(image: Any) -> Any:
    from PIL import Image

    if not image.has_transparency_data:
        return image.convert("RGB")
    ground = Image.new("RGBA", image.size, "white")
    ground.alpha_composite(image.convert("RGBA"))
    return ground.convert("RGB")


def _page(source: Source, view: View) -> Any:
    import pypdfium2

    complaint = "it has no such page"
    for password in (None, *source.options.passwords):
        with source.path.open("rb") as file:  # given a path, the library resolves it: a memory file has none
            try:
                document = pypdfium2.PdfDocument(file, password=password)
            except pypdfium2.PdfiumError as error:
                complaint = complaint_of(error)
                continue
            try:
                return _drawn(document, view)
            finally:
                document.close()
    raise ValueError(complaint)


def _drawn(document: Any, view: View) -> Any:
    document.init_forms()
    page = document[view.page - 1]
    scale = min(view.side / max(1.0, *page.get_size()), MAX_SIDE / _POINTS)
    return page.render(scale=scale, may_draw_forms=True).to_pil()


def _moment(source: Source, view: View) -> Any:
    import av

    try:
        return Film(source.path, 0.0).picture_at(view.at)
    except av.FFmpegError as error:
        raise ValueError(complaint_of(error)) from error


def _jpeg(picture: Any, view: View) -> bytes:
    from PIL import ImageDraw

    side = max(1, min(view.side, MAX_SIDE))
    picture = picture.convert("RGB")
    picture.thumbnail((side, side))
    draw = ImageDraw.Draw(picture)
    width, height = picture.size
    for box in view.marks:
        edges = (box.left * width - 2, box.top * height - 2, box.right * width + 2, box.bottom * height + 2)
        draw.rectangle(edges, outline=_MARK, width=2)
    sink = io.BytesIO()
    picture.save(sink, "JPEG", quality=_QUALITY)
    return sink.getvalue()

"""Facts of images: by Pillow, by lxml for SVG, and by the header alone for formats that Pillow does not read."""

import re
import struct
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from preparation.readers.media_likeness import likeness

Facts = dict[str, str | int | float | bool]
DAMAGES = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    TypeError,
    AttributeError,
    AssertionError,
    ArithmeticError,
    LookupError,
    RuntimeError,
    struct.error,
)
"""What Pillow raises on damage: each plugin what its own arithmetic comes to."""
MAX_IMAGE_PIXELS = 500_000_000
_HEAD_BYTES = 65_536
_SMALLEST_ALIKE = 16  # pixels a side; icons look alike by chance
_EXIF = {
    0x010F: "camera_make",
    0x0110: "camera_model",
    0x010E: "description",
    0x013B: "artist",
    0x8298: "copyright",
    0x0131: "software",
}
_EXIF_IFD, _GPS_IFD = 0x8769, 0x8825
_TAKEN_AT, _MODIFIED_AT, _ORIENTATION = 0x9003, 0x0132, 0x0112
_LATITUDE_REF, _LATITUDE, _LONGITUDE_REF, _LONGITUDE = 1, 2, 3, 4
_LENGTH = re.compile(r"^\s*([\d.]+)")
_SVG = re.compile(rb"<svg[\s>/]|<svg:svg", re.I)
_EMF_UNITS_PER_MM = 100
_MAX_TAG_CHARS = 1_000


def image_facts(path: Path, media_type: str) -> tuple[Facts, str]:
    """What is known of an image, and a complaint where it is damaged.

    A well-formed image of a format that Pillow does not read gets what its header says, and no complaint.
    """
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    if facts := _by_header(head):
        return facts, ""
    facts, complaint = _by_pillow(path)
    if complaint and _is_unknown_but_told(head, media_type):
        return {"format": media_type.rsplit("/", maxsplit=1)[-1].removeprefix("x-")}, ""
    return facts, complaint


@contextmanager
def opened(path: Path) -> Iterator[Any]:
    """A picture of any format that Pillow reads, for as long as its pixels are needed.

    Raises:
        UnidentifiedImageError: Pillow's, if it knows no such format; and whatever its decoders raise on damage.
    """
    import pillow_heif
    from PIL import Image

    pillow_heif.register_heif_opener()
    Image.MAX_IMAGE_PIXELS = MAX_IMAGE_PIXELS
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # opened here: Pillow resolves a path, and a memory file's link leads nowhere
        with path.open("rb") as file, Image.open(file) as image:
            yield image


def _by_pillow(path: Path) -> tuple[Facts, str]:
    from PIL import Image, UnidentifiedImageError

    try:
        with opened(path) as image:
            facts, complaint = _facts(image), _decoded(image)
            if not complaint and min(image.size) >= _SMALLEST_ALIKE and (alike := likeness(image)):
                facts["phash"] = alike
            return facts, complaint
    except UnidentifiedImageError:
        return {}, "no image format is recognised in it"
    except Image.DecompressionBombError:
        return {}, f"it has more than {2 * MAX_IMAGE_PIXELS} pixels, as no camera makes them"
    except DAMAGES as error:
        if "MAX_TEXT" in str(error):
            return {}, "a comment in it unpacks to more than any image needs"
        return {}, (str(error) or type(error).__name__)[:200]


def _facts(image: Any) -> Facts:
    facts: Facts = {
        "format": str(image.format or ""),
        "width": image.width,
        "height": image.height,
        "mode": image.mode,
    }
    if (frames := getattr(image, "n_frames", 1)) > 1:
        facts["frames"] = frames
    dpi = image.info.get("dpi")
    if isinstance(dpi, tuple) and dpi and 0 < float(dpi[0]) < 10_000:  # noqa: PLR2004 - beyond it is a broken tag
        facts["dpi"] = round(float(dpi[0]))
    return facts | _exif(image)


def _decoded(image: Any) -> str:
    """Why the pixels cannot be read to the end, or ""; one pixel is let pass, it is often only a header."""
    if image.width * image.height <= 1:
        return ""
    try:
        image.draft("L", (64, 64))  # JPEG decodes at an eighth of its size
        image.load()
    except DAMAGES as error:
        return (str(error) or type(error).__name__)[:200]
    return ""


def _exif(image: Any) -> Facts:
    facts: Facts = {}
    try:
        exif = image.getexif()
        for tag, name in _EXIF.items():
            if value := str(exif.get(tag) or "").strip("\x00 "):
                facts[name] = value[:_MAX_TAG_CHARS]
        if taken := exif.get_ifd(_EXIF_IFD).get(_TAKEN_AT) or exif.get(_MODIFIED_AT):
            facts["taken_at"] = _iso(str(taken))
        if orientation := exif.get(_ORIENTATION):
            facts["orientation"] = int(orientation)
        facts |= _place(exif.get_ifd(_GPS_IFD))
    except DAMAGES:
        return facts
    return facts


def _place(gps: dict[int, Any]) -> Facts:
    if _LATITUDE not in gps or _LONGITUDE not in gps:
        return {}
    latitude = _degrees(gps[_LATITUDE]) * (-1 if gps.get(_LATITUDE_REF) == "S" else 1)
    longitude = _degrees(gps[_LONGITUDE]) * (-1 if gps.get(_LONGITUDE_REF) == "W" else 1)
    return {"latitude": round(latitude, 6), "longitude": round(longitude, 6)}


def _degrees(parts: Any) -> float:
    degrees, minutes, seconds = (float(part) for part in parts)
    return degrees + minutes / 60 + seconds / 3600


def _iso(exif_time: str) -> str:
    date, _, time = exif_time.strip("\x00 ").partition(" ")
    return f"{date.replace(':', '-')}T{time}" if time else exif_time


def _by_header(head: bytes) -> Facts:
    """SVG, Windows metafiles, MNG and BPG, none of which Pillow opens here."""
    if _SVG.search(head[:4096]):
        return _svg(head)
    if head.startswith(b"\x8aMNG\r\n\x1a\n") and len(head) >= 24:  # noqa: PLR2004 - up to the sizes in MHDR
        width, height = struct.unpack_from(">2I", head, 16)
        return {"format": "MNG", "width": width, "height": height}
    if head.startswith(b"BPG\xfb"):
        width, at = _varint(head, 6)
        return {"format": "BPG", "width": width, "height": _varint(head, at)[0]}
    return _metafile(head)


def _metafile(head: bytes) -> Facts:
    """A Windows metafile: placeable, bare or enhanced."""
    if head.startswith(b"\xd7\xcd\xc6\x9a") and len(head) >= 22:  # noqa: PLR2004 - a placeable metafile's header
        left, top, right, bottom, per_inch = struct.unpack_from("<4hH", head, 6)
        return {"format": "WMF", "width": abs(right - left), "height": abs(bottom - top), "dpi": per_inch}
    if head.startswith((b"\x01\x00\x09\x00", b"\x02\x00\x09\x00")):
        return {"format": "WMF"}
    if head[40:44] == b" EMF":
        left, top, right, bottom = struct.unpack_from("<4i", head, 24)
        per_mm = _EMF_UNITS_PER_MM
        return {"format": "EMF", "width_mm": (right - left) / per_mm, "height_mm": (bottom - top) / per_mm}
    return {}


def _varint(head: bytes, at: int) -> tuple[int, int]:
    value = 0
    while at < len(head):
        byte, at = head[at], at + 1
        value = value << 7 | byte & 0x7F
        if not byte & 0x80:
            break
    return value, at


def _svg(head: bytes) -> Facts:
    from lxml import etree

    facts: Facts = {"format": "SVG"}
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
    root = etree.fromstring(head, parser)
    if root is None:
        return facts
    box = (root.get("viewBox") or "").replace(",", " ").split()
    for name, fallback in (("width", box[2:3]), ("height", box[3:4])):
        match = _LENGTH.match(root.get(name) or (fallback[0] if fallback else ""))
        if match and "%" not in (root.get(name) or ""):
            facts[name] = round(float(match.group(1)))
    return facts


def _is_unknown_but_told(head: bytes, media_type: str) -> bool:
    """Whether the detector named a rare image format whose content Pillow has no reader for."""
    from PIL import Image

    Image.init()
    known = set(Image.MIME.values()) | {
        "image/jpeg",
        "image/png",
        "image/heif",
        "image/heic",
        "image/avif",
        "image/x-ms-bmp",
    }
    return len(head) > 0 and media_type.startswith("image/") and media_type not in known

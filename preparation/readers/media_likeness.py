"""How a picture looks, as 16 hex digits of which few differ where pictures look alike."""

from typing import Any

from preparation.lightness import lightness
from preparation.perceptual_hash import perceptual_hash

_OPAQUE = 255
_WITH_ALPHA = ("RGBA", "LA")


def likeness(image: Any) -> str:
    """The perceptual hash of a picture; "" of nothing but one colour."""
    found = perceptual_hash(_grey(image))
    return f"{found:016x}" if found else ""


def _grey(image: Any) -> Any:
    """Grey on white: a logo looks as it does on a page, whatever its transparent pixels hold."""
    from PIL import Image

    if not image.has_transparency_data:
        return lightness(image)
    seen = image if image.mode in _WITH_ALPHA else image.convert("RGBA")
    alpha, grey = seen.getchannel("A"), seen.convert("L")
    if alpha.getextrema()[0] == _OPAQUE:  # as most are that could have transparent parts
        return grey
    page = Image.new("L", seen.size, "white")
    page.paste(grey, mask=alpha)
    return page

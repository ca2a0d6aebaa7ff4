"""How a picture looks, as 16 hex digits of which few differ where pictures look alike."""

from typing import Any

from preparation.perceptual_hash import perceptual_hash

_OPAQUE = 255


def likeness(image: Any) -> str:
    """The perceptual hash of a picture; "" of nothing but one colour."""
    found = perceptual_hash(_grey(image))
    return f"{found:016x}" if found else ""


def _grey(image: Any) -> Any:
    """Grey on white: a logo looks as it does on a page, whatever its transparent pixels hold."""
    from PIL import Image

    if not image.has_transparency_data:
        return image.convert("L")
    rgba = image.convert("RGBA")
    if rgba.getextrema()[3][0] == _OPAQUE:  # as most are that could have transparent parts
        return rgba.convert("L")
    return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("L")

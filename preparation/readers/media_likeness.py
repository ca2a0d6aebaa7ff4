"""The perceptual hash of a picture: 64 bits, of which few differ where pictures look alike.

The hash of ImageHash's `phash`, bit for bit, but without its import of SciPy, which took 0.5 s in each worker.
"""

from functools import cache
from typing import Any

_SIDE, _KEPT = 32, 8
_MIN_CONTRAST = 2.0  # standard deviation of the grey values; below it the bits are of noise alone


def likeness(image: Any) -> str:
    """16 hex digits; "" for a picture of nothing but one colour."""
    import numpy
    from PIL import Image

    small = _grey(image).resize((_SIDE, _SIDE), Image.Resampling.LANCZOS)
    values = numpy.asarray(small, dtype=numpy.float64)
    if values.std() < _MIN_CONTRAST:
        return ""
    waves = _waves()
    low = waves @ values @ waves.T
    bits = "".join("1" if above else "0" for above in (low > numpy.median(low)).flatten())
    return f"{int(bits, 2):016x}"


def _grey(image: Any) -> Any:
    """Grey on white: a logo looks as it does on a page, whatever its transparent pixels hold."""
    from PIL import Image

    if not image.has_transparency_data:
        return image.convert("L")
    rgba = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", rgba.size, "white"), rgba).convert("L")


@cache
def _waves() -> Any:
    """The slowest cosine waves of the discrete cosine transform."""
    import numpy

    at = numpy.arange(_SIDE)
    return 2 * numpy.cos(numpy.pi * numpy.arange(_KEPT)[:, None] * (2 * at + 1) / (2 * _SIDE))

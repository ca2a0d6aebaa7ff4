"""The grey of a picture, for those who look at its shapes alone."""

from typing import Any


def lightness(picture: Any) -> Any:
    """A Pillow picture in grey; of one in Lab colours, which Pillow does not convert, it is a channel."""
    return picture.getchannel("L") if picture.mode == "LAB" else picture.convert("L")

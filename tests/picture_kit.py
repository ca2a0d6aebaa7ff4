"""Pictures of text, drawn."""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

LINES = (
    "Statement of account for the month of March",
    "Invoice 40718 was paid by bank transfer on Friday",
    "The balance of 1,284.50 dollars is due in thirty days",
    "Please send questions to the billing department",
)
FORM = (("Employee name", "ANGEL BROWN"), ("Wages", "37160.56"), ("Tax withheld", "3894.54"), ("Allowances", "7"))


def page(*lines: str, size: int = 34) -> Image.Image:
    """Lines of print on white, one under the other."""
    picture = Image.new("RGB", (1200, 120 + 60 * len(lines)), "white")
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(size)
    for number, line in enumerate(lines):
        draw.text((80, 60 + 60 * number), line, "black", font)
    return picture


def form(shade: str = "white") -> Image.Image:
    """A box for each label and value, two beside each other; the labels' half may be shaded."""
    picture = Image.new("RGB", (1200, 460), "white")
    draw, font = ImageDraw.Draw(picture), ImageFont.load_default(30)
    for number, (label, value) in enumerate(FORM):
        left, top = 60 + 540 * (number % 2), 40 + 190 * (number // 2)
        draw.rectangle((left, top, left + 540, top + 90), fill=shade, outline="black", width=4)
        draw.rectangle((left, top + 90, left + 540, top + 190), outline="black", width=4)
        draw.text((left + 12, top + 26), label, "black", font)
        draw.text((left + 200, top + 120), value, "black", font)
    return picture


def saved(picture: Image.Image, folder: Path, name: str = "picture.png") -> Path:
    """The picture as a file."""
    picture.save(folder / name)
    return folder / name

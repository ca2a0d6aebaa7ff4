"""Small PDFs for tests: one page with texts, and fields that are filled in."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 612, 792

Text = tuple[float, float, str]
"""Left edge and baseline in points from the lower left, and words."""


@dataclass(frozen=True)
class Filled:
    """A field: its name, tooltip, rectangle and value; a checkbox where the value is a bool."""

    name: str
    rectangle: tuple[float, float, float, float]
    value: str | bool
    tooltip: str = ""

    def written(self) -> str:
        """Its widget, as PDF has it."""
        told = f"/T ({self.name}) /TU ({self.tooltip}) /Rect [{' '.join(map(str, self.rectangle))}]"
        if isinstance(self.value, bool):
            state = "/Yes" if self.value else "/Off"
            looks = "/AP << /N << /Yes 6 0 R >> >>"
            return f"<< /Type /Annot /Subtype /Widget /FT /Btn {told} /V {state} /AS {state} {looks} >>"
        return f"<< /Type /Annot /Subtype /Widget /FT /Tx {told} /V ({self.value}) >>"


def pdf_of(texts: Sequence[Text], fields: Sequence[Filled] = ()) -> bytes:
    """One page with those texts in Helvetica of 9 points, and those fields."""
    shown = "\n".join(f"BT /F1 9 Tf {x} {y} Td ({_escaped(text)}) Tj ET" for x, y, text in texts).encode("latin-1")
    numbers = range(7, 7 + len(fields))
    references = " ".join(f"{number} 0 R" for number in numbers)
    form = f"/AcroForm << /Fields [{references}] >>" if fields else ""
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R {form} >>".encode(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] /Contents 4 0 R "
        f"/Resources << /Font << /F1 5 0 R >> >> /Annots [{references}] >>".encode(),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(shown), shown),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Type /XObject /Subtype /Form /BBox [0 0 10 10] /Length 0 >>\nstream\n\nendstream",
        *(each.written().encode("latin-1") for each in fields),
    ]
    return _assembled(objects)


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")


def _assembled(objects: Sequence[bytes]) -> bytes:
    out, places = b"%PDF-1.7\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    tail = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(out))
    return out + head + table + tail

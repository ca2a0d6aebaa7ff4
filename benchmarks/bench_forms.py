"""Values of filled forms: blank interactive forms of the samples, filled here, read as PDFs and as scans of these.

A value counts by the rule of `truths`. Names, numbers and amounts are drawn by chance from one seed. The scans are the
drawn pages, slightly askew, grey, with JPEG's noise.
"""

import io
import random
import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from measure import Figure, at_least
from samples import Sample, samples
from truths import found_values

from core.settings import Preparation
from preparation import Pool

SEED, DPI, SKEW, QUALITY = 11, 200, 0.4, 70
PROMISED = 0.80
_BLANKS = ("cms1500.pdf", "acord25.pdf", "2021_f1040.pdf")
_FIRST_AMOUNT = 28  # of the fields of a 1040, which are numbered; those before it are names and numbers of persons
_PEOPLE = ("GONZALEZ, MARIA", "ADAMS, PETER Q", "OKAFOR, LENA", "BRANDT, TOM")
_FIRMS = ("Granite Works LLC", "Harbor Mutual", "Oak Brothers Inc", "Delta Risk Agency")


def figures(folder: Path) -> Iterator[Figure]:
    """The share of values found on each form, as a PDF and as a scan."""
    pool = Pool(Preparation(workers=1), folder / "schemas")
    try:
        for blank in samples("forms"):
            values = _values(blank)
            if not values:
                continue
            filled = _filled(blank, values)
            for kind, content in (("PDF", filled), ("scan", _scan(filled))):
                told = dict(pool.prepare([content], name="x", sha256=sha256(content).hexdigest()).fields)
                share = found_values(values.values(), told.values()) / len(values)
                yield at_least(
                    f"values of a filled {blank.path.stem}, {kind}, {len(values)} in all", share, PROMISED, ""
                )
    finally:
        pool.close()


def _values(blank: Sample) -> Mapping[str, str]:
    """Something to write into the first page's text fields of a form that is blank and has names for them."""
    import pypdf

    if not blank.path.name.endswith(_BLANKS):
        return {}
    rng = random.Random(f"{SEED}{blank.path.name}")  # noqa: S311  # the same values each time
    reader = pypdf.PdfReader(blank.path)
    names = [name for name, item in (reader.get_fields() or {}).items() if item.get("/FT") == "/Tx"]
    on_first = {str(each.get_object().get("/T")) for each in reader.pages[0].get("/Annots") or ()}
    return {
        name: text for name in names if name.rsplit(".")[-1] in on_first and (text := _text_for(name.casefold(), rng))
    }


def _text_for(name: str, rng: random.Random) -> str:  # noqa: PLR0911  # one kind of field a line
    number = rng.randint
    if match := re.search(r"f1_(\d+)\[0\]$", name):
        return f"{number(100, 99_999):,}" if int(match.group(1)) >= _FIRST_AMOUNT else ""
    if "phone" in name or "area" in name:
        return ""
    if name.endswith(("_mm", "_mm_from", "_mm_end", "_dd", "_dd_from", "_dd_end")):
        return f"{number(1, 12):02}" if name.startswith(("birth", "sv1", "cur_ill")) else ""
    if name.endswith(("_yy", "_yy_from", "_yy_end")):
        return f"{number(10, 24)}" if name.startswith(("birth", "sv1", "cur_ill")) else ""
    if "effectivedate" in name or "expirationdate" in name or "completiondate" in name:
        return f"{number(1, 12):02}/{number(1, 28):02}/20{number(24, 27)}"
    if name in ("ch1", "ch2", "t_charge", "amt_paid"):
        return f"{number(20, 900)}.{number(10, 99)}"
    if "amount" in name and "limit" in name:
        return f"{number(2, 40) * 50_000:,}"
    if "policynumber" in name:
        return f"GL-{number(10_000, 99_999)}"
    if name in ("pt_name", "ins_name", "ref_physician", "physician_signature"):
        return rng.choice(_PEOPLE)
    if name.endswith("fullname_a") or name in ("insurance_name", "fac_name", "doc_name"):
        return rng.choice(_FIRMS)
    if name in ("insurance_id", "pt_account", "prior_auth", "tax_id", "pin", "ins_policy"):
        return f"{number(10**8, 10**9 - 1)}"
    return {"cpt1": "99214", "diagnosis1": "E11.9", "diagnosis2": "J45.20", "pt_city": "Ocala", "pt_state": "FL"}.get(
        name, ""
    )


def _filled(blank: Sample, values: Mapping[str, str]) -> bytes:
    import pypdf

    writer = pypdf.PdfWriter()
    writer.append(pypdf.PdfReader(blank.path))
    writer.update_page_form_field_values(writer.pages[0], dict(values), auto_regenerate=False)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _scan(filled: bytes) -> bytes:
    import pypdfium2
    from PIL import Image

    document = pypdfium2.PdfDocument(filled)
    document.init_forms()
    drawn: Any = document[0].render(scale=DPI / 72, may_draw_forms=True).to_pil()
    document.close()
    out = io.BytesIO()
    askew = drawn.convert("L").rotate(SKEW, resample=Image.Resampling.BICUBIC, fillcolor=255)
    askew.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()

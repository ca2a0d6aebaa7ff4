"""The values of a PDF's form, by name or tooltip."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, BinaryIO

MAX_FIELDS = 5_000
MAX_VALUE_CHARS = 4_000
_MACHINE_NAME = re.compile(
    r"\[\d+\]|^(?:text|field|check ?box|undefined|untitled|f|c|fill|dropdown)\W*\d*(?:_\d+)*$", re.I
)


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form.

    Attributes:
        name: Its name with those of the groups that it is in.
        tooltip: What a viewer shows of it, or "".
        value: What is filled in, or "".
    """

    name: str
    tooltip: str
    value: str


def by_name(found: Iterable[Field]) -> dict[str, str]:
    """Values by the name of the field, or by its tooltip where the name is a machine's."""
    fields: dict[str, str] = {}
    for each in found:
        tooltip = " ".join(each.tooltip.split())
        chosen = tooltip if tooltip and _MACHINE_NAME.search(each.name) else each.name
        fields[chosen if chosen not in fields else each.name] = each.value
    return fields


def fields_of_objects(content: BinaryIO, password: str = "") -> list[Field]:
    """Every field of an AcroForm, filled or not, on a page or on none."""
    import pypdf

    try:
        found = pypdf.PdfReader(content, strict=False, password=password or None).get_fields() or {}
        items = [(str(name), item) for name, item in found.items() if item.get("/FT")]
        return [Field(name, str(item.get("/TU") or ""), _value(item)) for name, item in items[:MAX_FIELDS]]
    except Exception:  # noqa: BLE001 - a broken form must not cost the page text
        return []


def _value(item: Any) -> str:
    value = item.get("/V")
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        return ", ".join(str(part) for part in value)[:MAX_VALUE_CHARS]
    text = str(value.get_data().decode("utf-8", "replace") if hasattr(value, "get_data") else value)
    return text.removeprefix("/")[:MAX_VALUE_CHARS] if item.get("/FT") == "/Btn" else text[:MAX_VALUE_CHARS]

"""The values of a PDF's form, by name or tooltip."""

import re
from collections.abc import Iterable
from typing import Any, BinaryIO

MAX_FIELDS = 5_000
MAX_VALUE_CHARS = 4_000
_MACHINE_NAME = re.compile(
    r"\[\d+\]|^(?:text|field|check ?box|undefined|untitled|f|c|fill|dropdown)\W*\d*(?:_\d+)*$", re.I
)


def form_fields(content: BinaryIO, password: str = "") -> dict[str, str]:
    """Every field of an AcroForm, filled or not, by its name, or its tooltip where the name is a machine's."""
    import pypdf

    try:
        found = pypdf.PdfReader(content, strict=False, password=password or None).get_fields() or {}
        items = [(str(name), item) for name, item in found.items() if item.get("/FT")]
        return _named(items[:MAX_FIELDS])
    except Exception:  # noqa: BLE001 - a broken form must not cost the page text
        return {}


def _named(items: Iterable[tuple[str, Any]]) -> dict[str, str]:
    fields: dict[str, str] = {}
    for name, item in items:
        tooltip = " ".join(str(item.get("/TU") or "").split())
        chosen = tooltip if tooltip and _MACHINE_NAME.search(name) else name
        fields[chosen if chosen not in fields else name] = _value(item)
    return fields


def _value(item: Any) -> str:
    value = item.get("/V")
    if value is None:
        return ""
    if isinstance(value, (list, tuple)):
        return ", ".join(str(part) for part in value)[:MAX_VALUE_CHARS]
    text = str(value.get_data().decode("utf-8", "replace") if hasattr(value, "get_data") else value)
    return text.removeprefix("/")[:MAX_VALUE_CHARS] if item.get("/FT") == "/Btn" else text[:MAX_VALUE_CHARS]

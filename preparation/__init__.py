"""Preparation: turns the bytes of a blob into rows of a named dataset, and says what could not be."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from preparation.answers import packed, unpacked
    from preparation.binary_kinds import media_type_of
    from preparation.catalog import Catalog
    from preparation.corrections import Correction, forget, remember, said_now
    from preparation.events import JsonEvents
    from preparation.extraction import REPLAY, Limits, ModelNeededError, Options, View
    from preparation.extras import OCR, SPEECH, Extra, ocr_languages
    from preparation.layout import Box
    from preparation.model import DatasetModel, column
    from preparation.pool import Lane, Pool
    from preparation.worker_group import PoolClosedError

_MODULES = {
    "OCR": "preparation.extras",
    "REPLAY": "preparation.extraction",
    "SPEECH": "preparation.extras",
    "Box": "preparation.layout",
    "Catalog": "preparation.catalog",
    "Correction": "preparation.corrections",
    "DatasetModel": "preparation.model",
    "Extra": "preparation.extras",
    "JsonEvents": "preparation.events",
    "Lane": "preparation.pool",
    "Limits": "preparation.extraction",
    "ModelNeededError": "preparation.extraction",
    "Options": "preparation.extraction",
    "Pool": "preparation.pool",
    "PoolClosedError": "preparation.worker_group",
    "View": "preparation.extraction",
    "column": "preparation.model",
    "forget": "preparation.corrections",
    "media_type_of": "preparation.binary_kinds",
    "ocr_languages": "preparation.extras",
    "packed": "preparation.answers",
    "remember": "preparation.corrections",
    "said_now": "preparation.corrections",
    "unpacked": "preparation.answers",
}

__all__ = [
    "OCR",
    "REPLAY",
    "SPEECH",
    "Box",
    "Catalog",
    "Correction",
    "DatasetModel",
    "Extra",
    "JsonEvents",
    "Lane",
    "Limits",
    "ModelNeededError",
    "Options",
    "Pool",
    "PoolClosedError",
    "View",
    "column",
    "forget",
    "media_type_of",
    "ocr_languages",
    "packed",
    "remember",
    "said_now",
    "unpacked",
]


def __getattr__(name: str) -> Any:
    """Imports a part when it is first named: the pool's owner needs no parser."""
    if name not in _MODULES:
        raise AttributeError(f"module 'preparation' has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)

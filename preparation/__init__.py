"""Preparation: turns the bytes of a blob into rows of a named dataset, and says what could not be."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from preparation.binary_kinds import media_type_of
    from preparation.catalog import Catalog
    from preparation.extraction import Limits
    from preparation.model import DatasetModel, column
    from preparation.pool import Pool

_MODULES = {
    "Catalog": "preparation.catalog",
    "DatasetModel": "preparation.model",
    "Limits": "preparation.extraction",
    "Pool": "preparation.pool",
    "column": "preparation.model",
    "media_type_of": "preparation.binary_kinds",
}

__all__ = ["Catalog", "DatasetModel", "Limits", "Pool", "column", "media_type_of"]


def __getattr__(name: str) -> Any:
    """Imports a part when it is first named: the pool's owner needs no parser."""
    if name not in _MODULES:
        raise AttributeError(f"module 'preparation' has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)

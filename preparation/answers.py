"""What a worker answers, as bytes, and read without trust: it may come from a process that its file took over.

A pickle can have its reader run anything. So the reader here knows only the classes that an answer is made of, and the
writer makes plain values of all others (numbers of numpy, strings of pypdf) before they are sent.
"""

import io
import pickle
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import polars as pl

from core import blob
from core import prepared as values
from core.prepared import Prepared


@dataclass(frozen=True, slots=True)
class ModelNeeded:
    """The answer of a light worker where only a heavy model can read a blob."""

    model: str


Answer = tuple[Prepared, list[int]] | ModelNeeded | None
"""A blob with the number of files that hold each table's rows; or None where memory ran out."""

_PLAIN = (bool, int, float, str)
_CLASSES: dict[tuple[str, str], type] = {
    (each.__module__, each.__qualname__): each
    for each in (ModelNeeded, pl.DataFrame, *vars(values).values(), *vars(blob).values())
    if isinstance(each, type) and (is_dataclass(each) or each is pl.DataFrame)
} | {("builtins", each.__name__): each for each in (*_PLAIN, dict)}
_KNOWN = frozenset(_CLASSES.values())
_FIELDS = {each: tuple(field.name for field in fields(each)) for each in _CLASSES.values() if is_dataclass(each)}
"""Made anew from their fields in order: with what `dataclasses` does for a frozen one, packing took a third longer."""


class _Packer(pickle.Pickler):
    def reducer_override(self, value: Any) -> Any:
        if (names := _FIELDS.get(type(value))) is not None:
            return type(value), tuple([getattr(value, name) for name in names])
        if type(value) in _KNOWN or isinstance(value, type):
            return NotImplemented
        if isinstance(value, Mapping):
            return dict, (dict(value),)
        plain = value.item() if type(value).__module__ == "numpy" and hasattr(value, "item") else value
        kind = next((kind for kind in _PLAIN if isinstance(plain, kind)), str)
        return kind, (kind(plain),)


class _Unpacker(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in _CLASSES:
            raise pickle.UnpicklingError(f"An answer is not made of {module}.{name}.")
        return _CLASSES[module, name]


def packed(answer: Answer) -> bytes:
    """An answer as bytes."""
    buffer = io.BytesIO()
    _Packer(buffer, pickle.HIGHEST_PROTOCOL).dump(answer)
    return buffer.getvalue()


def unpacked(content: bytes) -> Answer:
    """The answer in some bytes.

    Raises:
        ValueError: If they are not made as an answer is.
    """
    try:
        answer: Answer = _Unpacker(io.BytesIO(content)).load()
    except Exception as error:
        raise ValueError(f"no answer: {error}") from error
    if not isinstance(answer, tuple | ModelNeeded | None):
        raise ValueError(f"no answer: {type(answer).__name__}")
    return answer

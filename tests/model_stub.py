"""A reader that needs a model as real ones do, but takes its orders from the file: sleep, die, or tell what it sees.

It is put in place by a file in the folder of the user's models, which workers run when they start.
"""

from pathlib import Path

_STUB = """
import multiprocessing
import os
import sys
import time
import tomllib

from preparation import readers
from preparation.extraction import GIVE_PASSWORD, Extraction, ModelNeededError, ModelUse, unreadable

HEAVY = ("tesserocr", "rapidocr", "onnxruntime", "faster_whisper", "ctranslate2")


def read(source):
    order = tomllib.loads(source.path.read_text(encoding="utf-8"))["scan"]
    use = getattr(source.options, order["model"])
    if use == ModelUse.ELSEWHERE:
        raise ModelNeededError(order["model"])
    if "password" in order and order["password"] not in source.options.passwords:
        return unreadable("The file is protected by a password.", GIVE_PASSWORD, kind="document")
    for name in order.get("imports", []):
        __import__(name)
    if not os.path.exists(order.get("unless", "")):
        time.sleep(order.get("seconds", 0))
    if "signal" in order:
        os.kill(os.getpid(), order["signal"])
    loaded = ",".join(name for name in HEAVY if name in sys.modules)
    facts = {"use": str(use), "pid": os.getpid(), "loaded": loaded, "nice": os.nice(0)}
    return Extraction(kind="document", text=f"read with {use}", metadata=facts)


if multiprocessing.current_process().name == "penstock-worker":
    readers.READERS["application/toml"] = f"{__name__}:read"
"""


def install(schemas: Path) -> None:
    """Puts the reader in place of that of TOML."""
    schemas.mkdir(parents=True, exist_ok=True)
    (schemas / "model_stub.py").write_text(_STUB, encoding="utf-8")


def scan(model: str = "ocr", **orders: object) -> bytes:
    """A file that only `model` can read, with orders to its reader."""
    lines = [f"{name} = {value!r}".replace("'", '"') for name, value in {"model": model, **orders}.items()]
    return "\n".join(["[scan]", *lines, ""]).encode()

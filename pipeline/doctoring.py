"""What this machine has and lacks for each capability, and the line that installs what it lacks."""

import importlib.metadata
import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.errors import PenstockError
from core.settings import Settings
from pipeline.bootstrap import Parts

MIN_JAVA = 17
MIN_PYTHON = (3, 11)
SETUP = "make setup"
ISOLATING = "Run it on Linux 5.13 or newer, on x86-64 or arm64, with seccomp and Landlock; containers may forbid them."
_LIBRARIES = {
    "tables": ("polars", "pandera", "pyarrow", "python_calamine"),
    "documents": ("pypdfium2", "pypdf", "kreuzberg", "lxml"),
    "pictures, sound and film": ("PIL", "pillow_heif", "av", "tinytag"),
    "archives": ("py7zr",),
    "bar codes": ("zxingcpp",),
    "electronic data interchange": ("pyx12",),
    "sealing": ("cryptography",),
    "lake and index": ("deltalake", "tantivy", "duckdb"),
    "index on a cluster": ("elasticsearch",),
    "dashboard": ("streamlit", "altair"),
}


def examine(settings: Settings) -> Iterator[dict[str, Any]]:
    """One answer a capability: ``capability``, ``ok``, ``found``, ``install``."""
    version = ".".join(str(part) for part in sys.version_info[:3])
    yield _answer("python", sys.version_info >= MIN_PYTHON, version, "Install Python 3.11 or newer.")
    for capability, modules in _LIBRARIES.items():
        missing = [name for name in modules if importlib.util.find_spec(name) is None]
        found = f"lacks {', '.join(missing)}" if missing else ", ".join(modules)
        yield _answer(capability, not missing, found, SETUP)
    yield _type_detection()
    yield _ocr(settings)
    yield _speech(settings)
    yield _isolation()
    yield from _spark()
    if settings.storage.index == "elasticsearch":
        yield _cluster(settings)
    yield _home(settings.home)


def _answer(capability: str, ok: bool, found: str, install: str) -> dict[str, Any]:
    return {"capability": capability, "ok": ok, "found": found, "install": None if ok else install}


def _type_detection() -> dict[str, Any]:
    from preparation import media_type_of

    try:
        found = media_type_of(Path(__file__))
    except (ImportError, OSError) as error:
        return _answer("type detection", False, str(error), SETUP)
    return _answer("type detection", "/" in found, f"libmagic calls this file {found}", SETUP)


def _ocr(settings: Settings) -> dict[str, Any]:
    """Whether scans are read: the extra, and the languages that it knows."""
    from preparation import OCR, ocr_languages

    missing = OCR.missing()
    if missing:
        return _answer("ocr", False, f"lacks {', '.join(missing)}; scans and pictures are not read", OCR.install)
    folder, languages = ocr_languages()
    is_whole = {"eng", "osd"} <= set(languages)
    found = f"{OCR.found()}; languages {', '.join(languages) or 'none'} in {folder}{_switch(settings.preparation.ocr)}"
    return _answer("ocr", is_whole, found, OCR.install)


def _speech(settings: Settings) -> dict[str, Any]:
    """Whether speech is read: the extra, and the model."""
    from preparation import SPEECH

    folder = settings.preparation.speech_model
    missing = SPEECH.missing(folder)
    if missing:
        return _answer("speech", False, f"lacks {', '.join(missing)}; speech is not read", SPEECH.install)
    if folder and not (Path(folder) / "model.bin").is_file():
        fix = "Let preparation.speech_model be the folder of a CTranslate2 Whisper model."
        return _answer("speech", False, f"there is no model.bin in {folder}", fix)
    found = f"{', '.join(SPEECH.modules)}; model in {folder}" if folder else SPEECH.found()
    return _answer("speech", True, f"{found}{_switch(settings.preparation.speech)}", SPEECH.install)


def _switch(is_on: bool) -> str:
    return "" if is_on else "; switched off in the settings"


def _isolation() -> dict[str, Any]:
    """What a worker is kept from, tried by a process that confines itself as a worker does."""
    command = [sys.executable, "-m", "preparation.confinement"]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    held: dict[str, bool] = json.loads(told.stdout or "{}")
    refused = [name for name, is_held in held.items() if is_held]
    found = f"workers have no {', no '.join(refused)}" if refused else "workers are bounded in time and memory only"
    missing = [name for name, is_held in held.items() if not is_held]
    found += f"; not kept from {', '.join(missing)}" if refused and missing else ""
    return _answer("worker isolation", bool(held) and not missing, found, ISOLATING)


def _spark() -> Iterator[dict[str, Any]]:
    java = shutil.which("java", path=os.pathsep.join([*_java_folders(), os.environ.get("PATH", "")]))
    version = _java_version(java) if java else 0
    found = f"Java {version} at {java}" if java else "no java on the path"
    install = "apt-get install openjdk-17-jre-headless, or set JAVA_HOME"
    yield _answer("spark: java", version >= MIN_JAVA, found, install)
    try:
        yield _answer("spark: pyspark", True, importlib.metadata.version("pyspark"), SETUP)
    except importlib.metadata.PackageNotFoundError:
        yield _answer("spark: pyspark", False, "not installed", SETUP)


def _java_folders() -> list[str]:
    home = os.environ.get("JAVA_HOME")
    return [str(Path(home) / "bin")] if home else []


def _java_version(java: str) -> int:
    told = subprocess.run([java, "-version"], capture_output=True, text=True, check=False).stderr
    quoted = told.split('"')[1] if '"' in told else "0"
    return int(quoted.split(".")[0]) if quoted.split(".")[0].isdigit() else 0


def _cluster(settings: Settings) -> dict[str, Any]:
    """Whether the cluster that holds the index answers us, with the key that searches use."""
    parts = Parts(settings)
    try:
        count = parts.index.count("blob")
    except PenstockError as error:
        return _answer("elasticsearch", False, error.reason, error.fix)
    finally:
        parts.close()
    return _answer("elasticsearch", True, f"{', '.join(settings.elasticsearch.urls)}: {count} blobs to be found", "")


def _home(home: Path) -> dict[str, Any]:
    existing = next(folder for folder in (home, *home.parents) if folder.exists())
    free = shutil.disk_usage(existing).free
    ok = os.access(existing, os.W_OK)
    return _answer("home", ok, f"{home}, {free // 2**30} GiB free", f"Make {existing} writable, or choose --home.")

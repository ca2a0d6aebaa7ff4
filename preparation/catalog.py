"""All datasets known: the bundled models and those in the user's folder."""

import importlib
import importlib.util
import inspect
import sys
import traceback
from pathlib import Path
from types import ModuleType

from core.dataset import Dataset
from core.errors import NotFoundError, SettingsError
from preparation.model import DatasetModel, Recognition, as_dataset, recognition_of

BUNDLED = (
    "medical_bill",
    "insurance_claim",
    "tax_form",
    "sensor_reading",
    "network_log",
    "social_post",
    "sports_event",
    "clickstream",
    "email",
    "blob",
    "document",
    "image",
    "audio",
    "video",
    "speech_segment",
    "video_scene",
    "other",
    "rejected_row",
)
_USER_PACKAGE = "penstock_user_models"


class Catalog:
    """Models by dataset name.

    Args:
        user_folder: Folder of the user's model files, or None. A model there replaces a bundled one of its name.

    Raises:
        SettingsError: If a file there cannot be loaded; it names the file, the line and what is wrong.
    """

    def __init__(self, user_folder: Path | None = None) -> None:
        modules = [importlib.import_module(f"preparation.schemas.{name}") for name in BUNDLED]
        models = [model for module in modules for model in _models_in(module)]
        for file in _model_files(user_folder):
            models += _user_models(file)
        self._models: dict[str, type[DatasetModel]] = {}
        self._datasets: dict[str, Dataset] = {}
        for model in models:
            dataset = as_dataset(model)
            self._models[dataset.name] = model
            self._datasets[dataset.name] = dataset

    def datasets(self) -> tuple[Dataset, ...]:
        """Every dataset, the bundled ones first."""
        return tuple(self._datasets.values())

    def dataset(self, name: str) -> Dataset:
        """The dataset of that name.

        Raises:
            NotFoundError: Naming the datasets there are.
        """
        self._check(name)
        return self._datasets[name]

    def model(self, name: str) -> type[DatasetModel]:
        """The Pandera model of a dataset.

        Raises:
            NotFoundError: Naming the datasets there are.
        """
        self._check(name)
        return self._models[name]

    def recognition(self, name: str) -> Recognition:
        """How tables of a dataset are told from others."""
        return recognition_of(self.model(name))

    def __contains__(self, name: object) -> bool:
        return name in self._models

    def _check(self, name: str) -> None:
        if name not in self._models:
            raise NotFoundError(f"There is no dataset {name!r}.", f"Datasets are {', '.join(self._models)}.")


def _models_in(module: ModuleType) -> list[type[DatasetModel]]:
    own = [each for each in vars(module).values() if inspect.isclass(each) and each.__module__ == module.__name__]
    return [each for each in own if issubclass(each, DatasetModel)]


def _model_files(folder: Path | None) -> list[Path]:
    if folder is None or not folder.is_dir():
        return []
    return sorted(file for file in folder.glob("*.py") if not file.name.startswith(("_", ".")))


def _user_models(file: Path) -> list[type[DatasetModel]]:
    name = f"{_USER_PACKAGE}.{file.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise SettingsError(f"The model file {file} is no Python file.", "Remove it from the folder of models.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # annotations are evaluated through it
    try:
        spec.loader.exec_module(module)
        models = _models_in(module)
        for model in models:
            model.to_schema()
    except Exception as error:  # a model file is a person's program: anything can go wrong in it
        sys.modules.pop(name, None)
        raise SettingsError(
            f"The model file {file}, line {_line_of(error, file)}, cannot be loaded: {type(error).__name__}: {error}",
            "Mend that line, or move the file out of the folder of models.",
        ) from error
    return models


def _line_of(error: Exception, file: Path) -> int:
    if isinstance(error, SyntaxError) and error.lineno:
        return error.lineno
    frames = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if Path(frame.filename) == file]
    return next((line for line in reversed(frames) if line), 1)

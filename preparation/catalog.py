"""All datasets known: the bundled models and those in the user's folder."""

import importlib
import importlib.util
import inspect
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from core.dataset import Dataset
from core.errors import NotFoundError, SettingsError
from preparation.corrections import Correction, load_corrections, shape_of_headers
from preparation.forms.definitions import FormDefinition, load_forms
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
    "form_field",
    "rejected_row",
)
OTHER = "other"
_USER_PACKAGE = "penstock_user_models"


class Catalog:
    """Models by dataset name.

    Args:
        user_folder: Folder of the user's model files and form files, or None. A model or form there replaces a
            bundled one of its name.

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
        self.forms = load_forms(user_folder)
        for form in self.forms.forms:
            self._check_form(form)

        self._corrections = load_corrections(user_folder)
        for correction in self._corrections.values():
            self.check(correction)

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

    def correction(self, headers: Sequence[str]) -> Correction | None:
        """What a person said of tables with these headers."""
        return self._corrections.get(shape_of_headers(headers)) if self._corrections else None

    def corrections(self) -> tuple[Correction, ...]:
        """All that people said of tables."""
        return tuple(self._corrections.values())

    def takes_tables(self, name: str) -> bool:
        """Whether tables can be of a dataset: not those of pictures, mails and the like, but `other` too."""
        return name == OTHER or self.recognition(name).is_sought

    def check(self, correction: Correction) -> None:
        """Makes sure that what a correction names is there.

        Raises:
            SettingsError: If there is no such dataset, or a column that it does not have.
        """
        if correction.dataset not in self._datasets:
            reason = f"The correction {correction.id} says {correction.dataset}, which is no dataset."
            raise SettingsError(reason, f"Datasets are {', '.join(self._datasets)}.")
        unknown = {name for name in correction.columns.values() if name} - {
            column.name for column in self._datasets[correction.dataset].columns
        }
        if unknown:
            reason = f"{correction.dataset} has no column {min(unknown)}, which the correction {correction.id} names."
            raise SettingsError(reason, f"See its columns with `penstock datasets {correction.dataset}`.")

    def __contains__(self, name: object) -> bool:
        return name in self._models

    def _check_form(self, form: FormDefinition) -> None:
        if form.dataset not in self._datasets:
            reason = f"The form {form.name} is of {form.dataset}, which is no dataset."
            raise SettingsError(reason, f"Datasets are {', '.join(self._datasets)}.")
        unknown = form.columns - {column.name for column in self._datasets[form.dataset].columns}
        if unknown:
            reason = f"The form {form.name} names the column {min(unknown)}, which {form.dataset} does not have."
            raise SettingsError(reason, f"See its columns with `penstock datasets {form.dataset}`.")

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

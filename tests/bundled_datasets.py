"""The datasets that come with Penstock, by name."""

import importlib
import inspect
import pkgutil
from functools import cache

import preparation.schemas
from core.dataset import Dataset
from preparation.model import DatasetModel, as_dataset


@cache
def bundled_datasets() -> dict[str, Dataset]:
    """Those that a view may be of, the catalogue of blobs and the pieces of files among them."""
    modules = [
        importlib.import_module(f"preparation.schemas.{module.name}")
        for module in pkgutil.iter_modules(preparation.schemas.__path__)
    ]
    models = {
        value
        for module in modules
        for value in vars(module).values()
        if inspect.isclass(value) and issubclass(value, DatasetModel) and value is not DatasetModel
    }
    return {dataset.name: dataset for dataset in map(as_dataset, models)}

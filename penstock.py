"""The front door for people who write their own models, views and sources: re-exports, nothing else."""

from core.dataset import Column, ColumnType, Dataset, PersonalData
from preparation import DatasetModel, column

__all__ = ["Column", "ColumnType", "Dataset", "DatasetModel", "PersonalData", "column"]

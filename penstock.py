"""The front door for people who write their own models and views: re-exports, nothing else."""

from core.dataset import Column, ColumnType, Dataset, PersonalData
from preparation import DatasetModel, column
from processing import Condition, Count, Distinct, Max, Mean, Min, Piece, Quantiles, Ratio, Sum, Variance, View

__all__ = [
    "Column",
    "ColumnType",
    "Condition",
    "Count",
    "Dataset",
    "DatasetModel",
    "Distinct",
    "Max",
    "Mean",
    "Min",
    "PersonalData",
    "Piece",
    "Quantiles",
    "Ratio",
    "Sum",
    "Variance",
    "View",
    "column",
]

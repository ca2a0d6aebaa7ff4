"""Kibana's objects, generated from the datasets, the views and what else is published."""

from visualization.kibana.exporting import ALL_FILE, export

__all__ = ["ALL_FILE", "export"]

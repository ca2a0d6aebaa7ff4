"""Above the layers: the command line, and the one place that builds a running system out of settings."""

import pipeline.allocators  # noqa: F401  # first of all, as it says
from pipeline.system import System, open_system

__all__ = ["System", "open_system"]

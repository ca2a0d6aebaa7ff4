"""Above the layers: the command line, and the one place that builds a running system out of settings."""

from pipeline.system import System, open_system

__all__ = ["System", "open_system"]

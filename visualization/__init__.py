"""The dashboard of one home, served beside the running system."""

from visualization.dashboard_process import Dashboard, launch

__all__ = ["Dashboard", "launch"]

"""The process that serves the dashboard: `python -m visualization.dashboard_child APP OPTION…`.

It runs Streamlit's own command line, and leaves when the process that started it is gone, however that went
(a killed parent cannot say goodbye, and its port must be free for the next run).
"""

import os
import signal
import sys
import threading
import time
from typing import Any

from core.settings import load_settings
from pipeline.serving import server_context

PARENT_CHECK_SECONDS = 1.0


def main() -> None:
    """Serves until told to stop, or until the parent is gone."""
    threading.Thread(target=_leave_with, args=(os.getppid(),), name="parent-watch", daemon=True).start()
    if any(option.startswith("--server.sslCertFile") for option in sys.argv):
        _serve_by_our_context()
    from streamlit.web.cli import main as streamlit_main

    sys.argv = ["streamlit", "run", *sys.argv[1:]]
    streamlit_main(prog_name="streamlit")


def _serve_by_our_context() -> None:
    """Has the server under Streamlit take TLS from us; Streamlit has no option for it, uvicorn has."""
    import uvicorn

    context = server_context(load_settings())

    class Config(uvicorn.Config):
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named | {"ssl_context_factory": lambda *_: context})

    uvicorn.Config = Config  # type: ignore[misc]  # where Streamlit looks it up


def _leave_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PARENT_CHECK_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()

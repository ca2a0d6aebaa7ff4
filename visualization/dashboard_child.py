"""The process that serves the dashboard: `python -m visualization.dashboard_child APP OPTION…`.

It runs Streamlit's own command line, and leaves when the process that started it is gone, however that went
(a killed parent cannot say goodbye, and its port must be free for the next run).
"""

import os
import signal
import sys
import threading
import time

PARENT_CHECK_SECONDS = 1.0


def main() -> None:
    """Serves until told to stop, or until the parent is gone."""
    threading.Thread(target=_leave_with, args=(os.getppid(),), name="parent-watch", daemon=True).start()
    from streamlit.web.cli import main as streamlit_main

    sys.argv = ["streamlit", "run", *sys.argv[1:]]
    streamlit_main(prog_name="streamlit")


def _leave_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(PARENT_CHECK_SECONDS)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    main()

"""`python -m visualization`: serves the dashboard of `PENSTOCK_HOME` until its standard input is closed.

It prints the address as its first and only line. The process that wants a dashboard need not import one.
"""

import os
import select
import sys

from core.errors import PenstockError
from core.settings import load_settings
from visualization.dashboard_process import launch

CHECK_SECONDS = 1.0
_READ_BYTES = 4096


def main() -> int:
    """Serves; 1 where the dashboard could not start or ended by itself."""
    try:
        dashboard = launch(load_settings())
    except PenstockError as error:
        print(error, file=sys.stderr)  # noqa: T201 what the parent shows
        return 1
    try:
        print(dashboard.address, flush=True)  # noqa: T201 what the parent reads
        while dashboard.process.poll() is None:
            readable, _, _ = select.select([sys.stdin], [], [], CHECK_SECONDS)
            if readable and not os.read(sys.stdin.fileno(), _READ_BYTES):
                return 0
    except KeyboardInterrupt:
        return 0
    finally:
        dashboard.stop()
    return 1


if __name__ == "__main__":
    sys.exit(main())

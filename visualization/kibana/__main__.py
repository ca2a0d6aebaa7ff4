"""`python -m visualization.kibana FOLDER`: exports the objects of `PENSTOCK_HOME`, a line for each file written.

The command line starts it, since what is above the pages must not import them.
"""

import argparse
import json
import sys
from pathlib import Path

from core.errors import PenstockError
from core.settings import load_settings
from pipeline import open_system
from visualization.kibana.exporting import export


def main() -> int:
    """Exports; 1 where that failed, with the reason on standard error."""
    parser = argparse.ArgumentParser(prog="visualization.kibana")
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    try:
        settings = load_settings()
        system = open_system(settings)
        try:
            files = export(system, given.folder, settings.elasticsearch.prefix)
        finally:
            system.close()
    except (PenstockError, OSError) as error:
        print(error, file=sys.stderr)  # noqa: T201  # what the parent shows
        return 1
    for file in files:
        objects = file.read_text(encoding="utf-8").count("\n")
        print(json.dumps({"path": str(file), "objects": objects}))  # noqa: T201  # what the parent reads
    return 0


if __name__ == "__main__":
    sys.exit(main())

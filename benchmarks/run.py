"""Runs the benchmarks of this folder and appends their figures: ``python benchmarks/run.py [NAME…]``.

A benchmark is a module ``bench_<name>.py`` here with a function ``figures(folder: Path) -> Iterable[Figure]``; `folder`
is empty and removed afterwards. The exit status is 1 where a promise was not kept.
"""

import importlib
import signal
import sys
import tempfile
from pathlib import Path

from measure import Figure, report
from samples import NotHereError

HERE = Path(__file__).parent
PREFIX = "bench_"


def main(chosen: list[str]) -> int:
    """Runs those benchmarks, or all of them."""
    known = sorted(file.stem.removeprefix(PREFIX) for file in HERE.glob(f"{PREFIX}*.py"))
    if unknown := set(chosen) - set(known):
        print(f"There is no benchmark {', '.join(sorted(unknown))}. Choose from: {', '.join(known)}.", file=sys.stderr)
        return 2
    figures: list[Figure] = []
    for name in chosen or known:
        print(f"… {name}", file=sys.stderr)
        with tempfile.TemporaryDirectory(prefix="penstock-bench-") as folder:
            try:
                figures += importlib.import_module(PREFIX + name).figures(Path(folder))
            except NotHereError as error:
                print(f"… {name} is left out: {error}", file=sys.stderr)
    if not figures:
        print("Nothing was measured.", file=sys.stderr)
        return 2
    print(report(figures))
    return 0 if all(figure.is_kept for figure in figures) else 1


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # servers that a benchmark started are stopped then too
    sys.exit(main(sys.argv[1:]))

"""``python -m preparation.training``: trains the text model and says how good it is."""

import sys
from pathlib import Path

from preparation.training.fitting import fit


def main() -> None:
    """Writes the weights beside `preparation/text_model.py`."""
    path = Path(__file__).resolve().parents[1] / "text_model.json"
    quality = fit(path)
    sys.stdout.write(f"{path}: " + ", ".join(f"{name} {value:.3f}" for name, value in quality.items()) + "\n")


if __name__ == "__main__":
    main()

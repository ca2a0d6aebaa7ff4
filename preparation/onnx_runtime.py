"""ONNX Runtime, which OCR and voice detection run on, told to report to nobody.

From 1.29 on its wheels for Linux send an event for each session to their maker, with names and hashes of the model,
and keep a device id in the home folder; so seen with 1.32. One variable turns both off, if it is set before the import.
"""

import os


def report_to_nobody() -> None:
    """Called before a library is imported that brings ONNX Runtime."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"

"""A running system for benchmarks: `penstock run` without a dashboard, in a process of its own."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psutil


def cli(home: Path) -> list[str]:
    """The command line on a home."""
    return [sys.executable, "-m", "pipeline.cli", "--home", str(home)]


@contextmanager
def running(home: Path, variables: Mapping[str, str]) -> Iterator[psutil.Process]:
    """The process of a running system, asked to stop in the end.

    Args:
        home: Its home.
        variables: Settings, as the environment gives them.
    """
    command = [*cli(home), "run", "--no-dashboard", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | variables) as process:
        assert process.stdout is not None
        process.stdout.readline()  # started
        threading.Thread(target=process.stdout.read, daemon=True).start()
        try:
            yield psutil.Process(process.pid)
        finally:
            process.send_signal(signal.SIGTERM)

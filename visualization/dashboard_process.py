"""Starts the dashboard as a process of its own. Imports no Streamlit here: commands must start fast."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from dataclasses import asdict, fields
from pathlib import Path
from typing import NamedTuple
from urllib.error import URLError

from core.errors import PenstockError, SettingsError
from core.settings import VARIABLE_PREFIX, Settings
from visualization.look import theme_options

START_SECONDS = 60.0
STOP_SECONDS = 5.0
MAX_UPLOAD_MIB = 1024  # an upload is held in memory whole; larger files are copied into the inbox
LOG_FILE = "dashboard.log"  # in the home; holds the last run only
_APP = Path(__file__).with_name("app.py")
_ANY_HOST = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 compared with, not bound to
_MAX_SHOWN_CHARS = 600


class Dashboard(NamedTuple):
    """A dashboard that answers.

    Attributes:
        process: Its process; it ends by itself when the process that launched it is gone.
        address: Where a browser finds it.
    """

    process: "subprocess.Popen[bytes]"
    address: str

    def stop(self) -> None:
        """Ends the process and waits until it is gone."""
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def launch(settings: Settings, *, start_seconds: float = START_SECONDS) -> Dashboard:
    """Starts the dashboard of `settings.home` and waits until it is healthy.

    Raises:
        SettingsError: If the port is taken.
        PenstockError: If it ended, or did not answer within `start_seconds`.
    """
    host = settings.visualization.host
    port = _claimed_port(host, settings.visualization.port)
    address = f"http://{_bracketed(_ANY_HOST.get(host, host))}:{port}"
    log = settings.home / LOG_FILE
    settings.home.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "visualization.dashboard_child", str(_APP), *_options(host, port)],
            env=os.environ | environment_of(settings),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    dashboard = Dashboard(process, address)
    try:
        _wait_until_healthy(dashboard, start_seconds)
    except BaseException as error:
        dashboard.stop()
        if not isinstance(error, TimeoutError):
            raise
        said = log.read_text(encoding="utf-8", errors="replace").strip()[-_MAX_SHOWN_CHARS:] or "nothing"
        raise PenstockError(
            f"The dashboard did not start: {error} It said: {said}", "Try another port: visualization.port = 0."
        ) from error
    return dashboard


def environment_of(settings: Settings) -> dict[str, str]:
    """The variables from which another process reads the same settings; empty values are left to their default."""
    variables = {"HOME": str(settings.home)}
    for section in (field.name for field in fields(settings) if field.name != "home"):
        for name, value in asdict(getattr(settings, section)).items():
            text = ",".join(value) if isinstance(value, tuple) else str(value)
            if text:
                variables[f"{section}_{name}".upper()] = text
    return {f"{VARIABLE_PREFIX}{name}": value for name, value in variables.items()}


def _options(host: str, port: int) -> list[str]:
    options = {
        "server.headless": "true",
        "server.address": host,
        "server.port": str(port),
        "server.fileWatcherType": "none",
        "server.runOnSave": "false",
        "server.showEmailPrompt": "false",
        "server.maxUploadSize": str(MAX_UPLOAD_MIB),
        "browser.gatherUsageStats": "false",
        "client.toolbarMode": "minimal",
        "client.showErrorDetails": "type",
        "client.showErrorLinks": "false",
        "runner.magicEnabled": "false",
        "logger.level": "error",
    }
    return [f"--{name}={value}" for name, value in (options | theme_options()).items()]


def _claimed_port(host: str, port: int) -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SettingsError(
                f"The dashboard cannot listen on {host}:{port}: {error.strerror}.",
                "Set visualization.port to a free port, or to 0 to take any (PENSTOCK_VISUALIZATION_PORT=0).",
            ) from error
        return int(probe.getsockname()[1])


def _wait_until_healthy(dashboard: Dashboard, seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if dashboard.process.poll() is not None:
            raise TimeoutError(f"it ended with status {dashboard.process.returncode}.")
        with (
            suppress(URLError, OSError),
            urllib.request.urlopen(f"{dashboard.address}/_stcore/health", timeout=2) as answer,  # noqa: S310 our own
        ):
            if answer.status == 200:  # noqa: PLR2004
                return
        time.sleep(0.1)
    raise TimeoutError(f"it did not answer within {seconds:g} s.")


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host

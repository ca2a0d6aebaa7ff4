"""Starts the dashboard as a process of its own. Imports no Streamlit here: commands must start fast."""

import os
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple
from urllib.error import URLError

from core.errors import PenstockError, SettingsError
from core.settings import Settings, environment_of
from pipeline.serving import serving_of
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

    It is served over TLS where there is a certificate for it: as set in [tls], or HOME/certs/dashboard.pem.

    Raises:
        SettingsError: If the port is taken, or if other machines could reach it in the clear.
        CertificateError: If the certificate cannot be used.
        PenstockError: If it ended, or did not answer within `start_seconds`.
    """
    host = settings.visualization.host
    near = _ANY_HOST.get(host, host)
    serving = serving_of(settings, near)
    port = _claimed_port(host, settings.visualization.port)
    address = f"{serving.scheme}://{_bracketed(serving.host)}:{port}"
    options = [f"--{name}={value}" for name, value in (_options(host, port) | serving.options).items()]
    log = settings.home / LOG_FILE
    settings.home.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "visualization.dashboard_child", str(_APP), *options],
            env=os.environ | environment_of(settings),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    dashboard = Dashboard(process, address)
    try:
        _wait_until_healthy(process, f"{serving.scheme}://{_bracketed(near)}:{port}", serving.context, start_seconds)
    except BaseException as error:
        dashboard.stop()
        if not isinstance(error, TimeoutError):
            raise
        said = log.read_text(encoding="utf-8", errors="replace").strip()[-_MAX_SHOWN_CHARS:] or "nothing"
        raise PenstockError(
            f"The dashboard did not start: {error} It said: {said}", "Try another port: visualization.port = 0."
        ) from error
    return dashboard


def _options(host: str, port: int) -> dict[str, str]:
    return {
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
    } | theme_options()


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


def _wait_until_healthy(
    process: "subprocess.Popen[bytes]", near_address: str, context: ssl.SSLContext | None, seconds: float
) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if process.poll() is not None:
            raise TimeoutError(f"it ended with status {process.returncode}.")
        with (
            suppress(URLError, OSError),
            urllib.request.urlopen(f"{near_address}/_stcore/health", timeout=2, context=context) as answer,  # noqa: S310 our own
        ):
            if answer.status == 200:  # noqa: PLR2004
                return
        time.sleep(0.1)
    raise TimeoutError(f"it did not answer within {seconds:g} s.")


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host

"""The dashboard as a process: it starts, answers, and leaves."""

import importlib.metadata
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from core.errors import SettingsError
from core.settings import Ingestion, Security, Settings, Tls, Visualization, environment_of, load_settings
from visualization import launch
from visualization.look import STATE_COLOURS, theme_options

FOLDER = Path(__file__).resolve().parents[2] / "visualization"


def test_no_module_here_shadows_another() -> None:
    ours = {path.stem for path in FOLDER.iterdir() if not path.stem.startswith("__")}
    installed = set(importlib.metadata.packages_distributions()) | sys.stdlib_module_names
    layers = {path.name for path in FOLDER.parent.iterdir()}
    assert not ours & (installed | layers)


def test_the_front_door_imports_no_streamlit() -> None:
    code = "import sys, visualization; sys.exit('streamlit' in sys.modules or 'polars' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_it_answers_where_it_says_and_stops_when_told(tmp_path: Path) -> None:
    dashboard = launch(Settings(home=tmp_path, visualization=Visualization(port=0)))
    try:
        with urllib.request.urlopen(dashboard.address, timeout=5) as answer:  # noqa: S310 our own address
            assert b"Streamlit" in answer.read()
    finally:
        dashboard.stop()
    assert dashboard.process.poll() is not None


def test_a_taken_port_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SettingsError, match=str(port)):
            launch(Settings(home=tmp_path, visualization=Visualization(port=port)))


def test_it_leaves_when_its_parent_is_killed(tmp_path: Path) -> None:
    code = (
        "import sys, time\nfrom pathlib import Path\nfrom core.settings import Settings, Visualization\n"
        "from visualization import launch\n"
        "d = launch(Settings(home=Path(sys.argv[1]), visualization=Visualization(port=0)))\n"
        "print(d.process.pid, flush=True)\ntime.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        child = int(parent.stdout.readline())
        parent.kill()
    for _ in range(100):
        if not _is_alive(child):
            return
        time.sleep(0.1)
    os.kill(child, signal.SIGKILL)
    pytest.fail("the dashboard outlived the process that launched it")


def _is_alive(pid: int) -> bool:
    status = Path(f"/proc/{pid}/status")
    if status.parent.parent.exists() and not status.exists():
        return False
    if status.exists():
        return "\nState:\tZ" not in status.read_text()
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_every_theme_option_is_one_that_streamlit_knows() -> None:
    from streamlit.config import get_config_options

    assert set(theme_options()) <= set(get_config_options())


def test_every_state_can_be_read_on_both_backgrounds() -> None:
    light, dark = theme_options()["theme.light.backgroundColor"], theme_options()["theme.dark.backgroundColor"]
    for on_light, on_dark in STATE_COLOURS.values():
        assert contrast(on_light, light) >= 4
        assert contrast(on_dark, dark) >= 4


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(colour: str) -> float:
    parts = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_served_for_another_process_it_ends_with_its_standard_input(tmp_path: Path) -> None:
    environment = os.environ | {"PENSTOCK_HOME": str(tmp_path), "PENSTOCK_VISUALIZATION_PORT": "0"}
    command = [sys.executable, "-m", "visualization"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline().startswith("http://127.0.0.1:")
        process.stdin.close()
        assert process.wait(10) == 0


def test_what_keeps_it_from_starting_is_said(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        environment = os.environ | {"PENSTOCK_HOME": str(tmp_path), "PENSTOCK_VISUALIZATION_PORT": port}
        command = [sys.executable, "-m", "visualization"]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert port in done.stderr
    assert done.stdout == ""


def test_the_dashboard_reads_the_settings_that_it_was_launched_with(tmp_path: Path) -> None:
    settings = Settings(
        home=tmp_path,
        ingestion=Ingestion(after="move", rescan_seconds=0.5),
        security=Security(reveal=("email.subject", "email.sender")),
        tls=Tls(ca_file="ca.pem", insecure_development=True),
        visualization=Visualization(port=0),
    )
    assert load_settings(environ=environment_of(settings)) == settings

"""The dashboard in a real browser beside a real running system: it follows what happens without a reload."""

import json
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from core.settings import Visualization, load_settings
from visualization import Dashboard, launch

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
INSTALL = "apt-get update && apt-get install -y chromium"
SLOW_MS = 45_000

pytestmark = pytest.mark.timeout(240)

READINGS = "timestamp,sensor_id,temperature\n" + "".join(
    f"2026-05-{day:02}T{hour:02}:00:00Z,s{hour % 3},{15 + hour / 4}\n" for day in range(1, 8) for hour in range(24)
)
BROKEN_PDF = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog"


class Running:
    """A `penstock run` of one home."""

    def __init__(self, home: Path) -> None:
        self.home = home
        command = [sys.executable, "-m", "pipeline.cli", "--home", str(home), "run", "--no-dashboard", "--json"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self.process.stdout is not None
        self.started = json.loads(self.process.stdout.readline())

    def drop(self, name: str, content: bytes) -> None:
        """Puts a file into the inbox at once."""
        hidden = self.home / "inbox" / f".{name}.part"
        hidden.write_bytes(content)
        hidden.rename(hidden.with_name(name))

    def stop(self) -> None:
        """Ends it in good order."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.process.communicate(timeout=60)


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    system = Running(tmp_path / "home")
    yield system
    system.stop()


@pytest.fixture
def dashboard(running: Running) -> Iterator[Dashboard]:
    shown = launch(replace(load_settings(running.home, environ={}), visualization=Visualization(port=0)))
    yield shown
    shown.stop()


def test_a_person_follows_files_from_arrival_to_replay(
    running: Running, dashboard: Dashboard, tmp_path: Path, require: Callable[[str, object, str], None]
) -> None:
    require("Chromium", CHROMIUM, INSTALL)
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=SLOW_MS)
    with sync_playwright() as playwright:
        playwright.selectors.set_test_id_attribute("data-testid")
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.goto(dashboard.address)
        expect(page.get_by_text("Nothing has arrived yet")).to_be_visible()
        page.evaluate("window.notReloaded = true")

        running.drop("readings.csv", READINGS.encode())
        expect(page.get_by_text("The one file is accounted for")).to_be_visible()
        running.drop("readings again.csv", READINGS.encode())
        running.drop("letter.pdf", BROKEN_PDF)
        expect(page.get_by_text("1 file needs you")).to_be_visible()
        books = page.get_by_role("img", name="3 received = 1 stored + 1 duplicate + 1 quarantined + 0 in flight")
        expect(books).to_be_visible()
        expect(page.get_by_role("link", name="Sensor reading").first).to_be_visible()
        assert page.evaluate("window.notReloaded") is True
        page.screenshot(path=tmp_path / "overview.png")

        page.get_by_role("link", name="Sensor reading").first.click()
        expect(page.get_by_role("heading", name="Sensor reading")).to_be_visible()
        expect(page.get_by_test_id("stVegaLiteChart").locator("svg, canvas").first).to_be_visible()

        page.get_by_role("link", name="Quarantine", exact=True).first.click()
        expect(page.get_by_role("heading", name="Quarantine")).to_be_visible()
        page.get_by_role("button", name="Look at the first bytes").click()
        expect(page.get_by_role("tab", name="Hex")).to_be_visible()
        page.get_by_role("button", name="Replay", exact=True).click()
        expect(page.get_by_text("Tried again: 1 quarantined")).to_be_visible()
        page.screenshot(path=tmp_path / "quarantine.png")

        page.get_by_role("link", name="Explore", exact=True).click()
        expect(page.get_by_text(re.compile(r"\d+ records?")).first).to_be_visible()

        running.stop()
        page.get_by_role("link", name="Overview", exact=True).click()
        expect(page.get_by_text("The system is stopped", exact=False)).to_be_visible()
        browser.close()

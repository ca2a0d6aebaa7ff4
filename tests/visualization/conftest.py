"""Systems in memory for pages to be drawn from, and a way to draw one page."""

import importlib.util
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.settings import Settings

PAGE_SECONDS = 20


def _load_fake() -> ModuleType:
    name = "penstock_fake_system"
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name("fake_system.py"))
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        spec.loader.exec_module(module)
    return sys.modules[name]


@pytest.fixture(autouse=True)
def main_module(monkeypatch: pytest.MonkeyPatch) -> None:
    """Drawing a page makes it the main module; a process forked in a later test would run it."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture
def system(tmp_path: Path) -> Any:
    """A system that holds a few files of two datasets, a duplicate and two broken files."""
    return _load_fake().filled_system(tmp_path / "home")


@pytest.fixture
def empty_system(tmp_path: Path) -> Any:
    """A system that nothing has arrived at."""
    return _load_fake().FakeSystem(Settings(home=tmp_path / "home"))


@pytest.fixture
def draw() -> Callable[..., AppTest]:
    """Draws the page in a module of `visualization` and fails where it raised."""

    def draw_page(module: str, *arguments: Any) -> AppTest:
        page = AppTest.from_function(_page, default_timeout=PAGE_SECONDS, args=(module, *arguments)).run()
        assert not page.exception, page.exception[0].message
        return page

    return draw_page


def _page(module: str, *arguments: object) -> None:
    import importlib

    importlib.import_module(f"visualization.{module}").show(*arguments)

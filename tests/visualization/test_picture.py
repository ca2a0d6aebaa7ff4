"""The picture of a record: drawn when a person asks, at its page or moment, with its place marked."""

import io
from typing import Any

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from core.errors import NotFoundError


class _Vault:
    """Remembers what was asked to be drawn."""

    def __init__(self, fault: str = "") -> None:
        self.asked: list[dict[str, Any]] = []
        self.fault = fault

    def picture(self, blob: str, **view: Any) -> bytes:
        self.asked.append({"blob": blob, **view})
        if self.fault:
            raise NotFoundError(self.fault, "Download the original.")
        sink = io.BytesIO()
        Image.new("RGB", (8, 8)).save(sink, "JPEG")
        return sink.getvalue()


def _page(system: object, media_type: str, record: dict[str, object]) -> None:
    import streamlit as st

    from visualization.picture import show_picture

    hit = {"dataset": "d", "id": "b-0", "blob": "b", "record": record}
    show_picture(system, hit, {"media_type": media_type}, st.container())


def _drawn(system: _Vault, media_type: str, record: dict[str, Any]) -> AppTest:
    page = AppTest.from_function(_page, default_timeout=20, args=(system, media_type, record)).run()
    assert not page.exception
    assert system.asked == []
    if page.button:
        page.button[0].click().run()
        assert not page.exception
    return page


def test_the_field_of_a_form_is_marked_on_its_page() -> None:
    system = _Vault()

    page = _drawn(system, "application/pdf", {"page": 2, "left": 0.1, "top": 0.2, "right": 0.4, "bottom": 0.3})

    assert page.get("image")
    (asked,) = system.asked
    assert (asked["page"], asked["marks"]) == (2, [(0.1, 0.2, 0.4, 0.3)])


def test_a_scene_is_shown_at_its_start() -> None:
    system = _Vault()

    _drawn(system, "video/mp4", {"start_seconds": 7.5})

    assert (system.asked[0]["at"], system.asked[0]["marks"]) == (7.5, [])


@pytest.mark.parametrize("media_type", ["audio/wav", "text/csv", "text/html", ""])
def test_what_is_no_picture_is_not_offered_to_be_shown(media_type: str) -> None:
    system = _Vault()

    assert not _drawn(system, media_type, {}).button
    assert system.asked == []


def test_what_cannot_be_drawn_says_why() -> None:
    page = _drawn(_Vault("It cannot be shown: broken data."), "image/png", {})

    assert "It cannot be shown: broken data." in page.caption[0].value

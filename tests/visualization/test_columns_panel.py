"""What became of a file's columns can be seen and corrected from its panel."""

from collections.abc import Callable
from typing import Any

from streamlit.testing.v1 import AppTest

Draw = Callable[..., AppTest]


def looked_at(draw: Draw, system: Any) -> AppTest:
    page = draw("columns_panel", system, "b" * 64, "/in/first.csv")
    return page.button(key="columns-" + "b" * 64).click().run()


def test_the_file_is_opened_only_when_it_is_asked_for(draw: Draw, system: Any) -> None:
    draw("columns_panel", system, "b" * 64, "/in/first.csv")
    assert system.asked == []


def test_what_a_person_says_of_the_table_is_remembered(draw: Draw, system: Any) -> None:
    page = looked_at(draw, system)
    assert system.asked == [("columns", {"blob": "b" * 64, "name": "first.csv"})]

    page = page.button(key="say-" + "b" * 64 + "-0").click().run()

    assert not page.exception
    command, said = system.asked[-1]
    assert command == "correct"
    assert said == {"dataset": "sensor_reading", "headers": ["Kanal"], "columns": {}, "name": "first.csv"}


def test_a_stopped_system_is_said(draw: Draw, system: Any) -> None:
    system.running = False
    page = looked_at(draw, system)
    assert "penstock run" in "".join(element.proto.body for element in page.get("html"))

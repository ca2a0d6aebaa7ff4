"""A user's own view file works by lying in the folder."""

from pathlib import Path

import pytest

from core.dataset import Column, ColumnType, Dataset
from core.errors import NotFoundError, UsageError
from processing import BUNDLED_VIEWS, ViewCatalog, describe_view

OWN_VIEW = """
from processing import Count, Mean, View

speeds = View(
    name="speeds",
    dataset="trip",
    window="1h",
    dimensions=("line",),
    metrics=(Count(name="trips"), Mean(name="speed_mean", column="speed", description="Mean speed.")),
)
"""
TRIP = Dataset(
    "trip",
    "A trip.",
    (
        Column("left_at", ColumnType.TIMESTAMP, "When it left."),
        Column("line", ColumnType.KEYWORD, "The line."),
        Column("speed", ColumnType.NUMBER, "Its speed.", unit="km/h"),
    ),
    event_time="left_at",
)


def test_a_view_file_in_the_folder_is_a_view(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(OWN_VIEW)
    catalog = ViewCatalog.of_home(tmp_path)
    view = catalog.view("speeds")
    assert catalog.of_dataset("trip") == (view,)
    assert len(catalog.names()) == len(BUNDLED_VIEWS) + 1
    described = describe_view(view, TRIP)
    assert [column["kind"] for column in described["columns"]] == ["window", "dimension", "count", "mean"]
    assert described["columns"][3]["unit"] == "km/h"


def test_a_view_of_a_bundled_name_replaces_it(tmp_path: Path) -> None:
    name = BUNDLED_VIEWS[0].name
    (tmp_path / "mine.py").write_text(OWN_VIEW.replace('"speeds"', f'"{name}"'))
    assert ViewCatalog.of_home(tmp_path).view(name).dataset == "trip"


def test_a_view_file_that_does_not_run_is_named(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("from processing import Nothing")
    with pytest.raises(UsageError, match=r"broken.py does not run"):
        ViewCatalog.of_home(tmp_path)


def test_an_unknown_view_is_refused_with_the_choices(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="Views are arrivals_by_hour"):
        ViewCatalog.of_home(tmp_path / "missing").view("weather")


def test_bundled_views_have_names_of_their_own_and_words_for_people() -> None:
    assert len({view.name for view in BUNDLED_VIEWS}) == len(BUNDLED_VIEWS)
    for view in BUNDLED_VIEWS:
        assert view.description.endswith(".")
        assert all(metric.description for metric in view.metrics)

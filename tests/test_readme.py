"""What the README promises to a newcomer is true of the code."""

import re
from pathlib import Path

import polars as pl
import pytest

from core.dataset import ColumnType, PersonalData
from preparation.catalog import Catalog
from preparation.classifying import classify_table
from preparation.extraction import RawTable
from preparation.matching import Matcher
from preparation.normalizing import Provenance, normalize
from processing import ViewCatalog

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
MODEL, VIEW = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_the_model_of_the_readme_is_a_dataset(tmp_path: Path) -> None:
    (tmp_path / "parcel_scan.py").write_text(MODEL, encoding="utf-8")
    dataset = Catalog(tmp_path).dataset("parcel_scan")
    assert dataset.event_time == "scanned_at"
    assert dataset.column("length").unit == "mm"
    assert dataset.column("scanned_at").type is ColumnType.TIMESTAMP
    assert dataset.column("receiver_phone").personal is PersonalData.PHONE


def test_tables_of_that_model_are_recognised_as_the_readme_says(tmp_path: Path) -> None:
    (tmp_path / "parcel_scan.py").write_text(MODEL, encoding="utf-8")
    catalog = Catalog(tmp_path)
    scans = pl.DataFrame(
        {
            "Tracking Number": ["A-1", "A-2", "A-3"],
            "scanTime": ["2026-11-01 10:00", "2026-11-01 10:01", "2026-11-01 10:02"],
            "Belt": ["north", "south", "north"],
            "Length (inch)": ["10", "12.5", "8"],
        }
    )
    verdict = classify_table(RawTable(scans), Matcher(catalog))
    assert verdict.classification.dataset == "parcel_scan"
    assert verdict.match
    renames = {pair.header: pair.column for pair in verdict.match.pairs}
    rows = normalize(scans, renames, catalog.dataset("parcel_scan"), Provenance("0" * 64))
    assert rows["parcel_id"].to_list() == ["A-1", "A-2", "A-3"]
    assert rows["length"].to_list() == pytest.approx([254.0, 317.5, 203.2])


def test_the_view_of_the_readme_is_a_view_of_that_model(tmp_path: Path) -> None:
    (tmp_path / "parcel_scan.py").write_text(MODEL, encoding="utf-8")
    (tmp_path / "views").mkdir()
    (tmp_path / "views" / "parcels_by_belt.py").write_text(VIEW, encoding="utf-8")
    view = ViewCatalog.of_home(tmp_path / "views").view("parcels_by_belt")
    view.check(Catalog(tmp_path).dataset(view.dataset))
    assert view.columns == ("window", "belt", "scans", "length_mean")


def test_every_command_and_target_of_the_readme_exists() -> None:
    from typer.main import get_command

    from pipeline.cli import app

    commands = set(getattr(get_command(app), "commands", {}))
    assert set(re.findall(r"`penstock (\w+)", README)) <= commands
    targets = set(re.findall(r"^([a-z-]+):.*##", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    assert set(re.findall(r"`?make (\w+)[` ]", README)) <= targets


def test_every_link_within_the_repository_leads_somewhere() -> None:
    pages = [
        ROOT / "README.md",
        ROOT / "CHANGELOG.md",
        *(ROOT / "docs").rglob("*.md"),
        *(ROOT / "benchmarks").glob("*.md"),
    ]
    broken = [
        f"{page.relative_to(ROOT)} → {target}"
        for page in pages
        for target in re.findall(r"(?<!!)\[[^\]]+\]\(([^)#]+)\)", page.read_text(encoding="utf-8"))
        if "://" not in target and not (page.parent / target).exists()
    ]
    assert broken == []

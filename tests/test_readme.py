"""What the README promises to a newcomer is true of the code."""

import re
from pathlib import Path

from core.dataset import ColumnType, PersonalData
from preparation.catalog import Catalog

ROOT = Path(__file__).resolve().parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_model_of_the_readme_is_a_dataset(tmp_path: Path) -> None:
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    (tmp_path / "parcel_scan.py").write_text(example, encoding="utf-8")
    dataset = Catalog(tmp_path).dataset("parcel_scan")
    assert dataset.event_time == "scanned_at"
    assert dataset.column("weight").unit == "kg"
    assert dataset.column("scanned_at").type is ColumnType.TIMESTAMP
    assert dataset.column("receiver_phone").personal is PersonalData.PHONE


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

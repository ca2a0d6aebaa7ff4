"""The bundled models, and those that a user writes."""

from pathlib import Path

import polars as pl
import pytest

from core.dataset import ColumnType, PersonalData
from core.errors import NotFoundError, SettingsError
from core.frames import prepared_schema
from preparation.catalog import BUNDLED, Catalog
from preparation.extraction import Limits, RawTable
from preparation.interpreting import Interpreter

PARCELS = '''
from datetime import datetime
from decimal import Decimal

from penstock import DatasetModel, PersonalData, column


class ParcelScan(DatasetModel):
    """Every time a parcel
    passed a scanner."""

    parcel_id: str = column(description="The parcel.", synonyms=("tracking number",), identity=True)
    scanned_at: datetime = column(description="When.", event_time=True)
    weight: float = column(description="At the belt.", unit="kg", ge=0, le=70)
    postage: Decimal = column(required=True)
    receiver: str | None = column(personal=PersonalData.PERSON_NAME)
'''


@pytest.fixture
def user_folder(tmp_path: Path) -> Path:
    (tmp_path / "parcels.py").write_text(PARCELS)
    return tmp_path


def test_every_promised_dataset_is_there_with_descriptions() -> None:
    catalog = Catalog()
    assert tuple(each.name for each in catalog.datasets()) == BUNDLED
    for dataset in catalog.datasets():
        assert dataset.description
        assert all(column.description for column in dataset.columns), dataset.name


def test_groups_of_needed_columns_name_columns_that_exist() -> None:
    catalog = Catalog()
    for dataset in catalog.datasets():
        for group in catalog.recognition(dataset.name).needs:
            assert [name for name in group if name not in dataset] == []


def test_every_model_validates_an_empty_frame_of_its_prepared_schema() -> None:
    catalog = Catalog()
    for dataset in catalog.datasets():
        catalog.model(dataset.name).to_schema().validate(prepared_schema(dataset).to_frame(), lazy=True)


def test_personal_columns_have_their_classes() -> None:
    catalog = Catalog()
    assert catalog.dataset("tax_form").column("ssn").personal is PersonalData.SSN
    assert catalog.dataset("medical_bill").column("patient_name").personal is PersonalData.PERSON_NAME
    assert catalog.dataset("email").column("sender").personal is PersonalData.EMAIL
    assert catalog.dataset("rejected_row").column("record").personal is PersonalData.RECORD
    assert catalog.dataset("social_post").column("text").personal is PersonalData.FREE_TEXT
    assert catalog.dataset("medical_bill").column("paid_amount").type is ColumnType.MONEY


def test_an_unknown_dataset_is_refused_with_the_choices() -> None:
    with pytest.raises(NotFoundError, match="sensor_reading"):
        Catalog().dataset("parcels")


def test_a_users_model_is_described_from_its_annotations_and_docstring(user_folder: Path) -> None:
    dataset = Catalog(user_folder).dataset("parcel_scan")
    assert dataset.description == "Every time a parcel passed a scanner."
    assert dataset.identity == ("parcel_id",)
    assert dataset.event_time == "scanned_at"
    assert dataset.column("weight").checks == ("at least 0", "at most 70")
    assert dataset.column("postage").type is ColumnType.MONEY
    assert dataset.column("postage").required
    assert dataset.column("receiver").personal is PersonalData.PERSON_NAME


def test_a_users_model_recognises_and_checks_tables_with_no_other_line(user_folder: Path) -> None:
    frame = pl.DataFrame(
        {
            "Tracking Number": ["A1", "A2", "A3"],
            "Scanned At": ["2024-03-01 10:00", "2024-03-01 10:01", "2024-03-01 10:02"],
            "Weight (g)": ["1200", "300", "99000"],
            "Postage": ["4,99", "2,49", "8,00"],
        }
    )
    found = Interpreter(Catalog(user_folder), "ab" * 32, Limits()).interpret(RawTable(frame))
    assert found.classification.dataset == "parcel_scan"
    assert found.table.frame["parcel_id"].to_list() == ["A1", "A2"]
    assert [each.row for each in found.table.rejections] == [2]
    assert "weight is 99.0, expected at least 0 and at most 70" in found.table.rejections[0].reason


def test_a_users_model_replaces_a_bundled_one_of_its_name(tmp_path: Path) -> None:
    (tmp_path / "mine.py").write_text(
        "from penstock import DatasetModel, column\n\nclass Email(DatasetModel):\n    mood: str = column()\n"
    )
    assert [each.name for each in Catalog(tmp_path).dataset("email").columns] == ["mood"]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("import nothing_of_that_name\n", 1),
        ("x = 1\nclass Broken(:\n", 2),
        ("from penstock import DatasetModel\n\nclass A(DatasetModel):\n    x: list\n", 3),
    ],
)
def test_a_broken_model_file_is_named_with_its_line(tmp_path: Path, text: str, line: int) -> None:
    file = tmp_path / "broken.py"
    file.write_text(text)
    with pytest.raises(SettingsError) as caught:
        Catalog(tmp_path)
    assert f"{file}, line {line}," in caught.value.reason
    assert caught.value.fix

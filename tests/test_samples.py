"""The bundled samples: stable, small, of every kind, and as whole or as broken as they say."""

import io
import subprocess
import sys
import zipfile
from collections import Counter
from pathlib import Path

import polars as pl
import pypdfium2
import pytest
import python_calamine

from pipeline.sample_files import write_samples

STRUCTURED = {
    *("medical_bill", "insurance_claim", "tax_form", "sensor_reading", "network_log", "social_post"),
    *("sports_event", "clickstream", "email"),
}
EVERY_DATASET = STRUCTURED | {"document", "image", "audio", "video", "other"}
MAX_BYTES = 5 * 1024 * 1024


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, str]]:
    folder = tmp_path_factory.mktemp("samples")
    return {path.relative_to(folder).as_posix(): (path, dataset) for path, dataset in write_samples(folder)}


def test_writing_twice_gives_the_same_bytes(written: dict[str, tuple[Path, str]], tmp_path: Path) -> None:
    again = {path.relative_to(tmp_path).as_posix(): path.read_bytes() for path, _ in write_samples(tmp_path)}
    assert again.keys() == written.keys()
    assert [name for name, (path, _) in written.items() if path.read_bytes() != again[name]] == []


def test_another_process_writes_the_same_bytes(written: dict[str, tuple[Path, str]], tmp_path: Path) -> None:
    script = "import sys, pathlib, pipeline.sample_files as s; s.write_samples(pathlib.Path(sys.argv[1]))"
    subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=True, env={"PYTHONHASHSEED": "7"})
    assert [name for name, (path, _) in written.items() if path.read_bytes() != (tmp_path / name).read_bytes()] == []


def test_the_set_is_small_and_of_every_dataset(written: dict[str, tuple[Path, str]]) -> None:
    datasets = Counter(dataset for _, dataset in written.values())
    assert set(datasets) == EVERY_DATASET
    assert 55 <= len(written) <= 90
    assert sum(path.stat().st_size for path, _ in written.values()) <= MAX_BYTES
    assert min(datasets[name] for name in STRUCTURED) >= 3


def test_no_two_samples_have_the_same_content(written: dict[str, tuple[Path, str]]) -> None:
    assert len({path.read_bytes() for path, _ in written.values()}) == len(written)


def test_importing_the_generator_loads_no_heavy_library() -> None:
    heavy = "{'polars', 'pyarrow', 'av', 'PIL', 'pypdf', 'numpy'}"
    script = f"import sys, pipeline.sample_files; print(*({heavy} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)
    assert found.stdout.split() == []


def test_binary_tables_open_with_their_libraries(written: dict[str, tuple[Path, str]]) -> None:
    from pyarrow import orc

    frames = [
        pl.read_parquet(written["sensors/building.parquet"][0]),
        pl.read_ipc(written["sensors/building.arrow"][0].read_bytes()),
        pl.read_avro(written["sensors/building.avro"][0]),
        pl.from_arrow(orc.ORCFile(written["sensors/building.orc"][0]).read()),
    ]
    assert [frame.height for frame in frames if isinstance(frame, pl.DataFrame)] == [600] * 4
    workbook = python_calamine.CalamineWorkbook.from_path(written["insurer/home_claims.xlsx"][0])
    assert workbook.get_sheet_by_name("Claims").height == 181


def test_fraudulent_claims_can_be_told_from_others(written: dict[str, tuple[Path, str]]) -> None:
    claims = pl.read_csv(written["insurer/motor_claims.csv"][0])
    fraud = pl.col("fraud_reported") == "Y"
    suspect = (pl.col("months_as_customer") < 18) & (pl.col("incident_severity") != "Minor Damage")
    assert claims.height >= 400
    assert 0.1 < claims.select(fraud.mean()).item() < 0.4
    assert claims.filter(suspect).select(fraud.mean()).item() > 2 * claims.filter(~suspect).select(fraud.mean()).item()


def test_pdfs_open_or_fail_as_they_say(written: dict[str, tuple[Path, str]]) -> None:
    with pypdfium2.PdfDocument(written["tax/w2_hanne_eklund.pdf"][0]) as form:
        assert "Federal income tax withheld: 8,144.20" in form[0].get_textpage().get_text_range()
    with pypdfium2.PdfDocument(written["damaged/locked.pdf"][0], password="larkspur") as locked:
        assert len(locked) == 1
    for name in ("damaged/locked.pdf", "damaged/cut_off.pdf"):
        with pytest.raises(pypdfium2.PdfiumError):
            pypdfium2.PdfDocument(written[name][0])


def test_the_corrupt_archive_fails_its_checksum(written: dict[str, tuple[Path, str]]) -> None:
    import zlib

    with (
        zipfile.ZipFile(io.BytesIO(written["damaged/corrupt.zip"][0].read_bytes())) as archive,
        pytest.raises((zipfile.BadZipFile, zlib.error)),
    ):
        archive.read("readings.csv")


@pytest.mark.parametrize(
    ("name", "is_valid"),
    [("edi/claims.837", True), ("edi/payment.835", True), ("edi/claims_without_subscriber.837", False)],
)
def test_interchanges_are_valid_unless_they_say_otherwise(
    name: str, is_valid: bool, written: dict[str, tuple[Path, str]]
) -> None:
    import pyx12.params
    import pyx12.x12n_document

    report = io.StringIO()
    params = pyx12.params.params()
    answer = pyx12.x12n_document.x12n_document(params, str(written[name][0]), report, None, None)
    assert answer is is_valid, report.getvalue()

"""The sample data that lies beside the repository, through the whole system: nothing is lost, most is understood."""

import csv
import random
import re
import shutil
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from core.settings import Preparation, Settings
from pipeline.commands import obey
from pipeline.inspecting import classify_files
from pipeline.system import System, open_system
from pipeline.writer import Writer

SAMPLES = (Path(__file__).resolve().parents[2] / "../shared/samples").resolve()
GROUPS_OF_TABLES = ("wild", "timeseries", "social", "fraud")
# Scans and recordings have tests of their own, and take minutes: here it is the others that count.
WITHOUT_MODELS = Preparation(ocr=False, speech=False)
MIN_SHARE, MIN_WILD_SHARE, MIN_LOG_SHARE = 0.97, 0.95, 0.98

pytestmark = [
    pytest.mark.skipif(not SAMPLES.is_dir(), reason=f"the sample data is not at {SAMPLES}"),
    pytest.mark.timeout(300),
]


@dataclass(frozen=True)
class Taken:
    """The samples, dropped once and once again.

    Attributes:
        answers: By the path inside the samples; members of archives too.
        again: What the second drop answered.
        system: For questions.
    """

    answers: dict[str, dict[str, Any]]
    again: list[dict[str, Any]]
    system: System


def manifest() -> list[dict[str, str]]:
    with (SAMPLES / "MANIFEST.tsv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t"))


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Taken]:
    home = tmp_path_factory.mktemp("samples") / "home"
    settings = Settings(home=home, preparation=WITHOUT_MODELS)
    with Writer(settings) as writer:
        first, again = (
            list(obey(writer, "drop", {"paths": [("samples", str(SAMPLES))], "source": "test"})) for _ in range(2)
        )
    system = open_system(settings)
    yield Taken({str(answer["path"]).removeprefix("samples/"): answer for answer in first}, again, system)
    system.close()


def test_every_file_of_the_manifest_has_an_outcome(taken: Taken) -> None:
    missing = [row["path"] for row in manifest() if row["path"] not in taken.answers]
    assert missing == []
    assert all(answer["reason"] for answer in taken.answers.values() if answer["outcome"] == "quarantined")


def test_nothing_failed_by_the_fault_of_a_parser(taken: Taken) -> None:
    own = re.compile("parser gave up|Penstock failed|died twice|not done after|of memory")
    assert {
        path: answer["reason"] for path, answer in taken.answers.items() if own.search(answer["reason"] or "")
    } == {}


def test_the_books_balance_and_every_promise_holds(taken: Taken) -> None:
    books = taken.system.books()
    assert books["balanced"]
    assert books["in_flight"] == 0
    assert [check for check in taken.system.verify() if not check["ok"]] == []


def test_a_second_drop_stores_nothing_new(taken: Taken) -> None:
    assert Counter(answer["outcome"] for answer in taken.again if "!/" not in answer["path"])["stored"] == 0
    assert sum(answer["rows"] for answer in taken.again) == 0


def test_files_are_told_by_their_content_under_random_names(tmp_path: Path) -> None:
    chance = random.Random(11)  # noqa: S311 - names, not keys
    truth = {}
    for row in manifest():
        name = f"{chance.getrandbits(64):016x}"
        shutil.copyfile(SAMPLES / row["path"], tmp_path / name)
        truth[str(tmp_path / name)] = row
    settings = Settings(home=tmp_path / "home", preparation=WITHOUT_MODELS)
    found = {answer["path"]: answer["dataset"] for answer in classify_files(settings, [tmp_path])}
    wrong = {
        row["path"]: found.get(path)
        for path, row in truth.items()
        if found.get(path) not in {row["dataset"], *row["also"].split(",")}
    }
    wild = sum(row["path"].startswith("wild/") for row in truth.values())
    wrong_in_wild = sum(path.startswith("wild/") for path in wrong)
    assert 1 - len(wrong) / len(truth) >= MIN_SHARE, wrong
    assert 1 - wrong_in_wild / wild >= MIN_WILD_SHARE, wrong


@pytest.mark.parametrize("group", GROUPS_OF_TABLES)
def test_every_record_of_a_table_is_a_row_or_rejected(taken: Taken, group: str) -> None:
    tables = [row["path"] for row in manifest() if row["path"].startswith(f"{group}/") and row["path"].endswith(".csv")]
    assert tables
    counts = {path: taken.answers[path]["rows"] + taken.answers[path]["rejected_rows"] for path in tables}
    assert counts == {path: records_in(SAMPLES / path) for path in tables}


def records_in(path: Path) -> int:
    """Records by Python's own reader: rows that are not blank, but for a header, which is a row with any word in it."""
    raw = path.read_bytes()
    text = raw.decode("utf-16" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig", "replace")
    try:
        delimiter = csv.Sniffer().sniff(text[:20_000], ",;\t|").delimiter
    except csv.Error:
        delimiter = ","
    csv.field_size_limit(len(text) + 1)
    rows = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
    filled = [row for row in rows if any(cell.strip() for cell in row)]
    return len(filled) - any(re.search(r"[^\W\d_]", cell) for cell in filled[0])


TIMES = {
    "Apache": ("{Time}", "%a %b %d %H:%M:%S %Y"),
    "Linux": ("{Month} {Date} {Time}", "%b %d %H:%M:%S"),
    "OpenSSH": ("{Date} {Day} {Time}", "%b %d %H:%M:%S"),
    "OpenStack": ("{Date} {Time}", "%Y-%m-%d %H:%M:%S.%f"),
}
COMPONENTS = {"Apache": None, "Linux": "component", "OpenSSH": "host", "OpenStack": "component"}
"""Which of our columns has what the publishers call Component; for OpenSSH they took the host for it."""


@pytest.mark.parametrize("log", TIMES)
def test_log_lines_are_parsed_as_their_publishers_did(taken: Taken, log: str) -> None:
    blob = taken.answers[f"logs/{log}_2k.log"]["blob"]
    sql = f"SELECT _row, time, host, component, content FROM network_log WHERE _blob = '{blob}'"  # noqa: S608
    ours = {row["_row"]: row for row in taken.system.query(sql).iter_rows(named=True)}
    with (SAMPLES / f"logs/{log}_2k.log_structured.csv").open(encoding="utf-8", newline="") as file:
        published = list(csv.DictReader(file))
    same: Counter[str] = Counter()
    for number, line in enumerate(published):
        mine = ours.get(number, dict.fromkeys(("time", "host", "component", "content")))
        same["time"] += is_same_time(mine["time"], line, *TIMES[log])
        same["content"] += " ".join(str(mine["content"]).split()) == " ".join(line["Content"].split())
        same["component"] += not COMPONENTS[log] or mine[str(COMPONENTS[log])] == line["Component"]
    shares = {name: count / len(published) for name, count in same.items()}
    assert min(shares.values()) >= MIN_LOG_SHARE, shares


def is_same_time(mine: datetime | None, line: dict[str, str], template: str, form: str) -> bool:
    """To the part that the log tells: many have no year."""
    told = f"2000 {template.format_map(line)}", f"%Y {form}"
    if "%Y" in form:
        told = template.format_map(line), form
    theirs = datetime.strptime(*told)  # noqa: DTZ007 - logs do not tell their zone
    if mine is None:
        return False
    naive = mine.replace(tzinfo=None)
    return naive == theirs if "%Y" in form else naive.replace(year=2000) == theirs


def segments(path: Path) -> list[list[str]]:
    """The elements of each segment, by the separators that the envelope declares."""
    text = path.read_text(encoding="latin-1").lstrip()
    start = text.index("ISA")
    element, end = text[start + 3], text[start + 105]
    return [segment.strip().split(element) for segment in text[start:].split(end) if segment.strip()]


@pytest.mark.parametrize(
    ("path", "total"),
    [
        ("edi/imsweb/837_5010__x12_multiple_isa.txt", ("medical_bill", "billed_amount", "CLM", 2)),
        ("edi/imsweb/837_5010__x12_multiple_transactions.txt", ("medical_bill", "billed_amount", "CLM", 2)),
        ("edi/imsweb/837_5010__x12_valid_different_separators.txt", ("medical_bill", "billed_amount", "CLM", 2)),
        ("edi/imsweb/837_5010__x223-test.txt", ("medical_bill", "billed_amount", "CLM", 2)),
        ("edi/pyx12/835_mult_loops.txt", ("insurance_claim", "claimed_amount", "CLP", 3)),
        ("edi/pyx12/835_mult_loops.txt", ("insurance_claim", "paid_amount", "CLP", 4)),
    ],
)
def test_amounts_of_x12_add_up(taken: Taken, path: str, total: tuple[str, str, str, int]) -> None:
    dataset, column, segment, element = total
    expected = sum(Decimal(parts[element]) for parts in segments(SAMPLES / path) if parts[0] == segment)
    sql = f"SELECT sum({column}) AS total FROM {dataset} WHERE _blob = '{taken.answers[path]['blob']}'"  # noqa: S608
    assert taken.system.query(sql)["total"].item() == expected


FAULTY = {
    "bad_first_line": r"ISA at segment 1",
    "bad_valid_code": r"NM1 at segment \d+, element 01",
    "loop_errors1_exceeds_max_1_parent": r"NM1 at segment \d+: the loop 2010AA",
    "loop_errors3_missing_loops": r"HL at segment \d+: the required loop 2010AA",
    "missing_elements": r"NM1 at segment \d+, element 02",
    "missing_required_loops_mult_repeats": r"SV1 at segment \d+",
    "no_isa_line": r"segment 1: expected ISA",
    "segments_out_of_order": r"N4 at segment \d+: it is out of order",
}


@pytest.mark.parametrize("name", FAULTY)
def test_faulty_x12_is_named_with_segment_and_position(taken: Taken, name: str) -> None:
    answer = taken.answers[f"edi/imsweb/837_5010__x12_{name}.txt"]
    assert re.search(FAULTY[name], answer["reason"])
    assert answer["outcome"] == "quarantined" or answer["rejected_rows"]

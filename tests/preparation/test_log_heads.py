"""Logs that nobody has described still give level, host, component and message."""

from pathlib import Path

import polars as pl
import pytest
from reader_kit import source

from preparation.readers import logs

LINES = {
    "2026-03-01T10:00:0@.123Z [worker-@] WARN  com.acme.Foo - queue is @ long": ("WARN", "com.acme.Foo", "queue is"),
    "[2026-03-01 10:00:0@][INFO][billing] charge @ done": ("INFO", "billing", "charge"),
    "2026-03-01 10:00:0@.123|INFO|Thread-@|billing|charge @ done": ("INFO", "billing", "charge"),
    "10:00:0@.123 INFO  [billing] charge @ done": ("INFO", "billing", "charge"),
    "ERROR 2026-03-01 10:00:0@,123 mailer: cannot send @": ("ERROR", "mailer", "cannot send"),
    "03/01/2026 10:00:0@ AM host1 billing[12@]: INFO charge @ done": ("INFO", "billing", "charge"),
    "2026-03-01 10:00:0@ host1 mailer[12@] <err> cannot send @": ("err", "mailer", "cannot send"),
    "2026-03-01 10:00:0@.12 +0200 [INFO ] billing.charge (charge.py:4@): charge @ done": (
        "INFO",
        "billing.charge",
        "charge",
    ),
}


def lines(tmp_path: Path, *texts: str) -> pl.DataFrame:
    return logs.read(source(tmp_path, "\n".join(texts))).tables[0].frame


@pytest.mark.parametrize("line", LINES)
def test_what_stands_before_the_message_is_taken_apart(tmp_path: Path, line: str) -> None:
    level, component, content = LINES[line]
    found = lines(tmp_path, *(line.replace("@", str(at)) for at in range(5)))
    assert found.height == 5
    assert set(found["level"]) == {level}
    assert set(found["component"]) == {component}
    assert all(each.startswith(content) for each in found["content"])
    assert len(set(found["template"])) == 1


def test_an_offset_after_a_blank_is_part_of_the_time(tmp_path: Path) -> None:
    found = lines(tmp_path, *(f"2026-03-01 10:00:0{at} +0200 [INFO] it works" for at in range(3)))
    assert found["time"][0] == "2026-03-01T08:00:00Z"


def test_words_that_only_some_lines_begin_with_stay_in_the_message(tmp_path: Path) -> None:
    found = lines(
        tmp_path,
        "2026-03-01 10:00:00 note: it begins",
        "2026-03-01 10:00:01 it goes on",
        "2026-03-01 10:00:02 it ends",
    )
    assert found["content"].to_list() == ["note: it begins", "it goes on", "it ends"]
    assert found["component"].null_count() == 3


def test_messages_that_do_not_fit_are_whole(tmp_path: Path) -> None:
    fitting = [f"2026-03-01 10:00:{at:02d} INFO app: step {at}" for at in range(30)]
    found = lines(tmp_path, *fitting, "2026-03-01 10:01:00 and then silence")
    assert found["content"][-1] == "2026-03-01 10:01:00 and then silence"
    assert found["content"][0] == "step 0"

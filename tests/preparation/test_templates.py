"""Templates of log messages: what the program printed stays, what it printed otherwise each time is a variable."""

import csv
import random
import time
from collections import defaultdict
from pathlib import Path

import polars as pl
import pytest
from reader_kit import sample

from preparation.templates import MAX_DISTINCT, templates_of

GROUPING_ACCURACY = {
    "Apache": 1.0,
    "Linux": 0.69,
    "OpenSSH": 0.99,
    "OpenStack": 1.0,
}  # Drain itself, tuned to each: 1.0, 0.69, 0.79, 0.73


def mined(*messages: str | None) -> list[str | None]:
    return templates_of(pl.Series(messages, dtype=pl.String)).to_list()


def grouping_accuracy(found: list[str], expected: list[str]) -> float:
    """The share of messages whose group holds just the messages that it should, as the loghub benchmark counts."""
    mine, theirs = defaultdict(set), defaultdict(set)
    for at, (template, event) in enumerate(zip(found, expected, strict=True)):
        mine[template].add(at)
        theirs[event].add(at)
    return sum(len(group) for group in mine.values() if group == theirs[expected[min(group)]]) / len(expected)


@pytest.mark.parametrize("name", GROUPING_ACCURACY)
def test_messages_of_loghub_are_grouped_as_their_labels_say(name: str) -> None:
    path = sample(f"logs/{name}_2k.log").path
    with Path(f"{path}_structured.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))

    found = mined(*(row["Content"] for row in rows))

    assert grouping_accuracy(found, [row["EventId"] for row in rows]) >= GROUPING_ACCURACY[name]


def test_numbers_addresses_and_names_are_variables() -> None:
    found = mined(
        "Accepted password for alice from 10.0.0.1 port 4022",
        "Accepted password for bob from 10.0.0.2 port 22",
        "session 3e8f2c1a-9b1d-4c5e-8f00-0123456789ab took 12.5 ms",
    )
    assert found[:2] == ["Accepted password for <*> from <*> port <*>"] * 2
    assert found[2] == "session <*> took <*> ms"


def test_words_that_come_back_often_tell_templates_apart() -> None:
    found = mined(*(f"[instance: {at}] VM {state}" for at in range(40) for state in ("started", "stopped")))
    assert set(found) == {"[instance: <*>] VM started", "[instance: <*>] VM stopped"}


def test_a_trace_below_a_message_is_no_part_of_its_template() -> None:
    assert mined("request 7 failed\n  File x.py, line 3\nValueError: y") == ["request <*> failed"]


def test_rows_without_a_message_have_no_template_and_the_order_is_kept() -> None:
    assert mined("b 1", None, "a 2", "b 3") == ["b <*>", None, "a <*>", "b <*>"]


def test_prose_has_no_templates_rather_than_as_many_as_lines() -> None:
    chance = random.Random(5)  # noqa: S311 - words, not keys
    words = ["".join(chance.choices("abcdefgh", k=6)) for _ in range(2_000)]
    lines = [" ".join(chance.choices(words, k=9)) for _ in range(MAX_DISTINCT + 1)]
    assert set(mined(*lines)) == {None}


def test_time_grows_with_distinct_messages_and_not_with_their_pairs() -> None:
    chance = random.Random(6)  # noqa: S311 - words, not keys
    words = ["".join(chance.choices("abcdefgh", k=6)) for _ in range(2_000)]
    lines = [" ".join(chance.choices(words, k=9)) for _ in range(8_000)]
    started = time.process_time()
    mined(*lines)
    assert time.process_time() - started < 5

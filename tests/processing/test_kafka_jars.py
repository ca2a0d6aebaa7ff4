"""Spark is given exactly the jars that it should have, or none."""

import shutil
from pathlib import Path

import pytest

from core.errors import EngineError
from processing import connector_jars, kafka_jars
from processing.kafka_jars import JARS


def test_a_jar_that_is_another_is_not_given_to_spark(tmp_path: Path) -> None:
    for jar in JARS:
        (tmp_path / jar.file).write_bytes(b"something else")
    with pytest.raises(EngineError, match=r"spark-sql-kafka.*is not the file"):
        connector_jars(tmp_path)


def test_a_jar_that_cannot_be_fetched_is_named_with_its_coordinates(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka_jars, "java_command", lambda: str(shutil.which("false")))
    with pytest.raises(EngineError, match=r"Put org\.apache\.spark:spark-sql-kafka-0-10_2\.13:4\.2\.0"):
        connector_jars(tmp_path / "jars")
    assert list((tmp_path / "jars").iterdir()) == []

"""Models from the command's side: trained on what the lake has, and read without an engine."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from core.settings import Settings
from pipeline.sample_files import write_samples
from pipeline.system import open_system

pytestmark = pytest.mark.timeout(300)


def penstock(home: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "pipeline.cli", "--home", str(home), *arguments, "--json"]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)


def answers(home: Path, *arguments: str) -> list[dict[str, Any]]:
    told = penstock(home, *arguments)
    assert told.returncode == 0, told.stderr
    return [json.loads(line) for line in told.stdout.splitlines()]


def test_a_model_trains_scores_and_explains_on_the_bundled_claims(tmp_path: Path) -> None:
    home = tmp_path / "home"
    write_samples(tmp_path / "samples")
    early = penstock(home, "models", "claim_fraud", "train")
    assert early.returncode == 1
    assert "no rows" in early.stderr
    answers(home, "drop", str(tmp_path / "samples" / "insurer"))
    (card,) = answers(home, "models", "claim_fraud", "train")
    assert card["kind"] == "predictive"
    assert card["metrics"]["auc"] > 0.7
    assert len(answers(home, "models", "claim_fraud", "explain")) > 3
    system = open_system(Settings(home))
    results = system.model_results("claim_fraud")
    listed = {model["model"]: model["version"] for model in system.model_list()}
    system.close()
    assert results.height > 400
    assert listed["claim_fraud"] == 1
    assert {"claim_review", "sensor_alerts", "sensor_anomalies", "sensor_groups"} <= {*listed}
    assert listed["claim_review"] is None

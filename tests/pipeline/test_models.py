"""Models from the command's side: trained on what the lake has, and read without an engine."""

from pathlib import Path

import pytest

from core.errors import EngineError, NotFoundError
from core.settings import Preparation, Settings
from pipeline.commands import obey
from pipeline.sample_files import write_samples
from pipeline.system import open_system
from pipeline.writer import Writer

pytestmark = pytest.mark.timeout(300)


def test_a_model_trains_scores_and_explains_on_the_bundled_claims(tmp_path: Path) -> None:
    write_samples(tmp_path / "samples")
    settings = Settings(tmp_path / "home", preparation=Preparation(workers=1))
    with Writer(settings) as writer:
        with pytest.raises(EngineError, match="no rows"):
            list(obey(writer, "train", {"model": "claim_fraud"}))
        with pytest.raises(NotFoundError, match="claim_fraud"):
            list(obey(writer, "train", {"model": "nothing"}))
        list(obey(writer, "drop", {"paths": [[str(tmp_path / "samples")] * 2], "source": "test"}))
        (card,) = obey(writer, "train", {"model": "claim_fraud"})
    assert card["kind"] == "predictive"
    assert card["metrics"]["auc"] > 0.7
    system = open_system(settings)
    results, learned = system.model_results("claim_fraud"), system.explain("claim_fraud")
    listed = {model["model"]: model["version"] for model in system.model_list()}
    system.close()
    assert results.height > 400
    assert learned.height > 3
    assert listed == {"claim_fraud": 1, "claim_review": None, "sensor_groups": None}

"""What the models are worth: frauds told from honest claims, reviews that pay, and how texts sound to people.

Claims go the whole way (dropped, prepared, stored) before a model learns from them, and every figure is of claims in
folds that it has not seen. Ratings of texts are the means of some twenty people, of the paper of VADER, whose own
correlations are what is promised.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
from measure import Figure, at_least, observed
from samples import BESIDE, VARIABLE, NotHereError

from core.settings import load_settings
from pipeline.system import open_system
from preparation.sentiment import text_sentiment
from processing import lake_frames

SEEDS = 6
PROMISED_AUC = 0.84
RATED = {
    "tweets": ("tweets.csv", 0.88),
    "film reviews": ("movie_reviews.csv", 0.45),
    "product reviews": ("amazon_reviews.csv", 0.57),
    "newspaper sentences": ("nyt_editorials.csv", 0.49),
}


def figures(folder: Path) -> Iterator[Figure]:
    """Measures the rated texts, then the claims."""
    samples = Path(os.environ.get(VARIABLE) or BESIDE)
    if not samples.exists():
        raise NotHereError(f"no samples at {samples}; name their folder with {VARIABLE}=DIR")
    for kind, (file, promised) in RATED.items():
        yield at_least(
            f"sentiment of {kind}, correlation with people", _correlation(samples / "social" / file), promised, "r"
        )
    yield from _claims(samples / "fraud/insurance_claims.csv", folder / "home")


def _correlation(file: Path) -> float:
    rated = pl.read_csv(file, infer_schema_length=None).drop_nulls(["text", "mean_sentiment"])
    told = [text_sentiment(text) for text in rated["text"]]
    return float(np.corrcoef(told, rated["mean_sentiment"].cast(pl.Float64).to_numpy())[0, 1])


def _claims(file: Path, home: Path) -> Iterator[Figure]:
    dropped = [sys.executable, "-m", "pipeline.cli", "--home", f"{home}", "drop", f"{file}"]
    subprocess.run(dropped, check=True, stdout=subprocess.DEVNULL, cwd=Path(__file__).parents[1])
    system = open_system(load_settings(home, environ={}))
    try:
        parts = system.parts
        dataset = parts.catalog.dataset("insurance_claim")
        version = parts.lake.version(dataset.name)
        rows = pl.concat(lake_frames(parts.lake, dataset.name, version))
        measured = {
            model: [
                parts.model_store.train(model, dataset, rows, lake_version=version, seed=seed).metrics
                for seed in range(SEEDS)
            ]
            for model in ("claim_fraud", "claim_review")
        }
    finally:
        system.close()

    def mean(model: str, name: str) -> float:
        return float(np.mean([metrics[name] for metrics in measured[model]]))

    yield at_least(
        f"fraud of claims, AUC of five folds, {SEEDS} seeds", mean("claim_fraud", "auc"), PROMISED_AUC, "AUC"
    )
    spread = float(np.std([metrics["auc"] for metrics in measured["claim_fraud"]]))
    yield observed("the same, standard deviation of the seeds", spread, "AUC")
    yield observed("how far its probabilities are off", mean("claim_fraud", "calibration_error"), "")
    saved = mean("claim_review", "saved")
    for other, words in {
        "saved_by_chance": "reviews drawn by lot",
        "saved_by_even_odds": "all above 0.5, as they come",
        "saved_by_largest_first": "the largest amounts first",
    }.items():
        name = f"reviews of a tenth of the claims save, beside {words}"
        theirs = mean("claim_review", other)
        yield Figure(name, f"{saved:,.0f}", f"{theirs:,.0f}", f"{saved / theirs:.2f}", "more", saved > theirs)

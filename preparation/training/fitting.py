"""Fits the text model and writes its weights."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

from preparation.text_model import terms_of
from preparation.training.texts import made_texts

TEXTS, MAX_TERMS, SEED = 2_400, 3_000, 20_261_126
_EVERY = 4  # lines of which one is held out, to see how sure the model may be of words that it has not seen
_TEMPERATURES = np.geomspace(0.3, 4.0, 40)
_DIGITS = 3


def fit(path: Path) -> dict[str, float]:
    """Trains, calibrates, writes the weights; gives the accuracy on texts of lines that were held out."""
    seen = list(made_texts(TEXTS, SEED, every=_EVERY))
    held = list(made_texts(TEXTS // 4, SEED + 1, every=_EVERY, held_out=True))
    vectorizer, model = _fitted(seen)
    scores = model.decision_function(vectorizer.transform([text for _, text in held]))
    truth = [list(model.classes_).index(dataset) for dataset, _ in held]
    losses = [_loss(scores / temperature, truth) for temperature in _TEMPERATURES]
    temperature = float(_TEMPERATURES[int(np.argmin(losses))])
    accuracy = float(np.mean(np.argmax(scores, axis=1) == truth))
    vectorizer, model = _fitted(list(made_texts(TEXTS, SEED)))
    path.write_text(_as_json(vectorizer, model, temperature), encoding="utf-8")
    return {"accuracy": accuracy, "log_loss": float(min(losses)), "temperature": temperature}


def _fitted(labelled: Sequence[tuple[str, str]]) -> tuple[Any, Any]:
    vectorizer = TfidfVectorizer(analyzer=terms_of, sublinear_tf=True, min_df=5, max_df=0.6, max_features=MAX_TERMS)
    vectors = vectorizer.fit_transform([text for _, text in labelled])
    model = LogisticRegression(C=3.0, max_iter=500).fit(vectors, [dataset for dataset, _ in labelled])
    return vectorizer, model


def _loss(scores: Any, truth: Sequence[int]) -> float:
    likelihoods = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
    return -float(np.mean(likelihoods[np.arange(len(truth)), truth]))


def _as_json(vectorizer: Any, model: Any, temperature: float) -> str:
    """One term a line, so that a change of the model can be read."""
    numbers = np.column_stack([vectorizer.idf_, model.coef_.T]).round(_DIGITS)
    names = vectorizer.get_feature_names_out()
    told = {name: numbers[at].tolist() for at, name in enumerate(names) if np.abs(numbers[at][1:]).max() > 0}
    lines = ",\n".join(f"{json.dumps(name, ensure_ascii=False)}: {json.dumps(row)}" for name, row in told.items())
    head = {
        "datasets": model.classes_.tolist(),
        "intercepts": model.intercept_.round(_DIGITS).tolist(),
        "temperature": round(temperature, _DIGITS),
    }
    return json.dumps(head)[:-1] + ', "terms": {\n' + lines + "\n}}\n"

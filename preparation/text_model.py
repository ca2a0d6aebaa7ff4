"""What a text without the marks of a form is, by its words: a bill, a claim, a tax form, or none of them.

TF-IDF and logistic regression, trained by ``python -m preparation.training`` and kept as weights in JSON: scikit-learn
would take a worker 1.2 s to import, and evaluating a page without it takes less than a millisecond.
"""

import json
import math
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import pairwise

MIN_WORDS, MAX_WORDS = 30, 3_000  # shorter says too little; longer is no form
MIN_CONFIDENCE = 0.75
"""Below this a text stays a document: a bill among documents is found by search, a document among bills is wrong."""
_WORD = re.compile(r"[^\W\d_]{2,}")
_SHOWN_TERMS = 5


@dataclass(frozen=True, slots=True)
class Guess:
    """What a text is by its words.

    Attributes:
        dataset: The dataset.
        confidence: From 0 to 1, calibrated on made-up texts of lines that the model had not seen.
        terms: The words that spoke for it most.
    """

    dataset: str
    confidence: float
    terms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Model:
    datasets: tuple[str, ...]
    intercepts: tuple[float, ...]
    terms: dict[str, tuple[float, ...]]  # idf, then a weight a dataset
    temperature: float
    firsts: frozenset[str]  # of pairs among the terms, the first words


def terms_of(text: str) -> list[str]:
    """The words of a text and its pairs of neighbours, as the model knows them."""
    words = _words(text)
    return words + [f"{a} {b}" for a, b in pairwise(words)]


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def guess_of(text: str) -> Guess | None:
    """What a text is; None where it is too short or too long to be told by its words."""
    words = len(text.split())
    if not MIN_WORDS <= words <= MAX_WORDS:
        return None
    model = _model()
    told = _words(text)
    counts = Counter(word for word in told if word in model.terms)
    counts.update(pair for a, b in pairwise(told) if a in model.firsts and (pair := f"{a} {b}") in model.terms)
    weights = {term: (1 + math.log(count)) * model.terms[term][0] for term, count in counts.items()}
    norm = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
    shares = {term: weight / norm for term, weight in weights.items()}
    scores = [
        (intercept + sum(share * model.terms[term][at] for term, share in shares.items())) / model.temperature
        for at, intercept in enumerate(model.intercepts, start=1)
    ]
    top = max(scores)
    chances = [math.exp(score - top) for score in scores]
    best = scores.index(top)
    strongest = sorted(shares, key=lambda term: -shares[term] * model.terms[term][best + 1])
    return Guess(model.datasets[best], chances[best] / sum(chances), tuple(strongest[:_SHOWN_TERMS]))


@cache
def _model() -> _Model:
    kept = json.loads((files("preparation") / "text_model.json").read_text(encoding="utf-8"))
    terms = {term: tuple(numbers) for term, numbers in kept["terms"].items()}
    firsts = frozenset(term.partition(" ")[0] for term in terms if " " in term)
    return _Model(tuple(kept["datasets"]), tuple(kept["intercepts"]), terms, float(kept["temperature"]), firsts)

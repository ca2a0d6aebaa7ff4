"""What streaming queries on Spark keep beside the views: sessions of visitors, and what models say of new rows."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from core.dataset import Dataset
from pipeline.bootstrap import Parts
from pipeline.news import News
from pipeline.restarted import Restarted
from preparation import Catalog
from processing import ScoreStream, SessionStream, has_sessions


def streamed_models(parts: Parts, catalog: Callable[[], Catalog], news: News) -> list[Restarted]:
    """A query for the sessions of each dataset that has them as it is declared now, and one for all scores."""
    scores = parts.score_stream()
    kept = [_sessions(parts, dataset, news) for dataset in catalog().datasets() if has_sessions(dataset)]
    start, progress = partial(_start_scores, scores, catalog), partial(_progress_of_scores, scores, parts)
    return [*kept, Restarted("What models say", scores, start, news, progress)]


def _sessions(parts: Parts, dataset: Dataset, news: News) -> Restarted:
    stream = parts.session_stream(dataset.name)
    start = partial(_start_sessions, stream, dataset, parts)
    progress = partial(_progress_of_sessions, stream, dataset, parts)
    return Restarted(f"The sessions of {dataset.name}", stream, start, news, progress)


def _start_sessions(stream: SessionStream, dataset: Dataset, parts: Parts) -> bool:
    if parts.lake.version(dataset.name) < 0:
        return False
    stream.start(dataset, parts.lake)
    return True


def _start_scores(stream: ScoreStream, catalog: Callable[[], Catalog]) -> bool:
    if not stream.ready():
        return False
    stream.start(catalog().dataset)
    return True


def _progress_of_sessions(stream: SessionStream, dataset: Dataset, parts: Parts) -> Mapping[str, Any]:
    """What Spark tells, how many versions of the lake are not in the sessions yet, and how many visitors' are open."""
    told, standing = stream.progress(), parts.session_store.standing(dataset)
    if not told or standing is None:
        return {}
    lag = parts.lake.version(dataset.name) - standing.version
    return {"stream": f"sessions of {dataset.name}", **told, "lag": lag, "held": told["state_rows"]}


def _progress_of_scores(stream: ScoreStream, parts: Parts) -> Mapping[str, Any]:
    """What Spark tells, and how many versions of the lake hold rows that were not scored yet."""
    told = stream.progress()
    behind = (
        parts.lake.version(parts.model_store.model(name).dataset) - version for name, version in stream.ready().items()
    )
    return {"stream": "scores of models", **told, "lag": sum(behind)} if told else {}

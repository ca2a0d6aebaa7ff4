"""What streaming queries on Spark keep beside the views: sessions of visitors, and what models say of new rows."""

from collections.abc import Callable
from functools import partial

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
    return [*kept, Restarted("What models say", scores, partial(_start_scores, scores, catalog), news)]


def _sessions(parts: Parts, dataset: Dataset, news: News) -> Restarted:
    stream = parts.session_stream(dataset.name)
    return Restarted(f"The sessions of {dataset.name}", stream, partial(_start_sessions, stream, dataset, parts), news)


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

"""The whole way of one file: what the ledger remembers, and which index and views its rows are in."""

from typing import Any

from core.errors import NotFoundError
from ingestion import Arrival, LedgerReader
from pipeline.bootstrap import Parts


def trace(parts: Parts, ledger: LedgerReader, path_or_blob: str) -> list[dict[str, Any]]:
    """The steps of every arrival of that path or blob, in order.

    Raises:
        NotFoundError: If there is none.
    """
    arrivals = ledger.find(path_or_blob)
    if not arrivals:
        raise NotFoundError(f"Nothing arrived as {path_or_blob!r}.", "Check the path, or give the blob's SHA-256.")
    return [step for arrival in arrivals for step in _steps(parts, ledger, arrival)]


def _steps(parts: Parts, ledger: LedgerReader, arrival: Arrival) -> list[dict[str, Any]]:
    steps = [_step(arrival.received_at, "ingestion", "received", f"{arrival.path} from {arrival.source}", None)]
    steps += [_step(s.at, s.layer, s.step, s.detail, s.seconds) for s in ledger.steps(arrival.id)]
    if arrival.why:
        why = f"{arrival.dataset}, confidence {arrival.confidence or 0:.2f}: {arrival.why}"
        steps.append(_step(arrival.finished_at, "preparation", "classified", why, None))
    if arrival.is_finished:
        told = arrival.reason or arrival.note or ""
        steps.append(_step(arrival.finished_at, arrival.layer or "storage", arrival.state.value, told, arrival.seconds))
    return steps + (_visible(parts, ledger, arrival) if arrival.batch else [])


def _visible(parts: Parts, ledger: LedgerReader, arrival: Arrival) -> list[dict[str, Any]]:
    """Which followers of the lake have the batch of an arrival by now."""
    steps = []
    for name, version in ledger.versions(arrival.batch or 0).items():
        if name not in {*ledger.tables(arrival.id), "blob"}:
            continue
        if parts.index.version(name) >= version:
            steps.append(_step(None, "storage", "searchable", f"index of {name} at version {version} or later", None))
        views = parts.views.of_dataset(name)
        reached = [view.name for view in views if parts.view_store.version(view) >= version]
        if reached:
            steps.append(_step(None, "processing", "in the views", ", ".join(reached), None))
    return steps


def _step(at: str | None, layer: str, step: str, detail: str, seconds: float | None) -> dict[str, Any]:
    return {"at": at, "layer": layer, "step": step, "detail": detail, "seconds": seconds}

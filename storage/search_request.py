"""The checks and sums that every index shares."""

from collections.abc import Iterable, Mapping

from core.dataset import Dataset
from core.errors import QueryError
from core.ports import SearchRequest

MAX_WINDOW = 10_000
FACET_VALUES = 20
_MAX_CHOICES = 30


def checked_request(request: SearchRequest) -> None:
    """Refuses a request that no index answers.

    Raises:
        QueryError: If it asks for fewer than no hits, or deeper than `MAX_WINDOW`.
    """
    if request.limit < 0 or request.offset < 0:
        raise QueryError(f"The search asks for {request.limit} hits after {request.offset}.", "Give numbers from 0 on.")
    if request.limit + request.offset > MAX_WINDOW:
        raise QueryError(
            f"The search asks for hits up to number {request.limit + request.offset}; {MAX_WINDOW} is the deepest.",
            "Narrow it by words or filters.",
        )


def unknown_name(what: str, name: str, choices: Iterable[str]) -> QueryError:
    """The error for a dataset or column that an index does not know."""
    known = [choice for choice in choices if not choice.startswith("_")]
    listed = ", ".join(known[:_MAX_CHOICES]) + (" …" if len(known) > _MAX_CHOICES else "")
    return QueryError(f"The index knows no {what} {name[:80]!r}.", f"Known are: {listed or 'none yet'}.")


def sealed_name(column: str) -> QueryError:
    """The error for a column of personal data, whose values no index has."""
    return QueryError(
        f"The column {column} is sealed; the index holds only its mask and fingerprint.",
        f"Filter by {column}_masked, or by the fingerprint of a value in {column}_hmac.",
    )


def refuse_unknown(dataset: str, indexed: Iterable[str], known: Iterable[Dataset]) -> None:
    """Allows a dataset that is known though nothing of it is indexed yet.

    Raises:
        QueryError: If it is not.
    """
    names = sorted({one.name for one in known} | set(indexed))
    if dataset not in names:
        raise unknown_name("dataset", dataset, names)


def facets_of(counted: Iterable[Mapping[str, Mapping[str, int]]]) -> dict[str, dict[str, int]]:
    """The counts of several datasets together, commonest first."""
    sums: dict[str, dict[str, int]] = {}
    for facets in counted:
        for column, counts in facets.items():
            kept = sums.setdefault(column, {})
            for value, count in counts.items():
                kept[value] = kept.get(value, 0) + count
    return {
        column: dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:FACET_VALUES])
        for column, counts in sums.items()
    }

"""What people say of tables that were taken for something else, and what becomes of the table then."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from core.errors import NotFoundError, PenstockError, UsageError
from core.prepared import Prepared, TableMatch
from core.settings import Settings
from pipeline.bootstrap import Parts
from pipeline.inspecting import matches_of, prepared_file
from preparation import Correction, Options, forget, remember, said_now

_MAX_NAMED = 12


def correct_file(
    settings: Settings, path: Path, dataset: str, columns: Mapping[str, str], sheet: str | None
) -> Iterator[dict[str, Any]]:
    """Remembers what a table is, and says what becomes of it now.

    Raises:
        PenstockError: If the file holds no table whose headers tell it from others.
        UsageError: If it has several tables and none was named, or not the headers that were named.
        SettingsError: If there is no such dataset or column.
    """
    if not path.is_file():
        raise PenstockError(f"There is no file {path}.", "Check the path.")
    parts = Parts(settings)
    try:
        prepared = prepared_file(parts, path, Options())
        match = _the_match(prepared, path, sheet)
        headers = [each.header for each in match.columns]
        told = remembered(parts, dataset, headers, _known(columns, headers), path.name)
        parts.pool.renew()
        prepared = prepared_file(parts, path, Options())
    finally:
        parts.close()
    tables = [table for table in prepared.tables if table.dataset == dataset]
    yield {
        "id": told["id"],
        "path": str(path),
        "dataset": dataset,
        "rows": sum(table.frame.height for table in tables),
        "rejected_rows": sum(table.rejected_rows for table in tables),
        "why": prepared.classification.why,
    }


def remembered(
    parts: Parts, dataset: str, headers: Sequence[str], columns: Mapping[str, str], file: str
) -> dict[str, Any]:
    """Keeps what was said of tables with these headers.

    Raises:
        UsageError: If tables are not of that dataset.
        SettingsError: If there is no such dataset or column.
    """
    correction = said_now(dataset, headers, columns, file)
    _check(parts, correction)
    remember(parts.home.schemas, correction)
    return _told(correction)


def columns_of(prepared: Prepared) -> Iterator[dict[str, Any]]:
    """What became of the columns of each table, those of the blob's own dataset first.

    Raises:
        NotFoundError: If nothing can be got out of the blob.
    """
    if prepared.fault:
        raise NotFoundError(prepared.fault.reason, prepared.fault.fix)
    for match in matches_of(prepared):
        told = [{"header": each.header, "column": each.column, "why": each.why} for each in match.columns]
        yield {"name": match.name, "dataset": match.dataset, "shape": match.shape, "columns": told}


def known_corrections(settings: Settings) -> list[dict[str, Any]]:
    """All that was said, in the order of the file."""
    return [_told(each) for each in Parts(settings).catalog.corrections()]


def forget_correction(settings: Settings, identity: str) -> list[dict[str, Any]]:
    """Takes one back, and gives it.

    Raises:
        NotFoundError: If there is none of that identity.
    """
    return [_told(forget(Parts(settings).home.schemas, identity))]


def _the_match(prepared: Prepared, path: Path, sheet: str | None) -> TableMatch:
    found = [match for match in matches_of(prepared) if match.shape]
    if not found:
        reason = prepared.fault.reason if prepared.fault else "It holds no table with headers of its own."
        fix = "Drop it into inbox/DATASET: the folder's name says what a file is, whatever it looks like."
        raise PenstockError(f"{path} cannot be corrected: {reason}", fix)
    names = [match.name for match in found]
    if sheet is not None:
        found = [match for match in found if match.name == sheet]
    if len({match.shape for match in found}) != 1:
        raise UsageError(f"{path} has the tables {_listed(names)}.", "Name one of them by --sheet.")
    return found[0]


def _known(columns: Mapping[str, str], headers: Sequence[str]) -> Mapping[str, str]:
    unknown = [name for name in columns if name not in headers]
    if unknown:
        raise UsageError(f"The table has no header {unknown[0]!r}.", f"Its headers are {_listed(headers)}.")
    return columns


def _check(parts: Parts, correction: Correction) -> None:
    catalog = parts.catalog
    catalog.check(correction)
    if not catalog.takes_tables(correction.dataset):
        takers = ", ".join(each.name for each in catalog.datasets() if catalog.takes_tables(each.name))
        raise UsageError(f"Tables are not of {correction.dataset}.", f"A table is one of {takers}.")


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _MAX_NAMED} more" if len(names) > _MAX_NAMED else ""
    return ", ".join(map(repr, names[:_MAX_NAMED])) + more


def _told(correction: Correction) -> dict[str, Any]:
    return {
        "id": correction.id,
        "dataset": correction.dataset,
        "headers": list(correction.headers),
        "columns": dict(correction.columns),
        "file": correction.file,
        "said_by": correction.said_by,
        "said_at": correction.said_at,
    }

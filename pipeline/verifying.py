"""Checks every promise: the books, the vault, lake ⇔ ledger, all that follows ⇔ lake, the audit chain, the keys."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from core.dataset import BLOB_COLUMN, Dataset
from core.errors import PenstockError
from ingestion import LedgerReader
from pipeline.bootstrap import Parts
from processing import View, has_sessions, lake_frames

MAX_NAMED = 5
OWN_TABLES = ("blob", "rejected_row")


def verify(parts: Parts, ledger: LedgerReader | None) -> Iterator[dict[str, Any]]:
    """One answer a check: ``check``, ``ok``, ``detail``."""
    yield _checked("keys", partial(_keys, parts))
    yield _checked("audit trail", partial(_audit, parts))
    yield _checked("secrets", partial(_secrets, parts))
    yield _checked("certificates", partial(_certificates, parts))
    if ledger is None:
        return
    yield _checked("books", partial(_books, ledger))
    yield _checked("vault", partial(_vault, parts, ledger))
    for name in parts.lake.names():
        version = parts.lake.version(name)
        yield _checked(f"lake {name}", partial(_lake, parts, ledger, name))
        yield _checked(f"index {name}", partial(_index, parts, name, version))
        for view in parts.views.of_dataset(name):
            yield _checked(f"view {view.name}", partial(_view, parts, view, version))
        if has_sessions(parts.catalog.dataset(name)):
            yield _checked(f"sessions {name}", partial(_sessions, parts, parts.catalog.dataset(name), version))


def _checked(check: str, work: Callable[[], tuple[list[str], str]]) -> dict[str, Any]:
    try:
        wrong, fine = work()
    except (PenstockError, OSError) as error:
        wrong, fine = [str(error)], ""
    more = f" and {len(wrong) - MAX_NAMED} more" if len(wrong) > MAX_NAMED else ""
    return {"check": check, "ok": not wrong, "detail": "; ".join(wrong[:MAX_NAMED]) + more if wrong else fine}


def _keys(parts: Parts) -> tuple[list[str], str]:
    return [], f"{len(parts.keyring.describe())} keys"


def _audit(parts: Parts) -> tuple[list[str], str]:
    return [], f"{parts.audit.verify()} entries, each follows from the one before"


def _secrets(parts: Parts) -> tuple[list[str], str]:
    names = parts.secrets.names()
    for name in names:
        parts.secrets.get(name)
    return [], f"{len(names)} secrets, each opens"


def _certificates(parts: Parts) -> tuple[list[str], str]:
    known = parts.authority.issued()
    over = [f"the certificate {name} is {each.state()}" for name, each in known.items() if not each.is_valid()]
    return over, f"{len(known)} certificates, each in its time"


def _books(ledger: LedgerReader) -> tuple[list[str], str]:
    books = ledger.books()
    return ledger.audit_books(), f"{books['received']} received, every one accounted for"


def _vault(parts: Parts, ledger: LedgerReader) -> tuple[list[str], str]:
    known, kept = ledger.blobs(), set(parts.vault.blobs())
    wrong = [f"{blob} is in the ledger but not in the vault" for blob in sorted(known - kept)]
    size = 0
    for blob in sorted(known & kept):
        digest = hashlib.sha256()
        try:
            for piece in parts.vault.read(blob):
                digest.update(piece)
                size += len(piece)
        except PenstockError as error:
            wrong.append(str(error))
            continue
        if digest.hexdigest() != blob:
            wrong.append(f"{blob} opens to other bytes, {digest.hexdigest()}")
    loose = (
        f"; {len(kept - known)} more that were sealed when a crash came, before they were received"
        if kept - known
        else ""
    )
    return wrong, f"{len(known)} blobs, {size} bytes, each opens and has its hash{loose}"


def _lake(parts: Parts, ledger: LedgerReader, name: str) -> tuple[list[str], str]:
    """Every blob has as many rows in the table as the ledger says, and no other blob has any."""
    found: Counter[str] = Counter()
    for frame in lake_frames(parts.lake, name):
        found.update(dict(frame[BLOB_COLUMN].value_counts().iter_rows()))
    expected = ledger.rows_by_blob(name) if name not in OWN_TABLES else None
    if expected is None:
        stored = ledger.stored_blobs()
        wrong = [f"{blob} has rows but is not stored" for blob in found if blob not in stored]
        if name == "blob":
            wrong += [f"{blob} is stored but not in the catalogue" for blob in stored if found[blob] != 1]
        return wrong, f"{found.total()} rows"
    has_identity = bool(parts.catalog.dataset(name).identity)
    wrong = [
        f"{blob} has {found[blob]} rows, the ledger says {expected.get(blob, 0)}"
        for blob in found.keys() | expected.keys()
        if found[blob] > expected.get(blob, 0) or (found[blob] < expected.get(blob, 0) and not has_identity)
    ]
    return wrong, f"{found.total()} rows, as the ledger says"


def _index(parts: Parts, name: str, version: int) -> tuple[list[str], str]:
    reached = parts.index.version(name)
    rows = sum(frame.height for frame in lake_frames(parts.lake, name, version))
    count = parts.index.count(name)
    wrong = [] if reached >= version else [f"the index is at version {reached}, the lake at {version}"]
    wrong += [] if count == rows else [f"{count} records are searchable, {rows} are in the lake"]
    return wrong, f"{count} records at version {reached}"


def _view(parts: Parts, view: View, version: int) -> tuple[list[str], str]:
    reached = parts.view_store.version(view)
    return ([] if reached >= version else [f"it is at version {reached}, the lake at {version}"]), f"version {reached}"


def _sessions(parts: Parts, dataset: Dataset, version: int) -> tuple[list[str], str]:
    """Each row is an event of one session, came too late, or tells of nobody."""
    standing = parts.session_store.standing(dataset)
    if standing is None or standing.version < version:
        reached = -1 if standing is None else standing.version
        return [f"they are at version {reached}, the lake at {version}"], ""
    rows = sum(frame.height for frame in lake_frames(parts.lake, dataset.name, standing.version))
    events = int(parts.session_store.sessions(dataset)["events"].sum())
    counted = f"{events} events in sessions, {standing.late} late, {standing.unplaced} rows without actor or time"
    wrong = [] if events + standing.late + standing.unplaced == rows else [f"{counted}, but {rows} rows in the lake"]
    return wrong, f"{counted}, at version {standing.version}"

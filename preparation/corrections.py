"""What people said of tables that were taken for something else: a rule for each shape of table, kept in one file.

The file lies beside the user's models, so that workers read it where they read those, and whoever opens that folder
finds it. Its name begins with an underscore: no model and no form is sought in it.
"""

import fcntl
import getpass
import hashlib
import json
import os
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.errors import NotFoundError, SettingsError
from preparation.header_words import parsed_header

CORRECTIONS_FILE = "_corrections.toml"
_HEADING = """\
# What people said of tables that were taken for something else. A table with the same headers, in any order and
# spelling, under any name, is taken as said here. `penstock corrections forget ID` takes an entry out; so do you.
"""
_MAX_HEADERS = 2_000


@dataclass(frozen=True, slots=True)
class Correction:
    """What a person said of tables with certain headers.

    Attributes:
        dataset: What they are.
        headers: The headers of the table that was looked at.
        columns: Header → column of the dataset, or "" where the column is none of the dataset's.
        said_by: Who.
        said_at: When, as ISO 8601 in UTC.
        file: The file that it was said of.
    """

    dataset: str
    headers: tuple[str, ...]
    columns: Mapping[str, str] = field(default_factory=dict)
    said_by: str = ""
    said_at: str = ""
    file: str = ""

    @property
    def id(self) -> str:
        """The shape that it holds for."""
        return shape_of_headers(self.headers)

    @property
    def why(self) -> str:
        """The reason, as `classify` prints it."""
        of = f" of {self.file}" if self.file else ""
        return f"corrected by a person on {self.said_at[:10]} ({self.said_by or 'unknown'}{of})"

    def applied(self, renames: Mapping[str, str], headers: Iterable[str]) -> dict[str, str]:
        """The places of columns with those that a person gave; a column that was given away is given up by others."""
        keys = {parsed_header(name).key: column for name, column in self.columns.items()}
        given = {name: keys[parsed_header(name).key] for name in headers if parsed_header(name).key in keys}
        taken = set(given.values())
        kept = {name: column for name, column in renames.items() if name not in given and column not in taken}
        return kept | {name: column for name, column in given.items() if column}


def shape_of_headers(headers: Iterable[str]) -> str:
    """The identity of a shape of table: its headers, whatever their order and spelling."""
    keys = sorted({parsed_header(header).key or header.strip().lower() for header in headers})
    return hashlib.sha256("\n".join(keys).encode()).hexdigest()[:16]


def load_corrections(folder: Path | None) -> dict[str, Correction]:
    """The corrections of a folder by shape.

    Raises:
        SettingsError: If the file cannot be read; it names the entry.
    """
    file = folder / CORRECTIONS_FILE if folder else None
    if file is None or not file.is_file():
        return {}
    try:
        entries = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"The corrections in {file} cannot be read: {error}.", "Mend that line.") from error
    corrections = [_correction(name, entry, file) for name, entry in entries.items()]
    return {each.id: each for each in corrections}


def remember(folder: Path, correction: Correction) -> None:
    """Keeps a correction; it replaces an earlier one of the same shape."""
    _rewrite(folder, lambda known: known | {correction.id: correction})


def forget(folder: Path, identity: str) -> Correction:
    """Takes a correction out.

    Raises:
        NotFoundError: If there is none of that identity.
    """
    known = load_corrections(folder)
    if identity not in known:
        reason = f"There is no correction {identity!r}."
        raise NotFoundError(reason, "`penstock corrections` lists those there are.")
    _rewrite(folder, lambda now: {name: each for name, each in now.items() if name != identity})
    return known[identity]


def said_now(dataset: str, headers: Sequence[str], columns: Mapping[str, str], file: str) -> Correction:
    """A correction by whoever runs this process, now."""
    who = ""
    with suppress(KeyError, OSError):  # an account without a name
        who = getpass.getuser()
    at = datetime.now(UTC).isoformat(timespec="seconds")
    return Correction(dataset, tuple(headers[:_MAX_HEADERS]), dict(columns), who, at, file)


def _rewrite(folder: Path, change: Any) -> None:
    """Changes the file under a lock and swaps it in whole: a worker that reads meanwhile sees the old or the new."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / f".{CORRECTIONS_FILE}.lock").open("w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        entries = change(load_corrections(folder))
        fresh = folder / f".{CORRECTIONS_FILE}.new"
        fresh.write_text(_HEADING + "".join(map(_as_toml, entries.values())), encoding="utf-8")
        os.replace(fresh, folder / CORRECTIONS_FILE)


def _as_toml(correction: Correction) -> str:
    facts = {name: getattr(correction, name) for name in ("dataset", "said_by", "said_at", "file")}
    lines = [f"[{correction.id}]", *(f"{name} = {_quoted(value)}" for name, value in facts.items())]
    lines += ["headers = [", *(f"  {_quoted(header)}," for header in correction.headers), "]"]
    if correction.columns:
        lines += [f"[{correction.id}.columns]"]
        lines += [f"{_quoted(header)} = {_quoted(column)}" for header, column in correction.columns.items()]
    return "\n" + "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A basic string of TOML: JSON's escapes are among its own, but for the delete character."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _correction(name: str, entry: Any, file: Path) -> Correction:
    try:
        return Correction(
            dataset=str(entry["dataset"]),
            headers=tuple(map(str, entry["headers"])),
            columns={str(header): str(column) for header, column in entry.get("columns", {}).items()},
            said_by=str(entry.get("said_by", "")),
            said_at=str(entry.get("said_at", "")),
            file=str(entry.get("file", "")),
        )
    except (KeyError, TypeError, AttributeError) as error:
        reason = f"The correction {name} in {file} has no dataset, or no list of headers."
        raise SettingsError(reason, "Mend the entry, or take it out.") from error

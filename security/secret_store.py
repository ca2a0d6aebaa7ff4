"""Secrets of other systems (API keys, passwords), each sealed under the key ring."""

import json
import re
from pathlib import Path

from core.errors import KeyRingError, NotFoundError, TamperedError, UsageError
from core.ports import AuditTrail
from security.key_ring import KeyRing
from security.private_file import locked, read_private, replace_file

_FILE_VERSION = 1
_NAME = re.compile(r"[a-z0-9][a-z0-9._/-]{0,127}")
_RESTORE = "Restore it from a backup, or make its secrets anew."


class SecretStore:
    """A file, mode 0600, of name → Fernet token. Several processes may use it at once.

    A token holds its name beside the secret, so that one put in the place of another does not open. No command shows
    a secret, and the audit trail has the names only.

    Args:
        file: Made with the first secret.
        ring: Seals and opens.
        audit: Told of what is kept and forgotten.
    """

    def __init__(self, file: Path, ring: KeyRing, audit: AuditTrail) -> None:
        self._file = file
        self._ring = ring
        self._audit = audit

    def put(self, name: str, value: str) -> None:
        """Keeps a secret, in the place of the one of that name; durable on return.

        Raises:
            UsageError: If the name is not of lower-case letters, digits and ``._/-``.
        """
        if not _NAME.fullmatch(name):
            raise UsageError(f"{name!r} is no name for a secret.", "Use lower-case letters, digits and . _ / - in it.")
        self._file.parent.mkdir(parents=True, exist_ok=True)
        with locked(self._file.parent):
            self._write(self._read() | {name: self._sealed(name, value)})
        self._audit.record("keep secret", name)

    def get(self, name: str) -> str:
        """A secret.

        Raises:
            NotFoundError: If there is none of that name.
            TamperedError: If it was sealed under another name, or by a key that is not in the ring.
        """
        tokens = self._read()
        if name not in tokens:
            known = ", ".join(sorted(tokens)) or "none yet"
            raise NotFoundError(f"There is no secret {name!r}.", f"Kept are: {known}.")
        return self._opened(name, tokens[name])

    def names(self) -> tuple[str, ...]:
        """What is kept, sorted."""
        return tuple(sorted(self._read()))

    def forget(self, name: str) -> None:
        """Drops a secret; nothing happens where there is none of that name."""
        if name not in self._read():
            return
        with locked(self._file.parent):
            self._write({each: token for each, token in self._read().items() if each != name})
        self._audit.record("forget secret", name)

    def reseal(self) -> int:
        """Puts every secret under the newest key; how many there are.

        Raises:
            TamperedError: If one does not open; none is then changed.
        """
        if not self._file.exists():
            return 0
        self._ring.refresh()
        with locked(self._file.parent):
            opened = {name: self._opened(name, token) for name, token in self._read().items()}
            self._write({name: self._sealed(name, value) for name, value in opened.items()})
        return len(opened)

    def __repr__(self) -> str:
        return f"SecretStore({self._file})"

    def _sealed(self, name: str, value: str) -> str:
        return self._ring.encrypt(json.dumps({"secret": name, "value": value}).encode()).decode()

    def _opened(self, name: str, token: str) -> str:
        try:
            kept = json.loads(self._ring.decrypt(token.encode()))
            if kept["secret"] == name:
                return str(kept["value"])
        except TamperedError as error:
            raise TamperedError(
                f"The secret {name!r} in {self._file} does not open. {error.reason}", _RESTORE
            ) from error
        except (ValueError, KeyError, TypeError):  # a token of ours, but of another kind
            pass
        raise TamperedError(f"What {self._file} has as {name!r} was sealed as something else.", _RESTORE)

    def _read(self) -> dict[str, str]:
        if not self._file.exists():
            return {}
        try:
            content, open_mode = read_private(self._file)
        except OSError as error:
            raise KeyRingError(f"{self._file} cannot be read: {error.strerror}.", "Check its owner.") from error
        if open_mode:
            raise KeyRingError(
                f"{self._file} can be read by others (mode {open_mode}, not 0600).", f"Run: chmod 600 {self._file}"
            )
        try:
            document = json.loads(content)
            tokens = {str(name): str(token) for name, token in document["secrets"].items()}
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise TamperedError(f"{self._file} is no file of secrets.", _RESTORE) from error
        if document.get("version") != _FILE_VERSION:
            raise TamperedError(f"{self._file} is of version {document.get('version')}, not 1.", _RESTORE)
        return tokens

    def _write(self, tokens: dict[str, str]) -> None:
        document = {"version": _FILE_VERSION, "secrets": dict(sorted(tokens.items()))}
        try:
            replace_file(self._file, json.dumps(document, indent=2).encode() + b"\n")
        except OSError as error:
            raise KeyRingError(f"{self._file} cannot be written: {error.strerror}.", "Free the way.") from error

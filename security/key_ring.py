"""The key ring: the Fernet keys that wrap data keys and personal values, newest first."""

import base64
import hashlib
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from core.errors import KeyRingError, TamperedError
from core.settings import Security
from security.private_file import locked, read_private, replace_file

KEY_FILE = "keys.json"
KEY_ID_CHARS = 16
_FILE_VERSION = 1
_ROOT_BYTES = 32
# if one of them is in the home, this is no first run
_NEEDS_KEYS = ("vault", "lake", "audit.jsonl", "secrets.json", "certs/ca.key")


@dataclass(frozen=True, slots=True)
class _Key:
    id: str
    created_at: str | None
    material: str = field(repr=False)


class KeyRing:
    """Fernet keys, newest first: the first seals, every one of them opens.

    Besides, the ring has one *root* that never rotates, from which keyed HMACs are derived. In a key file it is 32
    random bytes of its own: fingerprints must stay equal for as long as rows are kept, and a root taken from the
    oldest Fernet key would change on the day that key is dropped from the ring. Keys given by the environment have
    no place for it, so there it is derived (HKDF) from the oldest key, which must then stay in the list.
    """

    def __init__(self, keys: tuple[_Key, ...], root: bytes, file: Path | None) -> None:
        self._keys = keys
        self._root = root
        self._file = file
        self._tokens: tuple[tuple[_Key, ...], MultiFernet] | None = None  # made of those keys

    @classmethod
    def open(cls, security: Security, home: Path) -> "KeyRing":
        """The ring that the settings name: ``security.keys``, or ``security.key_file``, or ``HOME/keys.json``.

        The file is made, mode 0600, when the home is new.

        Raises:
            KeyRingError: If a key is no Fernet key; if the file is open to others, not readable, not as we write it; or
                if it is missing though the home has sealed bytes.
        """
        if security.keys:
            return cls._from_list([each.strip() for each in security.keys.split(",") if each.strip()])
        file = Path(security.key_file).expanduser() if security.key_file else home / KEY_FILE
        try:
            if not file.exists():
                _refuse_if_sealed(home, file)
                _create(file)
        except OSError as error:
            raise KeyRingError(f"The key file {file} cannot be made: {error.strerror}.", "Free the way.") from error
        return cls(*_read(file), file)

    @classmethod
    def _from_list(cls, material: list[str]) -> "KeyRing":
        keys = tuple(_Key(_key_id(each), None, each) for each in material)
        if not keys:
            raise KeyRingError("The setting security.keys has no key.", "Give Fernet keys, newest first, or unset it.")
        oldest = base64.urlsafe_b64decode(keys[-1].material)
        return cls(keys, _derived(oldest, "fingerprint root"), None)

    @property
    def primary(self) -> str:
        """The id of the key that seals."""
        return self._keys[0].id

    def encrypt(self, content: bytes) -> bytes:
        """A Fernet token under the newest key."""
        return self.sealer().encrypt(content)

    def sealer(self) -> Fernet:
        """The newest key, for many tokens."""
        return Fernet(self._keys[0].material)

    def tokens(self) -> MultiFernet:
        """All keys, for many tokens: the newest seals, each of them opens."""
        keys = self._keys
        if self._tokens is None or self._tokens[0] is not keys:
            self._tokens = (keys, MultiFernet([Fernet(key.material) for key in keys]))
        return self._tokens[1]

    def reloaded_tokens(self) -> MultiFernet:
        """As `tokens`, with the keys that another process has added since."""
        self.refresh()
        return self.tokens()

    def refresh(self) -> None:
        """Takes up the keys that another process has added since."""
        self._refreshed()

    def decrypt(self, token: bytes, key_id: str | None = None) -> bytes:
        """The content of a token, by the key of that id or by whichever fits.

        Raises:
            TamperedError: If no key of the ring opens it.
        """
        for ring in self._rings():
            for key in ring:
                if key_id in (None, key.id):
                    try:
                        return Fernet(key.material).decrypt(token)
                    except InvalidToken:
                        continue
        if key_id is not None and key_id not in {key.id for key in self._keys}:
            raise TamperedError(
                f"It was sealed with key {key_id}, which is not in the key ring.", "Add that key again."
            )
        raise TamperedError(
            "A token does not verify under any key of the ring.", "Restore it, or the key, from a backup."
        )

    def derived(self, purpose: str) -> bytes:
        """32 bytes for keyed HMACs of one purpose; the same for as long as the ring lives."""
        return _derived(self._root, purpose)

    def rotate(self) -> str:
        """Adds a new primary key to the file; the others stay to open what they sealed. Gives the new key's id.

        Raises:
            KeyRingError: If the keys come from the environment.
        """
        if self._file is None:
            raise KeyRingError(
                "The keys come from the setting security.keys, which cannot be written.",
                "Put a new key before the others in that setting.",
            )
        with locked(self._file.parent):
            keys, root = _read(self._file)
            fresh = _new_key()
            _write(self._file, _document((fresh, *keys), root))
            self._keys = (fresh, *keys)
        return fresh.id

    def describe(self) -> list[dict[str, Any]]:
        """``key``, ``created_at`` (None where unknown) and ``state`` of each key, newest first; no material."""
        states = ["active"] + ["retired"] * (len(self._keys) - 1)
        return [
            {"key": key.id, "created_at": key.created_at, "state": state}
            for key, state in zip(self._keys, states, strict=True)
        ]

    def __repr__(self) -> str:
        return f"KeyRing({', '.join(key.id for key in self._keys)})"

    def _rings(self) -> Iterator[tuple[_Key, ...]]:
        """The keys known; then, where none of them fits, those that another process has added since."""
        yield self._keys
        yield self._refreshed()

    def _refreshed(self) -> tuple[_Key, ...]:
        """The keys that another process has added since, if any."""
        if self._file is None or not self._file.exists():
            return ()
        known = self._keys
        self._keys, _ = _read(self._file)
        return tuple(key for key in self._keys if key not in known)


def _key_id(material: str) -> str:
    try:
        Fernet(material)
    except ValueError as error:
        raise KeyRingError(
            "A key of the key ring is no Fernet key (32 bytes in URL-safe base64).",
            "Restore the key file, or correct security.keys.",
        ) from error
    return hashlib.sha256(material.encode()).hexdigest()[:KEY_ID_CHARS]


def _new_key() -> _Key:
    material = Fernet.generate_key().decode()
    return _Key(_key_id(material), datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"), material)


def _derived(secret: bytes, purpose: str) -> bytes:
    return HKDF(SHA256(), _ROOT_BYTES, salt=None, info=f"penstock {purpose}".encode()).derive(secret)


def _refuse_if_sealed(home: Path, file: Path) -> None:
    for name in _NEEDS_KEYS:
        kept = home / name
        if kept.is_file() or (kept.is_dir() and any(kept.iterdir())):
            raise KeyRingError(
                f"The key file {file} is missing, but {kept} was sealed with its keys.",
                "Restore the key file from your backup; without it those bytes cannot be read.",
            )


def _document(keys: tuple[_Key, ...], root: bytes) -> bytes:
    listed = [{"key": key.material, "created_at": key.created_at} for key in keys]
    whole = {"version": _FILE_VERSION, "keys": listed, "root": base64.urlsafe_b64encode(root).decode()}
    return json.dumps(whole, indent=2).encode() + b"\n"


def _read(file: Path) -> tuple[tuple[_Key, ...], bytes]:
    try:
        content, open_mode = read_private(file)
        if open_mode:
            raise KeyRingError(
                f"The key file {file} can be read by others (mode {open_mode}, not 0600).", f"Run: chmod 600 {file}"
            )
        document = json.loads(content)
        keys = tuple(_Key(_key_id(each["key"]), each["created_at"], each["key"]) for each in document["keys"])
        root = base64.urlsafe_b64decode(document["root"])
    except OSError as error:
        raise KeyRingError(f"The key file {file} cannot be read: {error.strerror}.", "Check its owner.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise KeyRingError(f"The file {file} is no key ring.", "Restore the key file from your backup.") from error
    if not keys or len(root) != _ROOT_BYTES or document.get("version") != _FILE_VERSION:
        raise KeyRingError(f"The file {file} is no key ring.", "Restore the key file from your backup.")
    return keys, root


def _create(file: Path) -> None:
    """Makes the file whole or not at all; of two processes at once, the first wins and the other reads its keys."""
    file.parent.mkdir(parents=True, exist_ok=True)
    with locked(file.parent):
        if not file.exists():
            _write(file, _document((_new_key(),), secrets.token_bytes(_ROOT_BYTES)))


def _write(file: Path, content: bytes) -> None:
    try:
        replace_file(file, content)
    except OSError as error:
        raise KeyRingError(f"The key file {file} cannot be written: {error.strerror}.", "Free the way.") from error

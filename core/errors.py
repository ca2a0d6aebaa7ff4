"""The errors that Penstock raises on purpose.

    PenstockError
    ├── SettingsError        a setting is unknown, missing or out of range
    ├── UsageError           the command cannot mean anything (exit status 2)
    ├── NotFoundError        no such blob, view, model, quarantine entry …
    ├── BusyError            another process writes this home                (retryable)
    ├── SecurityError
    │   ├── KeyRingError     the key file is missing, unreadable or too open
    │   ├── TamperedError    sealed bytes, a message or the audit chain do not verify
    │   ├── CertificateError a certificate or its key is missing, expired, another's …
    │   ├── HandshakeError   a peer was refused, or refused us, before anything was said
    │   └── RefusedError     policy does not allow the request
    ├── StorageError
    │   ├── UnavailableError a server does not answer, or cannot now            (retryable)
    │   ├── VersionGoneError a lake version can no longer be read; rebuild from the whole table
    │   └── QueryError       the SQL or the search cannot be answered as written
    └── EngineError          a processing engine failed or is not installed

Each says which thing, what was expected, what was found and what to do. `fix` is the last part, so
that a page can show it by itself.
"""


class PenstockError(Exception):
    """Root of the tree.

    Args:
        reason: What is wrong with which thing: one sentence.
        fix: What to do: one sentence in the imperative.
    """

    is_retryable = False

    def __init__(self, reason: str, fix: str = "") -> None:
        super().__init__(reason, fix)
        self.reason = reason
        self.fix = fix

    def __str__(self) -> str:
        return f"{self.reason} {self.fix}".strip()


class SettingsError(PenstockError):
    """A setting is unknown, missing or out of range."""


class UsageError(PenstockError):
    """The command as given cannot mean anything."""


class NotFoundError(PenstockError):
    """The thing asked for is not there."""


class BusyError(PenstockError):
    """Another process writes this home."""

    is_retryable = True


class SecurityError(PenstockError):
    """Keys, tokens, policy or the audit trail."""


class KeyRingError(SecurityError):
    """The key ring is missing, unreadable or open to others."""


class TamperedError(SecurityError):
    """Sealed bytes, a token or the audit chain do not verify."""


class CertificateError(SecurityError):
    """A certificate or its key cannot be used."""


class HandshakeError(SecurityError):
    """No connection came about: one end did not accept what the other showed."""


class RefusedError(SecurityError):
    """Policy does not allow the request."""


class StorageError(PenstockError):
    """Vault, lake or index."""


class UnavailableError(StorageError):
    """A server does not answer, or has no room or time for the request now."""

    is_retryable = True


class VersionGoneError(StorageError):
    """A version of a lake table can no longer be read row by row."""


class QueryError(StorageError):
    """A query or a search that cannot be answered as written."""


class EngineError(PenstockError):
    """A processing engine failed or is not installed."""

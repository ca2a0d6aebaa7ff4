"""Keys, sealed streams, guarded columns, secrets, TLS, the audit trail. The only layer that imports `cryptography`.

Each is imported when it is first named: a command that asks the running system seals its messages, and needs no more.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from security.certificate_authority import CertificateAuthority
    from security.certificates import Certificate, CertificateFiles, certificate_in, check_files
    from security.chained_audit_trail import ChainedAuditTrail
    from security.envelope_cipher import EnvelopeCipher
    from security.fernet_column_guard import FernetColumnGuard
    from security.free_text import mask_text
    from security.key_ring import KeyRing
    from security.message_sealer import Conversation, MessageSealer
    from security.secret_store import SecretStore
    from security.tls import Tls
    from security.tls_probe import greet

_MODULES = {
    "Certificate": "security.certificates",
    "CertificateAuthority": "security.certificate_authority",
    "CertificateFiles": "security.certificates",
    "ChainedAuditTrail": "security.chained_audit_trail",
    "Conversation": "security.message_sealer",
    "EnvelopeCipher": "security.envelope_cipher",
    "FernetColumnGuard": "security.fernet_column_guard",
    "KeyRing": "security.key_ring",
    "MessageSealer": "security.message_sealer",
    "SecretStore": "security.secret_store",
    "Tls": "security.tls",
    "certificate_in": "security.certificates",
    "check_files": "security.certificates",
    "greet": "security.tls_probe",
    "mask_text": "security.free_text",
}

__all__ = [
    "Certificate",
    "CertificateAuthority",
    "CertificateFiles",
    "ChainedAuditTrail",
    "Conversation",
    "EnvelopeCipher",
    "FernetColumnGuard",
    "KeyRing",
    "MessageSealer",
    "SecretStore",
    "Tls",
    "certificate_in",
    "check_files",
    "greet",
    "mask_text",
]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        message = f"module 'security' has no attribute {name!r}"
        raise AttributeError(message)
    return getattr(import_module(_MODULES[name]), name)

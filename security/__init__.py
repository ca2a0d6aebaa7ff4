"""Keys, sealed streams, guarded columns, secrets, TLS, the audit trail. The only layer that imports `cryptography`."""

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

"""Keys, sealed streams, guarded columns and the audit trail. The only layer that imports `cryptography`."""

from security.chained_audit_trail import ChainedAuditTrail
from security.envelope_cipher import EnvelopeCipher
from security.fernet_column_guard import FernetColumnGuard
from security.free_text import mask_text
from security.key_ring import KeyRing

__all__ = ["ChainedAuditTrail", "EnvelopeCipher", "FernetColumnGuard", "KeyRing", "mask_text"]

"""Keys, sealed streams, guarded columns and the audit trail. The only layer that imports `cryptography`."""

from security.envelope_cipher import EnvelopeCipher
from security.key_ring import KeyRing

__all__ = ["EnvelopeCipher", "KeyRing"]

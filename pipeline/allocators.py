"""How the allocators of Polars and delta-rs are set; imported before either, for they read it when they are loaded."""

import os

_SETTING = "_RJEM_MALLOC_CONF"

os.environ.setdefault(_SETTING, f"narenas:{os.cpu_count() or 1},muzzy_decay_ms:0")
"""As many arenas as processors, not four times as many. A commit of a table runs on whichever of some fifty threads is
free, and each arena keeps what its threads once needed: over 64 commits a process grew from 83 to 92 MB, and with this
from 79 to 83, where it stayed.

And what is free goes back to the system, rather than staying counted as held until somebody else needs it: from the
1,000th to the 10,125th file the system grew by 55 MiB of its own, and without that by 70."""

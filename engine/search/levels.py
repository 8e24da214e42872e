"""What the search may not know yet of an instance: nothing, who may know of it, or its words."""

from __future__ import annotations

KNOWN = 0
#: Who may know of the instance has changed.
READERS = 1
#: What it says has changed, and with it perhaps who may read it.
WORDS = 2

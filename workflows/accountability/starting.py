"""Who begins with entries of the responsibility ledger, who reads them, and what the process reads of the profile."""

from __future__ import annotations

PROCESS = "accountability"
GROUPS = ("accountability", "quality")
BEGINNERS = frozenset({"perf_staff", "perf_chief"})
#: The supervision and the leaders read what waits.
READERS = BEGINNERS | {"supervision_staff", "supervision_chief", "deputy_leader", "bureau_leader"}

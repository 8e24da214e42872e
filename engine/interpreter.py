"""How the interpreter of a process that serves many people at once is set: no pause for garbage, short turns."""

from __future__ import annotations

import gc
import sys

#: For so many seconds a thread may reckon while another waits for its turn. With Python's own 5 ms an act of seven
#: statements waits up to seven times so long behind the pages of others; at a tenth, the slowest hundredth of acts that
#: come at random takes half the time on SQLite and a quarter less on PostgreSQL, at the same rate.
TURN_SECONDS = 0.0005


def serve_many() -> None:
    """Set this process for serving: call it once, when all that stays for ever has been loaded.

    The garbage collector leaves alone what is there by now: else it stops everybody for a tenth of a second now and then,
    only to find the modules and definitions in use.
    """
    gc.collect()
    gc.freeze()
    sys.setswitchinterval(TURN_SECONDS)

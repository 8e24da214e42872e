"""How the interpreter is set for a process that loads, and for one that serves many people: no pause for garbage."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

#: For so many seconds a thread may reckon while another waits for its turn. With Python's own 5 ms an act of seven
#: statements waits up to seven times so long behind the pages of others; at a tenth, the slowest hundredth of acts that
#: come at random takes half the time on SQLite and a quarter less on PostgreSQL, at the same rate.
TURN_SECONDS = 0.0005


@contextmanager
def loading() -> Iterator[None]:
    """Look for no garbage while modules are imported: all that they make stays, and looking takes a fifth of the time."""
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


def serve_many() -> None:
    """Set this process for serving: call it once, when all that stays for ever has been loaded.

    The garbage collector leaves alone what is there by now: else it stops everybody for a tenth of a second now and then,
    only to find the modules and definitions in use. Next to nothing of it is garbage, so none is looked for first.
    """
    gc.freeze()
    sys.setswitchinterval(TURN_SECONDS)

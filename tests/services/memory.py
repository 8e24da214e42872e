"""Where what a test writes lies in memory: a commit then waits for no disk."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

#: The folder in memory that Linux offers, and how much of it must be free.
MEMORY, NEEDED = Path("/dev/shm"), 4 * 2**30


def memory_folder() -> Path | None:
    """Return the folder, None where there is none or too little of it.

    What a killed process has written is there all the same; what a lost machine would have written no test can tell.
    """
    if not os.access(MEMORY, os.W_OK) or shutil.disk_usage(MEMORY).free < NEEDED:
        return None
    return MEMORY

"""Backs up or restores in a process of its own, a step at a time: it waits for a line on standard input after each."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from engine import FolderStore
from engine.backups import backup, restore
from engine.database import Home
from engine.plugins import load_plugins
from tests.conftest import COUNTY, MORNING


def step(*_: Any) -> None:
    """Say that a step is done, and wait to be told to go on."""
    print("step", flush=True)
    sys.stdin.readline()


def main(what: str, folder: str, url: str, file: str) -> None:
    """Do it."""
    home = Home(Path(folder), url or None)
    if what == "backup":
        store = FolderStore(home.folder(COUNTY) / "attachments")
        backup(home.open(COUNTY), store, "测试县", Path(file), MORNING, step)
    else:
        restore(home, Path(file), "copy", load_plugins(), step)
    print("done", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

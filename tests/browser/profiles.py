"""A Chromium with a folder of its own, as a person has it: it can be killed, and started again on what it left."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

from playwright.sync_api import BrowserContext, Playwright

from tests.browser.conftest import DESK
from tests.services import chromium


def launch(driver: Playwright, profile: Path, url: str) -> BrowserContext:
    """Start the browser on a profile."""
    found = chromium.find()
    return driver.chromium.launch_persistent_context(
        profile,
        executable_path=str(found.path),
        args=list(found.arguments),
        env={**os.environ, **found.environment},
        viewport=DESK,  # type: ignore[arg-type]
        locale="zh-CN",
        base_url=url,
    )


def kill(profile: Path) -> int:
    """Kill the browser that runs on a profile, all its processes at once; return how many there were."""
    listed = subprocess.run(
        ["ps", "-ww", "-eo", "pid,args"], capture_output=True, text=True, check=True
    ).stdout
    found = [int(line.split()[0]) for line in listed.splitlines() if f"--user-data-dir={profile}" in line]
    for process in found:
        with suppress(ProcessLookupError):  # the first one takes others with it
            os.kill(process, signal.SIGKILL)
    return len(found)

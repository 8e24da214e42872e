"""axe-core, which examines a page for what people with disabilities can't use; fetched once into the cache."""

from __future__ import annotations

import os
import shutil
from typing import Any

from playwright.sync_api import Page

from tests.services import CACHE, npm

PACKAGE = "axe-core"
VERSION = "4.11.0"
#: What axe-core calls worth mending at once; its other grades are matters of taste.
GRAVE = ("serious", "critical")


def source() -> str:
    """Return axe-core's script; raises :class:`tests.services.npm.NpmUnavailable`."""
    script = CACHE / f"{PACKAGE}-{VERSION}.js"
    if not script.is_file():
        partial = CACHE / f"{PACKAGE}-{VERSION}.{os.getpid()}"
        try:
            installed = npm.install(partial, PACKAGE, VERSION)
            (installed / "axe.min.js").replace(script)
        finally:
            shutil.rmtree(partial, ignore_errors=True)
    return script.read_text(encoding="utf-8")


def grave_findings(page: Page) -> list[str]:
    """Return what is seriously wrong on the page as it is shown now: the rule, and the elements that break it."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(source())
    report: dict[str, Any] = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{found['id']} ({found['impact']}): {found['help']} — "
        + "; ".join(
            f"{' '.join(map(str, node['target']))} {node['html'][:160]}" for node in found["nodes"][:4]
        )
        for found in report["violations"]
        if found["impact"] in GRAVE
    ]

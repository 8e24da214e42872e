"""Which browser on which system a ``User-Agent`` line names, in the words that people know them by."""

from __future__ import annotations

import re

from flask_babel import gettext

#: What a line holds, the more particular first: most browsers also name Chrome and Safari.
_BROWSERS = (
    ("Edge", re.compile(r"Edg(?:e|A|iOS)?/(\d+)")),
    ("WeChat", re.compile(r"MicroMessenger/(\d+)")),
    ("QQ", re.compile(r"QQBrowser/(\d+)")),
    ("Firefox", re.compile(r"Firefox/(\d+)")),
    ("Chrome", re.compile(r"Chrom(?:e|ium)/(\d+)")),
    ("Safari", re.compile(r"Version/(\d+).* Safari/")),
)
_SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def browser_name(agent: str) -> str:
    """Return ``Chrome 128 · Windows`` for a ``User-Agent`` line, and the line itself where it names no known browser."""
    found = next(((name, match) for name, one in _BROWSERS if (match := one.search(agent))), None)
    if found is None:
        return agent
    names = {"WeChat": gettext("微信"), "QQ": gettext("QQ 浏览器")}
    browser = f"{names.get(found[0], found[0])} {found[1].group(1)}"
    system = next((name for part, name in _SYSTEMS if part in agent), "")
    return f"{browser} · {system}" if system else browser

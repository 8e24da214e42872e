"""What the pages are built from: the icons that they use, packages without a registry's address."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest

from tests.web.conftest import Site

WEB = Path(__file__).parents[2] / "web"
SOURCES = "\n".join(
    file.read_text("utf-8")
    for pattern in ("*.py", "views/**/*.py", "operations/*.py", "registers/*.py", "templates/**/*.html")
    for file in WEB.glob(pattern)
)


def listed() -> list[str]:
    """The icons that the build puts into the sprite."""
    return list(json.loads((WEB / "assets" / "icons.json").read_text("utf-8")))


def test_every_icon_that_a_page_names_is_in_the_sprite() -> None:
    named = set(re.findall(r"icon\('([a-z0-9-]+)'", SOURCES))
    assert named - set(listed()) == set()


def test_the_sprite_has_no_icon_that_no_page_names() -> None:
    assert [name for name in listed() if not re.search(rf"['\"]{name}['\"]", SOURCES)] == []


def test_the_sprite_was_built_with_every_listed_icon() -> None:
    dist = WEB / "static" / "dist"
    if not (dist / "manifest.json").exists():
        pytest.skip("the assets are not built")
    manifest = json.loads((dist / "manifest.json").read_text("utf-8"))
    styles = {"page.css", "task.css", "more.css", "diagram.css", "print.css", "designer.css", "public.css"}
    assert set(manifest) == {"app.js", "design.js", "icons.svg", "pdfworker.js", *styles}
    sprite = (dist / manifest["icons.svg"]).read_text("utf-8")
    assert re.findall(r'<symbol id="([^"]+)"', sprite) == listed()


def test_the_lock_file_names_no_registry() -> None:
    lock = (WEB / "assets" / "package-lock.json").read_text("utf-8")
    assert '"resolved"' not in lock
    assert "http" not in re.sub(r'("url": )?"https?://[^"]+",?$', "", lock, flags=re.M)


def test_a_browser_that_reads_no_compressed_files_gets_them_as_they_are(site: Site) -> None:
    browser = site.anonymous()
    address = re.search(r'href="(/static/dist/page[^"]+)', browser.get("/sign-in").text)
    assert address is not None
    plain = browser.get(address[1], headers={"Accept-Encoding": "identity"})
    packed = browser.get(address[1], headers={"Accept-Encoding": "br, gzip"})
    assert plain.content_encoding is None
    assert gzip.decompress(packed.data) == plain.data
    assert packed.mimetype == plain.mimetype == "text/css"
    assert "Accept-Encoding" in packed.vary
    assert "Accept-Encoding" in plain.vary
    assert browser.get("/static/dist/../../app.py").status_code == 404

"""A diagram of 300 elements in the designer: how long the server checks it, and how long Chromium takes to open it.

The peer is bpmn-js's own modeler, bare, with the same file on an empty page of the same browser.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from sqlalchemy import insert

from bench.counties import CODE, ORG, County, county
from bench.drawn import drawn
from bench.measure import Report, Series
from engine import tables
from engine.identity import DESIGNER
from engine.passwords import hash_password
from tests.services import ROOT, chromium
from tests.services.server import Server

ELEMENTS = 300
TRIES, QUICK_TRIES = 9, 2
#: What an office may have to wait, in seconds.
OPENS, CHECKS = 2.0, 1.0
FILE, ACCOUNT, PASSWORD = "large.bpmn", "designer", "Bench-2026-designer"
_MODELER = ROOT / "web/assets/node_modules/bpmn-js/dist/bpmn-modeler.production.min.js"
_IMPORT = """async (xml) => {
  const modeler = new BpmnJS({ container: document.body });
  const { warnings } = await modeler.importXML(xml);
  if (warnings.length) throw new Error(warnings[0].message);
}"""


def run(*, quick: bool = False, only: str | None = None) -> Report:
    """Check a large diagram on the server, open it in the designer, and open it in bare bpmn-js."""
    report = Report("designer")
    tries = QUICK_TRIES if quick else TRIES
    source = drawn(ELEMENTS)
    with county(only or "sqlite", {FILE: source}) as place:
        _designer(place)
        _checks(report, place, source, tries)
        draft = place.engine.design.begin(FILE, place.engine.actor(ACCOUNT))
        place.home.close()
        with (
            Server(place.folder, environment={"BIHUAN_DEFAULT_COUNTY": CODE}) as server,
            _browser() as browser,
        ):
            with browser.new_context(base_url=server.url, viewport={"width": 1366, "height": 768}) as context:
                _sign_in(context)
                ours = _opens(context, lambda page: _in_the_designer(page, draft), tries)
            with browser.new_context(viewport={"width": 1366, "height": 768}) as context:
                bare = _opens(context, lambda page: _in_bare_bpmn_js(page, source.decode()), tries)
        server.log.unlink(missing_ok=True)
    mine = report.add("opened in the designer", **ours.figures())
    peer = report.add("opened in bare bpmn-js", **bare.figures())
    report.ratio("designer / bare bpmn-js", mine["p50_ms"], peer["p50_ms"])
    report.budget(f"{ELEMENTS} elements open in", mine["p50_ms"] / 1000, OPENS, unit="s")
    return report


def _checks(report: Report, place: County, source: bytes, tries: int) -> None:
    """Note how long a check takes of content that was never seen before."""
    series = Series()
    actor = place.engine.actor(ACCOUNT)
    draft = place.engine.design.bring("typed.bpmn", source.replace(b"large", b"typed"), actor)
    with series.running():
        for number in range(tries):
            typed = source.replace(b"large", f"typed{number}".encode())
            found = series.once(lambda typed=typed: place.engine.design.check(draft, actor, content=typed))
            if found.verdict != "accepted":
                raise ValueError(found.findings)
    row = report.add("checked by the server", place.label, **series.figures())
    report.budget(f"{ELEMENTS} elements are checked in", row["p50_ms"] / 1000, CHECKS, unit="s")


def _designer(place: County) -> None:
    person = {
        "id": ACCOUNT,
        "name": "Designer",
        "password_hash": hash_password(PASSWORD),
        "must_change": False,
    }
    with place.database.write() as unit:
        unit.execute(insert(tables.people), {**person, "failures": 0, "active": True})
        unit.execute(insert(tables.posts), {"person": ACCOUNT, "role": DESIGNER, "org": ORG})


@contextmanager
def _browser() -> Iterator[Browser]:
    found = chromium.find()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=str(found.path),
            args=list(found.arguments),
            env={**os.environ, **found.environment},
        )
        yield browser
        browser.close()


def _sign_in(context: BrowserContext) -> None:
    page = context.request.get("/sign-in").text()
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    if token is None:
        raise ValueError(page)
    form = {"account": ACCOUNT, "password": PASSWORD, "csrf_token": token[1]}
    context.request.post("/sign-in", form=form)


def _opens(context: BrowserContext, open_: Callable[[Page], None], tries: int) -> Series:
    """Open it in one window as people do, who come from the list; the first time, for the browser's cache, isn't counted."""
    series = Series()
    page = context.new_page()
    open_(page)
    for _ in range(tries):
        page.goto("about:blank")
        series.once(lambda: open_(page))
    return series


def _in_the_designer(page: Page, draft: int) -> None:
    page.goto(f"/design/drafts/{draft}", wait_until="commit")
    page.wait_for_selector("[data-opened]", state="attached")


def _in_bare_bpmn_js(page: Page, source: str) -> None:
    page.set_content("<body style='height: 700px'></body>")
    page.add_script_tag(path=_MODELER)
    page.evaluate(_IMPORT, source)

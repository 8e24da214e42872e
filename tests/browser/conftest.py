"""A real Chromium before a real server with the demo county; every page is watched for what must never happen."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Request, expect

from tests.browser.people import DESK, PHONE
from tests.services import ROOT
from tests.services.once import made_once
from tests.services.server import Server

__all__ = ["DESK", "PHONE", "Visit", "sign_in", "sign_out"]

#: For so long, in milliseconds, a page may take to show what is expected: no test measures a machine that is busy.
PATIENCE = 15_000
expect.set_options(timeout=PATIENCE)

#: Reports each breach of the content security policy as a console error that we recognise.
WATCH = """
addEventListener('securitypolicyviolation', (event) => console.error(
  `CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber} ${event.sample}`));
"""


@dataclass  # no slots: Playwright keeps notes on the object whose methods listen
class Watch:
    """What went wrong on the pages of a context; ``expected`` are parts of console texts that a test provokes."""

    origin: str
    problems: list[str] = field(default_factory=list)
    expected: list[str] = field(default_factory=list)

    def attach(self, page: Page) -> None:
        """Listen to a page."""
        page.on("pageerror", lambda error: self.note(f"script error on {page.url}: {error}"))
        page.on(
            "console",
            lambda message: (
                self.note(f"console {message.type} on {page.url}: {message.text}")
                if message.type in {"error", "warning"}
                else None
            ),
        )
        page.on("request", self.request)

    def request(self, request: Request) -> None:
        """Note a request that leaves the site."""
        address = urlsplit(request.url)
        if address.scheme in {"data", "blob"}:
            return
        if f"{address.scheme}://{address.netloc}" != self.origin:
            self.note(f"request to another origin: {request.url}")

    def note(self, problem: str) -> None:
        """Keep a problem unless the test expects it."""
        if not any(part in problem for part in self.expected):
            self.problems.append(problem)


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo county, loaded once a test run by the command that people use."""

    def load(home: Path) -> None:
        command = [sys.executable, "-m", "web.cli", "demo", "--home", str(home), "--lang", "en"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=600)
        assert done.returncode == 0, done.stderr

    return made_once(tmp_path_factory, "demo-of-browsers", load)


@pytest.fixture(scope="module")
def server(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on a copy of the demo county that the module may change."""
    home = tmp_path_factory.mktemp("county") / "var"
    shutil.copytree(demo_home, home)
    with Server(home, environment={"BIHUAN_RATELIMIT_ENABLED": "0"}) as running:
        yield running


Visit = Callable[..., Page]


@pytest.fixture
def visit(chromium_browser: Browser, server: Server) -> Iterator[Visit]:
    """Open the inbox of a person who is signed in for it; at the end nothing may have gone wrong on any of them."""
    contexts: list[BrowserContext] = []
    watches: list[Watch] = []

    def open_page(
        account: str | None = None, *, size: dict[str, int] = DESK, expected: tuple[str, ...] = ()
    ) -> Page:
        context = chromium_browser.new_context(viewport=size, locale="zh-CN", base_url=server.url)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE)
        context.add_init_script(WATCH)
        watch = Watch(server.url, expected=list(expected))
        context.on("page", watch.attach)
        contexts.append(context)
        watches.append(watch)
        page = context.new_page()
        if account is not None:
            let_in(page, account)
            page.goto("/inbox")
        return page

    yield open_page
    problems = [problem for watch in watches for problem in watch.problems]
    for context in contexts:
        context.close()
    assert problems == []


def let_in(page: Page, account: str) -> None:
    """Sign in as :func:`sign_in` does, without drawing the two pages: a test that is about something else begins here."""
    from workflows.demo import PASSWORD

    asked = page.context.request
    token = re.search(r'name="csrf_token" value="([^"]+)"', asked.get("/sign-in").text())
    assert token is not None
    form = {"account": account, "password": PASSWORD, "csrf_token": token[1]}
    answer = asked.post("/sign-in", form=form, max_redirects=0)
    assert answer.status == 302, answer.text()


def sign_in(page: Page, account: str) -> None:
    """Sign in as a person does: account, password, button."""
    from workflows.demo import PASSWORD

    page.goto("/sign-in")
    page.get_by_label("账号", exact=True).fill(account)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url(lambda address: "/sign-in" not in address)


def sign_out(page: Page) -> None:
    """Forget the session."""
    page.context.clear_cookies()

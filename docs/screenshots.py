"""Makes the pictures of 一年.md: ``python -m docs.screenshots`` from the source tree, with the development tools installed.

It loads a demo county of its own (or takes the one of ``--home``, which it doesn't change except by looking), serves it,
signs in as the people of the story, and photographs the pages that they open. Chromium is found as the tests find it.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.tables import Campaign, Project
from engine import Engine, Home, InboxQuery
from engine.plugins import load_plugins
from tests.services import ROOT, chromium
from tests.services.server import Server
from workflows.demo import PASSWORD

IMAGES = ROOT / "docs" / "images"
DESK = {"width": 1366, "height": 768}
PHONE = {"width": 360, "height": 740}
#: So many colours keep text sharp and a picture small.
COLOURS = 256
#: The county's code in a demo home.
COUNTY = "demo"


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture: its name, who looks, and at what: an address, or a step (``process.element``) and what it is about.

    ``at`` is a heading that is brought to the top; ``before`` is done on the page first.
    """

    name: str
    who: str
    where: str
    about: str = ""
    at: str = ""
    size: str = "desk"
    before: Callable[[Page], None] | None = None


def report_little(page: Page) -> None:
    """Type what little was reached of the first target, so that the page works out the deviation."""
    cell = page.locator('[name^="indicators."][name$=".actual_to_date"]:visible').first
    cell.fill("15")
    cell.blur()
    page.wait_for_timeout(800)


SHOTS = (
    Shot("01-目标申报", "jiaotongju.jingban", "goal_declaration.fill_goal", "农村公路提质改造"),
    Shot("02-参考样本", "jiaotongju.jingban", "goal_declaration.fill_goal/reference", "农村公路提质改造"),
    Shot("03-逐条补正", "jiaotongju.jingban", "goal_declaration.fill_goal", "农村公路日常养护"),
    Shot("04-股室初审", "jingjian.guzhang", "goal_declaration.section_review", "老旧小区改造"),
    Shot("05-预算股终审", "yusuan.guzhang", "goal_declaration.budget_decision", "高标准农田建设"),
    Shot("06-年度日历", "jixiao.guzhang", "/campaigns/plan"),
    Shot("07-监控活动", "jixiao.guzhang", "campaign:MONITORING:08"),
    Shot(
        "08-监控填报",
        "jiaotongju.jingban",
        "monitoring.fill_report",
        "农村公路提质改造",
        at="三、目标完成情况",
        before=report_little,
    ),
    Shot("09-股室审核监控", "jingjian.guzhang", "monitoring.section_review", "老旧小区改造"),
    Shot("10-绩效股待办", "jixiao.guzhang", "/inbox"),
    Shot("11-签收整改通知", "jiaotongju.fuzeren", "rectification.sign_receipt", "农村公路日常养护"),
    Shot("12-会签缓拨", "fenguan", "monitoring.leader_decision", "污水管网改扩建"),
    Shot("13-国库执行缓拨", "guoku.guzhang", "treasury_notice.execute", "污水管网改扩建"),
    Shot("14-审定停拨", "fenguan", "rectification.approve_stop", "新时代文明实践中心建设", size="phone"),
    Shot("15-拨付会签", "jingjian.guzhang", "disbursement.section_opinion", "老旧小区改造"),
    Shot("16-预算调整", "yusuan.guzhang", "budget_adjustment.budget_decision", "道路交通安全设施建设"),
    Shot(
        "17-自评",
        "jiaotongju.jingban",
        "self_evaluation.fill_evaluation",
        "城乡公交运营补贴",
        at="四、指标完成情况",
    ),
    Shot("18-评价底稿", "jigou.zhuping", "key_evaluation.collect", "老旧小区改造"),
    Shot("19-结果应用", "juzhang", "result_application.decide", "公共文化场馆免费开放"),
    Shot("20-看板", "jixiao.guzhang", "/dashboard?checkpoint=08"),
    Shot("21-项目一生", "jixiao.guzhang", "project:污水管网改扩建"),
    Shot("22-手机工作台", "fenguan", "/", size="phone"),
)


class Addresses:
    """Where the pages of a home's county are."""

    def __init__(self, home: Path) -> None:
        self._engine = Engine(Home(home).open(COUNTY), plugins=load_plugins())

    def of(self, shot: Shot) -> str:
        """Return the address of what a picture shows; raises LookupError for what isn't there."""
        where = shot.where
        if where.startswith("/"):
            return where
        if where.startswith(("campaign:", "project:")):
            return self._record(where)
        step, slash, rest = where.partition("/")
        process, _, element = step.partition(".")
        for row in self._engine.inbox(self._engine.actor(shot.who), InboxQuery(limit=100)).rows:
            if (row.process, row.element) == (process, element) and shot.about in (row.subject or ""):
                return f"/tasks/{row.item_id}{slash}{rest}"
        raise LookupError(f"{shot.who} has no {step} about {shot.about}")

    def _record(self, where: str) -> str:
        kind, *said = where.split(":")
        with self._engine.database.read() as unit, Session(unit.connection) as session:
            if kind == "campaign":
                found = select(Campaign.id).where(Campaign.kind == said[0], Campaign.period == said[1])
                return f"/campaigns/{session.scalars(found).one()}"
            year = int(self._engine.setting("year", 0))
            project = select(Project.id).where(Project.name == said[0], Project.fiscal_year == year)
            return f"/projects/{session.scalars(project).one()}"


class Camera:
    """A browser with a window a person and size."""

    def __init__(self, browser: Browser, url: str) -> None:
        self._browser, self._url = browser, url
        self._pages: dict[tuple[str, str], Page] = {}

    def take(self, shot: Shot, address: str) -> Path:
        """Photograph what a person sees at an address, and return the file."""
        page = self._page(shot.who, shot.size)
        page.goto(address)
        page.wait_for_load_state("networkidle")
        if shot.before is not None:
            shot.before(page)
        if shot.at:
            page.get_by_role("heading", name=shot.at, exact=True).evaluate("(one) => one.scrollIntoView()")
        page.wait_for_timeout(600)
        file = IMAGES / f"{shot.name}.png"
        page.screenshot(path=str(file))
        with Image.open(file) as picture:
            picture.convert("RGB").quantize(
                COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE
            ).save(file, optimize=True)
        return file

    def _page(self, who: str, size: str) -> Page:
        if (who, size) not in self._pages:
            window = DESK if size == "desk" else PHONE
            context = self._browser.new_context(viewport=window, locale="zh-CN", base_url=self._url)  # type: ignore[arg-type]
            page = context.new_page()
            page.goto("/sign-in")
            page.get_by_label("账号", exact=True).fill(who)
            page.get_by_label("密码", exact=True).fill(PASSWORD)
            page.get_by_role("button", name="登录", exact=True).click()
            page.wait_for_url(lambda address: "/sign-in" not in address)
            self._pages[who, size] = page
        return self._pages[who, size]


def pictures(home: Path, only: str = "") -> Iterator[Path]:
    """Make the pictures whose name contains ``only``, and yield each file."""
    IMAGES.mkdir(exist_ok=True)
    addresses = Addresses(home)
    found = chromium.find()
    with Server(home, environment={"BIHUAN_RATELIMIT_ENABLED": "0"}) as server, sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(found.path), args=list(found.arguments))
        camera = Camera(browser, server.url)
        for shot in SHOTS:
            if only in shot.name:
                yield camera.take(shot, addresses.of(shot))
        browser.close()


def main() -> None:
    """Make the pictures from a home that was given, or from a new one."""
    parser = argparse.ArgumentParser(prog="python -m docs.screenshots", description=__doc__)
    parser.add_argument("--home", type=Path, help="a home with the demo county; without it one is loaded")
    parser.add_argument("--only", default="", help="only pictures with this in their name")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = given.home or Path(folder) / "var"
        if given.home is None:
            subprocess.run(
                [sys.executable, "-m", "web.cli", "demo", "--home", str(home)], cwd=ROOT, check=True
            )
        for file in pictures(home, given.only):
            print(f"{file.relative_to(ROOT)} {file.stat().st_size // 1024} kB")


if __name__ == "__main__":
    main()

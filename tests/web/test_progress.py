"""The bulletin of the units' progress: who has handed in, what is missing and until when; nothing secret."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from html import unescape

from sqlalchemy import update
from sqlalchemy.orm import Session

from budget.tables import Unit
from tests.web.conftest import Site, on_both
from web.progress import Bulletin, UnitProgress

CHIEF, CLERK = "jixiao.guzhang", "jiaotongju.jingban"
NOW = datetime(2026, 11, 21, 11, tzinfo=UTC)


def text_of(page: str) -> str:
    """Return the bulletin's text."""
    found = re.search(r"<textarea[^>]*data-bulletin-text>(.*?)</textarea>", page, re.S)
    assert found is not None
    return unescape(found[1])


def test_a_bulletin_reads_as_an_office_writes_it() -> None:
    units = [
        UnitProgress("县教育局", "教科文股", 2),
        UnitProgress(
            "县交通局",
            "经建股",
            5,
            ["公交补贴", "危桥改造", "道路养护", "候车亭"],
            1,
            datetime(2026, 11, 25, 10, tzinfo=UTC),
        ),
        UnitProgress("县水利局", "农业股", 1, ["水库除险"], 0, datetime(2026, 11, 20, 10, tzinfo=UTC)),
    ]
    bulletin = Bulletin("清源县财政局", "2027年度绩效目标申报", units, NOW)
    assert bulletin.text().splitlines() == [
        "【清源县财政局】关于2027年度绩效目标申报进度的通报",
        "截至11月21日19时，应报3个单位、8个项目，已报3个项目，完成37.5%。",
        "一、已报齐（1个单位）：县教育局。",
        "二、未报齐（2个单位）：",
        "1. 县水利局：缺1个：水库除险，时限11月20日，已超期",
        "2. 县交通局：缺4个（其中退回待补正1个）：公交补贴、危桥改造、道路养护等，时限11月25日",
        "请未报齐的单位抓紧办理，在时限前登录系统提交；已超期的请今日内完成。",
    ]
    short = Bulletin("清源县财政局", "2027年度绩效目标申报", units, NOW, names=False).text()
    assert "缺1个，时限11月20日" in short
    assert [row["tone"] for row in bulletin.picture()["rows"]] == ["late", "behind", "done"]


def test_a_bulletin_of_units_that_are_all_ready_thanks_them() -> None:
    text = Bulletin("局", "申报", [UnitProgress("县教育局", "", 2)], NOW).text()
    assert "未报齐" not in text
    assert text.endswith("各单位均已报齐，感谢支持。")


@on_both
def test_the_page_counts_as_the_register_does_and_never_tells_of_secret_units(site: Site) -> None:
    browser = site.browser(CHIEF)
    before = text_of(browser.get("/goals/progress").text)
    assert "县交通运输局" in before
    with site.engine.database.write() as unit, Session(unit.connection) as session:
        session.execute(update(Unit).where(Unit.name == "县交通运输局").values(secret_flag=True))
        session.commit()
    page = browser.get("/goals/progress").text
    assert "县交通运输局" not in page
    counts = [int(number) for number in re.findall(r"应报(\d+)个单位、(\d+)个项目", text_of(page))[0]]
    counts_before = [int(number) for number in re.findall(r"应报(\d+)个单位、(\d+)个项目", before)[0]]
    assert counts[0] == counts_before[0] - 1


def test_a_unit_sees_its_own_progress_and_the_picture_has_the_same_figures(site: Site) -> None:
    page = site.browser(CLERK).get("/goals/progress").text
    data = re.search(r'data-bulletin="([^"]*)"', page)
    assert data is not None
    picture = json.loads(unescape(data[1]))
    assert {row["cells"][0] for row in picture["rows"]} == {"县交通运输局"}
    assert picture["lead"] in text_of(page)


def test_project_names_can_be_left_out(site: Site) -> None:
    browser = site.browser(CLERK)
    assert "农村公路日常养护" in text_of(browser.get("/goals/progress").text)
    assert "农村公路日常养护" not in text_of(browser.get("/goals/progress?asked=1").text)

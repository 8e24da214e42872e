"""批量办理 in a browser: ticking by mouse and keyboard, over pages, a preview, one confirmation, progress, results."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from engine import Engine, Home, InboxQuery, InboxRow, NewPin
from engine.plugins import load_plugins
from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.people import fits
from tests.engine.office import process, task
from tests.services import axe
from tests.services.server import Server

pytestmark = [pytest.mark.browser, pytest.mark.long]

CHIEF, LEADER = "jingjian.guzhang", "juzhang"
BOTH = '<zeebe:assignmentDefinition candidateUsers="=[&quot;jingjian.guzhang&quot;, &quot;juzhang&quot;]"/>'
SOURCE = process(
    task("draft", BOTH, document="notice", outcomes="提交"),
    task("read", BOTH, outcomes="同意,退回补正", shows="notice", pins="notice"),
    task("sign", BOTH, outcomes="同意,退回补正", shows="notice"),
    "s -> draft -> read -> sign -> e",
    id="notices",
    subject="=title",
    amount="=50000000",
    inputs="title",
)
#: What the subjects of one test share, and no other's.
_words = iter(["春耕备种", "夏粮收储", "秋冬管护", "防汛抗旱", "校舍修缮", "村道养护"])


@pytest.fixture
def engine(server: Server) -> Iterator[Engine]:
    """The county's engine beside the server's own: what others do meanwhile."""
    home = Home(server.home)
    found = Engine(home.open("demo"), plugins=load_plugins())
    found.deploy({"notices.bpmn": SOURCE}, actor="user:admin")
    yield found
    home.close()


def rows(engine: Engine, subject: str, person: str = CHIEF) -> list[InboxRow]:
    query = InboxQuery(process="notices", limit=100, sort="oldest")
    return [row for row in engine.inbox(engine.actor(person), query).rows if subject in (row.subject or "")]


def notices(engine: Engine, number: int, *, pinned: int = 0) -> str:
    """Have so many tasks wait at their second step; ``pinned`` of them wait at the third, with a pinned opinion. Return
    the word that their subjects share.
    """
    word, leader = next(_words), engine.actor(LEADER)
    for each in range(1, number + 1):
        engine.start("notices", actor=leader, variables={"title": f"{word}第{each}号"})
    for row in rows(engine, word, LEADER):
        engine.complete(row.item_id, actor=leader, version=row.version, answers={"text": "正文"})
    for row in rows(engine, word, LEADER)[:pinned]:
        pin = NewPin("notice", "text", None, "请核对文号")
        engine.complete(row.item_id, actor=leader, version=row.version, outcome="同意", pins=[pin])
    return word


def listed(page: Page, word: str) -> None:
    page.goto(f"/inbox?process=notices&text={word}")
    expect(page.locator("input[data-pick]").first).to_be_visible()


def said(page: Page) -> Locator:
    return page.locator("[data-picked]")


def test_ticked_by_mouse_and_keyboard_previewed_and_confirmed_once(visit: Visit, engine: Engine):
    word = notices(engine, 5)
    page = visit(CHIEF)
    listed(page, word)
    boxes = page.locator("input[data-pick]")
    boxes.nth(0).click()
    expect(said(page)).to_have_text("已选 1 项，合计 50.00 万元")
    boxes.nth(3).click(modifiers=["Shift"])
    expect(said(page)).to_have_text("已选 4 项，合计 200.00 万元")
    page.keyboard.press("j")
    page.keyboard.press("x")
    expect(boxes.nth(0)).not_to_be_checked()
    expect(said(page)).to_have_text("已选 3 项，合计 150.00 万元")
    page.reload()
    expect(said(page)).to_have_text("已选 3 项，合计 150.00 万元")
    page.get_by_role("button", name="批量办理").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("选中 3 项")
    expect(page.locator("[data-bulk-confirm]")).to_have_count(
        0
    )  # nothing is decided before an outcome is chosen
    page.get_by_role("link", name="同意", exact=True).click()
    expect(page.locator("[data-bulk-sum]")).to_have_text("3 项，合计 150.00 万元")
    page.locator(".bulk-lines.ticked input").first.uncheck()
    expect(page.locator("[data-bulk-sum]")).to_have_text("2 项，合计 100.00 万元")
    page.get_by_label("共同的意见").fill("已阅，同意")
    page.locator("[data-bulk-go]").dblclick()
    expect(page.locator(".bulk-state")).to_contain_text("已处理 2 / 2 项")
    expect(page.locator(".results")).to_contain_text("没有勾选")
    listed(page, word)
    expect(said(page)).to_have_text("勾选事项后可以一起办。")
    assert sorted(row.step for row in rows(engine, word)) == ["read"] * 3 + ["sign"] * 2


@pytest.mark.parametrize("size", [pytest.param(DESK, id="1366×768"), pytest.param(PHONE, id="360 px")])
def test_thirty_over_two_pages_one_taken_meanwhile_one_with_a_pinned_opinion(
    visit: Visit, engine: Engine, size: dict[str, int]
):
    word = notices(engine, 30, pinned=1)
    page = visit(CHIEF, size=size, expected=("no diagram to display",))  # the process of this test has none
    listed(page, word)
    everything = page.get_by_role("button" if size is PHONE else "checkbox", name="选中本页全部")
    everything.click()
    page.get_by_role("link", name="下一页").click()
    expect(said(page)).to_contain_text("不在本页")
    everything.click()
    expect(said(page)).to_contain_text("已选 30 项")
    fits(page)
    assert axe.grave_findings(page) == []
    page.get_by_role("button", name="批量办理").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("选中 30 项")
    page.get_by_role("link", name="同意", exact=True).click()
    expect(page.locator("#bulk-left")).to_contain_text("1 项")
    expect(page.locator(".bulk-reason")).to_contain_text("逐条意见")
    fits(page)
    assert axe.grave_findings(page) == []
    taken = next(row for row in rows(engine, word) if row.step == "read")
    leader = engine.actor(LEADER)
    engine.claim(taken.item_id, actor=leader, version=taken.version)
    page.locator("[data-bulk-go]").click()
    expect(page.locator(".bulk-state")).to_contain_text("已处理 29 / 29 项", timeout=30_000)
    expect(page.locator(".results tbody tr")).to_have_count(30)
    expect(page.locator(".segments").last).to_contain_text(re.compile(r"已办成\s*28"))
    name = engine.people.names([f"user:{LEADER}"])[f"user:{LEADER}"]
    conflict = page.locator(".results tr", has_text="已有变化")
    expect(conflict).to_have_count(1)
    expect(conflict).to_contain_text(name)
    fits(page)
    assert axe.grave_findings(page) == []
    engine.unclaim(taken.item_id, actor=leader, version=taken.version + 1)
    (held,) = [row for row in rows(engine, word) if row.step == "sign" and "第1号" in (row.subject or "")]
    page.goto(f"/tasks/{held.item_id}")
    expect(page.locator("#task")).to_be_visible()
    page.go_back()
    page.get_by_role("button", name="再办没有办成的").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("选中 2 项")
    expect(page.locator("#bulk-done")).to_contain_text("2 项")  # the one is free again, the other was opened
    with page.expect_download() as download:
        page.go_back()
        page.get_by_role("link", name="导出 .xlsx").click()
    assert download.value.suggested_filename.endswith(".xlsx")


def test_another_filter_clears_the_selection_and_says_so(visit: Visit, engine: Engine):
    word = notices(engine, 2)
    page = visit(CHIEF)
    listed(page, word)
    page.locator("input[data-pick]").first.check()
    page.get_by_role("button", name="清除选择").click()
    expect(said(page)).to_have_text("勾选事项后可以一起办。")
    page.locator("input[data-pick]").first.check()
    page.goto("/inbox?process=notices")
    expect(page.locator(".toast")).to_contain_text("原来选中的 1 项已清除")
    expect(said(page)).to_have_text("勾选事项后可以一起办。")


def test_the_whole_list_as_it_is_now_goes_to_somebody_else(visit: Visit, engine: Engine):
    word = notices(engine, 25)
    page = visit(CHIEF)
    listed(page, word)
    page.locator("input[data-pick]").first.check()
    page.get_by_role("button", name="选中列表的全部").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("选中 25 项")
    page.get_by_role("link", name="转办").click()
    page.goto(f"{page.url.split('?')[0]}?operation=transfer&to=user:{LEADER}")
    expect(page.locator("#bulk-done")).to_contain_text("25 项")
    page.locator("[data-bulk-go]").click()
    expect(page.locator(".bulk-state")).to_contain_text("已处理 25 / 25 项", timeout=30_000)
    assert rows(engine, word) == []
    assert len(rows(engine, word, LEADER)) == 25
    page.goto("/bulk")
    expect(page.locator("tr[data-row]").first).to_contain_text("25 项")

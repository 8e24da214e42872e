"""Operations in a browser, by two and three people at once: who was first is told, and nothing that was typed is lost."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from engine import Home
from engine.engine import Engine
from tests.browser.conftest import DESK, PHONE, Visit
from tests.browser.people import fits
from tests.services.server import Server
from workflows.demo import PASSWORD

pytestmark = pytest.mark.browser

CHIEF, SECOND = "jingjian.guzhang", "jingjian.guyuan2"
BUDGET, DEPUTY = "yusuan.guzhang", "yusuan.guyuan"
COLLEAGUE = "jingjian.guyuan1"
SAVED = re.compile(r"已保存 \d\d:\d\d")


@pytest.fixture(scope="module")
def office(server: Server) -> Iterator[Engine]:
    """The server's county, in which each of two sections has a second chief."""
    home = Home(server.home)
    engine = Engine(home.open(next(iter(home.counties()))))
    engine.people.add_post(SECOND, "section_chief", "S04")
    engine.people.add_post(DEPUTY, "budget_chief", "BUDGET")
    yield engine
    home.close()


def first_task(page: Page, step: str, *, last: bool = False) -> str:
    """Open the first task at a step, or the last one, which no other test has been at, and return its address."""
    page.goto("/inbox")
    rows = page.locator("tr[data-row]").filter(has_text=step)
    row = rows.last if last else rows.first
    address = f"/tasks/{row.get_attribute('data-item')}"
    page.goto(address)
    expect(page.locator("#task")).to_be_visible()
    return address


def operate(page: Page, name: str) -> None:
    """Open an operation's dialog from the buttons, or from the menu."""
    button = page.locator(f"#decide > .decide-row .outcomes > a:has-text('{name}')")
    if not button.count():
        page.locator("[data-operations] > summary").click()
        button = page.locator("[data-operations] .menu").get_by_role("button", name=name, exact=True)
    button.first.click()
    expect(page.locator("dialog#operation[open]")).to_be_visible()


def choose(page: Page, text: str) -> None:
    """Search somebody in the dialog's field with the keyboard, and take the first who is found."""
    field = page.locator("dialog[open] input[role=combobox]")
    field.press_sequentially(text)
    expect(page.locator("dialog[open] [role=option][aria-selected=true]")).to_be_visible()
    field.press("Enter")
    expect(page.locator("dialog[open] [role=listbox]")).to_be_hidden()


def send(page: Page, name: str) -> None:
    """Send the dialog, and wait for the page that says what happened."""
    page.locator("dialog[open]").get_by_role("button", name=name, exact=True).click()
    expect(page.locator(".flashes .alert").first).to_be_visible()


@pytest.mark.parametrize("size", [pytest.param(DESK, id="1366×768"), pytest.param(PHONE, id="360 px")])
def test_a_task_is_passed_on_by_keyboard(visit: Visit, office: Engine, size: dict[str, int]) -> None:
    page = visit(CHIEF, size=size)
    first_task(page, "股室初审")
    operate(page, "转办")
    fits(page)
    dialog = page.locator("dialog[open]")
    expect(dialog.locator("input[role=combobox]")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(dialog.locator("[role=option]").first).to_be_visible()
    page.keyboard.press("Escape")  # closes the list of people, not the dialog
    expect(dialog.locator("[role=listbox]")).to_be_hidden()
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    operate(page, "转办")
    page.locator("dialog[open] textarea").fill("出差三天")
    page.locator("dialog[open]").get_by_role("button", name="转办", exact=True).click()
    expect(page.locator("dialog[open]")).to_be_visible()  # nobody is chosen yet
    name = office.actor(COLLEAGUE).name
    choose(page, name)
    send(page, "转办")
    expect(page.locator(".flashes")).to_contain_text(f"已转给{name}办理")
    fits(page)


@pytest.mark.long
def test_of_two_chiefs_the_loser_is_told_who_was_first(visit: Visit, office: Engine) -> None:
    winner = visit(CHIEF)
    loser = visit(SECOND, expected=("409", "403"))
    winner.goto(first_task(loser, "股室初审"))
    loser.locator("#opinion").fill("同意，指标合理，材料齐全。")
    operate(loser, "转办")
    winner.get_by_role("button", name="认领").click()
    expect(winner.get_by_role("button", name="放回")).to_be_visible()
    choose(loser, office.actor(COLLEAGUE).name)
    loser.locator("dialog[open] textarea").fill("请你来办")
    loser.locator("dialog[open]").get_by_role("button", name="转办", exact=True).click()
    problem = loser.locator("dialog[open] [data-error]")
    expect(problem).to_contain_text(office.actor(CHIEF).name)
    expect(loser.locator("dialog[open] textarea")).to_have_value("请你来办")
    loser.locator("dialog[open]").get_by_role("button", name="取消").click()
    loser.locator("button[name=_outcome][value='同意']").click()
    expect(loser.locator("#task .alert.error")).to_contain_text(office.actor(CHIEF).name)
    expect(loser.locator("#unsent")).to_have_value("同意，指标合理，材料齐全。")


@pytest.mark.long
@pytest.mark.usefixtures("office")
def test_a_return_while_somebody_else_has_a_draft_open(visit: Visit) -> None:
    writer, other = visit(BUDGET, expected=("409", "404", "403", "422")), visit(DEPUTY)
    address = first_task(writer, "预算股终审")
    writer.locator("#opinion").fill("拟评为优，理由充分。")
    writer.wait_for_timeout(400)
    other.goto(address)
    operate(other, "退回")
    expect(other.locator("dialog[open] [data-choice=target]")).to_contain_text("股室初审")
    expect(other.locator("dialog[open] [data-choice=mode]")).to_be_visible()
    other.locator("dialog[open] #op-reason").fill("初审打分有误，请核对")
    send(other, "退回")
    expect(other.locator(".flashes")).to_contain_text("已退回到“股室初审”")
    writer.locator("button[name=_outcome]").first.click()
    question = writer.locator("dialog[open]")
    writer.wait_for_timeout(300)
    if question.count():
        question.locator("button.primary, button.solid").click()
    expect(writer.locator("#task .alert.error, .flashes .alert").first).to_contain_text(
        re.compile("退回|取消|变化")
    )
    expect(writer.locator("#unsent")).to_have_value("拟评为优，理由充分。")


@pytest.mark.long
def test_a_transfer_in_mid_edit_leaves_what_was_typed_to_copy(visit: Visit, office: Engine) -> None:
    typing = visit(SECOND, expected=("409", "403", "404"))
    other = visit(CHIEF)
    address = first_task(typing, "股室初审")
    typing.locator("#opinion").fill("完整性、相关性较好。")
    other.goto(address)
    operate(other, "转办")
    choose(other, office.actor(COLLEAGUE).name)
    send(other, "转办")
    typing.locator("#opinion").fill("完整性、相关性较好，可行性待核。")
    typing.locator("button[name=_outcome][value='同意']").click()
    expect(typing.locator("#task .alert.error")).to_contain_text(office.actor(COLLEAGUE).name)
    expect(typing.locator("#unsent")).to_have_value("完整性、相关性较好，可行性待核。")


@pytest.mark.long
def test_what_somebody_has_opened_is_withdrawn_and_they_are_told(visit: Visit, office: Engine) -> None:
    head, clerk = visit("jiaotongju.fuzeren"), visit("jiaotongju.jingban")
    first_task(head, "单位负责人签批")
    head.locator("#opinion").fill("请核实资金来源")
    head.locator("button[name=_outcome][value='退回补正']").click()
    head.locator("dialog[open] button.solid").click()
    expect(head.locator(".flashes .alert").first).to_be_visible()
    head.goto("/done")
    head.locator("tr[data-row] a[data-open]").first.click()
    expect(head.locator(".case-operations")).to_contain_text("撤回")
    instance = head.url
    clerk.goto(instance)
    clerk.get_by_role("link", name="去办理").click()
    expect(clerk.locator("#task")).to_be_visible()
    head.reload()
    head.locator(".case-operations a", has_text="撤回").click()
    expect(head.locator("dialog[open]")).to_contain_text(office.actor("jiaotongju.jingban").name)
    head.locator("dialog[open] textarea").fill("点错了")
    send(head, "撤回")
    expect(head.locator(".flashes")).to_contain_text("已撤回")
    assert "/tasks/" in head.url
    notices = office.notices(office.actor("jiaotongju.jingban"))
    assert [one.by for one in notices] == ["user:jiaotongju.fuzeren"]


@pytest.mark.long
def test_a_session_that_ends_loses_neither_the_dialog_nor_the_draft(visit: Visit, office: Engine) -> None:
    page = visit(CHIEF, expected=("401",))
    address = first_task(page, "股室初审")
    page.locator("#opinion").fill("同意上报，附件齐全。")
    expect(page.locator("[data-saved]")).to_have_text(SAVED, timeout=15_000)
    operate(page, "征求意见")
    page.locator("dialog[open] textarea").fill("请看第三项指标")
    choose(page, office.actor(COLLEAGUE).name)
    page.context.clear_cookies()
    page.locator("dialog[open]").get_by_role("button", name="送出", exact=True).click()
    expect(page.locator("#toasts")).to_contain_text("登录已结束")
    expect(page.locator("dialog[open] textarea")).to_have_value("请看第三项指标")
    page.locator("dialog[open]").get_by_role("button", name="取消").click()
    page.locator("#opinion").fill("同意上报，第三项指标请核实。")
    page.goto(f"/sign-in?next={address}")
    page.get_by_label("账号", exact=True).fill(CHIEF)
    page.get_by_label("密码", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url(lambda url: "/tasks/" in url)
    # What was saved before the session ended is where it was, what was typed afterwards is offered.
    expect(page.locator("#opinion")).to_have_value("同意上报，附件齐全。")
    expect(page.locator("[data-restore]")).to_contain_text("同意上报，第三项指标请核实。")


@pytest.mark.long
def test_three_people_sign_and_one_is_taken_out(visit: Visit, office: Engine) -> None:
    chief, colleague = visit(CHIEF), visit(COLLEAGUE, expected=("404",))
    address = first_task(chief, "股室初审")
    for person in (COLLEAGUE, SECOND):
        operate(chief, "加签")
        choose(chief, office.actor(person).name)
        chief.locator("dialog[open] input[value=beside]").check()
        send(chief, "加签")
        chief.goto(address)
    expect(chief.locator("#signatures .holder")).to_have_count(3)
    colleague.goto("/inbox")
    expect(colleague.locator("tr[data-row]").first).to_be_visible()
    operate(chief, "减签")
    chief.locator("dialog[open] label", has_text=office.actor(SECOND).name).click()
    send(chief, "减签")
    chief.goto(address)
    expect(chief.locator("#signatures .holder")).to_have_count(2)


@pytest.mark.long
@pytest.mark.usefixtures("office")
def test_who_has_just_urged_is_told_when_they_may_again(visit: Visit) -> None:
    head = visit("jiaotongju.fuzeren", expected=("422",))
    first_task(head, "单位负责人签批")
    head.locator("#opinion").fill("请补充测算依据")
    head.locator("button[name=_outcome][value='退回补正']").click()
    head.locator("dialog[open] button.solid").click()
    expect(head.locator(".flashes .alert").first).to_be_visible()
    head.goto("/done")
    head.locator("tr[data-row] a[data-open]").first.click()
    button = head.locator(".case-operations a", has_text="催办")
    button.first.click()
    head.locator("dialog[open] textarea").fill("县里明天要汇总")
    send(head, "催办")
    expect(head.locator(".flashes")).to_contain_text("已催办")
    expect(head.locator(".case-operations a", has_text="催办")).to_have_count(0)
    head.locator(".case-operations summary").click()
    expect(head.locator(".case-operations .why")).to_contain_text("之后可以再催")


@pytest.mark.long
def test_what_is_claimed_and_put_back_asked_and_copied_reaches_the_others(
    visit: Visit, office: Engine
) -> None:
    chief, second, colleague = visit(CHIEF), visit(SECOND), visit(COLLEAGUE)
    address = first_task(chief, "股室初审", last=True)
    # Claimed by one, the other is told by whom; put back, the other takes it.
    chief.get_by_role("button", name="认领").click()
    expect(chief.get_by_role("button", name="放回")).to_be_visible()
    second.goto(address)
    expect(second.locator("#decide")).to_contain_text(office.actor(CHIEF).name)
    expect(second.get_by_role("button", name="认领")).to_have_count(0)
    chief.get_by_role("button", name="放回").click()
    expect(chief.get_by_role("button", name="认领")).to_be_visible()
    second.reload()
    second.get_by_role("button", name="认领").click()
    expect(second.get_by_role("button", name="放回")).to_be_visible()
    # Somebody is asked first; what they answer is there when it is back.
    operate(second, "征求意见")
    choose(second, office.actor(COLLEAGUE).name)
    second.locator("dialog[open] textarea").fill("第三项指标够不够")
    send(second, "送出")
    colleague.goto(address)
    expect(colleague.locator("#task")).to_contain_text("第三项指标够不够")
    operate(colleague, "交回意见")
    colleague.locator("dialog[open] textarea").fill("建议提高到九成")
    send(colleague, "交回")
    second.goto(address)
    expect(second.locator("#record")).to_contain_text("建议提高到九成")
    # Who gets a copy reads it, and the sender sees that they have.
    operate(second, "抄送")
    choose(second, office.actor(BUDGET).name)
    second.locator("dialog[open] textarea").fill("供终审参考")
    send(second, "抄送")
    reader = visit(BUDGET)
    reader.goto("/copies")
    row = reader.locator("tr[data-row]", has_text="供终审参考")
    row.locator("a[data-open]").click()
    expect(reader.locator("h1").first).to_be_visible()
    second.goto(address)
    expect(second.locator("#record")).to_contain_text(office.actor(BUDGET).name)


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until an element has the focus."""
    for _ in range(80):
        if page.evaluate("(selector) => document.activeElement.matches(selector)", selector):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not come to {selector}")


@pytest.mark.long
@pytest.mark.usefixtures("office")
def test_whole_decisions_by_keyboard_alone(visit: Visit) -> None:
    page = visit("lincaoju.fuzeren")
    for key in ("g", "i"):
        page.keyboard.press(key)
    page.wait_for_url(re.compile(r"/inbox$"))
    waiting = page.locator("tr[data-row]").filter(has_text="单位负责人签批")
    expect(waiting.first).to_be_visible()
    before = waiting.count()
    assert before >= 2
    page.keyboard.press("j")
    while page.locator("tr.cursor").filter(has_text="单位负责人签批").count() == 0:
        page.keyboard.press("j")
    page.keyboard.press("o")
    first = page.locator("#drawer #task")
    expect(first).to_be_visible()
    number = first.get_attribute("data-task")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("PageDown")
    page.wait_for_function("document.querySelector('#drawer [data-scroll]').scrollTop > 0")
    page.keyboard.press("e")
    page.keyboard.type("请补充测算依据")
    page.keyboard.press("Control+Enter")
    tab_to(page, "button[name=_outcome][value='退回补正']")
    page.keyboard.press("Enter")
    expect(page.locator("dialog[open]")).to_contain_text("请补充测算依据")
    tab_to(page, "dialog[open] button.solid")
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: f"open={number}" not in url)
    expect(page.locator(".flashes")).to_contain_text("退回补正")
    # The next one is open beside the list, and is read and decided without a search for it.
    expect(page.locator("#drawer #task")).to_be_visible()
    assert page.locator("#drawer #task").get_attribute("data-task") != number
    page.wait_for_load_state("networkidle")
    page.keyboard.press("PageDown")
    page.wait_for_function("document.querySelector('#drawer [data-scroll]').scrollTop > 0")
    tab_to(page, "#form input[type=checkbox]")
    page.keyboard.press("Space")
    page.keyboard.press("e")
    page.keyboard.press("Alt+1")
    expect(page.locator("#opinion")).not_to_have_value("")
    page.keyboard.press("Control+Enter")
    tab_to(page, "button[name=_outcome][value='同意']")
    page.keyboard.press("Enter")
    expect(page.locator(".flashes")).to_contain_text("已办理：同意")


@pytest.mark.long
def test_a_later_deadline_is_asked_for_and_of_its_two_owners_one_decides(
    visit: Visit, office: Engine
) -> None:
    clerk, owner = visit("shangwuju.jingban"), visit(BUDGET)
    other = visit("jixiao.guzhang", expected=("422", "409"))
    first_task(clerk, "填报")
    operate(clerk, "申请延期")
    clerk.locator("dialog[open] textarea").fill("主管领导出差，材料待签")
    send(clerk, "提出申请")
    expect(clerk.locator("#task .request")).to_contain_text("等")
    clerk.locator("#progress a", has_text="查看全程").click()
    case = clerk.url
    for page in (owner, other):
        page.goto(case)
        page.locator(".request").get_by_role("button", name="答复延期申请").click()
        expect(page.locator("dialog[open]")).to_contain_text("主管领导出差")
    owner.locator("dialog[open] textarea").fill("同意，抓紧办理")
    send(owner, "同意延期")
    expect(owner.locator(".flashes")).to_contain_text("改为")
    other.locator("dialog[open] textarea").fill("不能再拖")
    other.locator("dialog[open]").get_by_role("button", name="不同意").click()
    expect(other.locator("dialog[open] [data-error]")).to_contain_text("没有待决定的延期申请")
    # The owner watches the case from now on, asks, and is answered with a file.
    other.locator("dialog[open]").get_by_role("button", name="取消").click()
    owner.get_by_role("button", name="加关注", exact=True).click()
    expect(owner.locator(".flashes")).to_contain_text("已关注")
    owner.locator("#comment-text").fill(f"@{office.actor('shangwuju.jingban').name} 签字件请先传上来")
    owner.get_by_role("button", name="发表").click()
    expect(owner.locator(".thread .mention")).to_be_visible()
    clerk.goto("/messages/")
    clerk.locator("main a", has_text="签字件请先传上来").first.click()
    expect(clerk.locator("#record, .timeline").first).to_contain_text("主管领导出差")
    clerk.get_by_role("link", name="去办理").click()
    proof = {"name": "签字件.txt", "mimeType": "text/plain", "buffer": "已签".encode()}
    clerk.locator("#files input[type=file]").set_input_files([proof])
    expect(clerk.locator("#files li")).to_contain_text("签字件.txt")
    owner.goto("/followed")
    owner.locator("tr[data-row] a[data-open]").first.click()
    expect(owner.locator("main")).to_contain_text("签字件.txt")
    # What is printed has who moved the day, and when.
    owner.emulate_media(media="print")
    expect(owner.locator("main")).to_contain_text("同意，抓紧办理")


@pytest.mark.long
def test_what_is_assigned_out_is_drafted_handed_in_and_decided_by_the_chief(
    visit: Visit, office: Engine
) -> None:
    chief, colleague, second = visit(CHIEF), visit(COLLEAGUE), visit(SECOND)
    address = first_task(chief, "股室初审", last=True)
    name = office.actor(COLLEAGUE).name
    chief.get_by_role("button", name="分办").click()
    chief.locator("#assign-dialog input[role=combobox]").fill(name)
    chief.get_by_role("option", name=name).first.click()
    chief.locator("#assign-dialog").get_by_role("button", name="交办").click()
    expect(chief.locator("#record")).to_contain_text("分办")
    colleague.goto(address)
    colleague.locator("#opinion").fill("初审：指标可衡量，建议同意。")
    second.goto(address)
    expect(second.locator("#decide")).to_contain_text(office.actor(CHIEF).name)
    colleague.get_by_role("button", name="提交初审意见").click()
    expect(colleague.locator(".flashes")).to_contain_text("初审意见已提交")
    chief.goto(address)
    expect(chief.locator("#opinion")).to_have_value("初审：指标可衡量，建议同意。")
    expect(chief.locator("#task")).to_contain_text(f"是{name}于")

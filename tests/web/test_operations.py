"""Operations on the pages: what is offered, what a dialog asks, what is said then, and that a refusal loses nothing."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from engine import InboxQuery
from tests.web.conftest import Browser, Site, hidden, texts

CLERK = "jiaotongju.jingban"
HEAD = "jiaotongju.fuzeren"
CHIEF = "jingjian.guzhang"
COLLEAGUE = "jingjian.guyuan1"


@pytest.fixture
def item(site: Site) -> int:
    """A goal that the section's chief reviews."""
    return site.waiting(CHIEF, "section_review")


def ask(browser: Browser, item: int, name: str, **query: Any) -> str:
    """Open an operation's page as without a script."""
    browser.get(f"/tasks/{item}")
    answer = browser.get(f"/tasks/{item}/operations/{name}", query_string=query)
    assert answer.status_code == 200, answer.text
    return answer.text


def do(browser: Browser, item: int, name: str, data: dict[str, Any], *, kind: str = "tasks") -> Any:
    """Fill in the page of an operation and send it."""
    browser.get("/inbox")
    page = browser.get(f"/{kind}/{item}/operations/{name}").text
    given = {"_version": hidden(page, "_version"), "_request_key": hidden(page, "_request_key"), **data}
    return browser.post(f"/{kind}/{item}/operations/{name}", given)


def said(browser: Browser, answer: Any) -> str:
    """Return what the page says that one is led to."""
    assert answer.status_code == 303, texts(answer.text)
    return texts(browser.get(answer.location).text)


def labels(page: str) -> set[str]:
    """Return the operations that a task's page offers."""
    return set(re.findall(r"/operations/(\w+)", page))


class TestOffered:
    """A page offers what the engine allows, and says why not the rest."""

    def test_who_holds_a_task_can_pass_it_on(self, site: Site, item: int) -> None:
        page = site.browser(CHIEF).get(f"/tasks/{item}").text
        assert {"transfer", "delegate", "add_signer", "extend", "copy", "follow"} <= labels(page)
        assert not {"return", "urge", "withdraw", "hand_back"} & labels(page)
        assert "为什么有的操作没有" in page

    def test_who_waits_for_others_can_urge_them(self, site: Site, item: int) -> None:
        instance = site.engine.task(item, site.engine.actor(CHIEF)).instance_id
        view = site.engine.instance(instance, site.engine.actor(CHIEF))
        clerk = next(one.actor for one in view.timeline if one.element == "fill_goal" and one.outcome)
        browser = site.browser(clerk.removeprefix("user:"))
        assert "urge" in labels(browser.get(f"/tasks/{item}").text)
        page = browser.get(f"/instances/{instance}").text
        assert {"urge", "copy", "follow"} <= labels(page)

    def test_an_operation_that_is_not_allowed_is_refused_in_its_dialog(self, site: Site, item: int) -> None:
        browser = site.browser(CHIEF)
        browser.get("/inbox")
        answer = browser.post(f"/tasks/{item}/operations/urge", {"_version": "1", "text": "快"})
        assert answer.status_code == 422
        assert "就在您手里" in texts(answer.text)
        assert ">快</textarea>" in answer.text

    def test_what_does_not_exist_is_not_found(self, site: Site, item: int) -> None:
        browser = site.browser(CHIEF)
        assert browser.get(f"/tasks/{item}/operations/sing").status_code == 404
        assert browser.get("/instances/1/operations/transfer").status_code == 404


class TestPassing:
    """转办, 征求意见, 加签."""

    def test_a_transfer_says_to_whom_it_went(self, site: Site, item: int) -> None:
        browser = site.browser(CHIEF)
        name = site.engine.actor(COLLEAGUE).name
        answer = do(browser, item, "transfer", {"to": f"user:{COLLEAGUE}", "reason": "出差"})
        assert f"已转给{name}办理" in said(browser, answer)
        assert site.engine.task(item, site.engine.actor(COLLEAGUE)).can["complete"] is None

    def test_without_a_person_nothing_is_done_and_what_was_typed_stays(self, site: Site, item: int) -> None:
        answer = do(site.browser(CHIEF), item, "transfer", {"reason": "出差几天"})
        assert answer.status_code == 422
        assert "请选择人员" in texts(answer.text)
        assert "出差几天" in answer.text

    def test_a_refused_choice_stays_chosen(self, site: Site, item: int) -> None:
        answer = do(site.browser(CHIEF), item, "transfer", {"to": "user:admin", "reason": "试试"})
        assert answer.status_code == 422
        assert 'value="user:admin"' in answer.text

    def test_without_a_script_people_are_searched_on_the_page(self, site: Site, item: int) -> None:
        page = ask(site.browser(CHIEF), item, "transfer", q="预算股")
        assert 'value="user:yusuan.guzhang"' in page
        assert "<noscript>" in page

    def test_an_opinion_is_asked_for_and_handed_back(self, site: Site, item: int) -> None:
        chief, colleague = site.browser(CHIEF), site.browser(COLLEAGUE)
        name = site.engine.actor(COLLEAGUE).name
        answer = do(chief, item, "delegate", {"to": f"user:{COLLEAGUE}", "reason": "指标是否合理"})
        assert f"已请{name}" in said(chief, answer)
        assert "收回" in ask(chief, item, "hand_back")
        page = colleague.get(f"/tasks/{item}").text
        assert "征求您的意见：“指标是否合理”" in texts(page)
        assert 'name="_outcome"' not in page  # whoever is only asked decides nothing
        empty = do(colleague, item, "hand_back", {"opinion": " "})
        assert empty.status_code == 422
        answer = do(colleague, item, "hand_back", {"opinion": "指标偏低"})
        assert "意见已交回" in said(colleague, answer)
        assert site.engine.task(item, site.engine.actor(CHIEF)).can["complete"] is None
        assert f"是{name}于" in texts(chief.get(f"/tasks/{item}").text)  # nobody takes it for their own words

    def test_signers_are_added_and_taken_out(self, site: Site, item: int) -> None:
        browser = site.browser(CHIEF)
        name = site.engine.actor(COLLEAGUE).name
        answer = do(browser, item, "add_signer", {"to": f"user:{COLLEAGUE}", "position": "beside"})
        assert f"已加签{name}" in said(browser, answer)
        page = ask(browser, item, "remove_signer")
        signer = re.search(r'name="signer" value="(\d+)"', page)
        assert signer is not None
        answer = do(browser, item, "remove_signer", {"signer": signer[1], "reason": "不涉及"})
        assert f"已减去{name}" in said(browser, answer)


def signed(site: Site) -> int:
    """Return the item of a goal that the unit's head has just sent back."""
    item, head = site.waiting(HEAD, "unit_sign"), site.engine.actor(HEAD)
    version = site.engine.task(item, head).version
    site.engine.complete(item, actor=head, version=version, outcome="退回补正", opinion="请核实")
    return item


class TestTakingBack:
    """撤回 and 申请撤回."""

    def test_what_was_just_submitted_is_withdrawn_from_the_case(self, site: Site) -> None:
        item, browser = signed(site), site.browser(HEAD)
        instance = site.engine.task(item, site.engine.actor(HEAD)).instance_id
        assert "withdraw" in labels(browser.get(f"/instances/{instance}").text)
        assert "还没有人打开看过" in ask(browser, item, "withdraw")
        following = site.engine.instance(instance, site.engine.actor(HEAD)).holders[0].item_id
        site.engine.opened(following, actor=site.engine.actor(CLERK))
        name = site.engine.actor(CLERK).name
        assert f"{name}已经打开看过" in texts(ask(browser, item, "withdraw"))
        answer = do(browser, item, "withdraw", {"reason": "点错了"})
        assert "已撤回" in said(browser, answer)
        assert "/tasks/" in answer.location
        again = site.engine.task(
            int(answer.location.rpartition("/")[2].partition("?")[0]), site.engine.actor(HEAD)
        )
        assert again.round == 2
        assert all(one.previous is None for one in again.shows)  # nothing has changed meanwhile
        assert "上一步“单位负责人签批”" not in texts(browser.get(answer.location).text)
        assert f"{site.engine.actor(HEAD).name}" in texts(
            site.browser(CLERK).get(f"/instances/{instance}").text
        )

    def test_once_somebody_writes_it_is_asked_for_and_answered(self, site: Site) -> None:
        item, head, clerk = signed(site), site.browser(HEAD), site.engine.actor(CLERK)
        instance = site.engine.task(item, site.engine.actor(HEAD)).instance_id
        following = site.engine.instance(instance, clerk).holders[0].item_id
        site.engine.save_draft(following, actor=clerk, answers={}, based_on=None, opinion="已看")
        assert "ask_withdrawal" in labels(head.get(f"/tasks/{item}").text)
        answer = do(head, item, "ask_withdrawal", {"reason": "点错了"})
        assert "撤回申请已提出" in said(head, answer)
        browser = site.browser(CLERK)
        page = browser.get(f"/tasks/{following}").text
        assert "申请撤回“单位负责人签批”，理由：点错了" in texts(page)
        first = re.findall(
            r"<button[^>]*>", ask(browser, following, "answer_withdrawal").partition("<main")[2]
        )
        assert 'value="second"' not in first[0]  # Enter in a line presses the first button of its form
        declined = do(browser, following, "answer_withdrawal", {"asked": str(item), "answer": "second"})
        assert declined.status_code == 422
        answer = do(browser, following, "answer_withdrawal", {"asked": str(item)})
        assert "已同意撤回" in said(browser, answer)
        assert site.waiting(HEAD, "unit_sign")


class TestTelling:
    """催办, 抄送, 关注."""

    def test_urging_twice_says_when_it_is_possible_again(self, site: Site, item: int) -> None:
        instance = site.engine.task(item, site.engine.actor(CHIEF)).instance_id
        view = site.engine.instance(instance, site.engine.actor(CHIEF))
        clerk = next(one.actor for one in view.timeline if one.element == "fill_goal" and one.outcome)
        browser = site.browser(clerk.removeprefix("user:"))
        answer = do(browser, item, "urge", {"text": "请尽快"})
        assert "已催办" in said(browser, answer)
        again = do(browser, item, "urge", {"text": "再催"})
        assert again.status_code == 422
        assert "14:00" in texts(again.text)
        assert "14:00" in texts(browser.get(f"/tasks/{item}").text)

    def test_a_copy_goes_to_people_and_posts(self, site: Site, item: int) -> None:
        browser = site.browser(CHIEF)
        instance = site.engine.task(item, site.engine.actor(CHIEF)).instance_id
        data = {"to": [f"user:{COLLEAGUE}", "role:perf_chief@PERF"], "text": "请知悉"}
        assert "已抄送给 2 人" in said(browser, do(browser, instance, "copy", data, kind="instances"))
        assert len(site.engine.notes(site.engine.actor("jixiao.guzhang"), "copy")) == 1

    def test_a_case_is_followed_and_no_more(self, site: Site, item: int) -> None:
        browser, chief = site.browser(CHIEF), site.engine.actor(CHIEF)
        instance = site.engine.task(item, chief).instance_id
        assert "已关注" in said(browser, do(browser, instance, "follow", {}, kind="instances"))
        assert "unfollow" in labels(browser.get(f"/tasks/{item}").text)
        assert "已取消关注" in said(browser, do(browser, instance, "unfollow", {}, kind="instances"))


class TestDeadlines:
    """延期."""

    def test_a_later_deadline_is_asked_for_and_the_page_says_who_decides(self, site: Site, item: int) -> None:
        browser = site.browser(CHIEF)
        late = do(browser, item, "extend", {"due": "2026-01-01", "reason": "材料未齐"})
        assert late.status_code == 422
        assert "材料未齐" in late.text
        answer = do(browser, item, "extend", {"due": "2026-04-30", "reason": "材料未齐"})
        assert "2026-04-30" in said(browser, answer)
        assert "申请延期到 2026-04-30" in texts(browser.get(f"/tasks/{item}").text)
        assert "extend" not in labels(browser.get(f"/tasks/{item}").text)

    def test_a_day_that_is_none_is_refused(self, site: Site, item: int) -> None:
        answer = do(site.browser(CHIEF), item, "extend", {"due": "明天", "reason": "材料未齐"})
        assert answer.status_code == 422
        assert "请填写日期" in texts(answer.text)


def test_a_second_click_is_no_second_act(site: Site, item: int) -> None:
    browser = site.browser(CHIEF)
    page = ask(browser, item, "transfer")
    data = {
        "_version": hidden(page, "_version"),
        "_request_key": hidden(page, "_request_key"),
        "to": f"user:{COLLEAGUE}",
    }
    first = browser.post(f"/tasks/{item}/operations/transfer", data)
    again = browser.post(f"/tasks/{item}/operations/transfer", data)
    assert (first.status_code, again.status_code) == (303, 303)
    row = next(
        one
        for one in site.engine.inbox(site.engine.actor(COLLEAGUE), InboxQuery(limit=100)).rows
        if one.item_id == item
    )
    assert row.assignee == f"user:{COLLEAGUE}"


def test_somebody_who_was_first_is_named_and_nothing_typed_is_lost(site: Site, item: int) -> None:
    browser = site.browser(CHIEF)
    page = ask(browser, item, "transfer")
    chief = site.engine.actor(CHIEF)
    site.engine.claim(item, actor=chief, version=site.engine.task(item, chief).version)
    data = {"_version": hidden(page, "_version"), "to": f"user:{COLLEAGUE}", "reason": "出差三天"}
    answer = browser.post(f"/tasks/{item}/operations/transfer", data)
    assert answer.status_code == 409
    assert "出差三天" in unescape(answer.text)
    assert "重新打开这一项" in answer.text

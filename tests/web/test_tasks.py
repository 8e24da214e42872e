"""The task page in a person's hands: drafts, refusals, conflicts, double clicks, opinions, files."""

from __future__ import annotations

import io
import json
import re

import pytest

from tests.web.conftest import Browser, Site, hidden, on_both, texts

CLERK = "jiaotongju.jingban"
HEAD = "jiaotongju.fuzeren"
CHIEF = "jingjian.guzhang"
STAFF = "jingjian.guyuan1"
SCRIPT = {"X-Requested-With": "fetch"}
HTMX = {"HX-Request": "true"}
#: What the head's form asks for.
SIGNED = {"truthful": "true", "signer": "签批人"}


def opened(browser: Browser, item: int) -> dict[str, str]:
    """Open a task and return what its form sends besides what is typed."""
    page = browser.get(f"/tasks/{item}").text
    return {
        name: hidden(page, name)
        for name in ("_version", "_document_version", "_request_key", "_list", "_beside")
    }


@on_both
def test_a_draft_is_kept_and_shown_when_the_page_is_opened_again(site: Site) -> None:
    browser, item = site.browser(CLERK), site.waiting(CLERK, "fill_goal")
    opened(browser, item)
    answer = browser.post(
        f"/tasks/{item}/draft", {"project_leader": "阿依古丽", "_opinion": "请领导审阅"}, headers=SCRIPT
    )
    assert re.fullmatch(r"\d\d:\d\d", answer.get_json()["time"])
    page = site.browser(CLERK).get(f"/tasks/{item}").text
    assert "阿依古丽" in page
    assert "请领导审阅" in page
    assert "已保存" in page


def test_answers_that_do_not_pass_stay_on_the_page_with_their_errors_and_in_the_draft(site: Site) -> None:
    browser, item = site.browser(CLERK), site.waiting(CLERK, "fill_goal")
    sent = {
        **opened(browser, item),
        "_outcome": "提交",
        "project_leader": "阿依古丽",
        "total_amount": "1e400",
    }
    answer = browser.post(f"/tasks/{item}/complete", sent)
    assert answer.status_code == 422
    assert "没有提交" in answer.text
    assert 'value="阿依古丽"' in answer.text
    assert 'value="1e400"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    # Changing the language there must not lead to an address that only takes what is posted.
    assert hidden(answer.text, "back") == ""
    assert "阿依古丽" in browser.get(f"/tasks/{item}").text


def test_a_head_signs_and_is_led_to_the_next_item(site: Site) -> None:
    browser, item = site.browser(HEAD), site.waiting(HEAD, "unit_sign")
    sent = {**opened(browser, item), **SIGNED, "_outcome": "同意", "_opinion": "同意上报。", "_then": "next"}
    answer = browser.post(f"/tasks/{item}/complete", sent)
    assert answer.status_code == 303
    assert re.match(r"/(tasks/\d+|inbox)", answer.location)
    assert f"/tasks/{item}" not in answer.location
    assert "已办理：同意" in texts(browser.get("/inbox").text)


def test_a_step_that_is_done_says_by_whom_and_when(site: Site) -> None:
    browser, item = site.browser(HEAD), site.waiting(HEAD, "unit_sign")
    sent = {**opened(browser, item), **SIGNED, "_outcome": "同意", "_opinion": "同意上报。"}
    assert browser.post(f"/tasks/{item}/complete", sent).status_code == 303
    # A second page, sent too late, leaves its opinion as a draft; the closed step doesn't call it unsent work.
    late = browser.post(
        f"/tasks/{item}/complete", {**sent, "_opinion": "另一页的意见", "_request_key": "another page"}
    )
    assert late.status_code == 409
    page = texts(browser.get(f"/tasks/{item}").text)
    head = site.engine.actor(HEAD).name
    assert re.search(rf"这一步已由{head}（\S+ 单位负责人）于 2026-03-11 10:00 办理：同意。", page)
    assert "另一页的意见" in page
    assert "未知" not in page
    assert "还没有提交。" not in page


def test_a_request_that_names_no_outcome_is_never_taken_for_one(site: Site) -> None:
    browser, item = site.browser(HEAD), site.waiting(HEAD, "unit_sign")
    sent = {**opened(browser, item), **SIGNED}
    for outcome in ({}, {"_outcome": ""}, {"_outcome": "批准"}):
        assert browser.post(f"/tasks/{item}/complete", {**sent, **outcome}).status_code == 400
    assert site.waiting(HEAD, "unit_sign") == item


def test_a_script_is_told_where_to_go(site: Site) -> None:
    browser, item = site.browser(HEAD), site.waiting(HEAD, "unit_sign")
    sent = {**opened(browser, item), **SIGNED, "_outcome": "同意", "_beside": "1"}
    answer = browser.post(f"/tasks/{item}/complete", sent, headers=HTMX)
    assert answer.status_code == 200
    assert answer.headers["HX-Redirect"] == "/inbox"


@on_both
def test_a_double_click_is_one_act(site: Site) -> None:
    browser, item = site.browser(HEAD), site.waiting(HEAD, "unit_sign")
    sent = {**opened(browser, item), **SIGNED, "_outcome": "同意"}
    first = browser.post(f"/tasks/{item}/complete", sent)
    second = browser.post(f"/tasks/{item}/complete", sent)
    assert (first.status_code, second.status_code) == (303, 303)
    instance = site.engine.task(item, site.engine.actor(HEAD)).instance_id
    done = [
        event
        for event in site.engine.instance(instance, site.engine.actor(HEAD)).timeline
        if event.data.get("item") == item
    ]
    assert [event.kind for event in done] == ["item.completed"]
    # The same page edited after it was sent (the back button leads to it) is another request, and comes too late.
    edited = browser.post(f"/tasks/{item}/complete", {**sent, "_opinion": "补充一句"})
    assert edited.status_code == 409
    assert f"已由{site.engine.actor(HEAD).name}于" in edited.text


@on_both
def test_who_comes_second_is_told_who_did_what_and_when_and_keeps_what_was_typed(site: Site) -> None:
    browser, item = site.browser(HEAD), site.waiting(HEAD, "unit_sign")
    first = opened(browser, item)
    late = opened(browser, item)
    assert browser.post(f"/tasks/{item}/complete", {**first, **SIGNED, "_outcome": "同意"}).status_code == 303
    answer = browser.post(
        f"/tasks/{item}/complete", {**late, "_outcome": "退回补正", "_opinion": "金额对不上，请核对。"}
    )
    assert answer.status_code == 409
    said = texts(answer.text)
    assert "已由" in said
    assert "办理（同意）" in said
    assert "金额对不上，请核对。" in answer.text


def test_a_page_that_is_stale_after_a_claim_says_by_whom(site: Site) -> None:
    browser, item = site.browser(CHIEF), site.waiting(CHIEF, "section_review")
    old = opened(browser, item)
    assert browser.post(f"/tasks/{item}/claim", {"_version": old["_version"]}).status_code == 303
    answer = browser.post(f"/tasks/{item}/complete", {**old, "_outcome": "退回补正", "_opinion": "请补充。"})
    assert answer.status_code in (409, 422)
    assert "请补充。" in answer.text


def test_a_rejection_needs_its_opinion_and_its_pinned_opinions(site: Site) -> None:
    browser, item = site.browser(CHIEF), site.waiting(CHIEF, "section_review")
    sent = {**opened(browser, item), "_outcome": "退回补正"}
    answer = browser.post(f"/tasks/{item}/complete", sent)
    assert answer.status_code == 422
    assert "意见" in answer.text
    pins = {"pin.document": "goal", "pin.field": "goal_annual", "pin.row": "", "pin.text": "没有写效果。"}
    again = {**opened(browser, item), "_outcome": "退回补正", "_opinion": "请按意见修改。", **pins}
    assert browser.post(f"/tasks/{item}/complete", again).status_code == 303


def test_a_pinned_opinion_that_was_typed_survives_a_refusal_and_a_reload(site: Site) -> None:
    browser, item = site.browser(CHIEF), site.waiting(CHIEF, "section_review")
    pins = {"pin.document": "goal", "pin.field": "goal_annual", "pin.row": "", "pin.text": "没有写效果。"}
    sent = {**opened(browser, item), "_outcome": "退回补正", **pins}
    assert "没有写效果。" in browser.post(f"/tasks/{item}/complete", sent).text
    assert "没有写效果。" in browser.get(f"/tasks/{item}").text


def test_a_chief_gives_the_item_to_staff_who_draft_and_the_chief_decides(site: Site) -> None:
    chief, item = site.browser(CHIEF), site.waiting(CHIEF, "section_review")
    version = opened(chief, item)["_version"]
    assert chief.post(f"/tasks/{item}/assign", {"_version": version, "_to": STAFF}).status_code == 303
    staff = site.browser(STAFF)
    page = staff.get(f"/tasks/{item}").text
    assert "提交初审意见" in page
    assert 'value="同意"' not in page
    sent = {**opened(staff, item), "completeness_norm": "9", "_opinion": "拟同意。"}
    assert staff.post(f"/tasks/{item}/hand-in", sent).status_code == 303
    page = chief.get(f"/tasks/{item}").text
    assert "拟同意。" in page
    assert 'value="同意"' in page


@on_both
def test_the_clerk_sees_the_open_points_and_the_second_round_shows_old_and_new(site: Site) -> None:
    item = site.waiting(CHIEF, "section_review")
    chief = site.browser(CHIEF)
    pins = {"pin.document": "goal", "pin.field": "goal_annual", "pin.row": "", "pin.text": "请写明受益人数。"}
    sent = {**opened(chief, item), "_outcome": "退回补正", "_opinion": "请修改。", **pins}
    instance = site.engine.task(item, site.engine.actor(CHIEF)).instance_id
    assert chief.post(f"/tasks/{item}/complete", sent).status_code == 303
    holder = site.engine.instance(instance, site.engine.actor(CHIEF)).holders[0]
    clerk_id = _clerk_of(site, holder.item_id)
    page = site.browser(clerk_id).get(f"/tasks/{holder.item_id}").text
    assert "请写明受益人数。" in page
    assert re.search(r'name="reply\.\d+\.kind"', page)


def _clerk_of(site: Site, item: int) -> str:
    """Return somebody in whose inbox the item is."""
    for person, _ in site.engine.people.people():
        actor = site.engine.actor(person)
        try:
            if site.engine.task(item, actor).can.get("complete", "") is None:
                return person
        except Exception:
            continue
    raise AssertionError(f"nobody can do item {item}")


def test_a_changed_field_is_answered_with_what_follows_from_it(site: Site) -> None:
    browser, item = site.browser(CLERK), site.waiting(CLERK, "fill_goal")
    opened(browser, item)
    answer = browser.post(
        f"/tasks/{item}/form", {"_changed": "fund_general", "fund_general": "12.50"}, headers=SCRIPT
    )
    assert answer.status_code == 200
    assert "<template data-swap=" in answer.text
    assert "12.5" in answer.text


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("木马.pdf", b"MZ\x90\x00" + b"\x00" * 200, "不是允许的类型"),
        ("空.pdf", b"", "是空的"),
        ("改名.pdf", b"\x89PNG\r\n\x1a\n" + b"\x00" * 100, "不符"),
    ],
)
def test_an_attachment_of_a_wrong_kind_is_refused_at_its_field(
    site: Site, name: str, content: bytes, sentence: str
) -> None:
    browser, item = site.browser(CLERK), site.waiting(CLERK, "fill_goal")
    opened(browser, item)
    answer = browser.post(
        f"/tasks/{item}/attachments",
        {"file": (io.BytesIO(content), name)},
        headers=SCRIPT,
        content_type="multipart/form-data",
    )
    assert answer.status_code == 422
    assert sentence in answer.get_json()["message"]


def test_an_attachment_comes_back_as_a_download_that_runs_nothing(site: Site) -> None:
    browser, item = site.browser(CLERK), site.waiting(CLERK, "fill_goal")
    opened(browser, item)
    content = "立项依据：县政府常务会议纪要。".encode()
    stored = browser.post(
        f"/tasks/{item}/attachments",
        {"file": (io.BytesIO(content), "立项依据.txt")},
        headers=SCRIPT,
        content_type="multipart/form-data",
    )
    assert stored.status_code == 201
    answer = browser.get(stored.get_json()["href"])
    assert answer.data == content
    assert answer.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "立项依据.txt" in browser.get(f"/tasks/{item}").text


def test_the_diagram_knows_the_way_and_who_has_the_item(site: Site) -> None:
    browser, item = site.browser(HEAD), site.waiting(HEAD, "unit_sign")
    instance = site.engine.task(item, site.engine.actor(HEAD)).instance_id
    answer = browser.get(f"/instances/{instance}/diagram").get_json()
    assert "<bpmn:definitions" in answer["xml"]
    assert "fill_goal" in answer["finished"]
    assert answer["active"] == ["unit_sign"]
    assert answer["flows_taken"]
    assert answer["nodes"]["unit_sign"]["lines"][0].endswith("起")
    json.dumps(answer)


def test_the_instance_page_tells_holder_record_and_documents(site: Site) -> None:
    browser, item = site.browser(HEAD), site.waiting(HEAD, "unit_sign")
    instance = site.engine.task(item, site.engine.actor(HEAD)).instance_id
    page = browser.get(f"/instances/{instance}").text
    for words in ("在谁手里", "办理记录", "文书", "填报绩效目标", "去办理", "打印审批单"):
        assert words in page
    assert f'href="/tasks/{item}"' in page


def test_an_opinion_that_is_too_long_is_refused_and_not_cut(site: Site) -> None:
    browser, item = site.browser(HEAD), site.waiting(HEAD, "unit_sign")
    sent = {**opened(browser, item), **SIGNED, "_outcome": "同意", "_opinion": "长" * 20_001}
    answer = browser.post(f"/tasks/{item}/complete", sent)
    assert answer.status_code == 422
    assert "长" * 20_001 in answer.text
    assert "20,001" in answer.text or "20001" in answer.text

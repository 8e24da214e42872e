"""The bell, the list of messages, and what people choose to be told."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import event

from tests.services.mail import MailServer
from tests.web.conftest import Browser, Site, hidden, on_both, texts

CLERK, HEAD, OTHER = "jiaotongju.jingban", "jiaotongju.fuzeren", "shangwuju.jingban"


def open_mail(site: Site, server: MailServer) -> None:
    """Give the county a channel for mail to a real server."""
    options = {
        "host": "127.0.0.1",
        "port": server.port,
        "security": "none",
        "sender": "财政局 <czj@example.gov.cn>",
    }
    site.engine.save_channel("mail", {"type": "mail", "on": True, "options": options}, actor="system")
    site.engine.allow_hosts([f"127.0.0.1:{server.port}"])


def new(browser: Browser) -> int:
    """Return what the bell shows."""
    return int(browser.get("/messages/count").json["count"])


@on_both
def test_the_bell_counts_what_is_new_and_opening_it_takes_it_off(site: Site) -> None:
    item = site.waiting(CLERK, "fill_goal")
    instance = site.engine.task(item, site.engine.actor(CLERK)).instance_id
    clerk, head = site.engine.actor(CLERK), site.browser(HEAD)
    head.post("/messages/read", {})
    assert new(head) == 0
    site.clock.advance(timedelta(minutes=1))
    site.engine.copy(instance, actor=clerk, to=[f"user:{HEAD}"], text="请知悉")
    site.engine.comment(instance, actor=clerk, text="已按要求修改", mentions=[f"user:{HEAD}"])
    assert new(head) == 2
    page = head.get("/messages/?unread=1").text
    assert "在评论中提到您" in texts(page)
    assert "请知悉" in page
    copied, mentioned = site.engine.notes(site.engine.actor(HEAD), limit=2)[::-1]
    answer = head.get(f"/messages/{mentioned.id}")
    assert answer.location == f"/instances/{instance}"
    assert new(head) == 1
    head.post("/messages/read", {})
    assert new(head) == 0
    assert "没有未读消息" in head.get("/messages/?unread=1").text
    (receipt,) = site.engine.receipts(instance, clerk)
    assert receipt.read_at is None  # marking all as read is no receipt
    head.get(f"/messages/{copied.id}")
    (receipt,) = site.engine.receipts(instance, clerk)
    assert receipt.read_at == site.clock.now()


def test_a_new_task_is_unread_until_it_is_opened_or_marked(site: Site) -> None:
    browser = site.browser(CLERK)
    tasks = new(browser)
    assert tasks > 0
    item = site.waiting(CLERK, "fill_goal")
    browser.get(f"/tasks/{item}")
    assert new(browser) == tasks - 1
    browser.post("/messages/read", {})
    assert new(browser) == 0


def test_an_unchanged_count_is_answered_without_a_body_and_keeps_nobody_signed_in(site: Site) -> None:
    browser = site.browser(CLERK)
    first = browser.get("/messages/count")
    tag = first.headers["ETag"]
    again = browser.client.get("/messages/count", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    for _ in range(4):
        site.clock.advance(timedelta(minutes=10))
        answer = browser.client.get("/messages/count", headers={"X-Requested-With": "fetch"})
    assert answer.status_code == 401


def test_the_count_takes_few_statements(site: Site) -> None:
    browser = site.browser(CLERK)
    actor = site.engine.actor(CLERK)
    new(browser)
    statements: list[str] = []
    event.listen(
        site.engine.database.engine, "before_cursor_execute", lambda *given: statements.append(given[2])
    )
    site.engine.unread(actor)
    assert len(statements) == 2


def test_nobody_opens_the_messages_of_others(site: Site) -> None:
    item = site.waiting(CLERK, "fill_goal")
    actor = site.engine.actor(CLERK)
    instance = site.engine.task(item, actor).instance_id
    site.engine.copy(instance, actor=actor, to=[f"user:{HEAD}"])
    (note,) = site.engine.notes(site.engine.actor(HEAD), "copy", limit=1)
    assert site.browser(OTHER).get(f"/messages/{note.id}").status_code == 404
    assert site.engine.notes(site.engine.actor(HEAD), "copy", limit=1)[0].read_at is None


def test_an_address_counts_after_its_code_came_back(site: Site) -> None:
    with MailServer() as server:
        open_mail(site, server)
        browser = site.browser(CLERK)
        browser.get("/messages/settings")
        answer = browser.post("/messages/settings/email", {"address": "not an address"})
        assert answer.status_code == 422
        assert "不是邮箱地址" in answer.text
        browser.post("/messages/settings/email", {"address": "jt@example.gov.cn"})
        assert site.engine.contacts(CLERK).email == ""
        assert "jt@example.gov.cn" in browser.get("/messages/settings").text
        code = re.search(r"\d{6}", server.mails[0]["Subject"])
        assert code is not None
        wrong = f"{(int(code[0]) + 1) % 1_000_000:06d}"
        answer = browser.post("/messages/settings/email/confirm", {"code": wrong})
        assert answer.status_code == 422
        assert browser.post("/messages/settings/email", {"address": "jt@example.gov.cn"}).status_code == 422
        browser.post("/messages/settings/email/confirm", {"code": code[0]})
        assert site.engine.contacts(CLERK).email == "jt@example.gov.cn"
        browser.post("/messages/settings/email/remove", {})
        assert site.engine.contacts(CLERK).email == ""


def test_a_code_can_be_guessed_five_times_and_holds_ten_minutes(site: Site) -> None:
    with MailServer() as server:
        open_mail(site, server)
        actor = site.engine.actor(CLERK)
        site.engine.ask_address("email", "jt@example.gov.cn", actor=actor)
        code = server.mails[0]["Subject"][-6:]
        for _ in range(5):
            with pytest.raises(Exception, match="wrong or too old"):
                site.engine.confirm_address("email", "000000" if code != "000000" else "1", actor=actor)
        with pytest.raises(Exception, match="wrong or too old"):
            site.engine.confirm_address("email", code, actor=actor)
        site.clock.advance(timedelta(minutes=2))
        site.engine.ask_address("email", "jt@example.gov.cn", actor=actor)
        site.clock.advance(timedelta(minutes=11))
        with pytest.raises(Exception, match="wrong or too old"):
            site.engine.confirm_address("email", server.mails[1]["Subject"][-6:], actor=actor)


def test_a_person_chooses_and_only_channels_of_theirs_are_kept(site: Site) -> None:
    with MailServer() as server:
        open_mail(site, server)
        browser = site.browser(CLERK)
        assert "未设地址" in browser.get("/messages/settings").text
        browser.post("/messages/settings", {"mail.task": "now", "mail.near": "digest", "other.task": "now"})
        wishes = site.engine.wishes(site.engine.actor(CLERK))
        assert (wishes["mail", "task"], wishes["mail", "near"], wishes["mail", "copy"]) == (
            "now",
            "digest",
            "never",
        )
        assert {channel for channel, _ in wishes} == {"mail"}
        assert browser.post("/messages/settings", {"mail.task": "hourly"}).status_code == 422


def test_the_settings_page_says_what_to_do_where_there_is_no_channel(site: Site) -> None:
    page = site.browser(CLERK).get("/messages/settings").text
    assert "还没有开通邮件、短信等渠道" in page
    assert hidden(page, "csrf_token")

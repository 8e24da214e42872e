"""工作台, 抄送我的, 草稿 and 关注: what they show of one's own, and that nobody's else is in them."""

from __future__ import annotations

import re

from engine import InboxQuery
from tests.web.conftest import Site, on_both, texts

CLERK = "jiaotongju.jingban"
HEAD = "jiaotongju.fuzeren"
CHIEF = "jingjian.guzhang"


def instance_of(site: Site, item: int, person: str) -> int:
    return site.engine.task(item, site.engine.actor(person)).instance_id


@on_both
def test_the_workbench_leads_to_what_is_due_and_says_with_whom_the_rest_is(site: Site) -> None:
    page = site.browser(CHIEF).get("/").text
    first = site.engine.inbox(site.engine.actor(CHIEF), InboxQuery(limit=8)).rows
    assert re.findall(r'href="/tasks/(\d+)"', page) == [str(row.item_id) for row in first]
    others = site.engine.outstanding(site.engine.actor(CHIEF))
    assert others
    for one in others[:8]:
        assert f'href="/instances/{one.standing.instance_id}"' in page
    assert 'href="/inbox?due=overdue"' in page
    assert "没有未读的抄送" in page


def test_after_signing_in_one_is_at_the_workbench(site: Site) -> None:
    from workflows.demo import PASSWORD

    assert site.anonymous().sign_in(CHIEF, PASSWORD).location == "/"
    page = site.browser("admin").get("/")
    assert page.status_code == 200
    assert "没有待办" in page.text


def test_a_copy_is_news_until_it_is_opened_and_the_sender_sees_the_receipt(site: Site) -> None:
    instance = instance_of(site, site.waiting(CLERK, "fill_goal"), CLERK)
    site.engine.copy(instance, actor=site.engine.actor(CLERK), to=[CHIEF], text="请知悉<b>")
    browser = site.browser(CHIEF)
    for address in ("/", "/copies"):
        page = browser.get(address).text
        assert "请知悉&lt;b&gt;" in page
        assert re.search(r'data-nav="own\.copies".*?<em[^>]*>1</em>', page, re.S)
    (address,) = set(re.findall(r'href="(/notes/\d+)"', browser.get("/copies?unread=1").text))
    assert browser.get(address).location == f"/instances/{instance}"
    assert "没有事项符合" in browser.get("/copies?unread=1").text
    (receipt,) = site.engine.receipts(instance, site.engine.actor(CLERK))
    assert receipt.read_at == site.clock.now()
    assert site.browser(HEAD).get(address).status_code == 404


def test_ticked_copies_are_marked_as_read(site: Site) -> None:
    item = site.waiting(CLERK, "fill_goal")
    instance = instance_of(site, item, CLERK)
    for text in ("一", "二", "三"):
        site.engine.copy(instance, actor=site.engine.actor(CLERK), to=[CHIEF], text=text)
    browser = site.browser(CHIEF)
    numbers = re.findall(r'name="note" value="(\d+)"', browser.get("/copies").text)
    assert len(numbers) == 3
    answer = browser.post("/copies/read", {"note": numbers[:2], "_list": "unread=1"})
    assert answer.location == "/copies?unread=1"
    page = browser.get("/copies?unread=1").text
    assert "2 项已标为已读" in page
    assert re.findall(r'name="note" value="(\d+)"', page) == numbers[2:]
    assert "先勾选" in browser.get(browser.post("/copies/read", {"note": "x"}).location).text


def test_a_draft_leads_to_its_task_and_can_be_discarded(site: Site) -> None:
    item = site.waiting(CLERK, "fill_goal")
    browser = site.browser(CLERK)
    browser.get(f"/tasks/{item}")
    assert browser.post(f"/tasks/{item}/draft", {"overview": "写了一半"}).status_code == 200
    page = browser.get("/drafts").text
    assert f'href="/tasks/{item}"' in page
    assert site.browser(HEAD).post(f"/drafts/{item}/discard").status_code == 303
    assert f'href="/tasks/{item}"' in browser.get("/drafts").text
    browser.post(f"/drafts/{item}/discard")
    page = texts(browser.get("/drafts").text)
    assert "草稿已丢弃" in page
    assert "没有草稿" in page


def test_what_one_follows_says_with_whom_it_is_and_can_be_left(site: Site) -> None:
    instance = instance_of(site, site.waiting(CLERK, "fill_goal"), CLERK)
    site.engine.follow(instance, actor=site.engine.actor(CLERK))
    browser = site.browser(CLERK)
    page = texts(browser.get("/followed").text)
    assert "县交通运输局绩效经办人" in page
    assert browser.post(f"/followed/{instance}/unfollow").location == "/followed"
    assert "没有关注的事项" in browser.get("/followed").text


@on_both
def test_every_list_can_be_searched_sorted_and_paged(site: Site) -> None:
    browser = site.browser(CLERK)
    for address in ("/done", "/started", "/copies", "/drafts", "/followed"):
        answer = browser.get(address, query_string={"text": "绝无此事", "sort": "oldest"})
        assert answer.status_code == 200
        assert "没有事项符合条件" in answer.text

"""Comments on the task page and the instance page: said, naming people, taken back, never taken for markup."""

from __future__ import annotations

import re

from tests.web.conftest import Browser, Site, hidden, on_both, texts

CLERK = "jiaotongju.jingban"
HEAD = "jiaotongju.fuzeren"
OTHER = "shangwuju.jingban"
HTMX = {"HX-Request": "true"}


def place(site: Site) -> tuple[int, int, str]:
    """Return an open item of the head, its case, and the head's name."""
    item = site.waiting(HEAD, "unit_sign")
    head = site.engine.actor(HEAD)
    return item, site.engine.task(item, head).instance_id, head.name


def say(browser: Browser, instance: int, text: str, **more: object) -> str:
    page = browser.get(f"/instances/{instance}").text
    key = hidden(page, "_request_key")
    data = {"text": text, "_request_key": key, **more}
    answer = browser.post(f"/instances/{instance}/comments", data, headers=HTMX)
    assert answer.status_code == 200, answer.text
    return answer.text


@on_both
def test_a_comment_is_on_both_pages_and_tells_whom_it_names(site: Site) -> None:
    item, instance, name = place(site)
    clerk = site.engine.actor(CLERK)
    thread = say(site.browser(CLERK), instance, f"@{name} 附件第 3 页已补", mention=f"user:{HEAD}")
    assert f'<b class="mention">@{name}</b> 附件第 3 页已补' in thread
    (note,) = site.engine.notes(site.engine.actor(HEAD), "mention")
    assert (note.instance_id, note.sender_name) == (instance, clerk.name)
    for page in (f"/tasks/{item}", f"/instances/{instance}"):
        assert f"@{name} 附件第 3 页已补" in texts(site.browser(HEAD).get(page).text)


def test_a_name_that_was_typed_and_not_chosen_tells_its_only_bearer(site: Site) -> None:
    _, instance, name = place(site)
    say(site.browser(CLERK), instance, f"请 @{name} 看看")
    assert len(site.engine.notes(site.engine.actor(HEAD), "mention")) == 1


def test_whose_name_was_deleted_again_is_not_told(site: Site) -> None:
    _, instance, _ = place(site)
    say(site.browser(CLERK), instance, "没有点名", mention=f"user:{HEAD}")
    assert site.engine.notes(site.engine.actor(HEAD), "mention") == []


def test_somebody_who_may_not_see_the_case_cannot_be_named(site: Site) -> None:
    _, instance, _ = place(site)
    browser, stranger = site.browser(CLERK), site.engine.actor(OTHER)
    text = f"@{stranger.name} 看看"
    answer = browser.post(
        f"/instances/{instance}/comments", {"text": text, "mention": f"user:{OTHER}"}, headers=HTMX
    )
    assert answer.status_code == 422
    assert "不能在评论里点名" in answer.text
    assert f">\n{text}</textarea>" in answer.text
    assert site.engine.notes(stranger, "mention") == []


def test_markup_in_a_comment_is_text(site: Site) -> None:
    item, instance, _ = place(site)
    evil = '<img src=x onerror="alert(1)"><script>alert(2)</script> {{ 7*7 }} javascript:alert(3)'
    say(site.browser(CLERK), instance, evil)
    for page in (f"/tasks/{item}", f"/instances/{instance}"):
        html = site.browser(HEAD).get(page).text
        assert evil not in html
        assert "<img src=x" not in html
        assert "{{ 7*7 }}" in texts(html)


def test_the_author_takes_a_comment_back_and_the_trace_stays(site: Site) -> None:
    _, instance, _ = place(site)
    browser = site.browser(CLERK)
    thread = say(browser, instance, "写错了的话")
    address = re.search(r'action="(/instances/\d+/comments/\d+/strike)"', thread)
    assert address
    assert "strike" not in site.browser(HEAD).get(f"/instances/{instance}").text
    assert site.browser(HEAD).post(address[1]).status_code == 403
    left = browser.post(address[1], headers=HTMX)
    assert left.status_code == 200
    assert "写错了的话" not in left.text
    assert "这条评论已于 03-11 10:00 由本人撤下。" in left.text
    page = texts(site.browser(HEAD).get(f"/instances/{instance}").text)
    assert "写错了的话" not in page
    assert "撤下评论" in page


def test_the_same_comment_sent_twice_is_one(site: Site) -> None:
    _, instance, _ = place(site)
    browser = site.browser(CLERK)
    key = hidden(browser.get(f"/instances/{instance}").text, "_request_key")
    for _ in range(2):
        sent = browser.post(f"/instances/{instance}/comments", {"text": "只说一次", "_request_key": key})
        assert sent.status_code == 303
        assert sent.location == f"/instances/{instance}#comments"
    view = site.engine.instance(instance, site.engine.actor(CLERK))
    assert [comment.text for comment in view.comments] == ["只说一次"]


def test_without_a_script_a_refused_comment_keeps_what_was_typed(site: Site) -> None:
    _, instance, _ = place(site)
    browser = site.browser(CLERK)
    answer = browser.post(f"/instances/{instance}/comments", {"text": "长" * 2001})
    assert answer.status_code == 422
    assert "长" * 2001 in answer.text
    assert "<html" in answer.text

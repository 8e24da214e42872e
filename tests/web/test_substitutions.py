"""委托代理 in the browser: arranging it, what the substitute sees and does, ending it at once."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO

import pytest
from python_calamine import CalamineWorkbook
from werkzeug.test import TestResponse

from tests.web.conftest import NOW, Browser, Site, on_both, texts

CLERK = "jiaotongju.jingban"
HEAD = "jiaotongju.fuzeren"
COLLEAGUE = "shangwuju.jingban"
TODAY = NOW.date().isoformat()
LATER = (NOW.date() + timedelta(days=4)).isoformat()


def arrange(browser: Browser, **changes: str) -> TestResponse:
    browser.get("/substitutions")
    sent = {"substitute": f"user:{COLLEAGUE}", "since": TODAY, "until": LATER, "scope": "all"}
    return browser.post("/substitutions", {**sent, **changes})


@on_both
def test_the_substitute_sees_and_does_it_and_everything_names_both(site: Site) -> None:
    item = site.waiting(HEAD, "unit_sign")
    task = site.engine.task(item, site.engine.actor(HEAD))
    assert arrange(site.browser(HEAD)).status_code == 303
    browser = site.browser(COLLEAGUE)
    absent, acting = site.engine.actor(HEAD), site.engine.actor(COLLEAGUE)
    listed = browser.get("/inbox?behalf=others").text
    assert f"代{absent.name}" in listed
    assert f'data-item="{item}"' in listed
    page = browser.get(f"/tasks/{item}").text
    assert f"{acting.name}（代{absent.name}，" in texts(page)
    sent = {
        "_version": task.version,
        "_document_version": task.document_version or "",
        "_request_key": "one",
        "_outcome": "同意",
        "_opinion": "同意上报。",
        "truthful": "true",
        "signer": "签字人",
    }
    assert browser.post(f"/tasks/{item}/complete", sent).status_code == 303
    both = f"{acting.name}（代{absent.name}，{absent.posts[0].org_name} 单位负责人）"
    shown = texts(site.browser(HEAD).get(f"/instances/{task.instance_id}").text)
    assert shown.count(both) >= 3  # the timeline, the document, the opinions that print
    assert f"代{absent.name}" in browser.get("/done").text
    rows = CalamineWorkbook.from_filelike(BytesIO(browser.get("/lists/done.xlsx").data)).get_sheet_by_index(0)
    assert [task.subject, absent.name] in [[row[0], row[-1]] for row in rows.to_python()]


def test_it_ends_at_once(site: Site) -> None:
    head, item = site.browser(HEAD), site.waiting(HEAD, "unit_sign")
    arrange(head)
    colleague = site.browser(COLLEAGUE)
    assert colleague.get(f"/tasks/{item}").status_code == 200
    (one,) = site.engine.substitutions.of(HEAD)
    assert head.post(f"/substitutions/{one.id}/end").status_code == 303
    assert colleague.get(f"/tasks/{item}").status_code == 404
    assert "已结束" in head.get("/substitutions").text
    assert head.post(f"/substitutions/{one.id}/end").status_code == 404


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"substitute": ""}, "请选择由谁代理"),
        ({"since": "明天"}, "请填写起止日期"),
        ({"until": (NOW.date() - timedelta(days=1)).isoformat()}, "代理日期不对"),
        ({"substitute": f"user:{HEAD}"}, "不能由自己代理自己"),
        ({"substitute": "user:admin"}, "管理员"),
        ({"substitute": "user:nobody<script>"}, "nobody&lt;script&gt;"),
        ({"scope": "chosen"}, "没有选择代理哪些业务"),
    ],
)
def test_what_is_refused_stays_in_the_form_with_the_reason(
    site: Site, changes: dict[str, str], reason: str
) -> None:
    answer = arrange(site.browser(HEAD), **changes, reason="出差")
    assert answer.status_code == 422
    assert reason in answer.text
    assert 'value="出差"' in answer.text
    assert site.engine.substitutions.of(HEAD) == []


def test_a_head_arranges_it_for_their_own_people_with_a_reason(site: Site) -> None:
    head = site.browser(HEAD)
    assert "替谁安排" in head.get("/substitutions").text
    assert "替谁安排" not in site.browser(CLERK).get("/substitutions").text
    asked = {"absent": f"user:{CLERK}"}
    assert "要写明原因" in arrange(head, **asked).text
    assert arrange(head, **asked, reason="住院").status_code == 303
    page = texts(site.browser(CLERK).get("/substitutions").text)
    assert f"{site.engine.actor(HEAD).name}安排，原因：住院" in page
    assert (
        arrange(head, absent=f"user:{COLLEAGUE}", substitute=f"user:{CLERK}", reason="x").status_code == 403
    )


def test_an_administrator_arranges_for_others_and_never_acts_themself(site: Site) -> None:
    admin = site.browser("admin")
    assert arrange(admin, absent=f"user:{HEAD}", reason="车祸").status_code == 303
    assert "车祸" in admin.get("/substitutions").text


def test_twice_the_same_click_is_one_and_a_second_form_is_told(site: Site) -> None:
    browser = site.browser(HEAD)
    assert arrange(browser, _request_key="once").status_code == 303
    assert arrange(browser, _request_key="once").status_code == 303
    assert len(site.engine.substitutions.of(HEAD)) == 1
    assert "不用重复安排" in arrange(browser).text


def test_who_is_away_too_is_said(site: Site) -> None:
    arrange(site.browser(COLLEAGUE), substitute=f"user:{CLERK}")
    browser = site.browser(HEAD)
    arrange(browser)
    assert "代理不再转托" in browser.get("/substitutions").text

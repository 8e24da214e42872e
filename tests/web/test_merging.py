"""撤并 in the browser: who would take over, then the merger; an account with tasks in hand is handed over first."""

from __future__ import annotations

from tests.web.conftest import Site, on_both, texts

FROM, INTO = "jiaotongju", "shangwuju"


def codes(site: Site) -> tuple[str, str]:
    return tuple(site.engine.actor(f"{one}.jingban").posts[0].org for one in (FROM, INTO))  # type: ignore[return-value]


@on_both
def test_the_successors_clerk_has_the_tasks_and_the_record_stays(site: Site) -> None:
    code, into = codes(site)
    item = site.waiting(f"{FROM}.jingban", "fill_goal")
    admin = site.browser("admin")
    assert f"/admin/units/{code}/merge" in admin.get(f"/admin/units/{code}").text
    page = texts(admin.get(f"/admin/units/{code}/merge?into={into}").text)
    assert "绩效经办人" in page
    assert "先安排接手的人" not in page
    answer = admin.post(f"/admin/units/{code}/merge", {"into": into, "reason": "机构改革"})
    assert answer.status_code == 303
    assert site.browser(f"{INTO}.jingban").get(f"/tasks/{item}").status_code == 200
    assert site.engine.inbox(site.engine.actor(f"{FROM}.jingban")).rows == []


def test_a_merger_that_leaves_tasks_to_nobody_is_refused_with_the_reason(site: Site) -> None:
    code, _ = codes(site)
    admin = site.browser("admin")
    page = texts(admin.get(f"/admin/units/{code}/merge?into=PERF").text)
    assert "先安排接手的人" in page
    answer = admin.post(f"/admin/units/{code}/merge", {"into": "PERF", "reason": "机构改革"})
    assert answer.status_code == 422
    assert "请先安排接手的人" in answer.text
    for into in ("", code, "nowhere"):
        assert admin.post(f"/admin/units/{code}/merge", {"into": into, "reason": "x"}).status_code in (
            404,
            422,
        )


def test_an_account_with_tasks_in_hand_is_led_to_the_hand_over(site: Site) -> None:
    person = f"{FROM}.jingban"
    actor = site.engine.actor(person)
    row = next(one for one in site.engine.inbox(actor).rows if one.element == "fill_goal")
    site.engine.claim(row.item_id, actor=actor, version=row.version)
    admin = site.browser("admin")
    assert f"/handover?person=user:{person}" in admin.get(f"/admin/people/{person}").text
    answer = admin.post(f"/admin/people/{person}/close", {"reason": "调离"}, follow_redirects=True)
    assert "请先办理工作交接" in answer.text
    assert site.engine.actor(person).person == person

"""流程到哪了 on the pages: steps done, open and expected, with names, phones and usual durations."""

from __future__ import annotations

from sqlalchemy import update

from engine import tables
from tests.web.conftest import Site, on_both, texts

CLERK = "jiaotongju.jingban"
HEAD = "jiaotongju.fuzeren"


def line(page: str) -> str:
    """Return the text of the line of steps."""
    start = page.index('<ol class="route">')
    return texts(page[start : page.index("</ol>", start)])


@on_both
def test_before_submission_the_expected_steps_have_names(site: Site) -> None:
    item = site.waiting(CLERK, "fill_goal")
    shown = line(site.browser(CLERK).get(f"/tasks/{item}").text)
    head = site.engine.actor(HEAD)
    assert f"单位负责人签批 {head.name}（{head.posts[0].org_name} 单位负责人）" in shown
    assert (
        shown.index("填报绩效目标")
        < shown.index("单位负责人签批")
        < shown.index("股室初审")
        < shown.index("预算股终审")
    )
    assert shown.index("预算股终审") < shown.index("视情况")


def test_afterwards_the_holder_has_an_office_phone(site: Site) -> None:
    with site.engine.database.write() as unit:
        unit.execute(update(tables.people).where(tables.people.c.id == HEAD).values(phone="0710-5551234"))
    item = site.waiting(HEAD, "unit_sign")
    instance = site.engine.task(item, site.engine.actor(HEAD)).instance_id
    page = site.browser(CLERK).get(f"/instances/{instance}").text
    assert 'href="tel:0710-5551234"' in page
    shown = line(page)
    assert "已办： 填报绩效目标" in shown
    assert "办理中： 单位负责人签批" in shown
    assert "起" in shown


def test_a_post_without_anybody_says_so(site: Site) -> None:
    with site.engine.database.write() as unit:
        unit.execute(tables.posts.delete().where(tables.posts.c.person == HEAD))
    item = site.waiting(CLERK, "fill_goal")
    assert "单位负责人（暂无人在岗）" in line(site.browser(CLERK).get(f"/tasks/{item}").text)

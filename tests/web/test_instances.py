"""The page of an instance: its documents with the versions before, and what is printed of it."""

from __future__ import annotations

import re

from tests.web.conftest import Site, texts

CHIEF = "jingjian.guzhang"
#: In its second round: the goal was filled in, returned with opinions, and answered.
SECOND_ROUND = "城区环卫保洁服务"


def second_round(site: Site) -> int:
    rows = site.engine.inbox(site.engine.actor(CHIEF)).rows
    return next(row.instance_id for row in rows if row.subject == SECOND_ROUND)


def test_an_earlier_version_is_read_on_a_page_of_its_own_with_what_it_changed(site: Site) -> None:
    browser, instance = site.browser(CHIEF), second_round(site)
    page = browser.get(f"/instances/{instance}").text
    links = re.findall(rf'href="(/instances/{instance}/documents/\d+)"', page)
    assert len(links) == len(set(links)) >= 2
    shown = [browser.get(link).text for link in links]
    assert all(SECOND_ROUND in texts(page) for page in shown)
    assert any("f-chg" in page for page in shown)  # against the version before it
    assert browser.get(f"/instances/{instance}/documents/1").status_code == 404


def test_a_document_shows_what_was_saved_without_the_variables_of_its_step(site: Site) -> None:
    page = texts(site.browser(CHIEF).get(f"/instances/{second_round(site)}").text)
    assert re.search(r"项目名称 城区环卫保洁服务", page)
    assert re.search(r"归口业务股室 经建股", page)
    assert re.search(r"各项来源合计 1,185\.\d\d 万元", page)


def test_the_approval_form_has_the_goal_first_and_every_opinion_with_its_name_and_whole_date(
    site: Site,
) -> None:
    browser, instance = site.browser(CHIEF), second_round(site)
    page = browser.get(f"/instances/{instance}").text
    assert "项目支出绩效目标申报审批单" in texts(page)
    titles = re.findall(r'<details class="document"><summary><b>([^<]+)</b>', page)
    assert titles[0] == "填报绩效目标"
    rows = re.findall(
        r'<tr><th scope="row">([^<]+)</th><td>([^<]+)</td>.*?<td>(\d{4}-\d\d-\d\d \d\d:\d\d)</td></tr>', page
    )
    assert [step for step, _, _ in rows][:3] == ["填报绩效目标", "单位负责人签批", "股室初审"]
    assert [at for _, _, at in rows] == sorted(at for _, _, at in rows)


def test_the_english_pages_say_steps_and_outcomes_in_english(site: Site) -> None:
    browser, instance = site.browser(CHIEF), second_round(site)
    browser.post("/language", {"language": "en"})
    rows = site.engine.inbox(site.engine.actor(CHIEF)).rows
    item = next(row.item_id for row in rows if row.subject == SECOND_ROUND)
    pages = [
        browser.get(address).text
        for address in ("/inbox", "/done", f"/tasks/{item}", f"/instances/{instance}")
    ]
    for word in ("股室初审", "项目支出绩效目标申报", "退回补正", "单位负责人签批"):
        assert all(word not in re.sub(r'value="[^"]*"', "", texts(page)) for page in pages), word
    assert "Section review" in texts(pages[2])
    assert re.search(r'value="退回补正"[^>]*>.*?Return for correction</button>', pages[2], re.S)


def test_what_moved_a_case_back_is_told_with_the_reason_and_where_to(site: Site) -> None:
    browser, instance = site.browser(CHIEF), second_round(site)
    at = site.engine.instance(instance, site.engine.actor(CHIEF)).holders[0].element
    site.engine.jump(instance, actor="system", source=at, to="fill_goal", reason="口径有误")
    page = texts(browser.get(f"/instances/{instance}").text)
    assert "跳转" in page
    assert "到“填报绩效目标”" in page
    assert "理由：口径有误" in page

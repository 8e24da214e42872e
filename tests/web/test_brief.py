"""The block on top of a task: what is asked, the key figures, what speaks for and against."""

from __future__ import annotations

import re

from tests.web.conftest import Site, texts

CLERK = "jiaotongju.jingban"
HEAD = "jiaotongju.fuzeren"
CHIEF = "jingjian.guzhang"


def test_a_chief_is_told_what_to_decide_with_the_figures_of_the_business(site: Site) -> None:
    item = site.waiting(CHIEF, "section_review")
    page = texts(site.browser(CHIEF).get(f"/tasks/{item}").text)
    assert "请您办理“股室初审”，从中选一：同意 / 退回补正。" in page
    assert "归口业务股室按完整性、相关性、适当性、可行性四个方面审核" in page
    assert "绩效指标（条）" in page
    assert "年度资金（万元）" in page


def test_what_the_step_before_said_is_a_reason(site: Site) -> None:
    item = site.waiting(CHIEF, "section_review")
    page = texts(site.browser(CHIEF).get(f"/tasks/{item}").text)
    assert "上一步“单位负责人签批”：" in page


def test_an_opinion_that_the_person_may_not_read_is_not_told(site: Site) -> None:
    """单位负责人的意见只给本单位看；股长看得到结果，看不到意见。"""
    head, item = site.engine.actor(HEAD), site.waiting(HEAD, "unit_sign")
    task = site.engine.task(item, head)
    site.engine.complete(
        item,
        actor=head,
        version=task.version,
        outcome="同意",
        answers={"truthful": True, "signer": "顾光明"},
        opinion="只给本单位看的话",
    )
    chief = site.engine.actor(CHIEF)
    review = next(
        holder.item_id for holder in site.engine.instance(task.instance_id, chief).holders if holder.item_id
    )
    page = texts(site.browser(CHIEF).get(f"/tasks/{review}").text)
    assert re.search(rf"{head.name}（\S+ 单位负责人），同意", page)
    assert "只给本单位看的话" not in page


def test_who_may_not_act_is_not_asked(site: Site) -> None:
    item = site.waiting(CLERK, "fill_goal")
    assert "请您办理" in site.browser(CLERK).get(f"/tasks/{item}").text
    assert "请您办理" not in site.browser(HEAD).get(f"/tasks/{item}").text


def test_in_english_the_sentences_are_english_and_the_business_keeps_its_language(site: Site) -> None:
    item = site.waiting(CHIEF, "section_review")
    browser = site.browser(CHIEF)
    browser.client.set_cookie("bihuan-language", "en")
    page = texts(browser.get(f"/tasks/{item}").text)
    assert "You are asked to act on “Section review”. Choose one: Agree / Return for correction." in page
    assert "Indicators" in page

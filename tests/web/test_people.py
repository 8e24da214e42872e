"""Searching people: who is offered, in which order, and who never is."""

from __future__ import annotations

from typing import Any

from tests.web.conftest import Site, on_both

CLERK = "jiaotongju.jingban"
CHIEF = "jingjian.guzhang"


def asked(site: Site, person: str, **wanted: Any) -> list[dict[str, Any]]:
    answer = site.browser(person).get(
        "/people", query_string={name.rstrip("_"): one for name, one in wanted.items()}
    )
    assert answer.status_code == 200, answer.text
    groups: list[dict[str, Any]] = answer.json["groups"]
    return groups


def values(groups: list[dict[str, Any]]) -> list[str]:
    return [option["value"] for group in groups for option in group["options"]]


@on_both
def test_people_are_found_by_name_unit_and_title(site: Site) -> None:
    name = site.engine.actor(CHIEF).name
    (group,) = asked(site, CLERK, q=name)
    assert [option["value"] for option in group["options"]] == [f"user:{CHIEF}"]
    assert group["options"][0]["note"] == "经建股 股室负责人"
    assert f"user:{CHIEF}" in values(asked(site, CLERK, q="经建 负责人"))
    assert "user:jiaotongju.fuzeren" in values(asked(site, CLERK, q="交通 单位负责人"))
    assert asked(site, CLERK, q="查无此人") == []


def test_without_a_word_ones_own_office_is_offered_and_first_who_was_chosen_recently(site: Site) -> None:
    groups = asked(site, CLERK, recent=f"user:{CHIEF},user:nobody,user:admin")
    assert values(groups) == [f"user:{CHIEF}", "user:jiaotongju.fuzeren"]
    assert [group["label"] for group in groups] == ["最近选过的", "本单位"]


def test_neither_oneself_nor_an_administrator_is_offered(site: Site) -> None:
    assert f"user:{CLERK}" not in values(asked(site, CLERK, q="jiaotongju"))
    assert asked(site, CLERK, q="admin") == []


def test_roles_are_offered_where_they_can_be_chosen(site: Site) -> None:
    assert "role:section_chief@S04" in values(asked(site, CLERK, q="经建", roles="1"))
    assert not any(value.startswith("role:") for value in values(asked(site, CLERK, q="经建")))


def test_only_the_staff_of_the_section_is_offered_for_drafting(site: Site) -> None:
    item = site.waiting(CHIEF, "section_review")
    offered = values(asked(site, CHIEF, for_="draft", item=item))
    assert offered == ["user:jingjian.guyuan1", "user:jingjian.guyuan2"]
    assert asked(site, CHIEF, for_="draft", item=item, q="预算") == []


def test_who_filled_the_form_is_not_offered_to_review_it(site: Site) -> None:
    item = site.waiting(CHIEF, "section_review")
    instance = site.engine.task(item, site.engine.actor(CHIEF)).instance_id
    view = site.engine.instance(instance, site.engine.actor(CHIEF))
    filler = next(event.actor for event in view.timeline if event.element == "fill_goal" and event.outcome)
    unit = filler.removeprefix("user:").partition(".")[0]
    assert filler in values(asked(site, CHIEF, q=f"{unit}.jingban"))
    assert filler not in values(asked(site, CHIEF, q=f"{unit}.jingban", for_="task", item=item))


def test_only_who_may_see_a_case_is_offered_for_it(site: Site) -> None:
    item = site.waiting(CHIEF, "section_review")
    instance = site.engine.task(item, site.engine.actor(CHIEF)).instance_id
    assert asked(site, CHIEF, q="商务局", for_="case", instance=instance) == []


def test_a_task_of_others_is_not_found_and_a_wrong_question_is_none(site: Site) -> None:
    item = site.waiting(CLERK, "fill_goal")
    stranger = site.browser("shangwuju.jingban")
    assert stranger.get(f"/people?for=task&item={item}").status_code == 404
    assert stranger.get("/people?for=task").status_code == 400
    assert stranger.get("/people?for=case").status_code == 400
    assert stranger.get("/people?for=everything").status_code == 400

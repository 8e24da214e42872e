"""Finding people: by name, account, organisation and role, and only those who come into question."""

from __future__ import annotations

from datetime import date

import pytest

from engine.directory import PeopleQuery, Word
from engine.errors import Forbidden, NotFound
from tests.engine.office import CHIEFS, Office, process, task

TWO = process(
    task("fill"),
    task("review", CHIEFS, separate_from="fill", drafters="=[role(&quot;staff&quot;, &quot;S1&quot;)]"),
    "s -> fill -> review -> e",
)
PAIR = '<zeebe:assignmentDefinition candidateUsers="=[&quot;li&quot;, &quot;sun&quot;]"/>'


def found(office: Office, actor: str = "li", *words: Word, **more: object) -> list[str]:
    query = PeopleQuery(words, limit=int(str(more.pop("limit", 20))), **more.pop("query", {}))  # type: ignore[arg-type]
    return [one.person for one in office.engine.colleagues(query, actor=office.who(actor), **more)]  # type: ignore[arg-type]


def test_everybody_is_found_but_oneself_and_administrators(office: Office) -> None:
    assert found(office) == ["wang", "zhou", "qian", "wu", "zheng", "hu", "he", "liu", "sun"]


def test_a_word_is_looked_for_in_name_account_organisation_and_role(office: Office) -> None:
    assert found(office, "li", Word("王")) == ["wang"]
    assert found(office, "li", Word("WAN")) == ["wang"]
    assert found(office, "li", Word("机构U2")) == ["sun"]
    assert found(office, "li", Word("科长", ("chief",))) == ["wang", "zhou"]
    assert found(office, "li", Word("机构S1"), Word("科长", ("chief",)), Word("zh")) == ["zhou"]
    assert found(office, "li", Word("没有")) == []


def test_what_is_typed_is_text_and_no_pattern(office: Office) -> None:
    assert found(office, "li", Word("%")) == []
    assert found(office, "li", Word("_")) == []


def test_a_name_that_begins_so_comes_first(office: Office) -> None:
    office.engine.people.create_person("a1", "小王")
    office.engine.people.add_post("a1", "clerk", "S1")
    assert found(office, "li", Word("王"))[:2] == ["wang", "a1"]


def test_the_people_asked_for_come_in_the_order_asked_for(office: Office) -> None:
    assert found(office, query={"ids": ["sun", "nobody", "root", "wang"]}) == ["sun", "wang"]
    assert found(office, query={"orgs": ["U1", "U2"]}) == ["liu", "sun"]
    assert found(office, limit=2) == ["wang", "zhou"]


def test_a_post_that_is_over_finds_nobody(office: Office) -> None:
    office.engine.people.create_person("old", "退休")
    office.engine.people.add_post("old", "clerk", "U1", to=date(2020, 1, 1))
    assert found(office, "li", Word("退休")) == []


def test_posts_are_told(office: Office) -> None:
    (one,) = office.engine.colleagues(PeopleQuery([Word("周")]), actor=office.who("li"))
    assert [(post.role, post.org_name) for post in one.posts] == [("chief", "机构S1")]


def test_a_task_is_not_offered_to_who_did_what_it_is_kept_apart_from(office: Office) -> None:
    office.run(TWO, {})
    office.do("li")
    item = office.row("wang").item_id
    assert "li" not in found(office, "wang", item_id=item)
    assert "liu" in found(office, "wang", item_id=item)
    assert found(office, "wang", item_id=item, drafting=True) == ["qian"]


def test_signers_are_not_offered_as_more_signers(office: Office) -> None:
    office.run(process(task("sign", PAIR, signing="all"), "s -> sign -> e"), {})
    assert "sun" not in found(office, "li", item_id=office.row("li").item_id)
    assert "wang" in found(office, "li", item_id=office.row("li").item_id)


def test_only_those_who_may_see_a_case_are_found_for_it(office: Office) -> None:
    instance = office.run(TWO, {})
    assert found(office, "li", instance_id=instance) == ["liu"]
    office.do("li")
    assert found(office, "li", instance_id=instance) == ["wang", "zhou", "liu"]


def test_who_may_not_see_a_task_or_a_case_learns_nothing_about_it(office: Office) -> None:
    instance = office.run(TWO, {})
    item = office.row("li").item_id
    with pytest.raises(NotFound):
        found(office, "sun", instance_id=instance)
    with pytest.raises(NotFound):
        found(office, "sun", item_id=item)
    with pytest.raises(Forbidden):
        found(office, "root", item_id=item)


def test_roles_are_found_with_how_many_hold_them(office: Office) -> None:
    offices = office.engine.offices(PeopleQuery([Word("机构S1")]))
    assert [(one.principal, one.holders) for one in offices] == [
        ("role:chief@S1", 2),
        ("role:staff@S1", 1),
    ]
    assert [one.role for one in office.engine.offices(PeopleQuery())].count("admin") == 0

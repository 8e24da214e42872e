"""撤并: an organisation becomes part of another one; what waits for it is the other's at once, and nothing is lost."""

from __future__ import annotations

import pytest

from engine import Conflict, Forbidden, NotFound, Refused
from engine.admin.administration import Administration
from tests.engine.office import CHIEFS, CLERKS, FILL_AND_REVIEW, Office, process, task

VACANT = '<zeebe:assignmentDefinition candidateGroups="=role(&quot;clerk&quot;, &quot;U1&quot;)"/>'


@pytest.fixture
def desk(office: Office) -> Administration:
    return office.engine.admin


def test_open_tasks_and_those_to_come_are_the_successors_at_once(
    office: Office, desk: Administration
) -> None:
    instance = office.run(FILL_AND_REVIEW)
    told = desk.merge_org("U1", "U2", "机构改革", actor=office.who("root"))
    assert {one.role: (one.waiting, one.here, one.there) for one in told.roles} == {"clerk": (1, 2, 1)}
    assert office.rows("liu") == []  # the posts there are over
    office.do("sun", "提交")
    office.do("wang", "退回补正", opinion="重填")
    assert office.row("sun").element == "fill"
    (event,) = [one for one in office.view(instance, "sun").timeline if one.outcome == "提交"]
    assert event.by.post is not None
    assert event.by.post.org == "U2"


def test_the_preview_changes_nothing(office: Office, desk: Administration) -> None:
    office.run(FILL_AND_REVIEW)
    desk.merger("U1", "U2", actor=office.who("root"))
    assert office.rows("sun") == []
    assert len(office.rows("liu")) == 1


def test_tasks_are_never_left_to_nobody(office: Office, desk: Administration) -> None:
    office.run(process(task("a", CHIEFS), "s -> a -> e"), {})
    assert [
        one.orphaned for one in desk.merger("S1", "U2", actor=office.who("root")).roles if one.role == "chief"
    ] == [True]
    with pytest.raises(Refused):
        desk.merge_org("S1", "U2", "机构改革", actor=office.who("root"))
    office.engine.people.add_post("sun", "chief", "U2")
    desk.merge_org("S1", "U2", "机构改革", actor=office.who("root"))
    assert office.row("sun").element == "a"


def test_mergers_follow_one_another(office: Office, desk: Administration) -> None:
    office.run(process(task("a", CLERKS), "s -> a -> e"), {})
    desk.merge_org("U1", "U2", "机构改革", actor=office.who("root"))
    office.engine.people.add_post("qian", "clerk", "S1")
    desk.merge_org("U2", "S1", "再次改革", actor=office.who("root"))
    assert office.row("qian").element == "a"
    with pytest.raises(Refused):
        desk.merge_org("S1", "U2", "并回", actor=office.who("root"))


def test_the_line_of_steps_names_the_successors_people(office: Office, desk: Administration) -> None:
    instance = office.run(FILL_AND_REVIEW)
    office.do("li", "提交")
    office.engine.people.add_post("sun", "chief", "U2")
    desk.merge_org("S1", "U2", "机构改革", actor=office.who("root"))
    assert [one.name for one in office.engine.route(instance, office.who("sun")).steps[1].who] == ["孙"]


def test_a_role_that_the_successor_holds_is_not_empty(office: Office, desk: Administration) -> None:
    desk.merge_org("U1", "U2", "机构改革", actor=office.who("root"))
    office.engine.deploy(
        {
            "p.bpmn": process(
                task("a", VACANT, on_empty="=role(&quot;chief&quot;, &quot;S1&quot;)"), "s -> a -> e"
            )
        },
        actor="user:root",
    )
    office.engine.start("p", actor="system", variables={})
    assert office.row("sun").element == "a"


@pytest.mark.parametrize(
    ("person", "code", "into", "kind"),
    [
        ("li", "U1", "U2", Forbidden),
        ("root", "U1", "U1", Refused),
        ("root", "U1", "X", NotFound),
        ("root", "X", "U1", NotFound),
    ],
)
def test_not_everything_can_be_merged(
    office: Office, desk: Administration, person: str, code: str, into: str, kind: type[Exception]
) -> None:
    with pytest.raises(kind):
        desk.merge_org(code, into, "机构改革", actor=office.who(person))


def test_an_account_with_tasks_in_hand_is_not_closed(office: Office, desk: Administration) -> None:
    office.run(process(task("a", '<zeebe:assignmentDefinition assignee="li"/>'), "s -> a -> e"), {})
    with pytest.raises(Refused):
        desk.close_person("li", "调离", actor=office.who("root"))
    office.engine.hand_over("li", ["sun"], actor=office.who("root"))
    desk.close_person("li", "调离", actor=office.who("root"))
    with pytest.raises(Conflict):
        desk.close_person("li", "调离", actor=office.who("root"))

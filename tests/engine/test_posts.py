"""岗位: several posts of one account; each act is done in one of them, which the record keeps."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine import InboxQuery, NotFound, PostView, tables
from engine.posts import in_post
from tests.engine.office import CLERKS, Office, process, task

OF_UNIT = '<zeebe:assignmentDefinition candidateGroups="=role(&quot;clerk&quot;, where)"/>'
BY_NAME = '<zeebe:assignmentDefinition assignee="li"/>'


@pytest.fixture
def centre(office: Office) -> Office:
    """An office in which 李 keeps the books of two units, as an accounting centre does."""
    office.engine.people.add_post("li", "clerk", "U2")
    return office


def in_two_units(centre: Office) -> tuple[int, int]:
    """Start one case for each unit."""
    source = process(task("fill", OF_UNIT, outcomes="提交"), "s -> fill -> e")
    first = centre.run(source, {"where": "U1"})
    started = centre.engine.start("p", actor=centre.who("li"), variables={"where": "U2"})
    return first, started.instance_id


def done_as(centre: Office, instance: int) -> str | None:
    table = tables.work_items.c
    with centre.engine.database.read() as unit:
        query = select(table.completed_as).where(table.instance_id == instance, table.state == "completed")
        found: str | None = unit.execute(query).scalar_one()
        return found


def complete(centre: Office, instance: int, post: str | None = None, person: str = "li") -> None:
    actor = in_post(centre.who(person), post)
    rows = centre.engine.inbox(centre.who(person)).rows
    row = next(one for one in rows if one.instance_id == instance)
    centre.engine.complete(row.item_id, actor=actor, version=row.version)


def test_an_act_is_recorded_under_the_post_that_the_task_is_for(centre: Office) -> None:
    first, second = in_two_units(centre)
    complete(centre, second, post="role:clerk@U1")
    complete(centre, first)
    assert done_as(centre, first) == "role:clerk@U1"
    assert done_as(centre, second) == "role:clerk@U2"


def test_the_timeline_the_task_and_the_document_tell_the_post(centre: Office) -> None:
    _, second = in_two_units(centre)
    complete(centre, second)
    view = centre.view(second)
    post = PostView("clerk", "U2", "机构U2")
    (event,) = [one for one in view.timeline if one.kind == "item.completed"]
    assert event.by.post == post
    assert "post" not in event.data


def test_where_several_posts_fit_the_current_one_decides(centre: Office) -> None:
    groups = "role(&quot;clerk&quot;, &quot;U1&quot;), role(&quot;clerk&quot;, &quot;U2&quot;)"
    both = f'<zeebe:assignmentDefinition candidateGroups="=[{groups}]"/>'
    instance = centre.run(process(task("fill", both), "s -> fill -> e"), {})
    complete(centre, instance, post="role:clerk@U2")
    assert done_as(centre, instance) == "role:clerk@U2"
    again = centre.engine.start("p", actor=centre.who("li"), variables={}).instance_id
    complete(centre, again)
    assert done_as(centre, again) == "role:clerk@U1"


def test_what_is_ones_by_name_is_done_in_the_current_post(centre: Office) -> None:
    instance = centre.run(process(task("fill", BY_NAME), "s -> fill -> e"), {})
    complete(centre, instance, post="role:clerk@U2")
    assert done_as(centre, instance) == "role:clerk@U2"


def test_the_list_of_a_post_has_its_tasks_only(centre: Office) -> None:
    first, second = in_two_units(centre)
    everything, engine = centre.who("li"), centre.engine
    assert {row.instance_id for row in engine.inbox(everything).rows} == {first, second}
    page = engine.inbox(in_post(everything, "role:clerk@U2"))
    assert [row.instance_id for row in page.rows] == [second]
    assert page.counts.all == 1


def test_what_was_claimed_for_one_post_is_in_that_posts_list_only(centre: Office) -> None:
    first, second = in_two_units(centre)
    everything, engine = centre.who("li"), centre.engine
    for row in engine.inbox(everything).rows:
        engine.claim(row.item_id, actor=everything, version=row.version)
    for post, instance in (("role:clerk@U1", first), ("role:clerk@U2", second)):
        page = engine.inbox(in_post(everything, post))
        assert [row.instance_id for row in page.rows] == [instance]
        assert page.counts.all == 1
    assert engine.inbox(everything).counts.all == 2


def test_what_is_for_nobodys_role_is_in_every_posts_list(centre: Office) -> None:
    centre.run(process(task("fill", BY_NAME), "s -> fill -> e"), {})
    for post in ("role:clerk@U1", "role:clerk@U2"):
        assert len(centre.engine.inbox(in_post(centre.who("li"), post)).rows) == 1


def test_a_post_gives_rights_from_its_first_day_to_its_last(office: Office, clock: Any) -> None:
    today: date = clock.now().date()
    tomorrow = today + timedelta(days=1)
    office.engine.people.add_post("qian", "clerk", "U1", tomorrow, tomorrow)
    office.run(process(task("fill", CLERKS), "s -> fill -> e"), {})
    seen = []
    for _ in range(3):
        seen.append(len(office.rows("qian")))
        clock.advance(timedelta(days=1))
    assert seen == [0, 1, 0]


def test_a_post_that_ended_gives_no_rights_to_an_open_session(office: Office, clock: Any) -> None:
    today: date = clock.now().date()
    office.engine.people.add_post("qian", "clerk", "U1", today, today)
    office.run(process(task("fill", CLERKS), "s -> fill -> e"), {})
    row = office.row("qian")
    clock.advance(timedelta(days=1))
    with pytest.raises(NotFound):
        office.engine.claim(row.item_id, actor=office.who("qian"), version=row.version)
    assert in_post(office.who("qian"), "role:clerk@U1").post is None


def test_a_substitute_acts_in_the_post_of_whom_they_act_for(centre: Office, clock: Any) -> None:
    today: date = clock.now().date()
    _, second = in_two_units(centre)
    centre.engine.substitutions.create("li", "qian", today, today, actor=centre.who("li"))
    complete(centre, second, person="qian")
    (event,) = [one for one in centre.view(second).timeline if one.kind == "item.completed"]
    assert (event.by.name, event.by.behalf, event.by.post) == ("钱", "李", PostView("clerk", "U2", "机构U2"))


def test_lists_mark_and_narrow_what_is_there_by_substitution(centre: Office, clock: Any) -> None:
    today: date = clock.now().date()
    first, second = in_two_units(centre)
    engine = centre.engine
    engine.substitutions.create("li", "sun", today, today, actor=centre.who("li"))
    sun = centre.who("sun")  # is a clerk of the second unit
    assert {row.instance_id: row.behalf for row in engine.inbox(sun).rows} == {first: "李", second: None}
    for wanted, found in (("own", [second]), ("others", [first]), ("li", [first]), ("wang", [])):
        page = engine.inbox(sun, InboxQuery(behalf=wanted))
        assert [row.instance_id for row in page.rows] == found
        assert page.counts.all == len(found)


def test_what_was_done_in_a_post_is_in_that_posts_list(centre: Office) -> None:
    first, second = in_two_units(centre)
    complete(centre, first)
    complete(centre, second)
    everything, engine = centre.who("li"), centre.engine
    assert {row.instance_id for row in engine.done(everything).rows} == {first, second}
    assert [row.instance_id for row in engine.done(in_post(everything, "role:clerk@U2")).rows] == [second]


def test_what_was_started_in_a_post_is_in_that_posts_list(centre: Office) -> None:
    everything, engine = centre.who("li"), centre.engine
    second = in_post(everything, "role:clerk@U2")
    plain = centre.run(process(task("fill", BY_NAME), "s -> fill -> e"), {})  # in the first of the posts
    started = engine.start("p", actor=second, variables={}).instance_id
    assert [row.instance_id for row in engine.started_by(second).rows] == [started]
    assert [row.instance_id for row in engine.started_by(in_post(everything, "role:clerk@U1")).rows] == [
        plain
    ]
    assert {row.instance_id for row in engine.started_by(everything).rows} == {plain, started}

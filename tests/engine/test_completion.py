"""A command is one transaction: all of it or nothing, once, and never over somebody else's act."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event, text

from engine.errors import Conflict, Forbidden, NotFound, Refused
from tests.engine.office import finish, open_office, process, task, user_task

if TYPE_CHECKING:
    from engine.engine import Engine

#: Architecture §4: at most so many statements for a completion.
STATEMENTS = 12


@contextmanager
def statements(engine: Engine) -> Iterator[list[str]]:
    """Gather the SQL that the block sends."""
    sent: list[str] = []

    def note(_c: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        sent.append(statement)

    event.listen(engine.database.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine.database.engine, "before_cursor_execute", note)


def elements(engine: Engine, instance: int) -> list[str]:
    return [holder.element for holder in engine.instance(instance, engine.actor("li")).holders]


def test_a_completion_leads_to_the_next_step_and_the_last_one_ends_the_instance(engine: Engine) -> None:
    instance = open_office(engine)
    assert finish(engine, instance).state == "waiting"
    assert elements(engine, instance) == ["check"]
    assert finish(engine, instance, "wang").state == "ended"
    assert engine.inbox(engine.actor("li")).rows == []
    assert engine.doctor() == []
    assert engine.verify_history() == []


def test_a_completion_sends_at_most_twelve_statements(engine: Engine) -> None:
    instance = open_office(engine)
    other = engine.start("letter", actor="system", variables={"title": "又一件"}).instance_id
    finish(engine, other)  # what is read once a process lives in caches
    view, actor = task(engine, instance), engine.actor("li")
    with statements(engine) as sent:
        engine.complete(view.item_id, actor=actor, version=view.version, outcome="办结", request_key="r-1")
    writes = [one for one in sent if not one.startswith(("SAVEPOINT", "RELEASE"))]
    assert len(writes) <= STATEMENTS, writes


def test_a_repeated_request_is_answered_as_the_first_time_and_done_once(engine: Engine) -> None:
    instance = open_office(engine)
    view, actor = task(engine, instance), engine.actor("li")
    given: dict[str, Any] = {
        "actor": actor,
        "version": view.version,
        "outcome": "办结",
        "request_key": "click",
    }
    first = engine.complete(view.item_id, **given)
    assert engine.complete(view.item_id, **given) == first
    assert elements(engine, instance) == ["check"]


def test_a_request_key_that_was_used_for_something_else_is_refused(engine: Engine) -> None:
    instance = open_office(engine)
    finish(engine, instance, request_key="click")
    with pytest.raises((Conflict, Refused)):
        finish(engine, instance, "wang", request_key="click")
    assert elements(engine, instance) == ["check"]


def test_the_second_of_two_people_is_told_who_was_first(engine: Engine) -> None:
    instance = open_office(engine)
    seen = task(engine, instance, "wang")
    finish(engine, instance, "li")
    with pytest.raises(Conflict) as refused:
        engine.complete(
            seen.item_id, actor=engine.actor("wang"), version=seen.version, outcome="退回补正", opinion="不"
        )
    assert "李经办" in refused.value.message("zh")


def test_somebody_from_another_organisation_may_not_complete(engine: Engine) -> None:
    instance = open_office(engine)
    view = task(engine, instance)
    with pytest.raises((Forbidden, NotFound)):
        engine.complete(view.item_id, actor=engine.actor("sun"), version=view.version, outcome="办结")
    assert elements(engine, instance) == ["draft"]


def test_of_many_at_once_exactly_one_completes(engine: Engine) -> None:
    instance = open_office(engine)
    view = task(engine, instance)
    done: list[str] = []
    beaten: list[Conflict] = []
    start = threading.Barrier(6)

    def act(person: str) -> None:
        actor = engine.actor(person)
        start.wait()
        try:
            engine.complete(view.item_id, actor=actor, version=view.version, outcome="办结")
            done.append(person)
        except Conflict as conflict:
            beaten.append(conflict)

    threads = [threading.Thread(target=act, args=(person,)) for person in ("li", "wang") * 3]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(done) == 1
    assert len(beaten) == 5
    assert elements(engine, instance) == ["check"]
    assert engine.doctor() == []


def test_a_fault_at_any_statement_leaves_the_old_state_or_the_new(engine: Engine) -> None:
    instance = open_office(engine)
    view, actor = task(engine, instance), engine.actor("li")

    class Broken(Exception):
        pass

    for number in range(1, 40):
        count = 0

        def fail(_c: Any, _cursor: Any, _statement: str, *_rest: Any) -> None:
            nonlocal count
            count += 1
            if count == number:  # noqa: B023 - used inside this turn of the loop only
                raise Broken

        event.listen(engine.database.engine, "before_cursor_execute", fail)
        try:
            engine.complete(
                view.item_id, actor=actor, version=view.version, outcome="办结", request_key="once"
            )
        except Broken:
            event.remove(engine.database.engine, "before_cursor_execute", fail)
            assert elements(engine, instance) == ["draft"]
            assert engine.doctor() == []
            assert engine.verify_history() == []
        else:
            event.remove(engine.database.engine, "before_cursor_execute", fail)
            break
    else:
        pytest.fail("the completion never came through")
    assert number > 3
    assert elements(engine, instance) == ["check"]
    assert engine.doctor() == []


def test_a_designers_mistake_keeps_the_persons_act_and_a_repair_goes_on(engine: Engine) -> None:
    body = user_task("draft") + '<bpmn:exclusiveGateway id="gate" default="f4" />' + user_task("check")
    source = process(
        body,
        "start -> draft",
        "draft -> gate",
        "gate -> check: title.amount > 5",
        "gate -> end",
        "check -> end",
    )
    instance = open_office(engine, source)
    completed = finish(engine, instance)
    assert completed.state == "incident"
    view = engine.instance(instance, engine.actor("li"))
    assert any(entry.outcome == "办结" for entry in view.timeline)
    assert len(view.incidents) == 1
    assert engine.doctor() == []


def test_an_altered_opinion_is_found_out(engine: Engine) -> None:
    instance = open_office(engine)
    finish(engine, instance, outcome="退回补正", opinion="材料不全")
    assert engine.verify_history() == []
    with engine.database.write() as unit:
        changed = unit.execute(
            text(
                "UPDATE events SET body = replace(body, '材料不全', '材料齐全') WHERE body LIKE '%材料不全%'"
            )
        )
        assert changed.rowcount == 1
    (finding,) = engine.verify_history()
    assert finding.instance == instance


def test_a_draft_outlives_a_refused_completion(engine: Engine) -> None:
    instance = open_office(engine)
    seen = task(engine, instance, "wang")
    finish(engine, instance, "li")
    with pytest.raises(Conflict):
        engine.complete(
            seen.item_id,
            actor=engine.actor("wang"),
            version=seen.version,
            outcome="办结",
            answers={"words": "半页正文"},
        )
    with engine.database.read() as unit:
        kept = unit.execute(text("SELECT answers FROM drafts WHERE person LIKE '%wang'")).scalars().all()
    assert any("半页正文" in one for one in kept)

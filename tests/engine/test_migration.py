"""Migration between versions: a task added, removed, renamed, moved, given another form; drafts, dates and people stay."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from engine import Forbidden, Refused, tables
from engine.commands.migrating import MigrationPlan
from engine.tables import migrations
from tests.engine.office import CHIEFS, CLERKS, Office, process, service, task
from tests.engine.test_returning import Ledger, booked, engine, ledger
from tests.engine.test_time import timer
from tests.runtime.drawing import many

pytestmark = pytest.mark.quick_on_sqlite

__all__ = ["Ledger", "engine", "ledger"]

DUE = '<zeebe:taskSchedule dueDate="=working days(now(), 5)"/>'
OLD = process(task("fill", extra=DUE), task("review", CHIEFS), "s -> fill -> review -> e")


def migrate(office: Office, new: bytes, changed: dict[str, str | None] | None = None, **more: Any) -> Any:
    """Deploy a new version and migrate all instances of the one before; ``changed`` edits the proposal."""
    office.engine.deploy({"p.bpmn": new, **more.pop("files", {})}, actor="user:root")
    plan = plan_of(office, changed)
    return office.engine.migrate(plan, actor=office.who("wu"), **more)


def plan_of(office: Office, changed: dict[str, str | None] | None = None) -> MigrationPlan:
    plan = office.engine.plan_migration("p", 1, 2, actor=office.who("wu"))
    edited = {f"p#{name}": None if to is None else f"p#{to}" for name, to in (changed or {}).items()}
    return replace(plan, mapping={**plan.mapping, **edited})


def elements(office: Office, instance: int) -> list[str]:
    return sorted(holder.element for holder in office.view(instance).holders)


def reason(office: Office, run: Any) -> str | None:
    (fate,) = office.engine.refused_migrations(run.id)
    return fate.refusal


def test_a_task_is_added_behind_and_drafts_dates_and_holders_stay(office: Office) -> None:
    instance = office.run(OLD)
    row = office.row("li")
    version = office.engine.claim(row.item_id, actor=office.who("li"), version=row.version)
    office.engine.save_draft(row.item_id, actor=office.who("li"), answers={"note": "半"}, based_on=None)
    new = process(
        task("fill", extra=DUE), task("check"), task("review", CHIEFS), "s -> fill -> check -> review -> e"
    )
    run = migrate(office, new)
    assert (run.total, run.done, run.refused, run.finished_at is not None) == (1, 1, 0, True)
    after = office.row("li")
    assert (after.item_id, after.version, after.due_at, after.assignee) == (
        row.item_id,
        version,
        row.due_at,
        "user:li",
    )
    view = office.engine.task(row.item_id, office.who("li"))
    assert (view.answers, view.definition_version) == ({"note": "半"}, 2)
    for person, element in (("li", "fill"), ("liu", "check"), ("wang", "review")):
        assert office.row(person).element == element
        office.do(person)
    assert office.view(instance).state == "ended"


def test_a_task_that_holds_a_token_is_removed_only_with_a_successor(office: Office) -> None:
    instance = office.run(
        process(task("fill"), task("check"), task("review", CHIEFS), "s -> fill -> check -> review -> e")
    )
    office.do("li")
    new = process(task("fill"), task("review", CHIEFS), "s -> fill -> review -> e")
    assert reason(office, migrate(office, new)) == "migrate.unmapped"
    assert elements(office, instance) == ["check"]
    assert office.view(instance).definition_version == 1
    again = office.engine.migrate(plan_of(office, {"check": "review"}), actor=office.who("wu"))
    assert again.done == 1
    assert elements(office, instance) == ["review"]
    done = [row.item_id for row in office.engine.done(office.who("li")).rows]
    assert office.engine.task(done[0], office.who("li")).element == "fill"


def test_a_completed_step_that_is_gone_can_still_be_looked_at(office: Office) -> None:
    office.run(
        process(task("fill"), task("check"), task("review", CHIEFS), "s -> fill -> check -> review -> e")
    )
    office.do("li")
    office.do("li")
    migrate(office, process(task("fill"), task("review", CHIEFS), "s -> fill -> review -> e"))
    items = [row.item_id for row in office.engine.done(office.who("li")).rows]
    assert [office.engine.task(item, office.who("li")).element for item in items] == ["check", "fill"]
    office.do("wang")


def test_a_renamed_task_is_found_by_kind_and_name(office: Office) -> None:
    def named(id: str, review: str) -> bytes:
        step = task(review, CHIEFS, **{"return": "previous"}).replace("userTask", "userTask", 1)
        head, _, rest = step.partition(" | ")
        return process(task(id), f"{head} name=股室审核 | {rest}", f"s -> {id} -> {review} -> e")

    instance = office.run(named("fill", "review"))
    office.do("li")
    office.engine.deploy({"p.bpmn": named("fill", "audit")}, actor="user:root")
    plan = plan_of(office)
    assert (plan.mapping["p#review"], plan.mapping["p#fill"]) == ("p#audit", "p#fill")
    office.engine.migrate(plan, actor=office.who("wu"))
    assert elements(office, instance) == ["audit"]
    row = office.row("wang")
    office.engine.return_task(row.item_id, actor=office.who("wang"), version=row.version, reason="补件")
    assert office.row("li").round == 2
    office.do("li")
    assert office.row("wang").round == 2


def test_a_task_moves_into_a_sub_process_and_back(office: Office) -> None:
    flat = process(
        task("fill"), task("review", CHIEFS), task("file"), "s -> fill -> review -> file -> e", inputs="n"
    )
    nested = process(
        task("fill"),
        "subProcess sub",
        "  startEvent i",
        "  endEvent o",
        "  " + task("review", CHIEFS),
        "  i -> review -> o",
        task("file"),
        "s -> fill -> sub -> file -> e",
        inputs="n",
    )
    inside = office.run(flat, {"n": 1})
    office.do("li")
    migrate(office, nested)
    assert elements(office, inside) == ["review"]
    office.sound()
    office.engine.deploy({"p.bpmn": flat + b"<!-- again -->"}, actor="user:root")
    plan = office.engine.plan_migration("p", 2, 3, actor=office.who("wu"))
    assert office.engine.migrate(plan, actor=office.who("wu")).done == 1
    assert elements(office, inside) == ["review"]
    office.do("wang")
    office.do("liu")
    assert office.view(inside).state == "ended"


def test_the_form_and_the_people_of_a_step_change(office: Office) -> None:
    def form(key: str) -> bytes:
        fields = f'{{"type":"textfield","key":"{key}","id":"f"}}'
        return f'{{"type":"default","id":"paper","schemaVersion":19,"components":[{fields}]}}'.encode()

    linked = '<zeebe:formDefinition formId="paper"/>'
    instance = office.run(process(task("fill", CLERKS, linked), "s -> fill -> e"), paper_form=form("x"))
    item = office.row("li").item_id
    office.engine.save_draft(item, actor=office.who("li"), answers={"x": "旧"}, based_on=None)
    new = process(task("fill", CHIEFS, linked), "s -> fill -> e")
    office.engine.deploy({"p.bpmn": new, "paper.form": form("y")}, actor="user:root")
    plan = plan_of(office)
    assert plan.derive == {"p#fill"}
    office.engine.migrate(plan, actor=office.who("wu"))
    assert office.rows("li") == []
    row = office.row("wang")
    assert row.item_id == item
    assert b'"y"' in (office.engine.task(item, office.who("wang")).form_source or b"")
    assert elements(office, instance) == ["fill"]


def test_a_plan_without_derivation_leaves_the_work_where_it_is(office: Office) -> None:
    office.run(process(task("fill"), "s -> fill -> e"))
    office.engine.deploy({"p.bpmn": process(task("fill", CHIEFS), "s -> fill -> e")}, actor="user:root")
    office.engine.migrate(replace(plan_of(office), derive=frozenset()), actor=office.who("wu"))
    assert office.rows("wang") == []
    office.do("li")


def test_timers_keep_their_time_new_ones_begin_and_old_ones_go(office: Office) -> None:
    def version(*more: str) -> bytes:
        return process(task("fill"), task("late", CHIEFS), *more, "s -> fill -> e", "late -> e")

    later = timer("week", "timeDuration", "P7D", "fill", interrupting=False)
    instance = office.run(version(timer("day", "timeDuration", "P1D", "fill"), "day -> late"))
    due = [job.due_at for job in timers(office, instance)]
    office.engine.clock.advance(timedelta(hours=2))
    new = version(
        timer("day", "timeDuration", "P3D", "fill"),
        later,
        "day -> late",
        "week -> e",
    )
    migrate(office, new)
    found = {job.element: job.due_at for job in timers(office, instance)}
    assert (sorted(found), [found["day"]]) == (["day", "week"], due)
    office.engine.deploy({"p.bpmn": version("s -> late")}, actor="user:root")
    plan = office.engine.plan_migration("p", 2, 3, actor=office.who("wu"))
    office.engine.migrate(plan, actor=office.who("wu"))
    assert timers(office, instance) == []


def timers(office: Office, instance: int) -> list[Any]:
    with office.engine.database.read() as unit:
        jobs = (
            select(tables.jobs).where(tables.jobs.c.instance_id == instance).order_by(tables.jobs.c.element)
        )
        return list(unit.execute(jobs).all())


def test_a_token_at_a_join_goes_on_when_the_branch_that_it_waits_for_is_gone(office: Office) -> None:
    split = (
        "parallelGateway split",
        "parallelGateway join",
        task("a"),
        task("last"),
        "s -> split -> a -> join -> last -> e",
    )
    three = process(*split, task("b", CHIEFS), task("c", CHIEFS), "split -> b -> join", "split -> c -> join")
    instance = office.run(three)
    row = next(row for row in office.rows("wang") if row.element == "b")
    office.engine.complete(row.item_id, actor=office.who("wang"), version=row.version)
    office.do("li")
    two = process(*split, task("b", CHIEFS), "split -> b -> join")
    assert reason(office, migrate(office, two)) == "migrate.unmapped"
    assert elements(office, instance) == ["c"]


def test_a_run_that_two_workers_ended_at_once_is_finished_by_who_looks_next(office: Office) -> None:
    office.run(OLD)
    run = migrate(office, process(task("fill", extra=DUE), "s -> fill -> e"))
    # Neither saw the other's instance as done, which was not committed yet: the run was left open.
    office.engine.database.retry(lambda unit: unit.execute(update(migrations).values(finished_at=None)))
    office.run(process(task("fill", extra=DUE), task("more"), "s -> fill -> more -> e"))
    plan = office.engine.plan_migration("p", 2, 3, actor=office.who("wu"))
    later = office.engine.begin_migration(plan, actor=office.who("wu"))
    assert office.engine.run_migrations() == 1
    assert office.engine.migration(run.id).finished_at is not None
    assert office.engine.migration(later).done == 1


def test_what_would_wait_for_ever_or_run_twice_is_refused(office: Office) -> None:
    line = process(task("a"), task("b", CHIEFS), "s -> a -> b -> e")
    both = process(
        "parallelGateway split",
        "parallelGateway join",
        task("a"),
        task("b", CHIEFS),
        "s -> split -> a -> join -> e",
        "split -> b -> join",
    )
    instance = office.run(line)
    assert reason(office, migrate(office, both)) == "migrate.join"
    second = office.engine.start("p", actor=office.who("li"), variables={}).instance_id
    plan = office.engine.plan_migration("p", 2, 1, actor=office.who("wu"))
    run = office.engine.migrate(plan, [second], actor=office.who("wu"))
    assert reason(office, run) == "migrate.twice"
    assert (elements(office, instance), elements(office, second)) == (["a"], ["a", "b"])


def test_a_dry_run_says_for_each_instance_what_would_happen_and_changes_nothing(office: Office) -> None:
    old = process(task("fill"), task("check"), "s -> fill -> check -> e")
    first = office.run(old)
    second = office.engine.start("p", actor=office.who("li"), variables={}).instance_id
    row = next(row for row in office.rows("li") if row.instance_id == second)
    office.engine.complete(row.item_id, actor=office.who("li"), version=row.version)
    office.engine.deploy({"p.bpmn": process(task("fill"), "s -> fill -> e")}, actor="user:root")
    fates = office.engine.dry_run_migration(plan_of(office), actor=office.who("wu"))
    assert [(fate.instance_id, fate.moves, fate.refusal) for fate in fates] == [
        (first, {"fill": "fill"}, None),
        (second, {}, "migrate.unmapped"),
    ]
    assert [office.view(one).definition_version for one in (first, second)] == [1, 1]
    assert elements(office, second) == ["check"]


def test_one_chosen_instance_and_progress(office: Office) -> None:
    first = office.run(OLD)
    second = office.engine.start("p", actor=office.who("li"), variables={}).instance_id
    told: list[int] = []
    new = process(task("fill"), "s -> fill -> e")
    run = migrate(office, new, instances=[second], progress=told.append)
    assert (run.total, told) == (1, [1])
    assert [office.view(one).definition_version for one in (first, second)] == [1, 2]
    begun = office.engine.begin_migration(plan_of(office), actor=office.who("wu"))
    assert office.engine.migration(begun).waiting == 1
    assert office.engine.run_migrations() == 1
    assert office.engine.run_migrations() == 0
    assert office.engine.migration(begun).done == 1


def test_undone_while_untouched_everything_is_as_before(office: Office) -> None:
    old = process(
        task("fill", extra=DUE),
        timer("day", "timeDuration", "P1D", "fill"),
        task("late", CHIEFS),
        "s -> fill -> e",
        "day -> late -> e",
    )
    instance = office.run(old)
    row, before = office.row("li"), timers(office, instance)
    run = migrate(office, process(task("write", CHIEFS), "s -> write -> e"), {"fill": "write"})
    assert (elements(office, instance), timers(office, instance)) == (["write"], [])
    (fate,) = office.engine.undo_migration(run.id, actor=office.who("wu"))
    assert fate.refusal is None
    assert (office.row("li"), timers(office, instance)) == (row, before)
    assert office.view(instance).definition_version == 1
    assert office.engine.migration(run.id).undone == 1
    office.do("li")


def test_nothing_is_undone_after_somebody_has_acted(office: Office) -> None:
    instance = office.run(OLD)
    run = migrate(office, process(task("fill"), task("review", CHIEFS), "s -> fill -> review -> e"))
    office.do("li")
    (fate,) = office.engine.undo_migration(run.id, actor=office.who("wu"))
    assert fate.refusal == "migrate.touched"
    assert elements(office, instance) == ["review"]


def test_putting_back_is_part_of_the_run_and_says_what_stays(office: Office) -> None:
    for _ in range(2):
        office.run(OLD)
    run = migrate(office, process(task("fill"), task("review", CHIEFS), "s -> fill -> review -> e"))
    gone_on = office.rows("li")[0]
    office.engine.complete(gone_on.item_id, actor=office.who("li"), version=gone_on.version)
    assert office.engine.ask_undo_migration(run.id, actor=office.who("wu")) == 2
    found = office.engine.migration(run.id)
    assert (found.left, found.finished_at) == (2, None)
    assert office.engine.run_migrations() == 2
    found = office.engine.migration(run.id)
    assert (found.left, found.undone, found.done) == (0, 1, 1)
    assert found.finished_at is not None
    (kept,) = office.engine.refused_migrations(run.id)
    assert (kept.instance_id, kept.refusal) == (gone_on.instance_id, "migrate.touched")
    with office.engine.database.read() as unit:
        told = unit.execute(
            select(tables.notes.c.text).where(tables.notes.c.principal == "user:wu")
        ).scalars()
        assert sum("tell.migration" in text for text in told) == 2  # of the migration, and of putting back


def test_signatures_survive(office: Office) -> None:
    signers = '<zeebe:assignmentDefinition candidateUsers="=[&quot;user:wang&quot;, &quot;user:zhou&quot;]"/>'
    instance = office.run(process(task("sign", signers, signing="all"), "s -> sign -> e"))
    office.do("wang")
    new = process(task("sign", signers, signing="all"), task("file"), "s -> sign -> file -> e")
    assert migrate(office, new).done == 1
    office.do("zhou")
    assert elements(office, instance) == ["file"]


def test_handlers_of_renamed_steps_are_still_undone(office: Office) -> None:
    def version(name: str) -> bytes:
        return process(
            task("fill"),
            service(name, "ledger.book"),
            task("review", CHIEFS, **{"return": "fill"}),
            f"s -> fill -> {name} -> review -> e",
        )

    office.run(version("book"), {"n": 7})
    office.do("li")
    assert booked(office) == ["book"]
    migrate(office, version("post"), {"book": "post"})
    row = office.row("wang")
    office.engine.return_task(row.item_id, actor=office.who("wang"), version=row.version, reason="x")
    (event,) = [one for one in office.view(row.instance_id).timeline if one.kind == "service.undone"]
    assert event.element == "post"


def test_items_and_called_processes_are_carried_over(office: Office) -> None:
    call = '<bpmn:extensionElements><zeebe:calledElement processId="q"/></bpmn:extensionElements>'

    def version(*more: str) -> bytes:
        return process(
            f"subProcess each | {many('units', 'n')}",
            "  startEvent i",
            "  endEvent o",
            "  " + task("x"),
            "  " + task("y"),
            "  i -> x -> y -> o",
            f"callActivity call | {call}",
            "s -> each -> call -> e",
            *more,
        )

    called = {"q.bpmn": process(task("inner", CHIEFS), "s -> inner -> e", id="q")}
    office.engine.deploy({"p.bpmn": version(), **called}, actor="user:root")
    starts = [office.engine.start("p", actor=office.who("li"), variables={"units": [1, 2]}) for _ in range(2)]
    first, second = (one.instance_id for one in starts)
    li = office.who("li")
    for _ in range(2):
        for row in office.rows("li"):
            if row.instance_id == first:
                office.engine.complete(row.item_id, actor=li, version=row.version)
    assert (elements(office, first), elements(office, second)) == (["inner"], ["x", "x"])
    more = {"q.bpmn": process(task("inner", CHIEFS), task("more"), "s -> inner -> more -> e", id="q")}
    run = migrate(office, version("  "), files=more)
    assert (run.done, run.refused) == (2, 0)
    assert (elements(office, first), elements(office, second)) == (["inner"], ["x", "x"])
    office.do("wang")
    office.engine.complete(
        (row := next(row for row in office.rows("li") if row.instance_id == first)).item_id,
        actor=li,
        version=row.version,
    )
    assert office.view(first).state == "ended"
    for _ in range(2):
        for row in office.rows("li"):
            office.engine.complete(row.item_id, actor=li, version=row.version)
    assert elements(office, second) == ["inner"]


def test_what_an_instance_awaits_is_still_delivered(office: Office) -> None:
    message = '<bpmn:messageEventDefinition messageRef="m"/>'
    root = (
        '<bpmn:message id="m" name="passed"><bpmn:extensionElements><zeebe:subscription correlationKey="=n"/>'
        "</bpmn:extensionElements></bpmn:message>"
    )

    def version(id: str, *more: str) -> bytes:
        text = (f"intermediateCatchEvent {id} | {message}", *more)
        return process(*text).replace(b"</bpmn:definitions>", f"{root}</bpmn:definitions>".encode())

    instance = office.run(version("wait", "s -> wait -> e"), {"n": "A1"})
    new = version("hold", task("file"), "s -> hold -> file -> e")
    assert migrate(office, new, {"wait": "hold"}).done == 1
    office.sound()
    office.engine.publish("passed", "A1")
    office.engine.deliver()
    assert elements(office, instance) == ["file"]


def test_only_operators_migrate_and_a_plan_names_what_is_there(office: Office) -> None:
    office.run(OLD)
    with pytest.raises(Forbidden):
        office.engine.plan_migration("p", 1, 1, actor=office.who("li"))
    with pytest.raises(Refused):
        office.engine.plan_migration("p", 1, 1, actor=office.who("wu"))
    assert reason(office, migrate(office, OLD + b"<!-- 2 -->", {"fill": "nowhere"})) == "migrate.bad_plan"

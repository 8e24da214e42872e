"""Withdrawing what one has just submitted, asking for it afterwards, and an operator's jump."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from engine import BihuanError, Conflict, Forbidden, NotFound, Refused, tables
from engine.play import play
from engine.plugins import load_plugins
from engine.tasks.task import NOT_DONE
from tests.engine.office import CHIEFS, Office, process, service, task
from tests.engine.test_returning import BOOKED, Ledger, booked, elements, engine, ledger

pytestmark = pytest.mark.quick_on_sqlite

__all__ = ["Ledger", "engine", "ledger"]

LINE = process(task("fill"), task("review", CHIEFS), task("file"), "s -> fill -> review -> file -> e")
SPLIT = process(
    task("first"),
    task("a", CHIEFS),
    task("b"),
    task("last", CHIEFS),
    "parallelGateway split",
    "parallelGateway join",
    "s -> first -> split -> a -> join -> last -> e",
    "split -> b -> join",
)


def submit(office: Office, person: str, **more: Any) -> int:
    """Complete a person's only item and return it."""
    item = office.row(person).item_id
    office.do(person, **more)
    return item


def withdraw(office: Office, item: int, person: str = "li", **more: Any) -> Any:
    return office.engine.withdraw(item, actor=office.who(person), **more)


def refused(office: Office, item: int, person: str = "li") -> str:
    """Return why somebody can't withdraw an item; the page says the same."""
    with pytest.raises((Refused, Forbidden)) as found:
        withdraw(office, item, person)
    assert office.engine.task(item, office.who(person)).can["withdraw"] == found.value.code
    return found.value.code


def test_what_nobody_touched_comes_back_with_what_was_typed(office: Office) -> None:
    instance = office.run(LINE)
    item = submit(office, "li", answers={"note": "一"})
    assert office.engine.task(item, office.who("li")).can["withdraw"] is None
    withdraw(office, item, reason="写错了")
    row = office.row("li")
    assert (row.element, row.round, row.assignee) == ("fill", 2, "user:li")
    assert office.engine.task(row.item_id, office.who("li")).answers == {"note": "一"}
    assert office.rows("wang") == []
    (event,) = [one for one in office.view(instance).timeline if one.kind == "item.withdrawn"]
    assert (event.actor_name, event.data["reason"]) == ("李", "写错了")
    office.do("li")
    office.do("wang")


def test_a_page_keeps_nothing_of_the_pages_before(office: Office) -> None:
    office.run(LINE)
    for _ in range(2):
        office.engine.task(office.row("li").item_id, office.who("li"))
    assert NOT_DONE.error is not None
    assert NOT_DONE.error.__traceback__ is None


def test_only_who_submitted_it_and_only_once(office: Office) -> None:
    office.run(LINE)
    item = submit(office, "li")
    assert refused(office, item, "liu") == "withdraw.not_yours"
    with pytest.raises(NotFound):
        withdraw(office, item, "sun")
    first = withdraw(office, item, request_key="k")
    assert withdraw(office, item, request_key="k") == first
    assert refused(office, item) == "withdraw.not_yours"


def test_who_has_opened_it_is_told(office: Office) -> None:
    office.run(LINE)
    item = submit(office, "li")
    row = office.row("wang")
    for person in ("wang", "wang", "sun"):
        office.engine.opened(row.item_id, actor=office.who(person))
    assert office.engine.notices(office.who("wang")) == []
    withdraw(office, item)
    (notice,) = office.engine.notices(office.who("wang"))
    assert (notice.item_id, notice.step, notice.by) == (row.item_id, "review", "user:li")
    assert office.engine.notices(office.who("zhou")) == []
    with pytest.raises(Conflict) as found:
        office.engine.complete(row.item_id, actor=office.who("wang"), version=row.version)
    assert found.value.code == "item.cancelled"
    office.engine.put_away(row.item_id, actor=office.who("wang"))
    assert office.engine.notices(office.who("wang")) == []


def test_too_late_once_the_next_holder_has_written_signed_or_returned(office: Office) -> None:
    office.run(LINE)
    item = submit(office, "li")
    row = office.row("wang")
    office.engine.save_draft(row.item_id, actor=office.who("wang"), answers={}, based_on=None, opinion="我看")
    assert refused(office, item) == "withdraw.opinion"
    office.do("wang")
    assert refused(office, item) == "withdraw.signed"
    office.do("liu")
    assert refused(office, item) == "withdraw.ended"


def test_afterwards_the_holder_is_asked_and_lets_it_go(office: Office) -> None:
    instance = office.run(LINE)
    item = submit(office, "li")
    with pytest.raises(Refused) as found:
        office.engine.ask_withdrawal(item, actor=office.who("li"), reason="x")
    assert found.value.code == "withdraw.possible"
    row = office.row("wang")
    office.engine.save_draft(row.item_id, actor=office.who("wang"), answers={}, based_on=None, opinion="我看")
    assert office.engine.task(item, office.who("li")).can["ask_withdrawal"] is None
    assert office.engine.ask_withdrawal(item, actor=office.who("li"), reason="少附件") == [row.item_id]
    with pytest.raises(Refused) as found:
        office.engine.ask_withdrawal(item, actor=office.who("li"), reason="少附件")
    assert found.value.code == "withdraw.asked"
    (asked,) = office.engine.task(row.item_id, office.who("wang")).asked
    assert (asked.item_id, asked.by, asked.reason) == (item, "user:li", "少附件")
    answered = {"version": row.version, "asked": item}
    with pytest.raises(Forbidden):
        office.engine.answer_withdrawal(row.item_id, actor=office.who("liu"), grant=True, **answered)
    office.engine.answer_withdrawal(row.item_id, actor=office.who("wang"), grant=True, **answered)
    assert elements(office, instance) == ["fill"]
    office.do("li")
    again = office.row("wang")
    assert office.engine.task(again.item_id, office.who("wang")).draft_opinion == "我看"


def test_the_holder_may_decline_with_a_reason(office: Office) -> None:
    instance = office.run(LINE)
    item = submit(office, "li")
    office.do("wang")
    (holder,) = office.engine.ask_withdrawal(item, actor=office.who("li"), reason="少附件")
    row = office.row("liu")
    assert row.item_id == holder
    given = {"actor": office.who("liu"), "version": row.version, "asked": item, "grant": False}
    with pytest.raises(Refused):
        office.engine.answer_withdrawal(row.item_id, **given)
    office.engine.answer_withdrawal(row.item_id, **given, reason="已归档")
    assert elements(office, instance) == ["file"]
    assert office.engine.task(row.item_id, office.who("liu")).asked == []
    (event,) = [one for one in office.view(instance).timeline if one.kind == "withdrawal.declined"]
    assert (event.data["reason"], event.data["to_name"]) == ("已归档", "李")


def test_a_token_that_waits_at_a_join_comes_back(office: Office) -> None:
    instance = office.run(SPLIT)
    submit(office, "li")
    item = submit(office, "wang")
    assert elements(office, instance) == ["b"]
    withdraw(office, item, "wang")
    assert elements(office, instance) == ["a", "b"]
    office.do("wang")
    office.do("liu")
    assert elements(office, instance) == ["last"]


def test_before_a_split_all_branches_come_back_while_none_is_signed(office: Office) -> None:
    instance = office.run(SPLIT)
    item = submit(office, "li")
    withdraw(office, item)
    assert elements(office, instance) == ["first"]
    item = submit(office, "li")
    office.do("wang")
    assert refused(office, item) == "withdraw.signed"


def test_after_a_join_the_other_branch_stays_arrived(office: Office) -> None:
    instance = office.run(SPLIT)
    submit(office, "li")
    submit(office, "wang")
    item = submit(office, "liu")
    assert elements(office, instance) == ["last"]
    withdraw(office, item, "liu")
    assert elements(office, instance) == ["b"]
    office.do("liu")
    assert elements(office, instance) == ["last"]


def test_handlers_behind_it_are_undone(office: Office) -> None:
    instance = office.run(BOOKED, {"n": 7})
    item = submit(office, "li")
    assert booked(office) == ["book"]
    withdraw(office, item)
    assert booked(office) == []
    for person in ("li", "li"):
        office.do(person)
    item = submit(office, "wang")
    assert refused(office, item, "wang") == "move.irreversible"
    assert elements(office, instance) == ["sign"]


def test_an_operator_moves_a_token_with_a_reason(office: Office) -> None:
    instance = office.run(LINE)
    with pytest.raises(Forbidden):
        office.engine.jump(instance, actor=office.who("li"), source="fill", to="file", reason="x")
    ops = office.who("wu")
    view = office.engine.preview_jump(instance, actor=ops, source="fill", to="file")
    assert (view.refusal, view.ends) == (None, ["fill"])
    with pytest.raises(BihuanError) as found:
        office.engine.jump(instance, actor=ops, source="fill", to="file", reason=" ")
    assert found.value.code == "operation.no_reason"
    office.engine.jump(instance, actor=ops, source="fill", to="file", reason="会议已定")
    assert elements(office, instance) == ["file"]
    (event,) = [one for one in office.view(instance).timeline if one.kind == "instance.jumped"]
    assert (event.actor_name, event.data["reason"], event.data["target"]) == ("吴", "会议已定", "file")
    with pytest.raises(NotFound):
        office.engine.jump(instance, actor=ops, source="fill", to="review", reason="x")


def test_a_jump_undoes_what_lies_behind_and_never_breaks_a_join(office: Office) -> None:
    ops = office.who("wu")
    instance = office.run(BOOKED, {"n": 7})
    office.do("li")
    office.do("li")
    view = office.engine.preview_jump(instance, actor=ops, source="review", to="fill")
    assert view.undoes == ["post", "book"]
    office.engine.jump(instance, actor=ops, source="review", to="fill", reason="重来")
    assert booked(office) == []
    split = office.run(SPLIT)
    next(row for row in office.rows("li") if row.element == "first")
    office.engine.jump(split, actor=ops, source="first", to="a", reason="直接审")
    assert elements(office, split) == ["a"]
    with pytest.raises(Refused) as found:
        office.engine.jump(split, actor=ops, source="a", to="b", reason="换")
    assert found.value.code == "move.other_branch"


def test_a_jump_leads_out_of_an_incident(office: Office) -> None:
    source = process(
        task("fill"),
        task("review", CHIEFS),
        "exclusiveGateway gate",
        "s -> fill -> gate",
        "gate -> review: nobody > 5",
        "gate -> e: default",
        "review -> e",
    )
    instance = office.run(source)
    assert office.do("li").state == "incident"
    office.engine.jump(instance, actor=office.who("wu"), source="gate", to="review", reason="条件写错")
    view = office.view(instance)
    assert (view.state, view.incidents) == ("waiting", [])
    office.do("wang")


def test_a_play_withdraws_and_jumps() -> None:
    fill = {"element": "fill", "by": "user:li"}
    back = {"operation": "withdraw", **fill}
    over = {"operation": "jump", "element": "fill", "to": "file", "reason": "会议已定"}
    result = play({"p.bpmn": LINE}, "p.bpmn", {"answers": [fill, back, over]}, load_plugins())
    assert (result["path"], [one["element"] for one in result["open"]]) == (["s", "fill"], ["file"])
    late = [fill, {"element": "review"}, back]
    refused = play({"p.bpmn": LINE}, "p.bpmn", {"answers": late}, load_plugins())
    assert "申请撤回" in refused["error"]["message"]


def test_a_rejection_that_went_back_by_a_loop_can_be_withdrawn_too(office: Office) -> None:
    instance = office.run(
        process(
            task("fill"),
            task("review", CHIEFS, outcomes="同意,退回补正"),
            service("note", "ledger.book"),
            "exclusiveGateway gate",
            "s -> fill -> review -> gate",
            'gate -> note: outcome = "退回补正"',
            "note -> fill",
            "gate -> e: default",
        ),
        {"n": 7},
    )
    office.do("li")
    office.do("wang", outcome="退回补正", opinion="看错了")
    item = office.engine.done(office.who("wang")).rows[0].item_id
    assert office.engine.setting("note-7") is not None
    withdraw(office, item, "wang")
    assert elements(office, instance) == ["review"]
    assert office.engine.setting("note-7") is None
    office.do("wang", outcome="退回补正", opinion="再看")
    item = office.engine.done(office.who("wang")).rows[0].item_id
    office.do("li")
    assert refused(office, item, "wang") == "withdraw.signed"


def test_after_an_operator_has_moved_it_nothing_is_withdrawn(office: Office) -> None:
    instance = office.run(LINE)
    item = submit(office, "li")
    office.engine.jump(instance, actor=office.who("wu"), source="review", to="file", reason="急件")
    assert refused(office, item) == "withdraw.signed"


def test_taking_back_is_no_extension(office: Office, clock: Any) -> None:
    """The step keeps its deadline, and the timers on it stand where they stood."""
    due = '<zeebe:taskSchedule dueDate="=now() + duration(&quot;P9D&quot;)"/>'
    late = (
        "<bpmn:timerEventDefinition><bpmn:timeDuration>P10D</bpmn:timeDuration></bpmn:timerEventDefinition>"
    )
    office.run(
        process(
            task("fill", extra=due),
            task("review", CHIEFS),
            task("told"),
            f"boundaryEvent late attachedToRef=fill cancelActivity=false | {late}",
            "s -> fill -> review -> e",
            "late -> told",
        )
    )
    began, before = clock.now(), office.row("li").due_at
    clock.advance(timedelta(days=4))
    item = submit(office, "li")
    clock.advance(timedelta(days=2))
    withdraw(office, item)
    assert office.row("li").due_at == before == began + timedelta(days=9)
    with office.engine.database.read() as unit:
        assert list(unit.execute(select(tables.jobs.c.due_at)).scalars()) == [began + timedelta(days=10)]

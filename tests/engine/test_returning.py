"""Returning a task: to whom, past what, and what becomes of documents, drafts, signatures and handlers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from engine import (
    Conflict,
    Engine,
    Forbidden,
    HandlerContext,
    InvalidAnswers,
    NewPin,
    NotFound,
    Refused,
    Reply,
    Wish,
    handler,
    hookimpl,
)
from engine.play import play
from engine.plugins import Handler, load_plugins
from tests.engine.office import CHIEFS, CLERKS, Office, process, service, task
from tests.engine.test_incidents import fault_at
from tests.runtime.drawing import many

pytestmark = pytest.mark.quick_on_sqlite

if TYPE_CHECKING:
    from engine import Database, SteppedClock


def returning(id: str, who: str = CHIEFS, **values: str) -> str:
    """Return a step that can be returned; ``return_`` is where to."""
    named = {name.rstrip("_").replace("_", "-"): value for name, value in values.items()}
    return task(id, who, **named)


LINE = process(
    task("fill", outcomes="提交"),
    returning("review", return_="previous", return_mode="ask"),
    returning("sign", return_="any", return_mode="ask"),
    "s -> fill -> review -> sign -> e",
)


class Ledger:
    """A plug-in whose handlers book and cancel, send a letter that nobody can call back, and fail on demand."""

    failing = False

    @hookimpl
    def bihuan_handlers(self) -> list[Handler]:
        def write(context: HandlerContext, value: str) -> None:
            context.session.execute(
                text("INSERT INTO settings (key, value) VALUES (:key, :value)"),
                {"key": f"{context.element}-{context.variables['n']}", "value": value},
            )

        def cancel(context: HandlerContext) -> None:
            if self.failing:
                raise ValueError("the ledger is closed")
            context.session.execute(
                text("DELETE FROM settings WHERE key = :key"),
                {"key": f"{context.element}-{context.variables['n']}"},
            )
            context.audit("ledger.cancelled", {"number": context.variables["number"]})

        @handler("ledger.book", undo=cancel)
        def book(context: HandlerContext) -> Mapping[str, Any]:
            write(context, "1")
            return {"number": f"B{context.variables['n']}"}

        @handler("paper.show", undo=lambda _: None)
        def show(context: HandlerContext) -> None:
            context.entrust(["fill"], ["user:qian"])

        @handler("letter.send", irreversible=True)
        def send(context: HandlerContext) -> None:
            write(context, "1")

        return [book, show, send]


@pytest.fixture
def ledger() -> Ledger:
    return Ledger()


@pytest.fixture
def engine(database: Database, clock: SteppedClock, ledger: Ledger) -> Engine:
    return Engine(database, plugins=load_plugins(ledger), clock=clock)


def give_back(office: Office, person: str, **more: Any) -> Any:
    row = office.row(person)
    given = {"reason": "数据不符", **more}
    return office.engine.return_task(row.item_id, actor=office.who(person), version=row.version, **given)


def elements(office: Office, instance: int) -> list[str]:
    return sorted(holder.element for holder in office.view(instance).holders)


def test_to_the_previous_step_with_a_reason_that_everybody_sees(office: Office) -> None:
    instance = office.run(LINE)
    office.do("li", answers={"note": "一"})
    give_back(office, "wang")
    row = office.row("li")
    assert (row.element, row.round, row.assignee) == ("fill", 2, "user:li")
    assert office.rows("liu") == []
    assert office.engine.task(row.item_id, office.who("li")).answers == {"note": "一"}
    (event,) = [one for one in office.view(instance).timeline if one.kind == "item.returned"]
    assert (event.actor_name, event.step) == ("王", "review")
    assert (event.data["reason"], event.data["target"], event.data["mode"]) == ("数据不符", "fill", "walk")
    office.do("li", answers={"note": "二"})
    assert office.row("wang").round == 2
    assert [row.outcome for row in office.engine.done(office.who("wang")).rows] == [None]


def test_whom_a_handler_let_read_a_document_may_no_more_when_it_is_undone(office: Office) -> None:
    instance = office.run(
        process(
            task("fill", outcomes="提交", audience="=[initiator, &quot;role:chief&quot;]"),
            service("show", "paper.show"),
            returning("review", return_="previous"),
            "s -> fill -> show -> review -> e",
        )
    )
    office.do("li", answers={"note": "一"})
    assert [one.body["note"] for one in office.view(instance, "qian").documents] == ["一"]
    give_back(office, "wang")
    with pytest.raises(NotFound):
        office.view(instance, "qian")
    office.do("li", answers={"note": "二"})
    assert [one.body["note"] for one in office.view(instance, "qian").documents] == ["二"]
    office.sound()


def test_a_reason_is_needed_and_not_too_long(office: Office) -> None:
    office.run(LINE)
    office.do("li")
    for reason, code in ((" ", "operation.no_reason"), ("x" * 3000, "operation.long_reason")):
        with pytest.raises(Refused) as found:
            give_back(office, "wang", reason=reason)
        assert found.value.code == code


def test_of_several_steps_one_must_be_chosen(office: Office) -> None:
    instance = office.run(LINE)
    office.do("li")
    office.do("wang")
    with pytest.raises(Refused) as found:
        give_back(office, "zhou")
    assert found.value.code == "return.choose"
    with pytest.raises(Refused) as found:
        give_back(office, "zhou", to="sign")
    assert found.value.code == "return.not_here"
    row = office.row("zhou")
    view = office.engine.task(row.item_id, office.who("zhou"))
    assert [(one.element, one.last, one.refusal) for one in view.targets] == [
        ("review", "王", None),
        ("fill", "李", None),
    ]
    give_back(office, "zhou", to="fill")
    assert elements(office, instance) == ["fill"]


def test_straight_back_to_who_returned_it(office: Office) -> None:
    instance = office.run(LINE)
    office.do("li")
    office.do("wang")
    give_back(office, "zhou", to="fill", mode="direct")
    office.do("li", answers={"note": "改"})
    row = office.row("zhou")
    assert (row.element, row.assignee) == ("sign", "user:zhou")
    assert office.rows("wang") == []
    office.do("zhou")
    assert office.view(instance).state == "ended"


def test_a_way_that_the_file_does_not_offer_is_refused(office: Office) -> None:
    office.run(process(task("fill"), returning("review", return_="previous"), "s -> fill -> review -> e"))
    office.do("li")
    with pytest.raises(Refused) as found:
        give_back(office, "wang", mode="direct")
    assert found.value.code == "return.bad_mode"


def test_a_step_that_can_not_be_returned_says_so(office: Office) -> None:
    office.run(process(task("fill"), task("review", CHIEFS), "s -> fill -> review -> e"))
    row = office.row("li")
    assert office.engine.task(row.item_id, office.who("li")).can["return"] == "return.none"
    office.do("li")
    with pytest.raises(Forbidden) as found:
        give_back(office, "wang")
    assert found.value.code == "return.none"


def test_a_first_step_has_nowhere_to_go_back_to(office: Office) -> None:
    office.run(process(returning("fill", CLERKS, return_="any"), "s -> fill -> e"))
    row = office.row("li")
    assert office.engine.task(row.item_id, office.who("li")).can["return"] == "return.nowhere"
    with pytest.raises(Refused) as found:
        give_back(office, "li")
    assert found.value.code == "return.nowhere"


def test_to_the_initiator_from_far_behind(office: Office) -> None:
    instance = office.run(
        process(
            task("fill"),
            task("check", CHIEFS),
            task("copy"),
            returning("sign", return_="initiator"),
            "s -> fill -> check -> copy -> sign -> e",
        )
    )
    for person in ("li", "wang", "liu"):
        office.do(person)
    give_back(office, "wang")
    assert elements(office, instance) == ["fill"]


def test_twice_is_once_and_the_second_person_comes_too_late(office: Office) -> None:
    office.run(LINE)
    office.do("li")
    row, wang = office.row("wang"), office.who("wang")
    asked = {"actor": wang, "version": row.version, "reason": "不符", "request_key": "k"}
    first = office.engine.return_task(row.item_id, **asked)
    assert office.engine.return_task(row.item_id, **asked) == first
    with pytest.raises(Conflict) as found:
        office.engine.return_task(row.item_id, actor=office.who("zhou"), version=row.version, reason="x")
    assert found.value.code == "item.returned"
    assert "王" in found.value.message("zh")


def branches(across: str = "", joined: str = "arrived") -> bytes:
    return process(
        task("first"),
        returning("a", CHIEFS, return_="any", return_across=across),
        task("b"),
        returning("last", CHIEFS, return_="a, b", return_joined=joined),
        "parallelGateway split",
        "parallelGateway join",
        "s -> first -> split -> a -> join -> last -> e",
        "split -> b -> join",
    )


def test_before_the_split_only_where_the_file_says_so(office: Office) -> None:
    office.run(branches())
    office.do("li")
    row = office.row("wang")
    view = office.engine.task(row.item_id, office.who("wang"))
    (target,) = view.targets
    assert (target.refusal, view.can["return"]) == ("return.across_branches", "return.across_branches")
    assert "并行支路" in str(target.message("zh"))
    with pytest.raises(Refused):
        give_back(office, "wang")


def test_before_the_split_the_page_first_lists_whose_work_ends_and_drafts_are_kept(office: Office) -> None:
    instance = office.run(branches("branches"))
    office.do("li")
    other = office.row("liu")
    office.engine.save_draft(other.item_id, actor=office.who("liu"), answers={"half": "写了"}, based_on=None)
    row = office.row("wang")
    (target,) = office.engine.task(row.item_id, office.who("wang")).targets
    assert [(ended.step, ended.names) for ended in target.ends] == [("b", ["机构U1 clerk"])]
    give_back(office, "wang")
    assert elements(office, instance) == ["first"]
    assert office.engine.task(other.item_id, office.who("liu")).state == "cancelled"
    office.do("li")
    again = next(row for row in office.rows("liu") if row.element == "b")
    assert office.engine.task(again.item_id, office.who("liu")).answers == {"half": "写了"}


@pytest.mark.parametrize(("joined", "expected"), [("arrived", ["a"]), ("again", ["a", "b"])])
def test_after_a_join_the_others_count_as_arrived_or_are_opened_again(
    office: Office, joined: str, expected: list[str]
) -> None:
    instance = office.run(branches(joined=joined))
    office.do("li")
    office.do("liu")
    office.do("wang")
    give_back(office, "zhou", to="a")
    assert elements(office, instance) == expected
    office.do("wang")
    if joined == "again":
        office.do("liu")
    assert elements(office, instance) == ["last"]


BOOKED = process(
    task("fill"),
    service("book", "ledger.book"),
    task("check", CLERKS),
    service("post", "ledger.book"),
    returning("review", return_="fill, check"),
    service("letter", "letter.send"),
    returning("sign", return_="fill"),
    "s -> fill -> book -> check -> post -> review -> letter -> sign -> e",
)


def booked(office: Office) -> list[str]:
    return [name for name in ("book", "post", "letter") if office.engine.setting(f"{name}-7") is not None]


def test_handlers_behind_the_target_are_undone_the_last_one_first(office: Office) -> None:
    instance = office.run(BOOKED, {"n": 7})
    office.do("li")
    office.do("li")
    assert booked(office) == ["book", "post"]
    give_back(office, "wang", to="check")
    assert booked(office) == ["book"]
    office.do("li")
    give_back(office, "wang", to="fill")
    assert booked(office) == []
    events = [one for one in office.view(instance).timeline if one.kind == "service.undone"]
    assert [one.element for one in events] == ["post", "post", "book"]
    assert [
        one.data["number"] for one in office.view(instance).timeline if one.kind == "ledger.cancelled"
    ] == ["B7"] * 3
    office.do("li")
    assert booked(office) == ["book"]


def test_past_a_handler_that_nothing_undoes_it_is_refused_by_name(office: Office) -> None:
    office.run(BOOKED, {"n": 7})
    for person in ("li", "li", "wang"):
        office.do(person)
    row = office.row("wang")
    (target,) = office.engine.task(row.item_id, office.who("wang")).targets
    assert target.refusal == "move.irreversible"
    assert "letter" in str(target.message("zh"))
    with pytest.raises(Refused) as found:
        give_back(office, "wang")
    assert found.value.code == "move.irreversible"
    assert booked(office) == ["book", "post", "letter"]


def test_an_undo_that_fails_refuses_the_return_and_changes_nothing(office: Office, ledger: Ledger) -> None:
    instance = office.run(BOOKED, {"n": 7})
    office.do("li")
    office.do("li")
    ledger.failing = True
    with pytest.raises(Refused) as found:
        give_back(office, "wang", to="fill")
    assert found.value.code == "move.undo_failed"
    assert "closed" in found.value.message("en")
    assert booked(office) == ["book", "post"]
    assert elements(office, instance) == ["review"]


def test_in_an_item_only_what_that_item_did_is_undone(office: Office) -> None:
    source = process(
        f"subProcess each | {many('units', 'n')}",
        "  startEvent i",
        "  endEvent o",
        "  " + task("x"),
        "  " + service("post", "ledger.book"),
        "  " + returning("y", return_="x"),
        "  i -> x -> post -> y -> o",
        "s -> each -> e",
    )
    office.run(source, {"units": [7, 8]})
    li, wang = office.who("li"), office.who("wang")
    for row in office.rows("li"):
        office.engine.complete(row.item_id, actor=li, version=row.version)
    assert [office.engine.setting(f"post-{n}") for n in (7, 8)] == [1, 1]
    first = office.rows("wang")[0]
    office.engine.return_task(first.item_id, actor=wang, version=first.version, reason="x")
    assert [office.engine.setting(f"post-{n}") for n in (7, 8)] == [None, 1]
    assert [row.element for row in office.rows("li")] == ["x"]


def test_in_bulk_only_where_the_file_allows_one_common_reason(office: Office) -> None:
    files = {
        "a.bpmn": process(
            task("fill"),
            returning("review", return_="previous", return_bulk="yes"),
            "s -> fill -> review -> e",
            id="p",
        ),
        "b.bpmn": process(
            task("fill"), returning("review", return_="previous"), "s -> fill -> review -> e", id="q"
        ),
    }
    office.engine.deploy(files, actor="user:root")
    for name in ("p", "p", "q"):
        office.engine.start(name, actor=office.who("li"), variables={})
    li, wang = office.who("li"), office.who("wang")
    for row in office.rows("li"):
        office.engine.complete(row.item_id, actor=li, version=row.version)
    rows = [(row.item_id, row.version) for row in office.rows("wang")]
    results = office.engine.do_many(rows, Wish("return", opinion="统一口径后再报"), actor=wang)
    assert [one.code for one in results] == [None, None, "return.not_bulk"]
    assert len(office.rows("li")) == 2
    assert len(office.rows("wang")) == 1


def test_one_signer_returns_the_whole_signing_and_the_other_signatures_are_void(office: Office) -> None:
    signers = '<zeebe:assignmentDefinition candidateUsers="=[&quot;user:wang&quot;, &quot;user:zhou&quot;]"/>'
    instance = office.run(
        process(
            task("fill"),
            returning("sign", signers, return_="previous", signing="all"),
            "s -> fill -> sign -> e",
        )
    )
    office.do("li")
    signed = office.row("wang").item_id
    office.do("wang")
    give_back(office, "zhou")
    assert elements(office, instance) == ["fill"]
    (event,) = [one for one in office.view(instance).timeline if one.kind == "item.returned"]
    assert event.data["void"] == [signed]
    office.do("li")
    assert [row.round for row in (*office.rows("wang"), *office.rows("zhou"))] == [2, 2]


def test_a_fault_at_any_statement_leaves_the_old_state_or_the_new(office: Office) -> None:
    instance = office.run(BOOKED, {"n": 7})
    office.do("li")
    office.do("li")
    row, wang = office.row("wang"), office.who("wang")
    for number in range(1, 60):
        try:
            with fault_at(office.engine, number):
                office.engine.return_task(
                    row.item_id, actor=wang, version=row.version, reason="不符", to="fill", request_key="once"
                )
        except OperationalError:
            office.sound()
        else:
            break
        assert elements(office, instance) == ["review"]
        assert booked(office) == ["book", "post"]
    else:
        pytest.fail("the return never came through")
    assert number > 8
    assert (elements(office, instance), booked(office)) == (["fill"], [])


def test_a_play_returns_a_task() -> None:
    fill, review = {"element": "fill", "by": "user:li"}, {"element": "review", "by": "user:wang"}
    back = {"operation": "return", **review, "to": "fill", "reason": "数据不符"}
    result = play({"p.bpmn": LINE}, "p.bpmn", {"answers": [fill, back, fill, review]}, load_plugins())
    assert (result["path"], [one["element"] for one in result["open"]]) == (
        ["s", "fill", "fill", "review"],
        ["sign"],
    )
    refused = play({"p.bpmn": LINE}, "p.bpmn", {"answers": [fill, {**back, "reason": ""}]}, load_plugins())
    assert "请写明理由" in refused["error"]["message"]


def test_opinions_are_pinned_with_a_return(office: Office) -> None:
    source = process(
        task("fill", document="form", outcomes="提交"),
        task("review", CHIEFS, pins="form", **{"return": "previous"}),
        "s -> fill -> review -> e",
    )
    instance = office.run(source, {})
    office.do("li", "提交", answers={"a": 1})
    row = office.row("wang")
    given = {"actor": office.who("wang"), "version": row.version, "reason": "偏低"}
    with pytest.raises(Refused):
        office.engine.return_task(row.item_id, **given, pins=[NewPin("other", "a", None, "？")])
    with pytest.raises(InvalidAnswers):
        office.engine.return_task(row.item_id, **given, pins=[NewPin("form", "a", None, " ")])
    office.engine.return_task(row.item_id, **given, pins=[NewPin("form", "a", None, "请核实")])
    (pin,) = office.view(instance).pins
    assert (pin.text, pin.open) == ("请核实", True)
    with pytest.raises(InvalidAnswers):
        office.do("li", "提交", answers={"a": 2})
    office.do("li", "提交", answers={"a": 2}, replies={pin.id: Reply("changed", "")})

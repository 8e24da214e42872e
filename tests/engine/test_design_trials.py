"""Trials and replays of drafts on both databases: what is played changes nothing, and what ended is compared rightly."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from engine import Forbidden, NewPin, Refused, Reply, SteppedClock
from tests.engine.office import CHIEFS, CLERKS, FILL_AND_REVIEW, Office, process, service, task
from tests.engine.test_design_releases import LONGER
from tests.runtime.drawing import DURATION

BEGUN = {"by": "user:li", "variables": {"title": "路灯改造"}}
TIMED = process(
    task("fill", outcomes="提交"),
    f"boundaryEvent late attachedToRef=fill cancelActivity=false | {DURATION.replace('P5D', 'P3D')}",
    service("tell", "post.letter"),
    "endEvent told",
    "s -> fill -> e",
    "late -> tell -> told",
    inputs="title",
)


def draft_of(office: Office, content: bytes) -> int:
    design, hu = office.engine.design, office.who("hu")
    draft = design.begin("p.bpmn", hu)
    design.save(draft, content, 1, hu)
    return draft


def test_a_trial_names_the_people_and_leaves_the_county_as_it_was(office: Office) -> None:
    design, hu = office.engine.design, office.who("hu")
    office.run(FILL_AND_REVIEW)
    draft = draft_of(office, LONGER)
    answers: list[dict[str, Any]] = [
        {"element": "fill", "outcome": "提交"},
        {"element": "review", "outcome": "同意"},
    ]
    found = design.attempt(draft, {**BEGUN, "answers": answers}, hu)
    assert found.problem is None
    assert found.report["path"] == ["s", "fill", "review", "gate"]
    assert list(found.tokens) == ["final"]
    (waiting,) = found.waiting
    assert [[name for _, name in who.people] for who in waiting.asked] == [["王", "周"]]
    assert waiting.because == {"candidateGroups": '=role("chief", "S1")'}
    assert [one.actor for one in found.happened if one.kind == "item.completed"] == ["user:li", "user:wang"]
    asked = {element: who[0].people for one in found.happened for element, who in one.asked.items()}
    assert list(asked) == ["fill", "review", "final"]
    assert sorted(id for id, _ in asked["fill"]) == ["user:li", "user:liu"]
    alone = design.attempt(draft, {**BEGUN, "auto": True}, hu)
    assert (alone.report["state"], alone.report["path"][-1]) == ("ended", "e")
    back = design.attempt(draft, {**BEGUN, "answers": answers[:1]}, hu)
    assert list(back.tokens) == ["review"]
    wrong = design.attempt(draft, {**BEGUN, "answers": [{"element": "review"}]}, hu)
    assert wrong.problem is not None
    assert "fill" in wrong.problem.message()
    stranger = design.attempt(draft, {**BEGUN, "answers": [{"element": "fill", "by": "user:sun"}]}, hu)
    assert stranger.problem is not None
    assert len(office.rows("li")) == 1
    with pytest.raises(Forbidden):
        design.attempt(draft, BEGUN, office.who("wu"))
    broken = design.attempt(draft, BEGUN, hu, content=LONGER.replace(b"outcome =", b"outcome = = "))
    assert broken.report["state"] == "refused"
    case = design.keep_case(draft, "同意", {**BEGUN, "answers": answers}, hu)
    assert [one.passed for one in design.run_cases(draft, hu)] == [True]
    (failed,) = design.run_cases(draft, hu, content=FILL_AND_REVIEW)
    assert [one.code for one in failed.differences] == ["case.state", "case.path", "case.open"]
    design.remove_case(case, hu)
    assert design.run_cases(draft, hu) == []


def test_time_passes_and_what_reaches_outside_waits_to_be_answered(office: Office) -> None:
    design, hu = office.engine.design, office.who("hu")
    office.run(FILL_AND_REVIEW)
    draft = draft_of(office, TIMED)
    late = [{"advance": "P4D"}]
    found = design.attempt(draft, {**BEGUN, "answers": late}, hu)
    assert [one["type"] for one in found.report["jobs"]] == ["post.letter"]
    told = design.attempt(
        draft, {**BEGUN, "answers": [*late, {"job": "post.letter"}, {"element": "fill"}]}, hu
    )
    assert (told.report["state"], told.problem) == ("ended", None)


def test_ended_cases_are_replayed_through_a_draft(office: Office, clock: SteppedClock) -> None:
    design, hu = office.engine.design, office.who("hu")
    for rounds in (1, 2):
        case = office.run(FILL_AND_REVIEW)
        for last in range(rounds):
            clock.advance(timedelta(hours=2))
            row = next(one for one in office.rows("li") if one.instance_id == case)
            office.engine.complete(row.item_id, actor=office.who("li"), version=row.version)
            row = next(one for one in office.rows("wang") if one.instance_id == case)
            outcome = "同意" if last == rounds - 1 else "退回补正"
            office.engine.complete(
                row.item_id, actor=office.who("wang"), version=row.version, outcome=outcome, opinion="请看"
            )
    running = office.run(FILL_AND_REVIEW)
    same = design.replay(design.begin("p.bpmn", hu), "p", hu)
    assert [one.same for one in same] == [True, True]
    assert len(same[0].before) > len(same[1].before)
    (draft,) = [one.id for one in design.listing(hu).drafts]
    design.save(draft, LONGER, 1, hu)
    longer = design.replay(draft, "p", hu, limit=1)
    assert [(one.parts, one.stopped is not None, one.ends_otherwise) for one in longer] == [
        ("e", True, False)
    ]
    others = FILL_AND_REVIEW.replace(CHIEFS.encode(), CLERKS.replace("U1", "U2").encode())
    design.save(draft, others, 2, hu)
    asked = design.replay(draft, "p", hu)[0]
    assert asked.asked == {"review": (["role:chief@S1"], ["role:clerk@U2"])}
    assert asked.parts is None
    found = design.impact(draft, hu)
    assert [(one.element, one.cases, one.goes_to) for one in found.standings["p"]] == [("fill", 1, "fill")]
    assert office.view(running).state == "waiting"
    with pytest.raises(Refused):
        design.replay(design.begin_blank("form", "f", "", hu), "p", hu)


def test_what_went_back_in_a_case_goes_back_in_its_replay(office: Office, clock: SteppedClock) -> None:
    """Pinned opinions with their answers, a return, a withdrawal; and a case that an operator moved is left out."""
    source = process(
        task("fill", outcomes="提交", document="goal"),
        task(
            "review", CHIEFS, outcomes="同意,退回补正", rejects="退回补正", needs_pins="退回补正", pins="goal"
        ),
        task("last", CHIEFS, outcomes="办结", **{"return": "fill"}),
        "exclusiveGateway gate",
        "s -> fill -> review -> gate",
        'gate -> fill: outcome = "退回补正"',
        "gate -> last: default",
        "last -> e",
        subject="=title",
        inputs="title",
    )
    design, hu, li, wang = office.engine.design, office.who("hu"), office.who("li"), office.who("wang")
    case = office.run(source)

    def wait() -> None:
        clock.advance(timedelta(hours=1))

    wait()
    filled = office.row("li").item_id
    office.do("li", answers={"total": "11"})
    wait()
    office.engine.withdraw(filled, actor=li)
    wait()
    office.do("li", answers={"total": "12"})
    wait()
    office.do("wang", "退回补正", opinion="有误", pins=[NewPin("goal", "total", None, "有误")])
    wait()
    (pin,) = office.view(case).pins
    office.do("li", answers={"total": "13"}, replies={pin.id: Reply("changed")})
    wait()
    office.do("wang", "同意")
    wait()
    row = office.row("wang")
    office.engine.return_task(row.item_id, actor=wang, version=row.version, reason="再核一遍")
    for person in ("li", "wang", "wang"):
        wait()
        office.do(person, answers={"total": "14"} if person == "li" else None)
    assert office.view(case).state == "ended"
    jumped = office.run(source)
    office.engine.jump(jumped, actor=office.who("wu"), source="fill", to="last", reason="特急")
    office.do("wang")
    (same,) = design.replay(design.begin("p.bpmn", hu), "p", hu)
    assert (same.instance_id, same.stopped, same.before, same.asked) == (case, None, same.after, {})
    assert same.same

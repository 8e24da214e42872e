"""流程到哪了: the steps that were done, those that are open, and those that are expected, with whom."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from engine import NotFound, tables
from tests.engine.office import CHIEFS, FILL_AND_REVIEW, Office, process, task

LATER = '<zeebe:assignmentDefinition candidateUsers="=chosen"/>'


def told(office: Office, instance: int, person: str = "li") -> list[str]:
    """Return the way in short: the state, the element, a ? for what may be passed by, || for what runs beside."""
    marks = {"done": "+", "now": "*", "next": ""}
    return [
        marks[one.state] + one.element + ("?" if one.perhaps else "") + ("||" if one.beside else "")
        for one in office.engine.route(instance, office.who(person)).steps
    ]


def test_before_and_after_each_submission(office: Office) -> None:
    instance = office.run(FILL_AND_REVIEW)
    assert told(office, instance) == ["*fill", "review"]
    office.do("li", "提交")
    assert told(office, instance) == ["+fill", "*review"]
    office.do("wang", "退回补正", opinion="不全")
    assert told(office, instance) == ["*fill", "review"]
    office.do("li", "提交")
    office.do("wang", "同意")
    assert told(office, instance) == ["+fill", "+review"]


def test_each_step_names_whom_to_ask_with_post_and_phone(office: Office) -> None:
    with office.engine.database.write() as unit:
        unit.execute(update(tables.people).where(tables.people.c.id == "wang").values(phone="0710-1"))
        unit.execute(
            update(tables.organisations).where(tables.organisations.c.code == "S1").values(phone="0710-9")
        )
    instance = office.run(FILL_AND_REVIEW)
    fill, review = office.engine.route(instance, office.who("li")).steps
    assert [one.name for one in fill.who] == ["李", "刘"]
    assert {one.name: one.phone for one in review.who} == {"王": "0710-1", "周": "0710-9"}
    assert {(one.post.role, one.post.org_name) for one in review.who if one.post} == {("chief", "机构S1")}


def test_a_condition_whose_inputs_are_known_chooses_the_way(office: Office) -> None:
    source = process(
        task("fill"),
        task("small"),
        task("large"),
        "exclusiveGateway gate",
        "s -> fill -> gate",
        "gate -> large: amount > 100",
        "gate -> small: default",
        "small -> e",
        "large -> e",
    )
    assert told(office, office.run(source, {"amount": 500})) == ["*fill", "large"]
    started = office.engine.start("p", actor=office.who("li"), variables={"amount": 5})
    assert told(office, started.instance_id) == ["*fill", "small"]


def test_what_is_known_only_later_is_an_alternative(office: Office) -> None:
    source = process(
        task("fill", document="form"),
        task("more"),
        task("last"),
        "exclusiveGateway gate",
        "exclusiveGateway join",
        "s -> fill -> gate",
        "gate -> more: form.large",
        "gate -> join: default",
        "more -> join -> last -> e",
    )
    instance = office.run(source, {})
    assert told(office, instance) == ["*fill", "more?", "last"]


def test_the_other_approval_leads_to_possible_steps(office: Office) -> None:
    source = process(
        task("decide", outcomes="批准,再议,退回补正"),
        task("again"),
        task("file"),
        "exclusiveGateway gate",
        "exclusiveGateway join",
        "s -> decide -> gate",
        'gate -> again: outcome = "再议"',
        'gate -> decide: outcome = "退回补正"',
        "gate -> join: default",
        "again -> join -> file -> e",
    )
    assert told(office, office.run(source, {})) == ["*decide", "again?", "file"]


def test_what_an_approval_leads_to_is_known_through_a_mapping_too(office: Office) -> None:
    source = process(
        task(
            "decide",
            extra='<zeebe:ioMapping><zeebe:output source="=outcome" target="grade"/></zeebe:ioMapping>',
            outcomes="好,中,退回补正",
        ),
        task("refine"),
        task("file"),
        "exclusiveGateway gate",
        "s -> decide -> gate",
        'gate -> refine: grade = "中"',
        "gate -> file: default",
        "refine -> file -> e",
    )
    assert told(office, office.run(source, {})) == ["*decide", "refine?", "file"]


def test_parallel_steps_run_beside_one_another(office: Office) -> None:
    source = process(
        task("fill"),
        task("left"),
        task("right", CHIEFS),
        task("last"),
        "parallelGateway split",
        "parallelGateway join",
        "s -> fill -> split -> left -> join",
        "split -> right -> join -> last -> e",
    )
    instance = office.run(source, {})
    assert told(office, instance) == ["*fill", "left||", "right||", "last"]
    office.do("li")
    assert sorted(told(office, instance)) == sorted(["+fill", "*left", "*right", "last"])


def test_whom_only_later_is_known_is_left_open(office: Office) -> None:
    source = process(
        task("fill", document="form"), task("next", LATER), "s -> fill -> next -> e", inputs="chosen"
    )
    instance = office.run(source, {"chosen": "sun"})
    assert [one.name for one in office.engine.route(instance, office.who("li")).steps[1].who] == ["孙"]
    unknown = process(task("fill", document="chosen"), task("next", LATER), "s -> fill -> next -> e")
    instance = office.run(unknown, {})
    assert told(office, instance) == ["*fill", "next"]
    assert office.engine.route(instance, office.who("li")).steps[1].who == []


def test_a_step_says_how_long_it_usually_takes_and_what_that_rests_on(office: Office, clock: Any) -> None:
    instance = office.run(FILL_AND_REVIEW)
    assert office.engine.route(instance, office.who("li")).steps[0].usual is None
    for hours in (1, 2, 6):
        clock.advance(timedelta(hours=hours))
        office.do("li", "提交")
        office.engine.start("p", actor=office.who("li"), variables={"title": "下一个"})
    known = office.engine.route(instance, office.who("li")).steps[0].usual or (
        office.engine.route(instance + 3, office.who("li")).steps[0].usual
    )
    assert known is not None
    assert (known.seconds, known.count) == (7200, 3)


def test_the_holder_since_when_and_until_when(office: Office, clock: Any) -> None:
    instance = office.run(FILL_AND_REVIEW)
    clock.advance(timedelta(hours=1))
    office.do("li", "提交")
    done, review = office.engine.route(instance, office.who("li")).steps
    assert (done.by.name if done.by else "", done.at, review.since) == ("李", clock.now(), clock.now())


def test_a_long_way_and_a_circle_are_bounded(office: Office) -> None:
    steps = " -> ".join(f"t{number}" for number in range(60))
    instance = office.run(process(*(task(f"t{number}") for number in range(60)), f"s -> {steps} -> e"), {})
    found = office.engine.route(instance, office.who("li"))
    assert len(found.steps) == 31
    assert not found.whole


def test_a_stranger_learns_nothing(office: Office) -> None:
    instance = office.run(FILL_AND_REVIEW)
    with pytest.raises(NotFound):
        office.engine.route(instance, office.who("sun"))

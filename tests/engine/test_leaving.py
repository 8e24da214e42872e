"""交接: what somebody who leaves has in hand, and who may hand it over."""

from __future__ import annotations

import pytest

from engine import Forbidden, NotFound
from tests.engine.office import CHIEFS, FILL_AND_REVIEW, Office, process, task

LI = '<zeebe:assignmentDefinition assignee="li"/>'


def test_what_waits_by_name_is_told_with_step_and_kind(office: Office) -> None:
    office.run(process(task("a", LI), "s -> a -> e"), {})
    office.run(FILL_AND_REVIEW)
    office.engine.start("p", actor=office.who("li"), variables={"title": "另一个"})
    row = office.rows("liu")[0]
    office.engine.claim(row.item_id, actor=office.who("liu"), version=row.version)
    found = office.engine.leaving("li", office.who("li"))
    assert [(one.element, one.kind) for one in found.items] == [("a", "held")]
    (claimed,) = office.engine.leaving("liu", office.who("liu")).items
    assert (claimed.element, claimed.kind, claimed.step) == ("fill", "held", "fill")


def test_a_post_that_nobody_else_holds_is_told_with_what_waits_for_it(office: Office) -> None:
    office.run(process(task("a", CHIEFS), "s -> a -> e"), {})
    assert office.engine.leaving("wang", office.who("wang")).orphaned == []
    qian = office.engine.leaving("qian", office.who("qian"))
    assert [(one.post.role, one.waiting) for one in qian.orphaned] == [("staff", 0)]


def test_only_who_may_hand_over_may_look(office: Office) -> None:
    for person in ("root", "wu"):
        assert office.engine.leaving("li", office.who(person)).name == "李"
    with pytest.raises(Forbidden):
        office.engine.leaving("li", office.who("sun"))
    with pytest.raises(NotFound):
        office.engine.leaving("nobody", office.who("root"))

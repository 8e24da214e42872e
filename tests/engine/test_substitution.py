"""代理: somebody acts for another from one day to another; the record shows both."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from engine import Forbidden, InboxQuery, NotFound, Refused, hookimpl, load_plugins
from engine.substitution import Substitutions
from tests.engine.office import CHIEFS, FILL_AND_REVIEW, Office, process, task

pytestmark = pytest.mark.quick_on_sqlite

LI = '<zeebe:assignmentDefinition assignee="li"/>'


@pytest.fixture
def today(clock: Any) -> date:
    found: date = clock.now().date()
    return found


def stand_in(office: Office, person: str, substitute: str, today: date, days: int = 7, **more: Any) -> int:
    return office.engine.substitutions.create(
        person, substitute, today, today + timedelta(days=days), actor=office.who(person), **more
    )


def test_the_substitute_has_the_tasks_in_their_inbox_and_does_them(office: Office, today: date) -> None:
    office.run(FILL_AND_REVIEW)
    stand_in(office, "li", "sun", today)
    assert len(office.rows("sun")) == 1
    office.do("sun", "提交")
    assert office.row("wang").element == "review"


def test_history_and_signatures_show_both(office: Office, today: date) -> None:
    instance = office.run(FILL_AND_REVIEW)
    stand_in(office, "li", "sun", today)
    office.do("sun", "提交")
    (told,) = [one for one in office.view(instance).timeline if one.kind == "item.completed"]
    assert (told.actor_name, told.data["for_name"]) == ("孙", "李")


def test_what_one_does_for_oneself_is_not_for_another(office: Office, today: date) -> None:
    instance = office.run(FILL_AND_REVIEW)
    stand_in(office, "liu", "li", today)
    office.do("li", "提交")
    (told,) = [one for one in office.view(instance).timeline if one.kind == "item.completed"]
    assert "for_name" not in told.data


def test_a_claim_for_another_is_theirs_again_when_they_are_back(
    office: Office, today: date, clock: Any
) -> None:
    office.run(FILL_AND_REVIEW)
    stand_in(office, "li", "sun", today, days=1)
    row = office.row("sun")
    office.engine.claim(row.item_id, actor=office.who("sun"), version=row.version)
    assert office.row("li").assignee == "user:li"
    clock.advance(timedelta(days=3))
    assert office.rows("sun") == []
    office.do("li", "提交")


def test_before_and_after_the_dates_there_is_nothing(office: Office, today: date, clock: Any) -> None:
    office.run(FILL_AND_REVIEW)
    office.engine.substitutions.create(
        "li", "sun", today + timedelta(days=2), today + timedelta(days=3), actor=office.who("li")
    )
    for days, seen in ((0, 0), (2, 1), (1, 1), (1, 0)):
        clock.advance(timedelta(days=days))
        assert len(office.rows("sun")) == seen


def test_chosen_processes_only(office: Office, today: date) -> None:
    office.run(FILL_AND_REVIEW)
    stand_in(office, "li", "sun", today, processes=["another"])
    assert office.rows("sun") == []
    with pytest.raises(NotFound):
        office.engine.task(office.row("li").item_id, office.who("sun"))
    stand_in(office, "liu", "sun", today, processes=["p"])
    assert len(office.rows("sun")) == 1
    assert office.engine.inbox(office.who("sun")).counts.all == 1
    office.do("sun", "提交")


def test_nobody_stands_in_for_a_stand_in(office: Office, today: date) -> None:
    office.run(process(task("fill", LI), "s -> fill -> e"), {})
    stand_in(office, "li", "sun", today)
    stand_in(office, "sun", "qian", today)
    assert len(office.rows("sun")) == 1
    assert office.rows("qian") == []


def test_what_is_kept_apart_is_checked_for_both(office: Office, today: date) -> None:
    source = process(task("fill"), task("review", CHIEFS, separate_from="fill"), "s -> fill -> review -> e")
    office.run(source, {})
    stand_in(office, "li", "sun", today)
    office.do("sun")
    stand_in(office, "wang", "sun", today)
    row = office.row("sun")
    with pytest.raises(Forbidden) as caught:
        office.engine.complete(row.item_id, actor=office.who("sun"), version=row.version)
    assert caught.value.code == "item.separated"
    stand_in(office, "zhou", "li", today)
    with pytest.raises(Forbidden) as caught:
        office.engine.complete(row.item_id, actor=office.who("li"), version=row.version)
    assert caught.value.code == "item.separated"


def test_it_ends_when_it_is_ended(office: Office, today: date) -> None:
    office.run(FILL_AND_REVIEW)
    number = stand_in(office, "li", "sun", today)
    office.engine.substitutions.end(number, actor=office.who("li"))
    assert office.rows("sun") == []
    assert [one.ended for one in office.engine.substitutions.of("li")] == [True]


@pytest.mark.parametrize(
    ("actor", "person", "substitute", "days", "kind"),
    [
        ("sun", "li", "sun", 1, Forbidden),
        ("li", "li", "li", 1, Refused),
        ("li", "li", "sun", -1, Refused),
        ("li", "li", "root", 1, Refused),
        ("li", "li", "nobody", 1, NotFound),
    ],
)
def test_not_everything_can_be_arranged(
    office: Office, today: date, actor: str, person: str, substitute: str, days: int, kind: type[Exception]
) -> None:
    with pytest.raises(kind):
        office.engine.substitutions.create(
            person, substitute, today, today + timedelta(days=days), actor=office.who(actor)
        )


def test_an_administrator_arranges_it_for_somebody_who_has_fallen_ill(office: Office, today: date) -> None:
    office.run(FILL_AND_REVIEW)
    root = office.who("root")
    with pytest.raises(Refused):
        office.engine.substitutions.create("li", "sun", today, today, actor=root)
    office.engine.substitutions.create("li", "sun", today, today, actor=root, reason="病假")
    assert len(office.rows("sun")) == 1
    (told,) = office.engine.substitutions.of("li")
    assert (told.arranged_by, told.reason, told.state) == ("管理员", "病假", "running")


def test_the_substitute_takes_back_what_the_absent_one_submitted(office: Office, today: date) -> None:
    instance = office.run(FILL_AND_REVIEW)
    item = office.row("li").item_id
    office.do("li", "提交")
    assert office.engine.task(item, office.who("li")).can["withdraw"] is None
    stand_in(office, "li", "sun", today)
    assert office.engine.task(item, office.who("sun")).can["withdraw"] is None
    office.engine.withdraw(item, actor=office.who("sun"))
    (told,) = [one for one in office.view(instance).timeline if one.kind == "item.withdrawn"]
    assert (told.actor_name, told.data["for_name"]) == ("孙", "李")
    assert office.row("li").element == "fill"
    assert len(office.rows("sun")) == 1


def test_what_a_substitute_submitted_goes_back_to_whom_it_was_for(office: Office, today: date) -> None:
    office.run(FILL_AND_REVIEW)
    stand_in(office, "li", "sun", today)
    item = office.row("sun").item_id
    office.do("sun", "提交")
    office.engine.withdraw(item, actor=office.who("sun"))
    assert office.row("li").assignee == "user:li"


def test_a_substitute_asks_for_a_submission_back_and_grants_it_too(office: Office, today: date) -> None:
    instance = office.run(FILL_AND_REVIEW)
    item = office.row("li").item_id
    office.do("li", "提交")
    row = office.row("wang")
    office.engine.claim(row.item_id, actor=office.who("wang"), version=row.version)
    office.engine.save_draft(row.item_id, actor=office.who("wang"), answers={}, based_on=None, opinion="看过")
    stand_in(office, "li", "sun", today)
    stand_in(office, "wang", "qian", today)
    office.engine.ask_withdrawal(item, actor=office.who("sun"), reason="填错")
    version = office.row("wang").version
    assert office.engine.task(row.item_id, office.who("qian")).can["answer_withdrawal"] is None
    office.engine.answer_withdrawal(
        row.item_id, actor=office.who("qian"), version=version, asked=item, grant=True
    )
    told = {one.kind: (one.actor_name, one.data.get("for_name")) for one in office.view(instance).timeline}
    assert told["withdrawal.asked"] == ("孙", "李")
    assert told["item.withdrawn"] == ("钱", "王")


def test_a_return_by_a_substitute_shows_both(office: Office, today: date) -> None:
    source = process(
        task("fill"), task("review", CHIEFS, **{"return": "previous"}), "s -> fill -> review -> e"
    )
    instance = office.run(source, {})
    office.do("li")
    stand_in(office, "wang", "sun", today)
    row = office.row("sun")
    office.engine.return_task(row.item_id, actor=office.who("sun"), version=row.version, reason="补充")
    (told,) = [one for one in office.view(instance).timeline if one.kind == "item.returned"]
    assert (told.actor_name, told.data["for_name"]) == ("孙", "王")


class Heads:
    """A domain in which chiefs lead."""

    @hookimpl
    def bihuan_heads(self) -> list[str]:
        return ["chief"]


def test_the_head_of_an_office_arranges_it_for_its_people_only(office: Office, today: date) -> None:
    engine = office.engine
    heads = Substitutions(engine.database, engine.clock, load_plugins(Heads(), entry_points=False))
    wang = office.who("wang")
    created = heads.create("qian", "zhou", today, today, actor=wang, reason="病假")
    assert [one.id for one in heads.arranged(wang)] == [created]
    with pytest.raises(Forbidden):
        heads.create("li", "zhou", today, today, actor=wang, reason="病假")
    with pytest.raises(Forbidden):
        heads.create("wang", "li", today, today, actor=office.who("qian"), reason="病假")
    engine.people.add_post("qian", "clerk", "U2")
    with pytest.raises(Forbidden):  # the chief doesn't lead the other unit
        heads.create("qian", "li", today, today, actor=wang, reason="病假")


def test_the_same_again_is_one_or_is_refused(office: Office, today: date) -> None:
    create, li = office.engine.substitutions.create, office.who("li")
    first = create("li", "sun", today, today, actor=li, processes=["p"], request_key="once")
    assert create("li", "sun", today, today, actor=li, processes=["p"], request_key="once") == first
    with pytest.raises(Refused):
        create("li", "sun", today, today, actor=li)
    create("li", "sun", today, today, actor=li, processes=["q"])
    create("li", "liu", today, today, actor=li)
    assert [one.substitute for one in office.engine.substitutions.of("li")] == ["liu", "sun", "sun"]
    assert [one.person for one in office.engine.substitutions.by("liu")] == ["li"]


def test_who_is_away_too_is_said(office: Office, today: date) -> None:
    engine = office.engine
    first = stand_in(office, "li", "sun", today)
    assert engine.substitutions.remarks(first) == []
    second = stand_in(office, "sun", "qian", today)
    assert [one.code for one in engine.substitutions.remarks(first)] == ["substitution.away"]
    assert [one.code for one in engine.substitutions.remarks(second)] == ["substitution.no_chain"]


def test_a_stranger_can_not_end_it_nor_learn_of_it(office: Office, today: date) -> None:
    number = stand_in(office, "li", "sun", today)
    with pytest.raises(NotFound):
        office.engine.substitutions.end(number, actor=office.who("qian"))
    office.engine.substitutions.end(number, actor=office.who("sun"))
    with pytest.raises(NotFound):
        office.engine.substitutions.end(number, actor=office.who("li"))


def test_what_was_done_for_somebody_else_is_told_apart_in_the_list_of_what_is_done(
    office: Office, today: date
) -> None:
    own = '<zeebe:assignmentDefinition assignee="sun"/>'
    mine = office.run(process(task("fill", own), "s -> fill -> e"), {})
    office.do("sun")
    other = office.run(FILL_AND_REVIEW)
    stand_in(office, "li", "sun", today)
    office.do("sun", "提交")
    sun = office.who("sun")
    for behalf, expected in ((None, {mine, other}), ("own", {mine}), ("others", {other}), ("li", {other})):
        rows = office.engine.done(sun, InboxQuery(behalf=behalf)).rows
        assert {row.instance_id for row in rows} == expected, behalf

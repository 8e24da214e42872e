"""From deployment to the end of an instance: who completes what, exactly once, and what the next one sees."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import event

from engine import Conflict, Forbidden, InvalidAnswers, NotFound, Refused
from tests.engine.office import CHIEFS, FILL_AND_REVIEW, Office, process, task

if TYPE_CHECKING:
    from engine import SteppedClock


def test_a_task_goes_from_the_clerk_to_the_chief_and_to_the_end(office: Office) -> None:
    instance = office.run(FILL_AND_REVIEW)
    assert office.row("li").subject == "路灯改造"
    assert office.rows("wang") == []
    office.do("li", "提交")
    assert office.rows("li") == []
    assert office.row("wang").step == "review"
    done = office.do("wang", "同意")
    assert (done.state, done.open_items) == ("ended", ())
    view = office.view(instance)
    assert view.state == "ended"
    assert list(view.finished) == ["s", "fill", "review", "gate", "e"]


def test_what_comes_back_is_a_new_item_in_a_new_round(office: Office) -> None:
    office.run(FILL_AND_REVIEW)
    first = office.row("li")
    office.do("li")
    office.do("wang", "退回补正", opinion="请补正")
    again = office.row("li")
    assert again.item_id != first.item_id
    assert (first.round, again.round) == (1, 2)


def test_an_outcome_that_is_not_given_is_the_first_one(office: Office) -> None:
    instance = office.run(FILL_AND_REVIEW)
    office.do("li")
    office.do("wang")
    assert office.view(instance).state == "ended"


def test_an_outcome_that_the_step_does_not_have_is_refused(office: Office) -> None:
    office.run(FILL_AND_REVIEW)
    with pytest.raises(Refused, match="提交"):
        office.do("li", "同意")


def test_a_rejection_needs_an_opinion(office: Office) -> None:
    office.run(FILL_AND_REVIEW)
    office.do("li")
    with pytest.raises(InvalidAnswers) as caught:
        office.do("wang", "退回补正", opinion="  ")
    assert [(one.code, one.field) for one in caught.value.findings] == [("opinion.needed", "opinion")]


class TestWhoMayNot:
    """Everybody whom the step is not for."""

    def test_somebody_of_another_unit_does_not_even_learn_that_the_task_exists(self, office: Office) -> None:
        office.run(FILL_AND_REVIEW)
        row = office.row("li")
        for act in ("complete", "claim", "unclaim"):
            with pytest.raises(NotFound):
                getattr(office.engine, act)(row.item_id, actor=office.who("sun"), version=row.version)

    def test_an_administrator_can_not_act_on_business(self, office: Office) -> None:
        office.engine.people.add_post("root", "clerk", "U1")
        office.run(FILL_AND_REVIEW)
        row = office.row("li")
        with pytest.raises(Forbidden) as caught:
            office.engine.complete(row.item_id, actor=office.who("root"), version=row.version)
        assert caught.value.code == "admin.no_business"
        with pytest.raises(Forbidden):
            office.engine.start("p", actor=office.who("root"), variables={"title": "x"})

    def test_who_did_an_earlier_step_may_not_do_one_that_is_kept_apart(self, office: Office) -> None:
        source = process(
            task("fill"), task("sign", separate_from="fill"), "s -> fill -> sign -> e", subject="=title"
        )
        office.run(source)
        office.do("li")
        with pytest.raises(Forbidden) as caught:
            office.do("li")
        assert caught.value.code == "item.separated"
        office.do("liu")

    def test_a_post_that_has_ended_gives_nothing_any_more(self, office: Office, clock: SteppedClock) -> None:
        today = clock.now().date()
        office.engine.people.add_post("sun", "clerk", "U1", today, today + timedelta(days=1))
        office.run(FILL_AND_REVIEW)
        assert len(office.rows("sun")) == 1
        clock.advance(timedelta(days=2))
        assert office.rows("sun") == []


class TestTwoAtOnce:
    """The second one is told who was first, and nothing happens twice."""

    def test_the_second_learns_who_did_what_and_when(self, office: Office) -> None:
        office.run(FILL_AND_REVIEW)
        row = office.row("li")
        office.do("liu", "提交")
        with pytest.raises(Conflict) as caught:
            office.engine.complete(row.item_id, actor=office.who("li"), version=row.version)
        zh = caught.value.message("zh")
        assert "刘" in zh
        assert "2026年3月2日 09:00" in zh
        assert "提交" in zh
        assert "刘" in caught.value.message("en")

    def test_of_two_threads_on_one_task_one_wins(self, office: Office) -> None:
        office.run(FILL_AND_REVIEW)
        row = office.row("li")
        barrier = threading.Barrier(2)
        results: list[Any] = []

        def work(person: str) -> None:
            actor = office.who(person)
            barrier.wait()
            try:
                results.append(office.engine.complete(row.item_id, actor=actor, version=row.version))
            except Conflict as error:
                results.append(error)

        threads = [threading.Thread(target=work, args=(person,)) for person in ("li", "liu")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(isinstance(one, Conflict) for one in results) == [False, True]
        assert len(office.rows("wang")) == 1

    def test_a_page_that_is_older_than_a_claim_is_stale(self, office: Office) -> None:
        office.run(FILL_AND_REVIEW)
        row = office.row("li")
        office.engine.claim(row.item_id, actor=office.who("liu"), version=row.version)
        with pytest.raises(Conflict) as caught:
            office.engine.complete(row.item_id, actor=office.who("li"), version=row.version)
        assert caught.value.code == "item.claimed_meanwhile"
        assert "刘" in caught.value.message("zh")


class TestRequestKeys:
    """A request that is sent twice is done once."""

    def test_the_same_request_again_gets_the_answer_of_then(self, office: Office) -> None:
        office.run(FILL_AND_REVIEW)
        row = office.row("li")
        asked: dict[str, Any] = {"actor": office.who("li"), "version": row.version, "request_key": "k-1"}
        first = office.engine.complete(row.item_id, outcome="提交", **asked)
        assert office.engine.complete(row.item_id, outcome="提交", **asked) == first
        assert len(office.rows("wang")) == 1

    def test_another_request_under_the_same_key_is_a_conflict(self, office: Office) -> None:
        office.run(FILL_AND_REVIEW)
        row = office.row("li")
        office.engine.complete(
            row.item_id, actor=office.who("li"), version=1, outcome="提交", request_key="k-1"
        )
        row = office.row("wang")
        with pytest.raises(Conflict) as caught:
            office.engine.complete(
                row.item_id, actor=office.who("wang"), version=1, outcome="同意", request_key="k-1"
            )
        assert caught.value.code == "request.reused"
        assert len(office.rows("wang")) == 1

    def test_a_start_that_is_sent_twice_starts_once(self, office: Office) -> None:
        office.engine.deploy({"p.bpmn": FILL_AND_REVIEW}, actor="user:root")
        found = [
            office.engine.start("p", actor=office.who("li"), variables={"title": "x"}, request_key="s-1")
            for _ in range(2)
        ]
        assert found[0] == found[1]
        assert len(office.rows("li")) == 1

    def test_two_threads_with_one_key_get_one_answer(self, office: Office) -> None:
        office.run(FILL_AND_REVIEW)
        row = office.row("li")
        actor = office.who("li")
        barrier = threading.Barrier(3)
        results: list[Any] = []

        def work() -> None:
            barrier.wait()
            results.append(
                office.engine.complete(row.item_id, actor=actor, version=1, outcome="提交", request_key="k")
            )

        threads = [threading.Thread(target=work) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(results) == 3
        assert results[0] == results[1] == results[2]


def test_a_completion_takes_at_most_twelve_statements(office: Office) -> None:
    source = process(
        task("fill", outcomes="提交"),
        task("review", CHIEFS, outcomes="同意"),
        "s -> fill -> review -> e",
        subject="=title",
    )
    office.run(source)
    row = office.row("li")
    li, wang = office.who("li"), office.who("wang")
    office.engine.save_draft(row.item_id, actor=li, answers={"a": 1}, based_on=None)
    seen: list[str] = []
    event.listen(
        office.engine.database.engine,
        "before_cursor_execute",
        lambda _c, _cursor, statement, *_: seen.append(statement),
    )
    office.engine.complete(
        row.item_id, actor=li, version=row.version, outcome="提交", answers={"a": 2}, request_key="k"
    )
    assert len(seen) <= 12, "\n".join(seen)
    row = office.row("wang")
    seen.clear()
    office.engine.complete(row.item_id, actor=wang, version=row.version)
    assert len(seen) <= 5, "\n".join(seen)

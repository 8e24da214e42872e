"""Files made in the background: asked for, made as the person who asked, fetched by nobody else, forgotten in the end."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

import pytest

from engine import Actor, Forbidden, NotFound
from engine.commands.errands import Errand, Product
from tests.engine.office import FILL_AND_REVIEW, Office


def maker(made: list[tuple[int, str]]) -> Any:
    def make(errand: Errand, actor: Actor) -> Product:
        made.append((errand.id, actor.person))
        return Product("单.txt", f"{actor.name}的文件".encode())

    return make


def ask(office: Office, person: str = "li", **more: Any) -> int:
    instance = office.run(FILL_AND_REVIEW)
    return office.engine.ask_errand("sheet", instance, actor=office.who(person), **more)


def test_what_was_asked_for_is_made_as_the_person_who_asked_and_waits_for_them(office: Office) -> None:
    made: list[tuple[int, str]] = []
    office.engine.makes("sheet", maker(made))
    errand = ask(office, params={"comments": True})
    assert office.engine.errand(errand, office.who("li")).state == "open"
    with pytest.raises(NotFound):
        office.engine.errand_file(errand, office.who("li"))
    assert office.engine.run_errands() == 1
    assert office.engine.run_errands() == 0
    assert made == [(errand, "li")]
    found, path = office.engine.errand_file(errand, office.who("li"))
    assert (found.name, path.read_text("utf-8"), found.params) == ("单.txt", "李的文件", {"comments": True})
    assert [one.id for one in office.engine.errands(office.who("li"))] == [errand]


def test_nobody_else_learns_of_it(office: Office) -> None:
    office.engine.makes("sheet", maker([]))
    errand = ask(office)
    office.engine.run_errands()
    for person in ("liu", "root"):
        with pytest.raises(NotFound):
            office.engine.errand_file(errand, office.who(person))
        assert office.engine.errands(office.who(person)) == []


def test_who_may_not_see_the_case_gets_nothing_made(office: Office) -> None:
    instance = office.run(FILL_AND_REVIEW)
    with pytest.raises(NotFound):
        office.engine.ask_errand("sheet", instance, actor=office.who("sun"))
    with pytest.raises(Forbidden):
        office.engine.ask_errand("sheet", instance, actor=office.who("root"))


def test_asking_twice_under_one_key_is_asking_once(office: Office) -> None:
    instance, li = office.run(FILL_AND_REVIEW), office.who("li")
    ids = {
        office.engine.ask_errand("sheet", instance, actor=li, request_key="a key of the page")
        for _ in range(2)
    }
    assert len(ids) == 1


def test_a_maker_that_fails_is_tried_three_times(office: Office, clock: Any) -> None:
    attempts: list[int] = []

    def broken(errand: Errand, actor: Actor) -> Product:  # noqa: ARG001
        attempts.append(errand.id)
        raise RuntimeError("no paper")

    office.engine.makes("sheet", broken)
    errand = ask(office)
    for _ in range(5):
        office.engine.run_errands()
        clock.advance(timedelta(minutes=1))
    assert len(attempts) == 3
    assert office.engine.errand(errand, office.who("li")).state == "failed"


def test_who_may_not_see_it_any_more_when_it_is_made_gets_nothing(office: Office) -> None:
    def refused(errand: Errand, actor: Actor) -> Product:  # noqa: ARG001
        raise NotFound("instance.unknown", instance=errand.instance_id)

    office.engine.makes("sheet", refused)
    errand = ask(office)
    assert office.engine.run_errands() == 1
    assert office.engine.run_errands() == 0
    assert office.engine.errand(errand, office.who("li")).state == "failed"


def test_a_worker_that_died_is_followed_by_another(office: Office, clock: Any) -> None:
    def dies(errand: Errand, actor: Actor) -> Product:  # noqa: ARG001
        raise KeyboardInterrupt

    office.engine.makes("sheet", dies)
    errand = ask(office)
    with pytest.raises(KeyboardInterrupt):
        office.engine.run_errands()
    office.engine.makes("sheet", maker([]))
    assert office.engine.run_errands() == 0  # the dead one still has it
    clock.advance(timedelta(minutes=6))
    assert office.engine.run_errands() == 1
    assert office.engine.errand(errand, office.who("li")).state == "done"


def test_a_file_is_forgotten_after_a_month(office: Office, clock: Any) -> None:
    office.engine.makes("sheet", maker([]))
    errand = ask(office)
    office.engine.run_errands()
    _, path = office.engine.errand_file(errand, office.who("li"))
    os.utime(path, (0, 0))  # the clock of a test isn't that of the file system
    assert office.engine.forget_errands() == 0
    clock.advance(timedelta(days=31))
    assert office.engine.forget_errands() == 1
    assert not path.exists()
    with pytest.raises(NotFound):
        office.engine.errand_file(errand, office.who("li"))

"""People, passwords and posts."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from engine import BihuanError, Engine, Forbidden, NotFound, Organisation

if TYPE_CHECKING:
    from engine import SteppedClock
    from engine.people import People

PASSWORD = "correct-horse-7"


@pytest.fixture
def people(engine: Engine) -> People:
    engine.people.add_org("A", "办公室")
    engine.people.create_person("zhou", "周", PASSWORD)
    return engine.people


def test_a_password_is_kept_as_an_argon2id_hash(engine: Engine, people: People) -> None:
    assert people.authenticate("zhou", PASSWORD).name == "周"
    with engine.database.read() as unit:
        stored = unit.execute(text("SELECT password_hash FROM people WHERE id = 'zhou'")).scalar_one()
    assert stored.startswith("$argon2id$")


def test_five_failures_lock_the_account_for_a_quarter_of_an_hour(
    people: People,
    clock: SteppedClock,
) -> None:
    codes = []
    for _ in range(6):
        with pytest.raises(Forbidden) as caught:
            people.authenticate("zhou", "wrong")
        codes.append(caught.value.code)
    assert codes == ["login.wrong"] * 4 + ["login.locked"] * 2
    assert "09:15" in caught.value.message("zh")
    with pytest.raises(Forbidden):
        people.authenticate("zhou", PASSWORD)
    clock.advance(timedelta(minutes=15))
    assert people.authenticate("zhou", PASSWORD).person == "zhou"
    with pytest.raises(Forbidden) as caught:
        people.authenticate("zhou", "wrong")
    assert caught.value.code == "login.wrong"


def test_nobody_can_tell_an_unknown_account_from_a_wrong_password(people: People) -> None:
    for person in ("zhou", "nobody"):
        with pytest.raises(Forbidden) as caught:
            people.authenticate(person, "wrong")
        assert caught.value.code == "login.wrong"


def test_guessing_locks_an_account_that_does_not_exist_as_it_locks_one_that_does(
    people: People, clock: SteppedClock
) -> None:
    told = {}
    for person in ("zhou", "nobody"):
        told[person] = []
        for _ in range(6):
            with pytest.raises(Forbidden) as caught:
                people.authenticate(person, "wrong")
            told[person].append((caught.value.code, caught.value.message("zh")))
    assert told["zhou"] == told["nobody"]
    clock.advance(timedelta(minutes=15))
    with pytest.raises(Forbidden) as caught:
        people.authenticate("nobody", "wrong")
    assert caught.value.code == "login.wrong"


def test_the_county_decides_what_a_good_password_is(engine: Engine, people: People) -> None:
    engine.set_setting("passwords", {"length": 12, "kinds": 3, "failures": 3}, actor="user:root")
    for weak, code in (("Short-One-1", "password.weak"), ("only small letters", "password.kinds")):
        with pytest.raises(BihuanError) as caught:
            people.change_password("zhou", PASSWORD, weak)
        assert caught.value.code == code
    people.change_password("zhou", PASSWORD, "Long enough 7")
    codes = []
    for _ in range(3):
        with pytest.raises(Forbidden) as refused:
            people.authenticate("zhou", "wrong")
        codes.append(refused.value.code)
    assert codes == ["login.wrong", "login.wrong", "login.locked"]


def test_a_post_at_an_organisation_is_held_on_the_days_of_both(engine: Engine, people: People) -> None:
    people.add_post("zhou", "chief", "A")
    with engine.database.write() as unit:
        unit.execute(text("UPDATE organisations SET valid_to = '2026-03-01' WHERE code = 'A'"))
    assert people.actor("zhou").principals == {"user:zhou"}
    assert people.members("chief", "A") == []


def test_a_first_password_must_be_changed_for_a_good_one(people: People) -> None:
    assert people.must_change_password("zhou")
    for weak in ("short", PASSWORD, "aaaaaaaaaaaa"):
        with pytest.raises(BihuanError) as caught:
            people.change_password("zhou", PASSWORD, weak)
        assert caught.value.code == "password.weak"
    with pytest.raises(Forbidden):
        people.change_password("zhou", "wrong", "another-good-one")
    people.change_password("zhou", PASSWORD, "another-good-one")
    assert not people.must_change_password("zhou")
    people.authenticate("zhou", "another-good-one")


def test_a_post_gives_principals_on_its_days_only(people: People, clock: SteppedClock) -> None:
    people.add_post("zhou", "chief", "A", date(2026, 3, 2), date(2026, 3, 3))
    expected = {"user:zhou", "role:chief@A", "role:chief", "org:A"}
    assert people.actor("zhou").principals == expected
    assert people.members("chief", "A") == ["user:zhou"]
    clock.advance(timedelta(days=2))
    assert people.actor("zhou").principals == {"user:zhou"}
    assert people.members("chief") == []


def test_an_organisation_that_is_added_again_is_renamed(people: People) -> None:
    people.add_orgs([Organisation("A", "综合办公室", "section", None), Organisation("B", "档案室", "", "A")])
    assert [(org.code, org.name, org.parent) for org in people.orgs()] == [
        ("A", "综合办公室", None),
        ("B", "档案室", "A"),
    ]


def test_what_does_not_exist_is_named(people: People) -> None:
    with pytest.raises(NotFound):
        people.actor("nobody")
    with pytest.raises(NotFound):
        people.add_post("zhou", "chief", "Z")
    with pytest.raises(BihuanError) as caught:
        people.create_person("zhou", "周")
    assert caught.value.code == "person.exists"
    with pytest.raises(BihuanError):
        people.create_person("bad id", "x")

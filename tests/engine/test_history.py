"""History can't be changed unseen, and the doctor sees what doesn't fit together."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from tests.engine.office import FILL_AND_REVIEW, Office

if TYPE_CHECKING:
    from engine import SteppedClock


def played(office: Office) -> int:
    """Return an instance whose clerk has submitted and whose chief has sent it back."""
    instance = office.run(FILL_AND_REVIEW)
    office.do("li", answers={"n": 1})
    office.do("wang", "退回补正", opinion="材料不全")
    return instance


def damage(office: Office, statement: str) -> None:
    with office.engine.database.write() as unit:
        assert unit.execute(text(statement)).rowcount > 0


#: What somebody with access to the database might do, and the rule that finds it.
TAMPERING = {
    "history.body": "UPDATE events SET body = replace(body, '不全', '齐全') WHERE body LIKE '%不全%'",
    "history.hash": "UPDATE events SET actor = 'user:liu' WHERE kind = 'item.completed' AND actor = 'user:li'",
    "history.head": "DELETE FROM events WHERE chain = 'instance:1' AND seq = 3",
    "history.gap": "DELETE FROM events WHERE chain = 'instance:1' AND seq = 2",
    "history.missing": "DELETE FROM events WHERE chain = 'instance:1'",
}


@pytest.mark.parametrize("rule", TAMPERING)
def test_tampering_is_found(broken_office: Office, rule: str) -> None:
    office = broken_office
    instance = played(office)
    assert office.engine.verify_history() == []
    damage(office, TAMPERING[rule])
    found = office.engine.verify_history()
    assert rule in {one.rule for one in found}
    assert {one.instance for one in found} == {instance}
    told = found[0].as_json("zh")
    assert told["remedy"]
    assert told["chain"] == f"instance:{instance}"


def test_an_event_whose_hash_was_computed_anew_breaks_the_next_one(broken_office: Office) -> None:
    office = broken_office
    played(office)
    from engine.history import event_hash
    from engine.values import digest

    with office.engine.database.write() as unit:
        row = unit.execute(text("SELECT * FROM events WHERE chain = 'instance:1' AND seq = 2")).one()
        body = row.body.replace("fill", "FILL")
        from engine import tables

        at = unit.execute(
            tables.events.select().where(tables.events.c.chain == "instance:1", tables.events.c.seq == 2)
        ).one()
        forged = event_hash(
            row.chain, row.seq, at.at, row.actor, row.kind, row.element, digest(body), row.previous
        )
        unit.execute(
            text(
                "UPDATE events SET body = :body, body_sha256 = :sha, hash = :hash "
                "WHERE chain = 'instance:1' AND seq = 2"
            ),
            {"body": body, "sha": digest(body), "hash": forged},
        )
    assert {one.rule for one in office.engine.verify_history()} == {"history.previous"}


def test_a_body_that_retention_removed_leaves_the_chain_whole(office: Office) -> None:
    played(office)
    damage(office, "UPDATE events SET body = NULL WHERE chain = 'instance:1' AND seq = 2")
    assert office.engine.verify_history() == []


def test_the_root_of_a_day_stays_and_tomorrows_differs(office: Office, clock: SteppedClock) -> None:
    from datetime import timedelta

    played(office)
    first = office.engine.daily_root()
    office.do("li")
    assert office.engine.daily_root() == first
    clock.advance(timedelta(days=1))
    assert office.engine.daily_root() != first


def test_people_deployments_and_settings_have_chains_of_their_own(office: Office) -> None:
    played(office)
    office.engine.set_setting("colour", {"name": "red"}, "user:root")
    assert office.engine.setting("colour") == {"name": "red"}
    office.engine.set_setting("colour", "blue", "user:root")
    assert office.engine.setting("colour") == "blue"
    with office.engine.database.read() as unit:
        names = set(unit.execute(text("SELECT name FROM chains")).scalars())
    assert {"identity", "deployments", "settings"} <= names


#: What may be wrong in the rows, and the doctor's rule for it.
SICK = {
    "inbox.wrong": "DELETE FROM inbox",
    "instance.ended_open": "UPDATE instances SET state = 'ended'",
    "instance.idle": "UPDATE work_items SET state = 'cancelled' WHERE state = 'open'",
    "instance.tokens": "UPDATE work_items SET token = 99 WHERE state = 'open'",
    "instance.state": "UPDATE instances SET state = 'incident'",
    "document.head": "UPDATE documents SET version = 7",
    "document.hash": "UPDATE documents SET body = '{}'",
}


@pytest.mark.parametrize("rule", SICK)
def test_the_doctor_sees(broken_office: Office, rule: str) -> None:
    office = broken_office
    instance = played(office)
    assert office.engine.doctor() == []
    damage(office, SICK[rule])
    found = office.engine.doctor()
    assert rule in {one.rule for one in found}
    assert found[0].instance == instance
    assert all(one.message("zh") and one.message("en") and one.remedy("zh") for one in found)

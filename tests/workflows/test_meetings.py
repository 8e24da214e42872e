"""A meeting decides several cases in one table: each moves by the engine's own command, and says so where it can't."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget import meetings
from budget.letters import LetterKind, LetterState
from budget.meetings import MeetingError, MeetingKind, MeetingState
from budget.tables import Letter, Meeting, Unit
from engine import tables
from workflows import meetings as holding
from workflows.letter.starting import PROCESS, start

if TYPE_CHECKING:
    from engine.calendar import SteppedClock
    from tests.workflows.key_county import Office

on_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


def to_sign(office: Office, author: str = "zheng", kind: LetterKind = LetterKind.BULLETIN) -> int:
    """Bring a letter to its signing, and return its instance."""
    with office.records() as session:
        asked = start(session, kind, None, "U1", now=office.engine.clock.now())
    office.instance = int(
        office.engine.start(PROCESS, actor=office.who(author), variables=asked.variables).instance_id
    )
    said = office.task(author).variables["letter"]
    office.do(author, "送签发", {name: said[name] for name in ("title", "addressee", "text")})
    return office.instance


def convene(office: Office, clock: SteppedClock, items: list[holding.Offered]) -> int:
    with office.engine.database.write() as unit, unit.savepoint() as session:
        made = meetings.convene(
            session,
            MeetingKind.BUREAU,
            title="局长办公会",
            held_on=clock.now().date(),
            place="三楼会议室",
            chair="feng",
            attendees="各股室",
            by="user:zheng",
            now=clock.now(),
        )
        for one in items:
            meetings.put_on(
                session,
                made,
                item_id=one.item_id,
                instance_id=one.instance_id,
                step=one.step,
                subject=one.subject,
                unit=one.unit,
            )
        return made.id


def decide(office: Office, meeting: int, *decisions: str, minutes: bool = True) -> None:
    with office.engine.database.write() as unit, unit.savepoint() as session:
        found = session.get_one(Meeting, meeting)
        meetings.decide(
            found,
            {item.id: (said, "按纪要办") for item, said in zip(found.items, decisions, strict=True)},
        )
        if minutes:
            assert office.engine.store is not None
            found.minutes_name = "纪要.pdf"
            found.minutes_sha256 = office.engine.store.put("纪要.pdf", io.BytesIO(b"%PDF-1.7 minutes")).sha256


@on_sqlite
def test_what_was_decided_moves_and_what_somebody_else_did_meanwhile_is_told(
    office: Office, clock: SteppedClock
) -> None:
    cases = [to_sign(office) for _ in range(3)]
    own = to_sign(office, "feng")
    chair = office.who("feng")
    waiting = holding.offered(office.engine, chair)
    assert {one.instance_id for one in waiting} == set(cases), "what one drafted oneself one may not decide"
    assert own not in {one.instance_id for one in waiting}
    assert waiting[0].outcomes == ["签发", "退回修改"]
    waiting.sort(key=lambda one: one.instance_id)
    meeting = convene(office, clock, waiting)
    with pytest.raises(MeetingError, match="on an agenda"):
        convene(office, clock, waiting[:1])
    decide(office, meeting, "签发", "退回修改", "签发", minutes=False)
    with pytest.raises(MeetingError, match="no minutes"):
        holding.hold(office.engine, meeting, chair)
    decide(office, meeting, "签发", "退回修改", "签发")
    with pytest.raises(MeetingError, match="not to be closed by"):
        holding.hold(office.engine, meeting, office.who("wu"))

    office.instance = cases[2]
    office.do("chu", "签发", {}, "先签了。")
    assert holding.hold(office.engine, meeting, chair) == (2, 1)
    with office.records() as session:
        states = {one.instance_id: one.state for one in session.scalars(select(Letter))}
        assert [states[id] for id in cases] == [LetterState.SIGNED, LetterState.DRAFT, LetterState.SIGNED]
        found = session.get_one(Meeting, meeting)
        assert found.state == MeetingState.HELD
        assert [item.done_at is not None for item in found.items] == [True, True, False]
        assert json.loads(found.items[2].failure or "{}").keys() == {"zh", "en"}
        files = session.execute(select(tables.attachments)).all()
        assert {row.instance_id for row in files} == set(cases[:2])
        assert len({row.sha256 for row in files}) == 1, "the minutes' content is kept once"
    office.instance = cases[0]
    view = office.engine.instance(cases[0], office.who("zheng"))
    said = str(view)
    assert "局长办公会" in said
    assert holding.hold(office.engine, meeting, chair) == (0, 1), "what moved is not done again"

    with office.engine.database.write() as unit, unit.savepoint() as session:
        found = session.get_one(Meeting, meeting)
        meetings.take_off(session, found, found.items[2])
        with pytest.raises(MeetingError, match="is done"):
            meetings.take_off(session, found, found.items[0])
    assert holding.hold(office.engine, meeting, chair) == (0, 0)
    with office.engine.database.read() as unit, Session(unit.connection) as session:
        assert session.get_one(Meeting, meeting).state == MeetingState.CLOSED


@on_sqlite
def test_what_is_secret_is_never_put_on_an_agenda(office: Office) -> None:
    to_sign(office)
    assert holding.offered(office.engine, office.who("feng"))
    with office.engine.database.write() as unit, unit.savepoint() as session:
        session.get_one(Unit, "U1").secret_flag = True
    assert holding.offered(office.engine, office.who("feng")) == []

"""Letters are drafted, signed under numbers without gaps or doubles, sealed by another, and signed for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget import letters
from budget.letters import LetterKind, LetterState
from budget.tables import Case, Letter, Unit
from workflows.letter.starting import PROCESS, start

if TYPE_CHECKING:
    from engine.calendar import SteppedClock
    from engine.engine import Engine
    from tests.workflows.key_county import Office

on_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


def begin(office: Office, kind: LetterKind, unit: str | None = "U1") -> None:
    with office.records() as session:
        asked = start(session, kind, None, unit)
    office.instance = int(
        office.engine.start(PROCESS, actor=office.who("zheng"), variables=asked.variables).instance_id
    )


def draft(office: Office, **changes: Any) -> None:
    said = office.task("zheng").variables["letter"]
    body = {"title": said["title"], "addressee": said["addressee"], "text": said["text"]}
    office.do("zheng", "送签发", body | changes)


def letter(office: Office) -> Letter:
    with office.records() as session:
        found = session.get_one(Letter, office.instance)
        session.expunge_all()
        return found


@on_sqlite
def test_a_letter_is_signed_sealed_by_another_and_received_and_a_cancelled_draft_takes_no_number(
    office: Office, clock: SteppedClock
) -> None:
    begin(office, LetterKind.RECTIFICATION)
    draft(office)
    office.do("feng", "退回修改", {}, "请写明期限。")
    draft(office, text="经核查存在以下问题。\n请于三十日内整改。")
    assert letter(office).number is None
    office.do("feng", "签发", {}, "同意印发。")
    assert letter(office).number == f"财绩改〔{clock.now().year}〕1号"
    with pytest.raises(AssertionError, match="zheng has nothing"):
        office.task("zheng")
    office.do("wu", "已用印", {"seal": "财政局印章", "copies": 3})
    found = letter(office)
    assert (found.state, found.sealed_copies, found.sealed_by) == (LetterState.SEALED, 3, "user:wu")
    office.do("zhao", "签收", {})
    found = letter(office)
    assert (found.state, found.received_by) == (LetterState.RECEIVED, "user:zhao")
    with office.records() as session:
        assert session.get_one(Case, office.instance).result == "RECEIVED"

    begin(office, LetterKind.RECTIFICATION)
    office.do("zheng", "作废", {"title": "不办了", "text": "不办了"})
    assert letter(office).state == LetterState.CANCELLED
    begin(office, LetterKind.RECTIFICATION)
    draft(office)
    office.do("feng", "签发", {}, "同意。")
    assert letter(office).serial == 2, "what was cancelled left no gap"

    begin(office, LetterKind.MINUTES, None)
    draft(office)
    office.do("feng", "签发", {}, "同意。")
    assert letter(office).number == f"财绩纪〔{clock.now().year}〕1号", "each kind has a series of its own"
    office.do("wu", "已用印", {"seal": "财政局印章", "copies": 1})
    assert letter(office).state == LetterState.ISSUED, "nobody signs for minutes"

    with office.engine.database.write() as unit, unit.savepoint() as session:
        session.get_one(Unit, "U1").secret_flag = True
    with office.records() as session:
        for kind, code in ((LetterKind.BULLETIN, "U1"), (LetterKind.BULLETIN, None)):
            with pytest.raises(KeyError):
                start(session, kind, None, code)


def test_clerks_at_once_get_numbers_without_gaps_or_doubles(engine: Engine, clock: SteppedClock) -> None:
    with engine.database.write() as unit, unit.savepoint() as session:
        for id in range(1, 13):
            letters.open_letter(session, id, LetterKind.MINUTES, None, None, clock.now())

    def sign(id: int) -> None:
        def command(unit: Any) -> None:
            with unit.savepoint() as session:
                letters.sign(
                    session, id, pattern="纪〔{fiscal_year}〕{number}号", by="user:a", on=date(2026, 3, 1)
                )
                if id == 5:
                    raise RuntimeError("it fails after it had its number")

        try:
            engine.database.retry(command)
        except RuntimeError:
            assert id == 5

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(sign, range(1, 13)))
    with engine.database.read() as unit, Session(unit.connection) as session:
        serials = sorted(one for one in session.scalars(select(Letter.serial)) if one is not None)
    assert serials == list(range(1, 12)), "eleven letters, eleven numbers in a row"

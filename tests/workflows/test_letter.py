"""Letters are drafted, signed under numbers without gaps or doubles, sealed by another, and signed for."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget import cases, letter_facts, letters
from budget.cases import CaseKind
from budget.letters import LetterKind, LetterState
from budget.tables import (
    Campaign,
    Case,
    Hold,
    KeyEvaluation,
    Letter,
    MonitoringRecord,
    Project,
    Rectification,
    RectificationIssue,
    Unit,
)
from engine.calendar import ZONE
from tests.workflows.county import add_project
from workflows.letter.starting import PROCESS, start

if TYPE_CHECKING:
    from engine.calendar import SteppedClock
    from engine.engine import Engine
    from tests.workflows.key_county import Office

on_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


def begin(office: Office, kind: LetterKind, unit: str | None = "U1") -> None:
    with office.records() as session:
        asked = start(session, kind, None, unit, now=office.engine.clock.now())
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
    (shown,) = office.task("feng").shows
    assert shown.body["text"].endswith("请于三十日内整改。"), "whoever signs reads what they sign"
    office.do("feng", "签发", {}, "同意印发。")
    assert letter(office).number == f"财绩改〔{clock.now().year}〕1号"
    with pytest.raises(AssertionError, match="zheng has nothing"):
        office.task("zheng")
    office.do("wu", "已用印", {"seal": "财政局印章", "copies": 3})
    found = letter(office)
    assert (found.state, found.sealed_copies, found.sealed_by) == (LetterState.SEALED, 3, "user:wu")
    received = office.task("zhao")
    assert received.variables["issued"] == {"title": found.title, "text": found.text}
    assert received.variables.get("draft") is None, "the draft is the bureau's own"
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
                start(session, kind, None, code, now=office.engine.clock.now())


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


@on_sqlite
def test_each_kind_is_filled_from_the_records_of_its_case(office: Office, clock: SteppedClock) -> None:
    project_id = int(add_project(office.engine, 41)["variables"]["id"])
    now = clock.now()
    records: list[tuple[LetterKind, CaseKind, Any, list[str]]] = [
        (
            LetterKind.RECTIFICATION,
            CaseKind.RECTIFICATION,
            Rectification(
                project_id=project_id,
                number="整改〔2026〕7号",
                source="MONITOR",
                state="ISSUED",
                requirement="补齐手续",
                opened_at=now,
                due_at=datetime(2026, 9, 30, 9, tzinfo=ZONE),
                issues=[RectificationIssue(no=1, description="未批先建")],
            ),
            ["1. 未批先建", "补齐手续", "2026年9月30日"],
        ),
        (
            LetterKind.EVALUATION,
            CaseKind.KEY_EVALUATION,
            KeyEvaluation(
                project_id=project_id,
                fiscal_year=2026,
                state="PLANNING",
                evaluator="THIRD_PARTY",
                leader="王主评",
                methods="COMPARISON,PUBLIC",
                opened_at=now,
            ),
            ["第三方机构", "王主评", "比较法、公众评判法"],
        ),
        (
            LetterKind.PAYMENT,
            CaseKind.MONITORING,
            Hold(project_id=project_id, kind="STOP", reason="资金挪用", since=now, origin_kind="MONITORING"),
            ["资金挪用", "停止拨付", letter_facts.said_day(now)],
        ),
        (
            LetterKind.MONITORING,
            CaseKind.MONITORING,
            MonitoringRecord(
                project_id=project_id,
                fiscal_year=2026,
                period="08",
                as_of=date(2026, 8, 31),
                version=1,
                state="ACCEPTED",
                document_version=1,
                document_sha256="0" * 64,
                budget_initial=100_000_000,
                budget_adjusted=100_000_000,
                executed=12_345_600,
                forecast=0,
                money_planned=Decimal("0.6667"),
                money_actual=Decimal("0.123456"),
                money_deviation=Decimal("0.54"),
                goal_deviation=Decimal("0.1"),
                deviation=Decimal("0.54"),
                light="RED",
                action="HOLD",
                statement="许可办理滞后",
                mode="SELF",
                submitted_at=now,
                submitted_by="user:li",
            ),
            ["8月", "2026年8月31日", "12.35万元", "12.35%", "66.67%", "红灯", "缓拨研究", "许可办理滞后"],
        ),
    ]
    with office.engine.database.write() as unit, unit.savepoint() as session:
        for number, (kind, of, record, told) in enumerate(records):
            case = cases.open_case(
                session, 800_000 + number, of, fiscal_year=2026, now=now, unit="U1", project_id=project_id
            )
            if isinstance(record, Hold):
                record.origin_instance = case.instance_id
            else:
                record.instance_id = case.instance_id
            session.add(record)
            session.flush()
            said = start(session, kind, case.instance_id, None, now=now).variables["letter"]
            assert [one for one in told if one not in said["text"]] == [], said["text"]
            assert session.get_one(Project, project_id).name in said["title"]
        campaign = Campaign(
            kind=CaseKind.GOAL, fiscal_year=now.year, title="x", state="OPEN", opens_at=now, due_at=now
        )
        session.add(campaign)
        session.flush()
        late = cases.open_case(
            session, 810_000, CaseKind.GOAL, fiscal_year=now.year, now=now, unit="U1", due=now
        )
        late.campaign_id, late.project_id, late.overdue_at = campaign.id, project_id, now
        session.flush()
        said = start(session, LetterKind.BULLETIN, None, "U1", now=now).variables["letter"]
        assert "应报事项1项，按时报送0项，逾期1项" in said["text"]
        assert said["facts"]["overdue"][0]["what"] == "目标申报"
        session.get_one(Project, project_id).secret_flag = True
        session.flush()
        said = start(session, LetterKind.BULLETIN, None, "U1", now=now).variables["letter"]
        assert said["facts"]["overdue"] == [], "what is secret is counted nowhere"
        with pytest.raises(KeyError):
            start(session, LetterKind.MONITORING, 800_003, None, now=now)

"""Books that are kept by hand, draws by lot that can be repeated, and the reconciliation with the budget system."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget import assessment, books, draws, integration
from budget.books import BOOKS
from budget.integration import CodeKind
from budget.project_imports import Given
from budget.quality.score import Rules
from budget.reviews import RelationKind, relate
from budget.tables import Accountability, BookEntry, Case, Section, Unit
from tests.budget.test_records import a_project, session

__all__ = ["session"]

NOW = datetime(2027, 3, 2, 2, tzinfo=UTC)
TODAY = date(2027, 3, 2)
EXPERT = {"title": "周专家", "fields": "工程、造价", "qualification": "高级工程师", "employer": "市设计院"}
RULES = Rules(Decimal(5), Decimal(5), Decimal(1))
WEIGHTS = {"quality": Decimal(40), "punctual": Decimal(30), "evaluated": Decimal(30)}


def write(session: Session, book: str, **typed: str) -> BookEntry:
    given = books.read(session, BOOKS[book], 2027, typed)
    assert given.wrong == []
    return books.write(session, BOOKS[book], 2027, given.columns, by="user:wu", now=NOW)


class TestBooks:
    """What is typed, changed and struck out."""

    def test_what_is_missing_or_no_number_is_said_of_each_field_in_both_languages(
        self, session: Session
    ) -> None:
        given = books.read(
            session, BOOKS["training"], 2027, {"title": "", "on": "昨天", "batches": "五", "audience": "ALL"}
        )
        assert {key: zh for key, (zh, _) in given.wrong} == {
            "title": "请填写培训名称",
            "on": "日期写成 2026-01-31",
            "audience": "请选择对象",
            "batches": "批次不是数",
            "people": "请填写人次",
        }
        long = {"title": "名" * 201, "content": "文" * 2001}
        assert [zh for _, (zh, _) in books.read(session, BOOKS["basis"], 2027, long).wrong] == [
            "超过200字，请缩短",
            "请填写发文机关",
            "请填写类别",
            "请填写状态",
            "超过2000字，请缩短",
        ]
        given = books.read(session, BOOKS["idle_asset"], 2027, {"title": "洗扫车", "amount": "四十八万"})
        assert {key for key, _ in given.wrong} == {"amount", "unit", "reason", "state"}

    def test_a_change_keeps_what_was_and_a_line_that_is_struck_out_stays_in_the_history(
        self, session: Session
    ) -> None:
        made = write(
            session,
            "training",
            title="业务培训",
            on="2027-01-10",
            audience="UNITS",
            batches="5",
            people="100",
        )
        given = books.read(
            session,
            BOOKS["training"],
            2027,
            {"title": "业务培训", "on": "2027-01-10", "audience": "UNITS", "batches": "5", "people": "118"},
        )
        books.write(session, BOOKS["training"], 2027, given.columns, by="user:wu", now=NOW, entry=made)
        other = {"title": "政策学习", "audience": "HEADS", "batches": "2", "people": "7.5"}
        lines = [made, write(session, "training", **other)]
        assert books.sums(BOOKS["training"], lines) == {
            "batches": Decimal(7),
            "units": Decimal(0),
            "people": Decimal("125.5"),
        }
        books.strike(session, lines.pop(), reason="写错", by="user:wu", now=NOW)
        books.strike(session, made, reason="重复登记", by="user:wu", now=NOW)
        assert [one.was["values"]["people"] for one in books.versions(session, made.id)] == ["118", "100"]
        assert books.entries(session, BOOKS["training"], year=2027) == []
        line = next(
            one
            for one, _, _ in books.entries(session, BOOKS["training"], year=2027, struck=True)
            if one is made
        )
        assert (line.removed_for, line.version) == ("重复登记", 3)

    def test_a_project_must_be_the_units_own(self, session: Session) -> None:
        project = a_project(session)
        session.add(Unit(code="U002", name="县水利局", section="S04"))
        session.flush()
        typed = {"title": "专账", "unit": "U002", "project": project.code, "keeper": "会计"}
        given = books.read(session, BOOKS["account"], 2027, typed)
        assert [key for key, _ in given.wrong] == ["project"]
        entry = write(session, "account", **(typed | {"unit": "U001", "separate": "1"}))
        assert (entry.project_id, entry.values["separate"]) == (project.id, True)
        ((_, unit, name),) = books.entries(session, BOOKS["account"], units=["U001"], words="交通")
        assert (unit, name) == ("县交通运输局", project.name)


class TestDraws:
    """Who can be drawn, and that the seed repeats the draw."""

    def test_the_same_seed_draws_the_same_and_who_must_stay_away_is_left_out(self, session: Session) -> None:
        a_project(session)
        for number in range(6):
            more = {"title": f"专家{number}", "account": f"z{number}", "local": "1" if number else ""}
            write(session, "expert", **(EXPERT | more))
        write(session, "expert", **(EXPERT | {"title": "本系统专家", "unit": "U001"}))
        write(session, "expert", **(EXPERT | {"title": "农业专家", "fields": "农业"}))
        write(session, "expert", **(EXPERT | {"title": "已出库", "on": "2020-01-01", "until": "2026-12-31"}))
        relate(session, "z1", "U001", RelationKind.CONSULTING, since=None, note="")
        about: dict[str, Any] = {"units": {"U001"}, "field": "工程"}
        asked: dict[str, Any] = about | {"purpose": "公路项目评价", "by": "user:wu", "now": NOW}
        urn = draws.urn(session, "expert", today=TODAY, **about)
        first = draws.draw(session, "expert", 2, seed="2027-001", found=urn, **asked)
        again = draws.draw(session, "expert", 2, seed="2027-001", found=urn, **asked)
        other = draws.draw(session, "expert", 5, seed="2027-002", found=urn, **asked)
        assert first.drawn == again.drawn == first.candidates[:2]
        assert first.candidates != other.candidates
        assert sorted(other.drawn) == sorted(first.candidates)
        assert {name: why for _, name, why in first.left_out} == {
            "专家1": "登记有回避关系",
            "本系统专家": "须回避",
            "农业专家": "领域不符",
        }
        assert draws.order("2027-001", [id for id, _ in first.candidates]) == [
            id for id, _ in first.candidates
        ]
        local = draws.urn(session, "expert", today=TODAY, local_only=True, **about)
        with pytest.raises(draws.TooFew) as few:
            draws.draw(session, "expert", 5, seed="x", found=local, **asked)
        assert few.value.there == 4


def test_a_units_assessment_is_the_weighted_mean_of_what_there_is_less_the_ledgers_points(
    session: Session,
) -> None:
    project = a_project(session)
    for number, late in enumerate((False, False, False, True), 1):
        session.add(
            Case(
                instance_id=number,
                kind="MONITORING",
                fiscal_year=2027,
                unit="U001",
                project_id=project.id,
                state="SUBMITTED",
                opened_at=NOW,
                due_at=NOW,
                submitted_at=NOW,
                overdue_at=NOW if late else None,
            )
        )
    session.add(
        Accountability(
            instance_id=9,
            unit="U001",
            fiscal_year=2027,
            state="RECORDED",
            event="NOT_REPORTED",
            points=Decimal(5),
            opened_at=NOW,
        )
    )
    session.flush()
    # One of four reports was late: 98.75 of quality weighs 40, 75 of punctuality 30.
    (found,) = assessment.proposed(session, 2027, RULES, WEIGHTS, lambda score: "优" if score >= 90 else "良")
    assert (found.quality, found.punctual, found.evaluated) == (Decimal("98.75"), Decimal("75.00"), None)
    assert (found.points, found.score, found.grade) == (Decimal(5), Decimal("83.57"), "良")


class TestTheBudgetSystem:
    """Codes there and here, and each difference with its row."""

    def test_every_difference_has_its_row_and_secret_projects_are_in_neither_list(
        self, session: Session
    ) -> None:
        project = a_project(session)
        a_project(session, code="2027-U001-02", name="另一个")
        a_project(session, code="2027-U001-03", name="涉密的", secret_flag=True)
        assert integration.name_code(session, CodeKind.UNIT, "U001", "101001")
        amount = f"{Decimal(project.annual_amount) / 1_000_000}"
        row = {"code": project.code, "name": project.name, "unit": "101001", "annual_amount": amount}
        rows = [
            Given(2, row),
            Given(3, row),
            Given(4, {"code": "2027-U001-02", "name": "改了名", "unit": "101002", "annual_amount": "1"}),
            Given(5, {"code": "2027-X", "name": "没有的", "annual_amount": "3"}),
            Given(6, {"code": "2027-U001-03", "annual_amount": "9"}),
        ]
        found = integration.reconcile(session, 2027, rows)
        assert found.agree == 1
        assert [(one.kind.value, one.row) for one in found.differences] == [
            ("TWICE", 3),
            ("NAME", 4),
            ("UNIT", 4),
            ("AMOUNT", 4),
            ("ONLY_THERE", 5),
        ]
        only_here = integration.reconcile(session, 2027, rows[2:]).differences[-1]
        assert (only_here.kind.value, only_here.row, only_here.code) == ("ONLY_HERE", None, project.code)
        unreadable = integration.reconcile(session, 2027, [Given(2, row | {"annual_amount": "八百"})])
        assert unreadable.differences[0].kind.value == "UNREADABLE"
        wide = amount.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
        awkward = [Given(2, row | {"annual_amount": wide}), Given(3, {"code": "", "name": "漏了编码"})]
        told = integration.reconcile(session, 2027, [*awkward, Given(4, {"name": "又漏了"})])
        assert told.agree == 1
        assert [(one.kind.value, one.row, one.name) for one in told.differences[:2]] == [
            ("NO_CODE", 3, "漏了编码"),
            ("NO_CODE", 4, "又漏了"),
        ]

    def test_two_codes_of_ours_are_not_called_the_same(self, session: Session) -> None:
        session.merge(Section(code="S04", name="经建股"))
        session.flush()
        assert integration.name_code(session, CodeKind.FUND_BOOK, "GENERAL", "1")
        assert not integration.name_code(session, CodeKind.FUND_BOOK, "GOV_FUND", "1")
        assert not integration.name_code(session, CodeKind.FUND_BOOK, "GOV_FUND", "SOCIAL_INS")
        assert integration.name_code(session, CodeKind.FUND_BOOK, "GOV_FUND", "GENERAL")
        assert not integration.name_code(session, CodeKind.FUND_BOOK, "GENERAL", "")
        assert integration.name_code(session, CodeKind.FUND_BOOK, "GOV_FUND", "")
        assert integration.name_code(session, CodeKind.FUND_BOOK, "GENERAL", "")
        assert integration.mapping(session)[CodeKind.FUND_BOOK] == {}
        assert list(session.scalars(select(Unit.code))) == []

"""The records of a goal: its versions, its number, and what survives when something is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from hashlib import sha256
from importlib.resources import files
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import Script, ScriptDirectory
from sqlalchemy import create_engine, event, select
from sqlalchemy.orm import Session

from budget import goals, samples
from budget.answers import GoalAnswers
from budget.codes import GoalState, VersionState
from budget.known import known_of
from budget.projects import Register, changed_record_fields
from budget.quality import check_goal
from budget.quality.thresholds import Thresholds
from budget.tables import Base, ExAnte, GoalVersion, Indicator, Project, Section, Unit
from engine.plugins import Document
from tests.budget.examples import sound_goal

NOW = datetime(2026, 11, 2, 1, 30, tzinfo=UTC)


def scripts() -> list[Script]:
    """Return the budget's migrations in order."""
    folder = str(files("budget").joinpath("migrations"))
    return list(reversed(list(ScriptDirectory(folder, version_locations=[folder]).walk_revisions())))


@pytest.fixture
def session() -> Iterator[Session]:
    engine = create_engine("sqlite://")
    event.listen(engine, "connect", lambda connection, _: connection.execute("PRAGMA foreign_keys=ON"))
    with engine.connect() as connection:
        with Operations.context(MigrationContext.configure(connection)):
            for script in scripts():
                script.module.upgrade()
        connection.commit()
        with Session(connection) as session:
            yield session


def a_project(session: Session, **changes: Any) -> Project:
    session.merge(Section(code="S04", name="经建股"))
    session.flush()
    session.merge(Unit(code="U001", name="县交通运输局", section="S04", function="负责农村公路建设"))
    session.flush()
    values: dict[str, Any] = {
        "fiscal_year": 2027,
        "code": "2027-U001-01",
        "name": "农村公路提质改造项目",
        "category": "SPECIFIC",
        "type": "ENGINEERING",
        "attr": "NEW",
        "level": "L1",
        "unit": "U001",
        "section": "S04",
        "start_date": date(2027, 1, 1),
        "end_date": date(2027, 12, 31),
        "total_amount": 850_000_000,
        "annual_amount": 850_000_000,
        "fund_book": "GENERAL",
    }
    project = Project(**values | changes)
    session.add(project)
    session.flush()
    return project


def document(version: int = 1, **changes: Any) -> Document:
    body = sound_goal() | changes
    digest = sha256(repr(body).encode()).hexdigest()
    return Document("goal", version, body, "user:li", NOW, digest)


def submit(session: Session, project: Project, given: Document) -> GoalVersion:
    thresholds = Thresholds.read()
    return goals.submit(
        session, project.id, given, check_goal(given.body, thresholds), thresholds, NOW + timedelta(days=1)
    )


def freeze(session: Session, project: Project, given: Document, pattern: str = goals.NUMBER_PATTERN) -> str:
    version = goals.freeze(
        session, project.id, document=given, grade="优", pattern=pattern, by="user:chen", now=NOW
    )
    assert version.number is not None
    return version.number


def test_the_migrations_make_exactly_the_tables_that_the_code_names(session: Session) -> None:
    assert compare_metadata(MigrationContext.configure(session.connection()), Base.metadata) == []


def test_the_migrations_can_be_taken_back(session: Session) -> None:
    connection = session.connection()
    with Operations.context(MigrationContext.configure(connection)):
        for script in reversed(scripts()):
            script.module.downgrade()
    assert not MigrationContext.configure(connection).dialect.get_table_names(connection)


def test_a_submitted_goal_is_typed_rows_with_exact_values_and_amounts_in_fen(session: Session) -> None:
    project = a_project(session)
    goals.open_goal(session, project.id, 7, NOW)
    submit(session, project, document())
    session.expire_all()
    version = goals.newest(session, project.id)
    first = version.indicators[0]
    assert first.target_value == Decimal("12.5")
    assert str(first.target_value) == "12.5"
    assert (first.direction, first.unit) == ("POSITIVE", "公里")
    assert version.indicators[2].target_value is None
    assert version.indicators[2].target_text == "11月30日"
    assert version.annual_amount == 850_000_000
    assert {source.book: source.amount for source in version.funds} == {
        "GENERAL": 600_000_000,
        "GOV_FUND": 200_000_000,
        "OTHER": 50_000_000,
    }
    assert sum(item.amount for item in version.expenses) == version.annual_amount
    assert version.milestones[1].end_date == date(2027, 10, 31)
    assert goals.goal_of(session, project.id).state == GoalState.SUBMITTED


def test_what_the_checks_found_is_kept_with_the_clerks_reason(session: Session) -> None:
    project = a_project(session)
    goals.open_goal(session, project.id, 7, NOW)
    given = sound_goal()
    given["indicators"][3] |= {"operator": "GE"}
    reason = "合同约定的最低投入标准"
    version = submit(
        session,
        project,
        document(indicators=given["indicators"], dq_reasons=[{"check": "DQ33", "reason": reason}]),
    )
    assert [(result.code, result.severity, result.reason) for result in version.quality] == [
        ("DQ33", "warning", reason)
    ]


def test_a_frozen_goal_has_the_years_next_number_and_a_snapshot(session: Session) -> None:
    numbers = []
    for index in range(3):
        project = a_project(session, code=f"P{index}")
        goals.open_goal(session, project.id, index, NOW)
        submit(session, project, document())
        numbers.append(freeze(session, project, document()))
    assert numbers == ["2027-001", "2027-002", "2027-003"]
    version = goals.newest(session, project.id)
    assert version.state == VersionState.FROZEN
    assert goals.snapshot(version)["total_amount"] == Decimal("850.00")
    assert goals.goal_of(session, project.id).grade == "优"


def test_each_year_and_each_county_counts_in_its_own_way(session: Session) -> None:
    project = a_project(session, fiscal_year=2028)
    goals.open_goal(session, project.id, 1, NOW)
    submit(session, project, document())
    assert freeze(session, project, document(), "财绩〔{fiscal_year}〕{number}号") == "财绩〔2028〕1号"


def test_only_the_document_that_was_submitted_can_be_frozen(session: Session) -> None:
    project = a_project(session)
    goals.open_goal(session, project.id, 7, NOW)
    submit(session, project, document())
    with pytest.raises(goals.GoalError, match="not the document"):
        freeze(session, project, document(2, goal_annual="另一份"))


def test_a_goal_is_frozen_once(session: Session) -> None:
    project = a_project(session)
    goals.open_goal(session, project.id, 7, NOW)
    submit(session, project, document())
    freeze(session, project, document())
    with pytest.raises(goals.GoalError, match="approved already"):
        freeze(session, project, document())


def test_an_approval_taken_back_keeps_its_number_for_itself(session: Session) -> None:
    project = a_project(session)
    goals.open_goal(session, project.id, 7, NOW)
    submit(session, project, document())
    freeze(session, project, document())
    goals.thaw(session, project.id, NOW)
    revoked = goals.newest(session, project.id)
    assert (revoked.state, revoked.number) == (VersionState.REVOKED, "2027-001")
    goal = goals.goal_of(session, project.id)
    assert (goal.state, goal.number) == (GoalState.SUBMITTED, None)
    assert freeze(session, project, document()) == "2027-002"


def test_each_round_is_a_version_of_its_own(session: Session) -> None:
    project = a_project(session)
    goals.open_goal(session, project.id, 7, NOW)
    submit(session, project, document())
    assert goals.return_goal(session, project.id, NOW) == 2
    second = submit(session, project, document(2))
    assert (second.version, second.round) == (2, 2)
    first = session.scalars(select(GoalVersion).where(GoalVersion.version == 1)).one()
    assert first.round == 1
    assert len(first.indicators) == 6


def test_a_submission_taken_back_stays_as_a_record_and_counts_no_more(session: Session) -> None:
    project = a_project(session)
    goals.open_goal(session, project.id, 7, NOW)
    submit(session, project, document())
    goals.withdraw_submission(session, project.id, NOW)
    with pytest.raises(goals.GoalError, match="no goal"):
        goals.newest(session, project.id)
    assert submit(session, project, document()).version == 2


def test_of_a_secret_goal_only_that_it_was_done_is_kept(session: Session) -> None:
    project = a_project(session)
    goals.open_goal(session, project.id, 7, NOW)
    submit(session, project, document())
    goals.handle_offline(session, project.id, NOW)
    assert goals.goal_of(session, project.id).state == GoalState.OFFLINE
    assert session.scalars(select(GoalVersion)).all() == []
    assert session.scalars(select(Indicator)).all() == []


def test_two_instances_never_work_on_one_goal(session: Session) -> None:
    project = a_project(session)
    goals.open_goal(session, project.id, 7, NOW)
    with pytest.raises(goals.GoalError, match="instance 7"):
        goals.open_goal(session, project.id, 8, NOW)
    goals.change_state(session, project.id, GoalState.REJECTED, NOW)
    assert goals.open_goal(session, project.id, 8, NOW).instance_id == 8
    with pytest.raises(goals.GoalError, match="no project"):
        goals.open_goal(session, 99, 9, NOW)


def test_a_goal_is_overdue_from_the_first_time_on(session: Session) -> None:
    project = a_project(session)
    goals.open_goal(session, project.id, 7, NOW)
    goals.mark_overdue(session, project.id, NOW)
    goals.mark_overdue(session, project.id, NOW + timedelta(days=3))
    assert goals.goal_of(session, project.id).overdue_at == NOW


def test_times_are_kept_in_utc_whatever_zone_they_came_in(session: Session) -> None:
    project = a_project(session)
    shanghai = timezone(timedelta(hours=8))
    goals.open_goal(session, project.id, 7, NOW.astimezone(shanghai))
    session.expire_all()
    assert goals.goal_of(session, project.id).opened_at.isoformat() == "2026-11-02T01:30:00+00:00"


def test_a_new_project_starts_from_its_record(session: Session) -> None:
    project = a_project(session)
    form = Register(session).prefilled(project)
    assert form["total_amount"] == form["fund_general"] == Decimal("850.00")
    assert form["fund_gov_fund"] == 0
    assert (form["unit_id"], form["bureau_section_id"]) == ("县交通运输局", "经建股")
    assert "indicators" not in form


def test_a_continued_project_starts_from_last_years_approved_goal(session: Session) -> None:
    before = a_project(session, fiscal_year=2026, code="2026-U001-01")
    goals.open_goal(session, before.id, 1, NOW)
    submit(session, before, document())
    freeze(session, before, document())
    project = a_project(session, attr="CONTINUED", previous_id=before.id, prior_grade="良")
    form = Register(session).prefilled(project)
    assert [row["level3_name"] for row in form["indicators"]][:2] == [
        "改造农村公路里程",
        "工程竣工验收合格率",
    ]
    assert form["prior_result"] == "良"
    assert "goal_annual" not in form


def test_what_the_record_decides_can_not_be_typed(session: Session) -> None:
    project = a_project(session)
    register = Register(session)
    form, variables = register.prefilled(project), register.variables(project)
    assert list(changed_record_fields(form, variables)) == []
    changed = form | {"project_name": "别的项目"}
    assert list(changed_record_fields(changed, variables)) == [("project_name", "农村公路提质改造项目")]


def test_a_secret_project_shows_neither_name_nor_amount(session: Session) -> None:
    project = a_project(session, secret_flag=True)
    variables = Register(session).variables(project)
    assert variables["secret"] is True
    assert variables["name"] == "涉密项目"
    assert variables["amount"] is None
    assert variables["annual_amount"] is None


def test_goals_of_other_units_are_found_by_their_texts(session: Session) -> None:
    project = a_project(session)
    goals.open_goal(session, project.id, 1, NOW)
    submit(session, project, document())
    session.add(Unit(code="U002", name="县水利局", section="S04"))
    session.flush()
    other = a_project(session, code="2027-U002-01", unit="U002", name="另一个项目")
    answers = GoalAnswers.read(sound_goal())
    copied = known_of(session, other.id, answers).copied
    assert copied is not None
    assert (copied.unit, copied.project, copied.likeness) == ("县交通运输局", "农村公路提质改造项目", 1.0)
    same_unit = a_project(session, code="2027-U001-02")
    assert known_of(session, same_unit.id, answers).copied is None
    goals.handle_offline(session, project.id, NOW)
    assert known_of(session, other.id, answers).copied is None


def test_approved_goals_that_were_recommended_are_samples_of_their_type(session: Session) -> None:
    project = a_project(session)
    goals.open_goal(session, project.id, 1, NOW)
    given = document()
    version = submit(session, project, given)
    freeze(session, project, given)
    samples.recommend(session, version, by="SECTION", now=NOW)
    other = a_project(session, code="2027-U001-02")
    (found,) = samples.alike(session, other, "改造农村公路20公里，改善沿线群众的出行条件。")
    assert (found.name, found.indicators) == ("农村公路提质改造项目", 6)
    assert 0 < found.likeness < 1
    assert samples.alike(session, a_project(session, code="2027-U001-03", type="IT"), "任何文字") == []
    samples.withdraw(session, project.id)
    assert samples.nearest(session, other, "改造农村公路") is None


def test_an_ex_ante_result_counts_once_it_passed(session: Session) -> None:
    project = a_project(session)
    answers = GoalAnswers.read(sound_goal())
    assert known_of(session, project.id, answers).exante_passed is False
    for day, passed in ((1, True), (2, False), (3, True)):
        session.add(
            ExAnte(project_id=project.id, number=f"E{day}", passed=passed, concluded_on=date(2026, 9, day))
        )
        session.flush()
        assert known_of(session, project.id, answers).exante_passed is passed

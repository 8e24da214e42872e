"""The whole demo county, loaded by the real engine: goals at every step, a year under way, ready for every account."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.books import BOOKS
from budget.letters import LetterKind
from budget.tables import (
    BookEntry,
    Case,
    Evaluation,
    Goal,
    GoalLetter,
    Hold,
    Letter,
    LibraryIndicator,
    Meeting,
    MonitoringRecord,
    QualityResult,
)
from engine.calendar import SystemClock
from engine.database import Home
from engine.engine import Engine, InboxQuery
from engine.plugins import load_plugins
from engine.store import FolderStore
from workflows import demo

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Engine]:
    folder: Path = tmp_path_factory.mktemp("demo")
    plugins = load_plugins()
    home = Home(folder)
    database = home.create_county("demo", demo.NAME, plugins)
    engine = Engine(database, plugins=plugins, clock=SystemClock(), store=FolderStore(folder / "files"))
    told: list[tuple[str, int, int]] = []
    demo.load(engine, lambda *progress: told.append(progress), whole=True)
    assert len({what for what, _, _ in told}) == 6
    assert all(done <= total for _, done, total in told)
    yield engine
    home.close()


def subjects(engine: Engine, person: str, step: str) -> set[str]:
    """Return what stands in a person's inbox at a step."""
    rows = engine.inbox(engine.actor(person), InboxQuery(limit=100)).rows
    return {row.subject for row in rows if row.element == step}


def test_goals_are_where_the_guide_says(engine: Engine) -> None:
    with engine.database.read() as unit, Session(unit.connection) as session:
        states = Counter(session.scalars(select(Goal.state).where(Goal.instance_id.is_not(None))))
    assert states == {
        "DRAFTING": 38,
        "SUBMITTED": 48,
        "RETURNED": 6,
        "APPROVED": 15,
        "REJECTED": 1,
        "OFFLINE": 1,
    }


def test_the_approved_goals_are_numbered_from_one_without_a_gap(engine: Engine) -> None:
    year = engine.setting("year", 0) + 1
    with engine.database.read() as unit, Session(unit.connection) as session:
        query = select(Goal.number).where(Goal.instance_id.is_not(None), Goal.number.is_not(None))
        assert sorted(session.scalars(query)) == [f"{year}-{number:03d}" for number in range(1, 16)]


def test_each_account_finds_what_it_is_to_try(engine: Engine) -> None:
    assert "农村公路提质改造" in subjects(engine, "jiaotongju.jingban", "fill_goal")
    assert "农村公路日常养护" in subjects(engine, "jiaotongju.jingban", "fill_goal")
    assert "城乡公交运营补贴" in subjects(engine, "jiaotongju.jingban", "refine_goal")
    assert "危旧桥梁改造" in subjects(engine, "jiaotongju.fuzeren", "unit_sign")
    assert {"老旧小区改造", "污水管网改扩建", "城区环卫保洁服务"} <= subjects(
        engine, "jingjian.guzhang", "section_review"
    )
    assert "清扫洗扫车辆购置" in subjects(engine, "jingjian.guyuan1", "section_review")
    assert {"农村危房改造补助", "高标准农田建设"} <= subjects(engine, "yusuan.guzhang", "budget_decision")
    assert "涉密项目" in subjects(engine, "renwubu.jingban", "fill_goal")
    assert "机关办公用房维修改造" in subjects(engine, "jiguanshiwu.jingban", "fill_goal")
    assert {"中小企业贷款贴息", "电子商务进农村服务"} <= subjects(engine, "shangwuju.jingban", "fill_goal")


#: What waits for somebody besides next year's goals: account, step, project.
WAITING = [
    ("jiaotongju.jingban", "monitoring.fill_report", "农村公路提质改造"),
    ("jiaotongju.jingban", "self_evaluation.fill_evaluation", "城乡公交运营补贴"),
    ("jiaotongju.jingban", "unit_goal.fill_unit_goal", "县交通运输局"),
    ("jiaotongju.fuzeren", "rectification.sign_receipt", "农村公路日常养护"),
    ("jiaotongju.fuzeren", "disbursement.sign_request", "城乡公交运营补贴"),
    ("jiaotongju.fuzeren", "result_application.receive_decision", "城乡公交运营补贴"),
    ("jingjian.guzhang", "monitoring.section_review", "老旧小区改造"),
    ("jingjian.guzhang", "self_evaluation.section_check", "农村危房改造补助"),
    ("jingjian.guzhang", "disbursement.section_opinion", "老旧小区改造"),
    ("jingjian.guzhang", "budget_adjustment.section_review", "农村危房改造补助"),
    ("jingjian.guzhang", "result_application.section_opinion", "老旧小区改造"),
    ("jiaokewen.guzhang", "rectification.verify", "义务教育校舍维修"),
    ("yusuan.guzhang", "budget_adjustment.budget_decision", "道路交通安全设施建设"),
    ("yusuan.guzhang", "unit_goal.approve_unit_goal", "县农业农村局"),
    ("yusuan.guzhang", "result_application.compute", "馆藏档案数字化"),
    ("jixiao.guzhang", "monitoring.gather", "公益性岗位补贴"),
    ("jixiao.guzhang", "rectification.draft_notice", "土壤污染状况监测"),
    ("jixiao.guzhang", "rectification.decide", "工业园区道路配套"),
    ("jixiao.guzhang", "self_evaluation.perf_review", "残疾人两项补贴"),
    ("jixiao.guzhang", "campaign.follow_up", "运行监控"),
    ("guoku.guzhang", "treasury_notice.execute", "污水管网改扩建"),
    ("guoku.guzhang", "disbursement.pay", "乡村医生补助"),
    ("pingshen.guzhang", "disbursement.invest_opinion", "老旧小区改造"),
    ("fenguan", "monitoring.leader_decision", "污水管网改扩建"),
    ("fenguan", "rectification.approve_stop", "新时代文明实践中心建设"),
    ("fenguan", "disbursement.approve", "特困人员救助供养"),
    ("juzhang", "result_application.decide", "公共文化场馆免费开放"),
    ("zhuanjia1", "key_evaluation.review_report", "高标准农田建设"),
    ("jigou.zhuping", "key_evaluation.collect", "老旧小区改造"),
    ("zhujianju.jingban", "disbursement.held", "污水管网改扩建"),
    ("fenguan", "letter.sign_letter", "污水管网改扩建"),
    ("jixiao.guzhang", "letter.seal_letter", "会议纪要"),
    ("jiaotongju.fuzeren", "letter.sign_receipt", "8月绩效监控质量"),
    ("jixiao.guzhang", "indicator_library.finalise", "经建股"),
    ("zhuanjia1", "indicator_library.argue", "社保股"),
]


def test_the_year_so_far_left_something_to_do_for_every_role(engine: Engine) -> None:
    missing = []
    for account, step, about in WAITING:
        process, _, element = step.partition(".")
        rows = engine.inbox(engine.actor(account), InboxQuery(limit=100)).rows
        if not any((row.process, row.element) == (process, element) and about in row.subject for row in rows):
            missing.append((account, step, about))
    assert missing == []


def test_every_business_of_the_year_has_records(engine: Engine) -> None:
    with engine.database.read() as unit, Session(unit.connection) as session:
        cases = session.execute(select(Case.kind, Case.state)).all()
        lights = Counter(session.scalars(select(MonitoringRecord.light)))
        holds = session.scalars(select(Hold)).all()
        scores = session.scalars(select(Evaluation.total).where(Evaluation.score_type == "SELF")).all()
        kinds = Counter(session.scalars(select(Evaluation.score_type)))
    started = {kind for kind, _ in cases}
    assert started >= {
        *("GOAL", "UNIT_GOAL", "MONITORING", "UNIT_MONITORING", "RECTIFICATION", "DISBURSEMENT"),
        *("ADJUSTMENT", "SELF_EVALUATION", "KEY_EVALUATION", "RESULT"),
    }
    assert {str(light) for light in lights} == {"GREEN", "YELLOW", "RED"}
    assert lights["RED"] >= 8
    assert any(hold.released_at is None for hold in holds)
    assert any(hold.released_at is not None for hold in holds)
    assert min(scores) < 80 < max(scores)
    assert kinds["KEY"] >= 1


def test_the_papers_of_the_year_are_there(engine: Engine) -> None:
    with engine.database.read() as unit, Session(unit.connection) as session:
        letters = Counter(session.scalars(select(Letter.kind)))
        meetings = session.scalars(select(Meeting).order_by(Meeting.id)).all()
        held = [(one.state, len(one.items), one.minutes_name) for one in meetings]
        received = [one is not None for one in session.scalars(select(GoalLetter.received_at))]
        indicators = session.scalars(select(LibraryIndicator.state)).all()
        books = set(session.scalars(select(BookEntry.book)))
    assert set(letters) == set(LetterKind.__members__)
    assert held == [("CLOSED", 2, "会议纪要.docx"), ("PREPARED", 3, None)]
    assert len(received) == 3
    assert any(received)
    assert len(indicators) == 23
    assert set(BOOKS) - books == {"unit_score"}, "what is reckoned from the records is proposed on its page"


def test_every_account_that_is_shown_can_sign_in(engine: Engine) -> None:
    for id, name, _, _ in demo.ACCOUNTS:
        assert engine.people.authenticate(id, demo.PASSWORD).name == name
        assert not engine.people.must_change_password(id)


def test_a_returned_goal_waits_with_its_pinned_opinions(engine: Engine) -> None:
    clerk = engine.actor("jiaotongju.jingban")
    rows = engine.inbox(clerk, InboxQuery(text="农村公路日常养护")).rows
    task = engine.task(rows[0].item_id, clerk)
    assert {pin.field for pin in task.pins} == {"indicators.target_value", "basis_necessity"}


def test_some_goals_are_overdue_and_their_units_were_reminded(engine: Engine) -> None:
    with engine.database.read() as unit, Session(unit.connection) as session:
        overdue = session.scalars(select(Goal).where(Goal.overdue_at.is_not(None))).all()
        assert len(overdue) >= 6
        warned = session.scalars(select(QualityResult).where(QualityResult.code == "DQ33")).all()
        assert warned
        assert all(result.reason for result in warned)
    clerk = engine.actor("shangwuju.jingban")
    rows = engine.inbox(clerk, InboxQuery(text="中小企业贷款贴息")).rows
    kinds = Counter(event.kind for event in engine.instance(rows[0].instance_id, clerk).timeline)
    assert kinds["goal.reminded"] == 2


def test_everything_in_it_is_sound(engine: Engine) -> None:
    assert engine.doctor() == []
    assert engine.verify_history() == []


def test_loading_it_again_changes_nothing(engine: Engine) -> None:
    demo.load(engine, lambda *_: pytest.fail("something was done"))

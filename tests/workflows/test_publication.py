"""What a unit publishes: collected without what is secret, confirmed by two, on show, released, put online, corrected."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from budget import goals
from budget.cases import CaseKind
from budget.projects import Register
from budget.publishing import records
from budget.publishing.codes import Audience, PublicationKind, PublicationState
from budget.publishing.content import Content
from budget.publishing.redaction import MARK, PATTERNS, redacted, words_of
from budget.quality.thresholds import Thresholds
from budget.statistics import Scope, compute
from budget.tables import Campaign, Case, Project, Publication, Unit
from engine import dmn
from engine.engine import StartRequest
from engine.errors import InvalidAnswers
from engine.plugins import Document
from tests.budget.examples import sound_goal
from tests.workflows.county import add_project
from workflows import files_of, profiles
from workflows.publication.campaign import CAMPAIGN, about
from workflows.publication.starting import correct

if TYPE_CHECKING:
    from engine.calendar import SteppedClock
    from tests.workflows.key_county import Office

on_sqlite = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
ALL = list(PATTERNS)


def approve(office: Office, number: int, clock: SteppedClock, *, secret: bool = False) -> int:
    """Add a project with an approved goal and return its id."""
    made = int(add_project(office.engine, number + 10, secret=secret)["variables"]["id"])
    body = sound_goal() | {"goal_annual": sound_goal()["goal_annual"] + "联系电话13812345678，负责人王小明。"}
    document = Document("goal", 1, body, "user:li", clock.now(), "0" * 64)
    with office.engine.database.write() as transaction, transaction.savepoint() as session:
        goals.open_goal(session, made, None, clock.now())
        goals.submit(session, made, document, [], Thresholds.read(), clock.now())
        goals.freeze(
            session,
            made,
            document=document,
            grade="优",
            pattern=goals.NUMBER_PATTERN,
            by="user:chen",
            now=clock.now(),
        )
    return made


def begin(office: Office, clock: SteppedClock, profile: str = "qapqal", **rules: Any) -> None:
    """Start the publication of the unit's goals."""
    with office.records() as session:
        unit = Register(session).unit_variables("U1")
    found = profiles.load(profile).variables("publication")
    found["publication"] |= rules
    variables = {
        "unit": unit,
        "publication": about(PublicationKind.GOAL, 2026),
        "campaign": None,
        "deadline": (clock.now() + timedelta(days=20)).isoformat(),
        "profile": found,
    }
    (started,) = office.engine.start_many("publication", [StartRequest(variables)], actor="system")
    office.instance = started.instance_id


def found_in(office: Office) -> Publication:
    with office.records() as session:
        found = session.get_one(Publication, office.instance)
        assert [found.items, found.channels, found.objections]
        session.expunge_all()
        return found


def confirm(office: Office, person: str = "zhao", **changes: Any) -> None:
    rows = [{**row, **changes} for row in office.task(person).variables["items"]]
    office.do(person, "确认公开内容", {"items": rows, "confirmed": True})


POST = {"url": "https://www.county.example/goals.html"}


@pytest.mark.parametrize(
    ("kind", "secret", "scope", "audience"),
    [
        ("GOAL", False, "FULL", "FULL"),
        ("GOAL", True, "FULL", "NONE"),
        ("SELF_EVALUATION", False, "LIMITED", "LIMITED"),
        ("KEY_EVALUATION", False, "FULL", "FULL"),
        ("KEY_EVALUATION", False, "SUMMARY", "SUMMARY"),
        ("KEY_EVALUATION", True, "LIMITED", "NONE"),
        ("MONITORING", False, "NONE", "NONE"),
        ("WORKING_PAPER", False, "FULL", "NONE"),
        ("EXPERT_OPINION", False, "FULL", "NONE"),
    ],
)
def test_d09_says_who_reads_what(kind: str, secret: bool, scope: str, audience: str) -> None:
    table = dmn.parse(files_of("publication")["D09.dmn"])
    assert table.evaluate("D09", {"kind": kind, "secret": secret, "scope": scope}).value == audience


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("电话13812345678。", f"电话{MARK}。"),
        ("电话138 1234 5678", f"电话{MARK}"),
        ("0999-3612345转8012", f"{MARK}转8012"),
        ("身份证110101199003078515", f"身份证{MARK}"),
        ("卡号6222 0212 3456 7890 123", f"卡号{MARK}"),
        ("开户行账号6222021234567890", f"开户行账号{MARK}"),
        ("投资1380000.50万元，2026-03-11完成，编码2026-U1-01", None),
        ("新建公路12.5公里，受益18500人，合同号20260311001", None),
    ],
)
def test_personal_numbers_are_taken_out_and_figures_stay(text: str, left: str | None) -> None:
    assert redacted(text, ALL) == (text if left is None else left)
    assert redacted(text, []) == text


def test_the_words_that_a_unit_names_are_taken_out_the_longest_first() -> None:
    assert words_of("王小明、小明 ；王") == ["王小明", "小明"]
    content = Content([("目标", "补助王小明一家")], ("姓名",), [["王小明"]])
    hidden = content.without((), words_of("王小明"))
    assert hidden.facts == [("目标", f"补助{MARK}一家")]
    assert hidden.rows == [[MARK]]
    assert Content.read(hidden.written()).text == hidden.text


@on_sqlite
def test_goals_are_confirmed_reviewed_shown_objected_to_released_and_put_online(
    office: Office, clock: SteppedClock
) -> None:
    public, kept, hidden = (approve(office, number, clock, secret=number == 3) for number in (1, 2, 3))
    begin(office, clock, channels=["GOV", "UNIT"])
    found = found_in(office)
    assert {item.project_id for item in found.items} == {public, kept}, "nothing that is secret is collected"
    assert hidden not in {item.project_id for item in found.items}
    assert found.audience == Audience.FULL
    text = Content.read(found.items[0].content).text
    assert "13812345678" not in text
    assert MARK in text

    rows = [dict(row) for row in office.task("zhao").variables["items"]]
    rows[1] |= {"publish": False}
    for wrong, field in ((rows, "items.1.reason"), (rows[:1], "items")):
        with pytest.raises(InvalidAnswers) as refused:
            office.do("zhao", "确认公开内容", {"items": wrong, "confirmed": True})
        assert [one.field for one in refused.value.findings] == [field]
    rows[0] |= {"hide": "王小明"}
    rows[1] |= {"reason": "BUSINESS", "note": "合同价尚未公布"}
    office.do("zhao", "确认公开内容", {"items": rows, "confirmed": True})
    assert "王小明" not in Content.read(found_in(office).items[0].content).text
    assert office.elements() == ["review_content"]
    office.do("wu", "退回核对", {}, "请核对金额。")
    assert found_in(office).confirmed_by is None
    rows = office.task("li").answers["items"]
    office.do("li", "确认公开内容", {"items": rows, "confirmed": True})
    office.do("wu", "同意公开", {"remark": "已核对"}, "同意。")
    found = found_in(office)
    assert (found.confirmed_by, found.reviewed_by) == ("user:li", "user:wu")

    assert found.state == PublicationState.NOTICE
    objection = {"received_on": clock.now().date().isoformat(), "way": "PHONE", "content": "里程与实际不符"}
    office.do("zheng", "登记异议", objection)
    office.do("wu", "异议不成立", {"answer": "经核实与批复一致"})
    assert office.elements() == ["hear"], "it goes on being shown"
    office.do("zheng", "登记异议", objection | {"way": "LETTER"})
    clock.set(found.notice_until + timedelta(minutes=1))
    office.engine.run_due()
    assert office.elements() == ["settle_objection"], "an open objection keeps it back after the last day"
    office.do("wu", "异议成立", {"answer": "里程写错"})
    assert office.elements() == ["confirm_content"]
    assert [one.upheld for one in found_in(office).objections] == [False, True]
    rows = office.task("zhao").answers["items"]
    office.do("zhao", "确认公开内容", {"items": rows, "confirmed": True})
    office.do("wu", "同意公开", {"remark": "已改"}, "同意。")
    clock.set(found_in(office).notice_until + timedelta(minutes=1))
    office.engine.run_due()
    office.engine.run_due()
    found = found_in(office)
    assert found.state == PublicationState.RELEASED
    assert found.sha256
    assert office.elements() == ["post_gov", "post_unit"]
    today = clock.now().date().isoformat()
    for wrong in ({"url": "see the site"}, {"published_on": "2026-01-01"}, {"published_on": "2099-01-01"}):
        with pytest.raises(InvalidAnswers):
            office.do("zheng", "已发布", {**POST, "published_on": today, **wrong})
    office.do("zheng", "已发布", {**POST, "published_on": today})
    office.do("li", "已发布", {**POST, "published_on": today})
    found = found_in(office)
    assert found.state == PublicationState.PUBLISHED
    assert {one.channel for one in found.channels} == {"GOV", "UNIT", "PAGE"}
    with office.records() as session:
        case = session.get_one(Case, office.instance)
        assert (case.kind, case.result) == (CaseKind.PUBLICATION, "PUBLISHED")
        figures = compute(session, Scope(2026, clock.now()), ["published.goal", "published.goal.intime"])
    assert figures == {"published.goal": 1, "published.goal.intime": 1}

    # It is corrected: taken down at once, and when nothing is left of it, withdrawn.
    first = office.instance
    office.instance = correct(office.engine, first, "指标写错", actor=office.who("zheng"), now=clock.now())
    with office.records() as session:
        assert session.get_one(Publication, first).state == PublicationState.CORRECTING
        assert session.get_one(Publication, office.instance).version == 2
    confirm(office, publish=False, reason="DISPUTED", note="待核实以后再公开")
    office.do("wu", "同意公开", {}, "同意撤回。")
    assert office.elements() == []
    with office.records() as session:
        assert session.get_one(Publication, first).state == PublicationState.WITHDRAWN
        assert session.get_one(Case, office.instance).result == "WITHDRAWN"


@on_sqlite
def test_a_common_day_is_waited_for_and_what_became_secret_meanwhile_does_not_go_out(
    office: Office, clock: SteppedClock
) -> None:
    made = approve(office, 1, clock)
    begin(office, clock, "licheng", release={"GOAL": "07-02"})
    confirm(office)
    office.do("wu", "同意公开", {}, "同意。")
    assert office.elements() == [], "it is released, and waits"
    assert found_in(office).release_on == date(2026, 7, 2)
    clock.set(clock.now().replace(month=7, day=2, hour=2))
    office.engine.run_due()
    assert office.elements() == ["post_gov", "post_unit"]

    with office.engine.database.write() as transaction, transaction.savepoint() as session:
        records.restore(session, office.instance)
        session.get_one(Project, made).secret_flag = True
        with pytest.raises(records.PublicationError, match="secret"):
            records.release(session, office.instance, date(2026, 7, 2))
        session.get_one(Project, made).secret_flag = False
        session.get_one(Unit, "U1").secret_flag = True
        with pytest.raises(records.PublicationError, match="secret"):
            records.release(session, office.instance, date(2026, 7, 2))


@on_sqlite
def test_a_limited_circle_gets_it_without_websites_and_a_kind_that_is_not_published_ends(
    office: Office, clock: SteppedClock
) -> None:
    approve(office, 1, clock)
    begin(office, clock, goal="LIMITED", notice_days=0)
    confirm(office)
    office.do("wu", "同意公开", {}, "同意。")
    office.engine.run_due()
    assert office.elements() == ["deliver"]
    office.do("zheng", "已送达", {"recipients": "领导小组成员单位", "delivered_on": "2026-03-11"})
    found = found_in(office)
    assert (found.state, found.recipients, found.channels) == (
        PublicationState.PUBLISHED,
        "领导小组成员单位",
        [],
    )
    begin(office, clock, goal="NONE")
    assert found_in(office).state == PublicationState.EXEMPTED
    begin(office, clock, goal="SUMMARY", notice_days=0, channels=[])
    assert "三级指标" not in found_in(office).items[0].content
    confirm(office)
    office.do("wu", "同意公开", {}, "同意。")
    office.engine.run_due()
    assert found_in(office).state == PublicationState.PUBLISHED, "only the public page shows it"


@on_sqlite
def test_a_campaign_calls_units_that_have_something_and_no_secret_one(
    office: Office, clock: SteppedClock
) -> None:
    approve(office, 1, clock)
    approve(office, 2, clock, secret=True)
    profile = profiles.load("licheng")
    campaign = Campaign(kind=CaseKind.PUBLICATION, fiscal_year=2026, period="项目目标")
    with office.records() as session:
        (called,) = CAMPAIGN.cohort(session, campaign, profile)
        assert (called.unit, called.secret, called.amount > 0) == ("U1", False, True)
        variables = CAMPAIGN.variables(Register(session), called, campaign)
        assert variables["publication"]["kind"] == "GOAL"
        campaign.period = "绩效自评"
        assert CAMPAIGN.cohort(session, campaign, profile) == []
        campaign.period = "别的"
        assert CAMPAIGN.cohort(session, campaign, profile) == []
        session.get_one(Unit, "U1").secret_flag = True
        campaign.period = "项目目标"
        assert CAMPAIGN.cohort(session, campaign, profile) == []
        session.rollback()
    begin(office, clock, notice_days=0)
    with office.records() as session:
        assert CAMPAIGN.cohort(session, campaign, profile) == [], "it is on its way"
        assert session.scalars(select(Publication)).one().version == 1

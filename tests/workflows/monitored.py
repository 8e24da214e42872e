"""A county in which a goal is approved and its project is called to monitor: what the tests of monitoring begin with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from random import Random
from typing import Any

from sqlalchemy.orm import Session

from budget import goals
from budget.cases import CampaignState, CaseKind
from budget.monitoring import figures, records
from budget.monitoring.codes import FigureSource
from budget.monitoring.figures import Figure
from budget.projects import Register
from budget.quality.thresholds import Thresholds
from budget.tables import Campaign, Case, MonitoringRecord, Project
from engine.calendar import SteppedClock
from engine.engine import Engine, StartRequest
from engine.identity import SYSTEM
from engine.plugins import Document
from tests.workflows.county import PEOPLE, County, add_project, populate
from workflows import files_of, profiles
from workflows.campaigns import kinds, start_variables
from workflows.demo import declarations

YEAR = 2026
APPROVED = datetime(2026, 1, 20, 2, tzinfo=UTC)
#: Wednesday, the working day after the day to which the figures are asked for.
OPENS = datetime(2026, 6, 1, 1, tzinfo=UTC)
DUE = datetime(2026, 6, 12, 10, tzinfo=UTC)
MORE_PEOPLE = {
    "fang": ("方副局长", "deputy_leader", "BUREAU"),
    "he": ("何干事", "perf_staff", "PERF"),
    "guo": ("郭股长", "treasury_chief", "TREASURY"),
}
#: The indicators of the approved goal: one that accumulates, a limit, one that is measured at the year's end.
INDICATORS: list[dict[str, Any]] = [
    {
        "_row": f"r{number}",
        "level1": level1,
        "level2": level2,
        "level3_name": name,
        "nature": "QUANT",
        "operator": operator,
        "target_value": target,
        "unit": unit,
        "direction": direction,
    }
    for number, (level1, level2, name, operator, target, unit, direction) in enumerate(
        (
            ("OUTPUT", "QUANTITY", "改造农村公路里程", "GE", "12", "公里", "POSITIVE"),
            ("OUTPUT", "COST", "每公里造价", "LE", "70", "万元", "NEGATIVE"),
            ("SATISFACTION", "SATISFACTION", "沿线群众满意度", "GE", "90", "%", "POSITIVE"),
        ),
        1,
    )
]

#: What the form computes; a clerk's page sends it anew with every change.
COMPUTED = frozenset(
    {
        *("exec_rate", "forecast_rate", "money_deviation_exact", "money_deviation"),
        *("largest_exact", "largest_deviation", "deviation_beyond"),
        *("completion_rate", "deviation_exact", "deviation"),
    }
)


@dataclass
class Monitored(County):
    """The county with the monitoring of one project."""

    def report(self, person: str = "li", **changes: Any) -> dict[str, Any]:
        """Return a sound monitoring form on top of what the task offers; rows are changed by ``rows``."""
        form = {key: value for key, value in self.task(person).answers.items() if key not in COMPUTED}
        rows = [
            {key: value for key, value in row.items() if key not in COMPUTED}
            for row in form.get("indicators") or self.variables()["indicators"]
        ]
        done = ("5", "68", "")
        for row, actual in zip(rows, done, strict=True):
            row |= {"actual_to_date": actual, "forecast_value": row["target_value"], "likelihood": "CERTAIN"}
        rows[2] |= {"not_due": True, "remark": "年底问卷调查后得出"}
        for number, more in changes.pop("rows", {}).items():
            rows[number] |= more
        return form | {
            "executed": Decimal("354.17"),
            "forecast_exec": Decimal("850"),
            "fund_issue": ["NONE"],
            "goal_progress": "路基工程按计划完成。",
            "work_progress_pct": Decimal(42),
            "indicators": rows,
            **changes,
        }

    def variables(self) -> Mapping[str, Any]:
        """Return the variables that the open task sees."""
        return self.task(self.holder()).variables

    def holder(self) -> str:
        return {"fill_report": "li", "consider": "li", "unit_sign": "zhao", "leader_decision": "fang"}.get(
            self.element() or "", "wang"
        )

    def explained(self, **changes: Any) -> dict[str, Any]:
        """Return a form with a deviation beyond the limit, and its explanation."""
        behind = {"actual_to_date": "2", "cause": ["FUNDS"], "cause_note": "上级资金未到位"}
        return self.report(
            rows={0: behind},
            deviation_statement="因汛期停工和资金晚到，路基工程滞后。",
            corrective_measures="增加两个班组，八月底前赶上进度。",
            **changes,
        )

    def up_to_gather(self, form: Mapping[str, Any]) -> None:
        """Fill in, sign and review."""
        self.do("li", "提交", form)
        self.do("zhao", "同意", {"truthful": True})
        self.do("wang", "同意", opinion="情况属实。")

    def gather(self) -> None:
        self.do("wu", "纳入汇总", {"analysis": "进度正常。"}, opinion="纳入汇总。")

    def case(self) -> Case:
        return self._one(lambda session: session.get_one(Case, self.instance))

    def record(self) -> MonitoringRecord:
        return self._one(lambda session: records.newest(session, self.instance))

    def _one(self, read: Any) -> Any:
        with self.engine.database.read() as unit, Session(unit.connection) as session:
            found = read(session)
            session.expunge(found)
            return found

    def state(self) -> str:
        return self.engine.instance(self.instance, SYSTEM).state


def approve(engine: Engine, project_id: int) -> None:
    """Approve the project's goal as it was approved before the county used the system."""
    with engine.database.write() as unit, unit.savepoint() as session:
        project = session.get_one(Project, project_id)
        form = declarations.sound(
            Register(session).prefilled(project), Random(5), head="赵局长", weights=None
        )
        form |= {
            "indicators": INDICATORS,
            "milestones": [
                {"content": "全年施工", "start": "2026-01-01", "end": "2026-12-31", "_row": "r1"},
            ],
        }
        document = Document("goal", 1, form, "user:li", APPROVED, "0" * 64)
        goals.open_goal(session, project_id, None, APPROVED)
        goals.submit(session, project_id, document, [], Thresholds.read(), APPROVED)
        goals.freeze(
            session,
            project_id,
            document=document,
            grade="优",
            pattern=goals.NUMBER_PATTERN,
            by="user:chen",
            now=APPROVED,
        )


def settle(engine: Engine) -> None:
    """Give an empty county its people and the processes of monitoring."""
    populate(engine, PEOPLE | MORE_PEOPLE, ("monitoring", "unit_monitoring"))


def open_monitored(
    engine: Engine,
    clock: SteppedClock,
    *,
    secret: bool = False,
    figure: int | None = None,
    processes: Sequence[str] = (),
    **settings: Any,
) -> Monitored:
    """Approve a goal in a settled county and start the monitoring of May; ``settings`` change the profile's.

    ``processes`` are deployed beside those of monitoring.
    """
    for process in processes:
        engine.deploy(files_of(process), actor="system")
    made = add_project(engine, 9, secret=secret)["variables"]
    if not secret:
        approve(engine, made["id"])
    if figure is not None:
        with engine.database.write() as unit, unit.savepoint() as session:
            given = [Figure(made["id"], 5, figure)]
            figures.register(session, given, source=FigureSource.FILE, by="user:guo", now=APPROVED)
    clock.set(OPENS)
    county = Monitored(engine, project=made)
    county.instance = start_monitoring(county, "05", date(2026, 5, 31), DUE, **settings)
    return county


def start_monitoring(county: Monitored, period: str, as_of: date, due: datetime, **settings: Any) -> int:
    """Open a campaign of monitoring and start the project's instance as it says."""
    kind, profile = kinds()[CaseKind.MONITORING], profiles.load("qapqal")
    with county.engine.database.write() as unit, unit.savepoint() as session:
        campaign = Campaign(
            kind=CaseKind.MONITORING,
            fiscal_year=YEAR,
            period=period,
            title=f"{YEAR}年{as_of.month}月绩效运行监控",
            state=CampaignState.OPEN,
            as_of=as_of,
            opens_at=county.engine.clock.now(),
            due_at=due,
        )
        session.add(campaign)
        session.flush()
        register = Register(session)
        called = kind.cohort(session, campaign, profile)
        (assigned,) = [one for one in called if one.project_id == county.project["id"]] or [None]
        if assigned is None:  # a secret project whose goal nobody opened: it is started by hand
            variables = {
                "project": county.project,
                "campaign": None,
                "deadline": due.isoformat(),
                "profile": profile.variables(*kind.groups),
            }
            request = StartRequest(variables, "monitoring-secret", {})
        else:
            variables = start_variables(kind, register, assigned, campaign, profile)
            request = StartRequest(
                variables, assigned.business_key, kind.documents(register, assigned, campaign)
            )
    request.variables["profile"]["monitoring"].update(settings)
    (started,) = county.engine.start_many("monitoring", [request], actor="system")
    return started.instance_id

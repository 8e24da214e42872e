"""What happens in the engagement of a third party (P13): procured, checked, signed, delivered, assessed, paid.

Plain functions on a session, called inside the command's transaction. None commits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from budget import books
from budget.answers import day, number, rows, text
from budget.codes import Code
from budget.key_codes import KeyState
from budget.key_evaluations import conflicts
from budget.money import fen_from_wan, round_half_up
from budget.reviews import relations
from budget.tables import (
    Engagement,
    EngagementObject,
    EngagementPoint,
    KeyEvaluation,
    Project,
    Unit,
)
from engine import tables
from engine.identity import held_on


class WorkKind(Code):
    """What an agency is engaged for."""

    EVALUATE = ("EVALUATE", "重点评价", "key evaluation")
    MONITOR = ("MONITOR", "重点监控", "monitoring")
    EX_ANTE = ("EX_ANTE", "事前评估", "ex-ante evaluation")
    OTHER = ("OTHER", "其他", "other")


class Procurement(Code):
    """How it is chosen."""

    OPEN = ("OPEN", "公开招标", "open tender")
    NEGOTIATION = ("NEGOTIATION", "竞争性磋商", "competitive negotiation")
    INQUIRY = ("INQUIRY", "询价", "inquiry")
    FRAMEWORK = ("FRAMEWORK", "框架协议", "framework agreement")
    DRAW = ("DRAW", "机构库随机抽取", "drawn by lot")


class EngagementState(Code):
    """Where an engagement is."""

    DRAFTING = ("DRAFTING", "拟需求", "being drafted")
    SIGNED = ("SIGNED", "履约中", "being performed")
    DELIVERED = ("DELIVERED", "已交付", "delivered")
    PAYING = ("PAYING", "待付款", "to be paid")
    SETTLED = ("SETTLED", "已结算", "settled")
    TERMINATED = ("TERMINATED", "已终止", "terminated")
    CANCELLED = ("CANCELLED", "已撤销", "cancelled")


class Criterion(Code):
    """What a performance is assessed by."""

    STAFF = ("STAFF", "人员到位、主评人称职", "people as promised")
    PAPERS = ("PAPERS", "工作底稿齐全规范", "working papers complete")
    QUALITY = ("QUALITY", "报告质量", "quality of the report")
    SERVICE = ("SERVICE", "沟通配合", "cooperation")
    INTEGRITY = ("INTEGRITY", "独立公正、保密廉洁", "independence and secrecy")


class EngagementError(Exception):
    """An engagement can't do what was asked; the text says which and why, in English."""


@dataclass(frozen=True, slots=True)
class Conflicts:
    """Why an agency may not be engaged: it advised on a project, its people are related to a unit, its credit is poor, or
    the book of agencies says that it broke the law gravely.
    """

    advised: Sequence[str]
    related: Sequence[str]
    restricted_until: date | None
    barred: bool

    def __bool__(self) -> bool:
        return bool(self.advised or self.related or self.restricted_until or self.barred)

    @property
    def zh(self) -> str:
        """What speaks against the agency in short, without people's names."""
        return "、".join(
            (
                *(("为委托对象做过咨询",) if self.advised else ()),
                *(("与项目单位有利害关系",) if self.related else ()),
                *((f"{self.restricted_until:%Y-%m-%d}以前限制接单",) if self.restricted_until else ()),
                *(("三年内有重大违法",) if self.barred else ()),
            )
        )


def open_engagement(session: Session, instance_id: int, fiscal_year: int, now: datetime) -> Engagement:
    """Begin an engagement; where the instance has one already it begins again."""
    found = session.get(Engagement, instance_id)
    if found is not None:
        drop(session, instance_id)
    found = Engagement(
        instance_id=instance_id,
        fiscal_year=fiscal_year,
        state=EngagementState.DRAFTING,
        opened_at=now,
        title="",
    )
    session.add(found)
    session.flush()
    return found


def drop(session: Session, instance_id: int) -> None:
    """Undo :func:`open_engagement`."""
    session.delete(of_instance(session, instance_id))
    session.flush()


def of_instance(session: Session, instance_id: int) -> Engagement:
    """Return the engagement of an instance; raises :class:`EngagementError` where it has none."""
    found = session.get(Engagement, instance_id)
    if found is None:
        raise EngagementError(f"instance {instance_id} engages nobody")
    return found


def projects_of(session: Session, fiscal_year: int, body: Mapping[str, Any]) -> list[Project]:
    """Return the projects that a demand names by their codes; secret ones never are any (DQ29)."""
    codes = [text(row.get("code")) for row in rows(body.get("objects"))]
    query = (
        select(Project)
        .join(Unit, Unit.code == Project.unit)
        .where(
            Project.fiscal_year == fiscal_year,
            Project.code.in_(codes),
            ~Project.secret_flag,
            ~Unit.secret_flag,
        )
        .order_by(Project.code)
    )
    return list(session.scalars(query))


def conflicts_of(
    session: Session, agencies: Collection[str], projects: Iterable[Project], today: date, years: int
) -> Mapping[str, Conflicts]:
    """Return what speaks against each agency: advice of the last ``years``, posts and relations of its people, its credit.

    Related are its people who hold a post at a project's unit or department, or are experts with a relation to one.
    """
    wanted = list(projects)
    advised: dict[str, list[str]] = defaultdict(list)
    for one in wanted:
        for agency in conflicts(session, one.id, today, years):
            advised[agency].append(one.code)
    concerned = concerned_units(session, wanted)
    posts, orgs = tables.posts.c, tables.organisations.c
    query = select(posts.person, posts.org).join(tables.organisations, orgs.code == posts.org)
    held = session.execute(query.where(posts.org.in_([*agencies, *concerned]), *held_on(today))).all()
    near = {row.person for row in held if row.org in concerned} | relations(session, concerned, today).keys()
    poor, violators = restricted(session, today), barred(session, today)
    return {
        agency: Conflicts(
            advised[agency],
            sorted({row.person for row in held if row.org == agency} & near),
            poor.get(agency),
            agency in violators,
        )
        for agency in agencies
    }


def concerned_units(session: Session, projects: Iterable[Project]) -> set[str]:
    """Return the codes of the projects' units and of their departments."""
    codes = {one.unit for one in projects}
    units = session.scalars(select(Unit).where(Unit.code.in_(codes)))
    return codes | {unit.department for unit in units}


def barred(session: Session, today: date) -> set[str]:
    """Return the agencies of which the book says today that they broke the law gravely within three years (V13)."""
    lines = books.entries(session, books.BOOKS["agency"], on=today)
    return {text(one.values.get("code")) for one, _, _ in lines if one.values.get("violations")}


@dataclass(frozen=True, slots=True)
class Standing:
    """How an agency has performed: how many engagements were assessed, their mean score, the newest credit, and until
    when it takes no work.
    """

    engagements: int
    score: Decimal | None
    credit: str
    restricted_until: date | None


def standings(session: Session, today: date) -> Mapping[str, Standing]:
    """Return how each agency has performed whose credit was ever written (S3-27)."""
    query = (
        select(Engagement)
        .where(Engagement.credit.is_not(None), Engagement.agency.is_not(None))
        .order_by(Engagement.closed_at, Engagement.instance_id)
    )
    by_agency: dict[str, list[Engagement]] = defaultdict(list)
    for one in session.scalars(query):
        by_agency[str(one.agency)].append(one)
    poor = restricted(session, today)
    found = {}
    for agency, ended in by_agency.items():
        scores = [one.score for one in ended if one.score is not None]
        mean = round_half_up(sum(scores, Decimal(0)) / len(scores), 2) if scores else None
        found[agency] = Standing(len(ended), mean, str(ended[-1].credit), poor.get(agency))
    return found


def restricted(session: Session, today: date) -> dict[str, date]:
    """Return the agencies that poor credit keeps out today, each with the last day."""
    query = (
        select(Engagement.agency, func.max(Engagement.restricted_until))
        .where(Engagement.restricted_until >= today, Engagement.agency.is_not(None))
        .group_by(Engagement.agency)
    )
    rows = session.execute(query)
    return {agency: until for agency, until in rows if agency is not None and until is not None}


def engaged(session: Session, project_id: int) -> dict[str, str]:
    """Return the agencies that are under contract for a project, each with the contract's number."""
    query = (
        select(Engagement.agency, Engagement.contract_no)
        .join(EngagementObject, EngagementObject.engagement_id == Engagement.instance_id)
        .where(
            EngagementObject.project_id == project_id,
            Engagement.state.in_((EngagementState.SIGNED, EngagementState.DELIVERED)),
        )
        .order_by(Engagement.signed_on)
    )
    return {agency: number or "" for agency, number in session.execute(query) if agency is not None}


def sign(
    session: Session,
    instance_id: int,
    *,
    demand: Mapping[str, Any],
    award: Mapping[str, Any],
    contract: Mapping[str, Any],
) -> Engagement:
    """Write the demand, the procurement and the contract; the agency is engaged for the demand's projects from now on."""
    found = of_instance(session, instance_id)
    found.title, found.kind = text(demand["title"]), WorkKind[demand["kind"]]
    found.method, found.budget = Procurement[demand["method"]], fen_from_wan(number(demand["budget"]) or 0)
    found.procurement_no, found.agency = text(award["procurement_no"]), text(award["winner"])
    found.contract_no = text(contract["contract_no"])
    found.amount = fen_from_wan(number(contract["contract_amount"]) or 0)
    found.signed_on, found.due_on = day(contract["signed_on"]), day(contract["due_on"])
    found.objects = [
        EngagementObject(project_id=one.id) for one in projects_of(session, found.fiscal_year, demand)
    ]
    found.state = EngagementState.SIGNED
    session.flush()
    return found


def unsign(session: Session, instance_id: int) -> None:
    """Undo :func:`sign`."""
    found = of_instance(session, instance_id)
    found.agency = found.contract_no = found.procurement_no = found.kind = found.method = None
    found.amount = found.budget = found.signed_on = found.due_on = None
    found.objects, found.state = [], EngagementState.DRAFTING
    session.flush()


def deliver(session: Session, instance_id: int, today: date | None) -> Engagement:
    """Note the day on which the work was delivered; None takes it back."""
    found = of_instance(session, instance_id)
    found.delivered_on = today
    found.state = EngagementState.SIGNED if today is None else EngagementState.DELIVERED
    session.flush()
    return found


def days_late(engagement: Engagement) -> int:
    """Return how many days after the contract's day the work was delivered."""
    if engagement.delivered_on is None or engagement.due_on is None:
        return 0
    return max(0, (engagement.delivered_on - engagement.due_on).days)


def finished(session: Session, engagement: Engagement) -> int:
    """Count the key evaluations of the engagement's projects that the agency has made final."""
    query = select(func.count()).where(
        KeyEvaluation.agency == engagement.agency,
        KeyEvaluation.state == KeyState.FINALIZED,
        KeyEvaluation.project_id.in_([one.project_id for one in engagement.objects]),
    )
    return session.execute(query).scalar_one()


def settle(
    session: Session,
    instance_id: int,
    *,
    performance: Mapping[str, Any],
    credit: str,
    paid: Decimal,
    restricted_until: date | None,
    now: datetime,
) -> Engagement:
    """Write the performance, the credit and what is to be paid; with nothing to pay the engagement is over."""
    found = of_instance(session, instance_id)
    found.points = [
        EngagementPoint(
            position=position,
            criterion=Criterion[row["criterion"]],
            points=Decimal(row["points"]),
            score=Decimal(row["score"]),
            reason=text(row.get("reason")),
        )
        for position, row in enumerate(rows(performance.get("scores")), 1)
    ]
    found.score, found.credit = number(performance.get("score")), credit
    found.paid, found.restricted_until = fen_from_wan(paid), restricted_until
    found.state = EngagementState.PAYING if found.paid else EngagementState.SETTLED
    found.closed_at = now
    session.flush()
    return found


def received(session: Session, instance_id: int, by: str | None, now: datetime | None) -> None:
    """Note who of the treasury section signed for the notice of payment and when; None takes it back."""
    found = of_instance(session, instance_id)
    found.received_by, found.received_at = by, now
    session.flush()


def pay(
    session: Session, instance_id: int, *, by: str | None, paid_on: date | None, voucher_no: str | None
) -> None:
    """Note who paid on which day under which voucher: the engagement is over; None takes it back."""
    found = of_instance(session, instance_id)
    found.paid_by, found.paid_on, found.voucher_no = by, paid_on, voucher_no
    found.state = EngagementState.PAYING if paid_on is None else EngagementState.SETTLED
    session.flush()


def unsettle(session: Session, instance_id: int) -> None:
    """Undo :func:`settle`."""
    found = of_instance(session, instance_id)
    found.points, found.state = [], EngagementState.DELIVERED
    found.score = found.credit = found.paid = found.restricted_until = found.closed_at = None
    session.flush()


def end(
    session: Session,
    instance_id: int,
    state: EngagementState,
    *,
    credit: str | None,
    restricted_until: date | None,
    now: datetime,
) -> Engagement:
    """Note that nothing comes of the engagement; an agency that failed its contract has its credit written."""
    found = of_instance(session, instance_id)
    found.state, found.closed_at = state, now
    if found.agency is not None:
        found.credit, found.restricted_until = credit, restricted_until
    session.flush()
    return found


def unend(session: Session, instance_id: int) -> None:
    """Undo :func:`end`."""
    found = of_instance(session, instance_id)
    found.credit = found.restricted_until = found.closed_at = None
    found.state = EngagementState.DRAFTING if found.signed_on is None else EngagementState.SIGNED
    session.flush()

"""Policies that are evaluated ex ante though they are no project (P04, S5-15): entered by their unit, numbered by year.

Plain functions on a session; none commits.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.answers import number
from budget.cases import CaseKind
from budget.codes import Code
from budget.goals import next_number
from budget.money import MoneyError, fen_from_wan, wan_from_fen
from budget.projects import Register
from budget.tables import Case, ExAnteEvaluation, Policy, Unit

#: The type of the variable ``project`` of a process that is about a policy.
POLICY = "POLICY"
_LONGEST_NAME, _MOST_YEARS = 100, 20


class PolicyAttr(Code):
    """Whether a policy is new or about to end (V12)."""

    NEW = ("NEW", "新出台", "new")
    PROLONGED = ("PROLONGED", "到期拟延续", "to be prolonged")


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody typed for a policy, and what is wrong with it: the field and a sentence in both languages."""

    columns: Mapping[str, Any]
    wrong: Mapping[str, tuple[str, str]]


def read(typed: Mapping[str, str]) -> Given:
    """Read what was typed; nothing is written."""
    wrong: dict[str, tuple[str, str]] = {}
    name, basis = typed.get("name", "").strip(), typed.get("basis", "").strip()
    if not 4 <= len(name) <= _LONGEST_NAME:
        wrong["name"] = ("政策名称4到100字", "The name has 4 to 100 characters")
    if not basis:
        wrong["basis"] = ("请填写依据", "Say on what it rests")
    attr = typed.get("attr", "")
    if attr not in PolicyAttr.__members__:
        wrong["attr"] = ("请选择属性", "Choose one")
    years = number(typed.get("years", ""))
    if years is None or years != years.to_integral_value() or not 1 <= years <= _MOST_YEARS:
        wrong["years"] = ("期限是1到20的整数年", "1 to 20 whole years")
    amount = number(typed.get("amount", ""))
    try:
        fen = 0 if amount is None else fen_from_wan(amount)
    except MoneyError:
        fen = 0
    if fen <= 0:
        wrong["amount"] = ("请填写年度资金，万元", "Give the year's amount in 10,000 yuan")
    columns = {"name": name, "basis": basis, "attr": attr, "years": int(years or 0), "annual_amount": fen}
    return Given(columns, wrong)


def enter(
    session: Session, fiscal_year: int, unit: str, columns: Mapping[str, Any], *, by: str, now: datetime
) -> Policy:
    """Enter a policy of a unit under the year's next code."""
    running = next_number(session, f"policy:{fiscal_year}")
    found = Policy(
        fiscal_year=fiscal_year,
        code=f"ZC{fiscal_year}-{running:03d}",
        unit=unit,
        entered_by=by,
        entered_at=now,
        **columns,
    )
    session.add(found)
    session.flush()
    return found


def variables(register: Register, policy: Policy) -> dict[str, Any]:
    """Return the variable ``project`` of a process about a policy: as of a project, with ``policy`` in place of ``id``."""
    unit = register.unit_variables(policy.unit)
    return {
        "id": None,
        "policy": policy.id,
        "year": policy.fiscal_year,
        "code": policy.code,
        "name": policy.name,
        "category": "",
        "type": POLICY,
        "attr": policy.attr,
        "unit": unit["code"],
        "unit_name": unit["name"],
        "department": unit["department"],
        "department_name": unit["department_name"],
        "section": unit["section"],
        "section_name": unit["section_name"],
        "annual_amount": wan_from_fen(policy.annual_amount),
        "amount": policy.annual_amount,
        "secret": False,
    }


@dataclass(frozen=True, slots=True)
class Listed:
    """A policy with its unit's name and the newest evaluation, None before anybody asked for one."""

    policy: Policy
    unit: str
    evaluation: ExAnteEvaluation | None
    under_way: bool

    @property
    def score(self) -> Decimal | None:
        """What the newest evaluation came to."""
        return None if self.evaluation is None else self.evaluation.score

    @property
    def may_begin(self) -> bool:
        """Whether its evaluation can be asked for: none is under way and none passed."""
        passed = self.evaluation is not None and self.evaluation.conclusion == "PASS"
        return not self.under_way and not passed


def listed(
    session: Session, fiscal_year: int, *, units: Collection[str] | None, sections: Collection[str] = ()
) -> list[Listed]:
    """Return a year's policies, the newest first: all, or those of units and of units that sections are in charge of."""
    query = (
        select(Policy, Unit.name)
        .join(Unit, Unit.code == Policy.unit)
        .where(Policy.fiscal_year == fiscal_year, ~Unit.secret_flag)
        .order_by(Policy.id.desc())
    )
    if units is not None:
        query = query.where(Policy.unit.in_(units) | Unit.parent.in_(units) | Unit.section.in_(sections))
    rows = session.execute(query).all()
    evaluations = (
        select(ExAnteEvaluation, Case.closed_at)
        .join(Case, Case.instance_id == ExAnteEvaluation.instance_id)
        .where(
            ExAnteEvaluation.policy_id.in_([policy.id for policy, _ in rows]),
            Case.kind == CaseKind.EX_ANTE_EVALUATION,
        )
        .order_by(ExAnteEvaluation.instance_id)
    )
    newest = {found.policy_id: (found, closed) for found, closed in session.execute(evaluations)}
    return [Listed(policy, name, *_stands(newest.get(policy.id))) for policy, name in rows]


def _stands(found: tuple[ExAnteEvaluation, Any] | None) -> tuple[ExAnteEvaluation | None, bool]:
    return (None, False) if found is None else (found[0], found[1] is None)

"""The reviews of payments: how many, of how many projects, what was asked for and paid, what was held and returned (T10)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from budget import disbursements
from budget.statistics.model import Figure, Scope, read_once


@read_once
def _year(session: Session, scope: Scope) -> disbursements.Figures:
    """Return the figures of the year's requests by then."""
    return disbursements.figures(session, scope.year, scope.as_of, scope.covers())


def _figure(id: str, zh: str, en: str, unit: str, name: str) -> Figure:
    def compute(session: Session, scope: Scope) -> int:
        return int(getattr(_year(session, scope), name))

    return Figure(id, zh, en, unit, compute)


FIGURES = (
    _figure("disburse.items", "审核拨付申请", "Requests for payments reviewed", "笔", "requests"),
    _figure("disburse.reviews", "拨付审核次数", "Reviews of payments (every round)", "次", "reviews"),
    _figure(
        "disburse.projects", "审核拨付的项目（去重）", "Projects with requests (each once)", "个", "projects"
    ),
    _figure("disburse.amount", "审核拨付金额", "Money under review", "万元", "requested"),
    _figure("disburse.paid", "已拨付", "Paid requests", "笔", "paid"),
    _figure("disburse.paid.amount", "拨付金额", "Paid", "万元", "paid_amount"),
    _figure("disburse.held", "暂缓的申请", "Requests held", "笔", "held"),
    _figure("disburse.returned", "退回的申请", "Requests returned", "笔", "returned"),
    _figure("disburse.stopped", "停止拨付的申请", "Requests stopped", "笔", "stopped"),
)

"""The reviews of payments: how many, of how many projects, what was asked for and paid, what was held and returned (T10)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from budget import disbursements
from budget.statistics.model import Figure, Scope


def _figure(id: str, zh: str, en: str, unit: str, name: str) -> Figure:
    def compute(session: Session, scope: Scope) -> int:
        found = disbursements.figures(session, scope.year, scope.as_of, scope.covers())
        return int(getattr(found, name))

    return Figure(id, zh, en, unit, compute)


FIGURES = (
    _figure("pay.reviews", "拨付审核次数", "Reviews of payments", "次", "reviews"),
    _figure("pay.requests", "拨付申请", "Requests for payments", "笔", "requests"),
    _figure("pay.projects", "拨付审核涉及项目", "Projects with requests", "个", "projects"),
    _figure("pay.requested", "申请拨付金额", "Asked for", "万元", "requested"),
    _figure("pay.paid", "已拨付", "Paid requests", "笔", "paid"),
    _figure("pay.amount", "拨付金额", "Paid", "万元", "paid_amount"),
    _figure("pay.held", "暂缓的申请", "Requests held", "笔", "held"),
    _figure("pay.returned", "退回的申请", "Requests returned", "笔", "returned"),
    _figure("pay.stopped", "停止拨付的申请", "Requests stopped", "笔", "stopped"),
)

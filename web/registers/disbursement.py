"""资金审核: each request with what was asked for, how often it was reviewed, and what was paid."""

from __future__ import annotations

from flask_babel import gettext

from budget.cases import CaseKind
from budget.disbursements import RequestState
from budget.tables import Case, Disbursement, DisbursementRequest
from web.registers.cases import case_register
from web.registers.model import NUMBER, TAG, WAN, Column, words_of

_TONES = {
    str(RequestState.PAID): "ok",
    str(RequestState.HELD): "warn",
    str(RequestState.RETURNED): "warn",
    str(RequestState.STOPPED): "bad",
    str(RequestState.REVIEWING): "brand-tag",
}

REGISTER = case_register(
    CaseKind.DISBURSEMENT,
    joins=(
        (DisbursementRequest, DisbursementRequest.instance_id == Case.instance_id),
        (Disbursement, Disbursement.instance_id == Case.instance_id),
    ),
    amount=DisbursementRequest.amount,
    extra=(
        Column(
            "request",
            lambda: gettext("申请状态"),
            DisbursementRequest.state,
            TAG,
            RequestState,
            _TONES,
            sorts=False,
        ),
        Column("reviews", lambda: gettext("送审（次）"), DisbursementRequest.submissions, NUMBER),
        Column("paid", lambda: gettext("实际拨付（万元）"), Disbursement.amount, WAN),
    ),
    results=words_of(RequestState),
    readers=frozenset(
        {
            *("treasury_staff", "treasury_chief", "invest_staff", "invest_chief"),
            *("supervision_staff", "supervision_chief"),
        }
    ),
)

"""问题整改: each notice with its number, where it is, when it was received, and by how much it was extended."""

from __future__ import annotations

from flask_babel import gettext

from budget.cases import CaseKind
from budget.rectification import RectificationState, Source
from budget.tables import Case, Rectification
from web.registers import scope
from web.registers.cases import case_register
from web.registers.model import CODE, MOMENT, NUMBER, TAG, Column, words_of

_TONES = {
    str(RectificationState.CLOSED): "ok",
    str(RectificationState.FAILED): "bad",
    str(RectificationState.RECTIFYING): "warn",
    str(RectificationState.REPORTED): "brand-tag",
}

REGISTER = case_register(
    CaseKind.RECTIFICATION,
    joins=((Rectification, Rectification.instance_id == Case.instance_id),),
    extra=(
        Column("number", lambda: gettext("整改编号"), Rectification.number, CODE),
        Column("source", lambda: gettext("来源"), Rectification.source, words=Source),
        Column(
            "rectification",
            lambda: gettext("整改状态"),
            Rectification.state,
            TAG,
            RectificationState,
            _TONES,
            sorts=False,
        ),
        Column("received", lambda: gettext("签收时间"), Rectification.received_at, MOMENT),
        Column("extended", lambda: gettext("延期（天）"), Rectification.extension_days, NUMBER),
    ),
    results=words_of(RectificationState),
    readers=scope.CHECKERS,
    reads={scope.CONGRESS: Case.submitted_at.is_not(None) | Case.closed_at.is_not(None)},
)

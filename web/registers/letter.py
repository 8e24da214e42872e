"""公文: each letter with its kind, number, who is to sign for it and when that was done."""

from __future__ import annotations

from flask_babel import gettext

from budget.cases import CaseKind
from budget.letters import LetterKind, LetterState
from budget.tables import Case, Letter
from web.registers.cases import case_register
from web.registers.model import CODE, DAY, MOMENT, TAG, Column, words_of

REGISTER = case_register(
    CaseKind.LETTER,
    joins=((Letter, Letter.instance_id == Case.instance_id),),
    extra=(
        Column("kind", lambda: gettext("种类"), Letter.kind, words=LetterKind),
        Column("number", lambda: gettext("文号"), Letter.number, CODE),
        Column("stage", lambda: gettext("办理"), Letter.state, TAG, words=LetterState),
        Column("signed", lambda: gettext("签发日期"), Letter.signed_on, DAY),
        Column("received", lambda: gettext("签收时间"), Letter.received_at, MOMENT),
    ),
    results=words_of(LetterState),
)

"""责任追究: what followed for units from the responsibility ledger, with points and numbers (domain P16)."""

from __future__ import annotations

from flask_babel import gettext
from sqlalchemy import true

from budget.accountability import AccountabilityState, Measure
from budget.cases import CaseKind
from budget.ledger import LedgerEvent
from budget.tables import Accountability, Case
from web.registers import scope
from web.registers.cases import case_register
from web.registers.model import CODE, DAY, MOMENT, POINTS, Column, words_of

REGISTER = case_register(
    CaseKind.ACCOUNTABILITY,
    joins=((Accountability, Accountability.instance_id == Case.instance_id),),
    extra=(
        Column("event", lambda: gettext("事由"), Accountability.event, words=LedgerEvent),
        Column("number", lambda: gettext("编号"), Accountability.number, CODE),
        Column("measure", lambda: gettext("措施"), Accountability.measure, words=Measure, sorts=False),
        Column("points", lambda: gettext("记分"), Accountability.points, POINTS, sorts=False),
        Column("issued", lambda: gettext("签发"), Accountability.issued_at, MOMENT),
        Column("talked", lambda: gettext("约谈"), Accountability.talked_on, DAY),
    ),
    results=words_of(AccountabilityState),
    readers=frozenset({"supervision_staff", "supervision_chief"}),
    reads={scope.DISCIPLINE: true(), scope.LEADING: true()},
)

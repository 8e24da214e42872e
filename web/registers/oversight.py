"""人大监督: inspections and questions by the people's congress, and what was answered (domain P19)."""

from __future__ import annotations

from flask_babel import gettext
from sqlalchemy import func, select, true

from budget.cases import CaseKind
from budget.oversight import OversightKind, OversightState
from budget.tables import Case, Oversight, OversightOpinion
from web.registers import scope
from web.registers.cases import case_register
from web.registers.model import DAY, NUMBER, Column, words_of

_OPINIONS = (
    select(func.count())
    .select_from(OversightOpinion)
    .where(OversightOpinion.instance_id == Oversight.instance_id)
    .correlate(Oversight)
    .scalar_subquery()
)

REGISTER = case_register(
    CaseKind.OVERSIGHT,
    joins=((Oversight, Oversight.instance_id == Case.instance_id),),
    extra=(
        Column("kind", lambda: gettext("方式"), Oversight.kind, words=OversightKind),
        Column("held", lambda: gettext("日期"), Oversight.held_on, DAY),
        Column("led", lambda: gettext("带队领导"), Oversight.led_by, sorts=False, business=True),
        Column("opinions", lambda: gettext("意见（条）"), _OPINIONS, NUMBER, sorts=False),
    ),
    results=words_of(OversightState),
    readers=frozenset({"supervision_staff", "supervision_chief"}),
    reads={scope.CONGRESS: true()},
)

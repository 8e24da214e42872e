"""What projects are marked as, for filters (S2-08, S4-22): against poverty (扶贫、衔接), with money carried over.

Importing it offers them to the engine's lists, too.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import ColumnElement, select

from budget.tables import Case, Project, Unit
from engine.tasks import marks

#: By the filter's code: what it is called, and when a project is so.
MARKS: Mapping[str, tuple[tuple[str, str], ColumnElement[bool]]] = {
    "POVERTY": (("扶贫（衔接）", "against poverty"), Project.poverty_flag.is_(True)),
    "CARRYOVER": (("有上年结转", "with money carried over"), Project.carryover_amount > 0),
}


for _name, ((_zh, _en), _condition) in MARKS.items():
    # A case has the marks of its project, a secret one none (domain §6.4).
    marks.register(
        _name,
        {"zh": _zh, "en": _en},
        select(Case.instance_id)
        .join(Project, Project.id == Case.project_id)
        .join(Unit, Unit.code == Project.unit)
        .where(_condition, ~Project.secret_flag, ~Unit.secret_flag),
    )

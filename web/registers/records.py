"""The registers of records that are no cases: what is known of a project or a unit, whatever process wrote it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, Select, cast, func, null, or_, true
from sqlalchemy.orm import aliased

from budget.tables import Project, Section, Unit
from web.registers.model import Source

_SECTION = aliased(Section, name="of_record")
_SECTION_CODE = func.coalesce(Project.section, Unit.section)
#: The name of the section in charge, for a column.
SECTION_NAME = _SECTION.name
_NOTHING: Any = cast(null(), BigInteger)


def record_source(
    table: Any,
    *,
    key: Any,
    state: Any,
    project: Any = None,
    unit: Any = None,
    year: Any = None,
    instance: Any = None,
    name: Any = None,
    code: Any = None,
    amount: Any = None,
    joins: Sequence[tuple[Any, Any]] = (),
) -> Source:
    """Return the source of a table's rows, each about a project (the column ``project``) or a ``unit``.

    ``year`` is left out for what belongs to no year, ``name`` and ``code`` are the project's where they are not given.
    """
    owner = Project.unit if unit is None else unit

    def joined(statement: Select[Any]) -> Select[Any]:
        statement = statement.select_from(table)
        about = Project.id.is_(None) if project is None else Project.id == project
        statement = statement.outerjoin(Project, about).join(Unit, Unit.code == owner)
        for other, condition in joins:
            statement = statement.outerjoin(other, condition)
        return statement.outerjoin(_SECTION, _SECTION.code == _SECTION_CODE)

    return Source(
        joined=joined,
        key=key,
        instance=_NOTHING if instance is None else instance,
        year=year,
        project=Project.id,
        unit=Unit.code,
        unit_name=Unit.name,
        unit_parent=Unit.parent,
        section=_SECTION_CODE,
        section_name=_SECTION.name,
        name=Project.name if name is None else name,
        code=Project.code if code is None else code,
        amount=amount,
        secret=or_(
            func.coalesce(Project.secret_flag, False).is_(True),
            func.coalesce(Unit.secret_flag, False).is_(True),
        ),
        state=state,
        submitted=true(),
        number_key=True,
    )

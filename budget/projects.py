"""What a process and a form need of a project: its variables, and the form before the clerk opens it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget.codes import FUND_FIELDS, ProjectAttr
from budget.controls import control_of
from budget.goals import approved_version, snapshot
from budget.money import wan_from_fen
from budget.tables import Project, Section, Unit

#: The fields of the goal form that the project's record decides, and their names in variable ``project``.
RECORD_FIELDS: Mapping[str, str] = {
    "fiscal_year": "year",
    "project_code": "code",
    "project_name": "name",
    "project_category": "category",
    "project_type": "type",
    "project_attr": "attr",
    "project_level": "level",
    "unit_id": "unit_name",
    "dept_id": "department_name",
    "dept_code": "department",
    "bureau_section_id": "section_name",
}

#: What is taken from last year's approved form where a project is continued.
CONTINUED_FIELDS = (
    "unit_function",
    "overview",
    "basis_legal",
    "basis_necessity",
    "basis_feasibility",
    "safeguards",
    "goal_longterm",
    "indicators",
)


class Register:
    """The projects of a county with their units and sections, each read once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._units = {unit.code: unit for unit in session.scalars(select(Unit))}
        self._sections = {section.code: section for section in session.scalars(select(Section))}

    @property
    def session(self) -> Session:
        """The session that it reads with."""
        return self._session

    def project(self, project_id: int | None) -> Project:
        """Return a project by its id; raises :class:`sqlalchemy.exc.NoResultFound` where there is none."""
        return self._session.get_one(Project, project_id)

    def unit_variables(self, code: str) -> dict[str, Any]:
        """Return the variable ``unit`` of a process about a unit as a whole; raises KeyError for an unknown one."""
        unit = self._units[code]
        return {
            "code": unit.code,
            "name": unit.name,
            "level": unit.level,
            "department": unit.department,
            "department_name": self._units[unit.department].name,
            "section": unit.section,
            "section_name": self._sections[unit.section].name,
            "function": unit.function,
            "secret": unit.secret_flag,
        }

    def variables(self, project: Project) -> dict[str, Any]:
        """Return the variable ``project`` of a process: codes, names, amounts in 万元, and ``amount`` in 分.

        A secret project shows neither name nor amount (domain §6.4).
        """
        unit = self._units[project.unit]
        secret = project.secret_flag or unit.secret_flag
        parent = self._session.get(Project, project.parent_id) if project.parent_id else None
        return {
            "id": project.id,
            "year": project.fiscal_year,
            "code": project.code,
            "name": "涉密项目" if secret else project.name,
            "category": project.category,
            "type": project.type,
            "attr": project.attr,
            "level": project.level,
            "parent_code": parent.code if parent else None,
            "unit": unit.code,
            "unit_name": unit.name,
            "department": unit.department,
            "department_name": self._units[unit.department].name,
            "section": project.section,
            "section_name": self._sections[project.section].name,
            "annual_amount": None if secret else wan_from_fen(project.annual_amount),
            "amount": None if secret else project.annual_amount,
            "start_date": project.start_date.isoformat(),
            "end_date": project.end_date.isoformat(),
            "prior_grade": project.prior_grade,
            "secret": secret,
        }

    def prefilled(self, project: Project) -> dict[str, Any]:
        """Return the form as the clerk finds it: the project's data, last year's values where continued.

        Where last year's result set a control figure, that is the amount proposed.
        """
        variables = self.variables(project)
        control = control_of(self._session, project)
        answers: dict[str, Any] = {field: variables[name] for field, name in RECORD_FIELDS.items()}
        answers |= {
            "project_leader": project.leader,
            "leader_phone": project.phone,
            "start_date": project.start_date.isoformat(),
            "end_date": project.end_date.isoformat(),
            "total_amount": wan_from_fen(project.total_amount),
            "annual_amount": wan_from_fen(control.amount if control else project.annual_amount),
            "unit_function": self._units[project.unit].function,
            "secret_flag": False,
        }
        for book, field in FUND_FIELDS.items():
            answers[field] = wan_from_fen(project.total_amount if project.fund_book == book else 0)
        if project.parent_id:
            parent = self._session.get_one(Project, project.parent_id)
            answers["parent_project_id"] = f"{parent.code} {parent.name}"
        if project.attr == ProjectAttr.CONTINUED:
            answers["prior_result"] = project.prior_grade
            answers |= self._last_year(project)
        return {key: value for key, value in answers.items() if value is not None}

    def _last_year(self, project: Project) -> Mapping[str, Any]:
        version = approved_version(self._session, project.previous_id)
        if version is None:
            return {}
        body = snapshot(version)
        return {field: body[field] for field in CONTINUED_FIELDS if body.get(field)}


def changed_record_fields(
    answers: Mapping[str, Any], project: Mapping[str, Any]
) -> Iterator[tuple[str, Any]]:
    """Yield the fields of a form that differ from the variable ``project``, with what the record says."""
    for field, name in RECORD_FIELDS.items():
        if project.get(name) is not None and answers.get(field) != project[name]:
            yield field, project[name]

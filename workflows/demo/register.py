"""Fills the demo county's register: organisations, people with posts, units, projects, last year's approved goals."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from random import Random
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from budget import goals
from budget.codes import ProjectAttr, ProjectType
from budget.projects import Register
from budget.quality.thresholds import Thresholds
from budget.reviews import RelationKind, relate
from budget.tables import Project, Section, Unit
from engine.identity import ADMIN, AUDITOR, DESIGNER, Organisation
from engine.passwords import hash_password
from engine.plugins import Document
from workflows.demo import declarations
from workflows.demo.amounts import amounts
from workflows.demo.catalogue import ProjectRow, county, people_names, projects, units
from workflows.wording import Words

if TYPE_CHECKING:
    from engine.people import People

BUREAU, SYSTEM, EXPERTS, AGENCY = "BUREAU", "SYSTEM", "EXPERTS", "A01"
#: The words of the data files.
_WORDS = Words()
#: Goals of a budget year are declared in the last months of the year before.
BEFORE_THE_YEAR = timedelta(days=120)
#: How much larger projects of a type usually are: the large amounts of a county go into works and subsidies.
_SIZE: Mapping[str, float] = {
    ProjectType.ENGINEERING: 9.0,
    ProjectType.POLICY_SUBSIDY: 7.0,
    ProjectType.EQUIPMENT: 2.0,
    ProjectType.IT: 1.2,
    ProjectType.SERVICE: 0.5,
    ProjectType.OTHER: 1.0,
}

#: What a project has in common with the one that continues it.
_KEPT = (
    *("name", "category", "type", "attr", "level", "unit", "fund_book"),
    *("section", "leader", "phone"),
)


@dataclass(frozen=True, slots=True)
class Person:
    """An account of the demo county."""

    id: str
    name: str
    role: str
    org: str
    title: str


def staff(random: Random, words: Words = _WORDS) -> list[Person]:
    """Return everybody: a clerk and a head a unit, a chief and staff a section, a leader, the administrator."""
    names = people_names(random)
    people: list[Person] = []

    def add(id: str, role: str, org: str, title: str) -> None:
        people.append(Person(id, next(names), role, org, words.said(title)))

    for section in county()["sections"]:
        add(
            f"{section['short']}.guzhang",
            "section_chief",
            section["code"],
            f"{words.name(section['name'])}股长",
        )
        add(
            f"{section['short']}.guyuan1",
            "section_staff",
            section["code"],
            f"{words.name(section['name'])}工作人员",
        )
        add(
            f"{section['short']}.guyuan2",
            "section_staff",
            section["code"],
            f"{words.name(section['name'])}工作人员",
        )
    for office in county()["offices"]:
        leads = "股长" if office["name"].endswith("股") else "负责人"
        add(
            f"{office['short']}.guzhang",
            office["chief"],
            office["code"],
            f"{words.name(office['name'])}{leads}",
        )
        add(
            f"{office['short']}.guyuan",
            office["staff"],
            office["code"],
            f"{words.name(office['name'])}工作人员",
        )
    add("juzhang", "bureau_leader", BUREAU, "财政局局长")
    add("fenguan", "deputy_leader", BUREAU, "财政局分管副局长")
    add("admin", "admin", SYSTEM, "系统管理员")
    for unit in units():
        add(f"{unit.short}.jingban", "unit_clerk", unit.code, f"{words.name(unit.name)}经办人")
        add(f"{unit.short}.fuzeren", "unit_head", unit.code, f"{words.name(unit.name)}主要负责人")
    for number in range(1, 6):
        add(f"zhuanjia{number}", "expert", EXPERTS, "评审专家")
    add("jigou.zhuping", "agency_lead", AGENCY, "第三方机构主评人")
    add("jigou.chengyuan", "agency_member", AGENCY, "第三方机构成员")
    people.append(Person("yunwei1", "程立新", "operator", SYSTEM, "运行干预人员"))
    people.append(Person("yunwei2", "邵宁", "operator", SYSTEM, "运行干预人员"))
    people.append(Person("admin2", "戴立群", ADMIN, SYSTEM, "系统管理员"))
    people.append(Person("shenji", "审计组", AUDITOR, SYSTEM, "审计查阅"))
    people.append(Person("sheji1", "卢思远", DESIGNER, SYSTEM, "流程设计人员"))
    people.append(Person("sheji2", "纪文清", DESIGNER, SYSTEM, "流程设计人员"))
    people.append(Person("renda", "龚学民", "congress", "CONGRESS", "人大预算工委"))
    people.append(Person("jijian", "娄正阳", "discipline", "DISCIPLINE", "纪检监察室"))
    people.append(Person("lingdaoxiaozu", "向志远", "leading_group", "LEADING", "领导小组办公室"))
    people.append(Person("caigou", "翟文静", "procurement", "PROCUREMENT", "政府采购管理"))
    return people


def organisations(words: Words = _WORDS) -> list[Organisation]:
    """Return the finance bureau with its sections, the system's own, and the units."""
    offices = [*county()["sections"], *county()["offices"]]
    return [
        Organisation(BUREAU, "财政局", "bureau", None),
        Organisation(SYSTEM, "系统管理", "system", None),
        Organisation(EXPERTS, "评审专家库", "experts", None),
        Organisation("CONGRESS", words.name("县人大常委会预算工作委员会"), "outside", None),
        Organisation("DISCIPLINE", words.name("县纪委监委驻财政局纪检监察组"), "outside", None),
        Organisation("LEADING", words.name("县预算绩效管理领导小组办公室"), "outside", None),
        Organisation("PROCUREMENT", "政府采购管理办公室", "section", BUREAU),
        Organisation(AGENCY, "诚衡绩效评价事务所", "agency", None),
        *(Organisation(office["code"], words.name(office["name"]), "section", BUREAU) for office in offices),
        *(Organisation(unit.code, words.name(unit.name), "unit", None) for unit in units()),
    ]


def add_people(people: People, everybody: Sequence[Person], words: Words = _WORDS) -> Iterator[str]:
    """Create organisations and accounts; yield each account's name when it is there."""
    people.add_orgs(organisations(words))
    hashed = hash_password(county()["password"])
    for person in everybody:
        people.create_person(person.id, person.name, hashed=hashed, must_change=False)
        if person.role != AUDITOR:  # an auditor's post comes with the scope
            people.add_post(person.id, person.role, person.org)
        yield person.name


def add_units(session: Session, fiscal_year: int, words: Words = _WORDS) -> None:
    """Write sections and units; a new unit was established in the year before the budget year."""
    for section in county()["sections"]:
        session.add(Section(code=section["code"], name=words.name(section["name"]), duties=section["duties"]))
    session.flush()
    for unit in units():
        session.add(
            Unit(
                code=unit.code,
                name=words.name(unit.name),
                section=unit.section,
                secret_flag=unit.flag == "secret",
                established_at=date(fiscal_year - 1, 3, 1) if unit.flag == "new" else None,
                function=unit.function,
            )
        )
    session.flush()


def add_relations(session: Session) -> None:
    """Write which experts are, or were, related to units."""
    for one in county()["relations"]:
        kind = RelationKind[one["kind"]]
        given = {"since": one["since"], "until": one.get("until"), "note": one["note"]}
        relate(session, one["expert"], one["unit"], kind, **given)


def add_projects(
    session: Session, fiscal_year: int, everybody: Sequence[Person], random: Random
) -> list[Project]:
    """Write the year's projects, whose amounts add up to the county's total exactly, and those that they continue."""
    rows = projects()
    clerks = {person.org: person.name for person in everybody if person.role == "unit_clerk"}
    sections = {unit.code: unit.section for unit in units()}
    sizes = sorted(amounts(len(rows), Decimal(county()["amount"]), random), reverse=True)
    by_size = sorted(rows, key=lambda row: random.random() ** (1 / _SIZE[row.type]), reverse=True)
    amount_of = dict(zip(by_size, sizes, strict=True))
    numbers: dict[str, int] = {}
    result = []
    for row in rows:
        numbers[row.unit] = numbers.get(row.unit, 0) + 1
        amount = amount_of[row]
        shared = {
            "section": sections[row.unit],
            "leader": clerks[row.unit],
            "phone": f"0999-36{random.randint(10000, 99999)}",
        }
        previous = None
        if row.attr == ProjectAttr.CONTINUED:
            previous = _project(
                row, fiscal_year - 1, numbers[row.unit], amount * 9 // 10 // 10_000 * 10_000, shared
            )
            previous.attr = ProjectAttr.CONTINUED
            session.add(previous)
        project = _project(row, fiscal_year, numbers[row.unit], amount, shared)
        session.add(project)
        session.flush()
        if previous is not None:
            project.previous_id = previous.id
            project.prior_grade = random.choices(("优", "良", "中"), (60, 32, 8))[0]
        result.append(project)
    session.flush()
    return result


def add_year_before(session: Session, fiscal_year: int, names: Collection[str]) -> list[Project]:
    """Write those projects of the year before ``fiscal_year`` that its projects with these names continue."""
    added = []
    query = select(Project).where(Project.fiscal_year == fiscal_year, Project.name.in_(names))
    for project in session.scalars(query.order_by(Project.id)).all():
        amount = project.annual_amount * 9 // 10 // 10_000 * 10_000
        years = project.end_date.year - project.start_date.year + 1
        before = Project(
            fiscal_year=fiscal_year - 1,
            code=f"{fiscal_year - 1}{project.code[4:]}",
            start_date=date(fiscal_year - 1, 1, 1),
            end_date=date(fiscal_year - 2 + years, 12, 31),
            total_amount=amount * years,
            annual_amount=amount,
            **{field: getattr(project, field) for field in _KEPT},
        )
        session.add(before)
        session.flush()
        project.previous_id = before.id
        added.append(before)
    session.flush()
    return added


def _project(row: ProjectRow, year: int, number: int, amount: int, shared: Mapping[str, Any]) -> Project:
    years = int(row.years)
    return Project(
        fiscal_year=year,
        code=f"{year}-{row.unit}-{number:02d}",
        name=row.name,
        category=row.category,
        type=row.type,
        attr=row.attr,
        level="L1",
        unit=row.unit,
        start_date=date(year, 1, 1),
        end_date=date(year + years - 1, 12, 31),
        total_amount=amount * years,
        annual_amount=amount,
        fund_book=row.book,
        **shared,
    )


def add_last_year(
    session: Session, fiscal_year: int, heads: Mapping[str, str], random: Random
) -> Iterator[str]:
    """Write last year's approved goals of the projects that go on, as they would have been taken over from papers."""
    register, thresholds = Register(session), Thresholds.read()
    query = select(Project).where(Project.fiscal_year == fiscal_year - 1).order_by(Project.id)
    approved = datetime(fiscal_year - 2, 12, 18, 2, tzinfo=UTC)
    for number, project in enumerate(session.scalars(query).all()):
        if register.variables(project)["secret"]:
            continue
        moment = approved + timedelta(minutes=number)
        form = declarations.sound(register.prefilled(project), random, head=heads[project.unit], weights=None)
        digest = sha256(repr(form).encode()).hexdigest()
        document = Document("goal", 1, form, "system", moment, digest)
        goals.open_goal(session, project.id, None, moment)
        goals.submit(session, project.id, document, (), thresholds, moment)
        goals.freeze(
            session,
            project.id,
            document=document,
            grade="优",
            pattern=goals.NUMBER_PATTERN,
            by="system",
            now=moment,
        )
        yield project.name

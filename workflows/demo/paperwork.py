"""The demo county's paperwork: letters, indicators for the library, a batch of approvals, meetings, books kept by hand.

What is begun here is worked on by the people of :mod:`workflows.demo.staff`, as everything else of the year.
"""

from __future__ import annotations

import io
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cache, partial
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from docx import Document
from sqlalchemy import select
from sqlalchemy.orm import Session

from budget import approvals, books, meetings
from budget.letters import LetterKind
from budget.meetings import MeetingKind
from budget.tables import Case, Meeting, Project, Section
from engine.engine import StartRequest
from workflows import meetings as holding
from workflows.demo.catalogue import Template, county, templates
from workflows.goal_approval import starting as goal_approval
from workflows.indicator_library import starting as library
from workflows.letter import starting as letter
from workflows.wording import Words

if TYPE_CHECKING:
    from engine.engine import Engine
    from engine.identity import Actor
    from workflows.demo.staff import Staff
    from workflows.profiles import Profile

#: Who chairs the meetings, and who prepares them.
CHAIR, CLERK = "juzhang", "jixiao.guyuan"
#: What the cases of the batch of approvals are called by: its letters are signed for on the day on which they come.
AT_ONCE = "年度绩效目标批复"


@cache
def said() -> Mapping[str, Any]:
    """Return what ``paperwork.toml`` says."""
    return tomllib.loads(files(__package__).joinpath("paperwork.toml").read_text("utf-8"))


class Paperwork:
    """The paperwork of a county whose year is played; ``year`` is the one that is being carried out."""

    def __init__(self, engine: Engine, staff: Staff, profile: Profile, year: int) -> None:
        self.engine, self.staff, self.profile, self.year = engine, staff, profile, year
        self._words = Words.of(profile)

    def moments(self, ago: Callable[[int], date]) -> Iterator[tuple[date, Callable[[], object]]]:
        """Yield what is begun on which day; ``ago`` reckons a day from working days back."""
        for one in said()["letters"]:
            yield ago(one["ago"]), partial(self._write, one)
        for one in said()["library"]:
            yield ago(one["ago"]), partial(self._propose, one)
        yield ago(said()["approval"]["ago"]), self._approve
        yield ago(said()["held"]["ago"]), self._hold

    # letters

    def _write(self, one: Mapping[str, Any]) -> None:
        office = "BUDGET" if one["by"].startswith("budget") else "PERF"
        with self.engine.database.read() as unit, Session(unit.connection) as session:
            project = self._project(session, one["project"]) if "project" in one else None
            about = self._case(session, one["about"], project) if project is not None else None
            owner = project.unit if project is not None else one.get("unit")
            asked = letter.start(session, LetterKind[one["kind"]], about, owner, now=self.engine.clock.now())
        variables = dict(asked.variables)
        variables["letter"] = variables["letter"] | {
            "title": self._said(one["title"]),
            "text": self._said(one["text"].strip()),
        }
        self.engine.start_many(
            letter.PROCESS, [StartRequest(variables)], actor=self._person(one["by"], office)
        )

    def _case(self, session: Session, kind: str, project: Project) -> int | None:
        query = select(Case.instance_id).join(Project, Project.id == Case.project_id)
        query = query.where(Case.kind == kind, Project.name == project.name, Project.fiscal_year <= self.year)
        return session.scalars(query.order_by(Case.instance_id.desc())).first()

    # the library

    def _propose(self, one: Mapping[str, Any]) -> None:
        """An office proposes indicators for the library."""
        office, known = one["office"], {template.name: template for template in templates()}
        with self.engine.database.read() as unit, Session(unit.connection) as session:
            section = session.get(Section, office)
            name = section.name if section is not None else self._words.name("绩效股")
        rows = [_indicator(known[name]) for name in one["names"]]
        request = library.start(office, name, rows, one["source"], self.profile)
        role = "perf_staff" if office == "PERF" else "section_staff"
        self.engine.start_many(library.PROCESS, [request], actor=self._person(role, office))

    # approvals

    def _approve(self) -> None:
        """The budget section approves the goals of those units of next year that wait first."""
        about = said()["approval"]
        with self.engine.database.read() as unit, Session(unit.connection) as session:
            waiting = approvals.waiting(session, self.year + 1)
        units = [one.unit for one in waiting[: about["units"]]]
        request = goal_approval.start(
            self.year + 1, self._said(about["doc_no"]), self.staff.today, units, self.profile
        )
        actor = self._person("budget_staff", "BUDGET")
        self.engine.start_many(goal_approval.PROCESS, [request], actor=actor)

    # meetings

    def _hold(self) -> None:
        """A meeting decides what waits for its chair about some projects, as it was proposed."""
        about, store = said()["held"], self.engine.store
        if store is None:
            return
        id = self._convene(about, self.staff.today)
        chair = self.engine.actor(CHAIR)
        with self.engine.database.read() as unit, Session(unit.connection) as session:
            items = session.get_one(Meeting, id).items
            decided = {
                one: (names[0], about["remark"])
                for one, names in holding.outcomes(self.engine, chair, items).items()
            }
        minutes = store.put("会议纪要.docx", io.BytesIO(_minutes(about)))
        with self.engine.database.write() as unit, unit.savepoint() as session:
            meeting = session.get_one(Meeting, id)
            meetings.decide(meeting, decided)
            meeting.minutes_name, meeting.minutes_sha256 = "会议纪要.docx", minutes.sha256
        holding.hold(self.engine, id, chair)

    def prepare(self, day: date) -> None:
        """Put on the agenda of the next meeting what waits for its chair about some projects."""
        self._convene(said()["prepared"], day)

    def _convene(self, about: Mapping[str, Any], day: date) -> int:
        chair, clerk = self.engine.actor(CHAIR), self.engine.actor(CLERK)
        waiting = [
            one
            for one in holding.offered(self.engine, chair)
            if one.subject and any(name in one.subject for name in about["of"])
        ]
        with self.engine.database.write() as unit, unit.savepoint() as session:
            made = meetings.convene(
                session,
                MeetingKind.BUREAU,
                title=about["title"],
                held_on=day,
                place="财政局三楼会议室",
                chair=CHAIR,
                attendees=self._words.said("局领导班子成员，预算股、绩效股和有关业务股室负责人"),
                by=clerk.principal,
                now=self.engine.clock.now(),
            )
            for one in waiting:
                meetings.put_on(
                    session,
                    made,
                    item_id=one.item_id,
                    instance_id=one.instance_id,
                    step=one.step,
                    subject=one.subject,
                    unit=one.unit,
                )
            return made.id

    # books

    def keep_books(self, session: Session, now: datetime) -> None:
        """Write the lines of the books that are kept by hand."""
        for name, lines in said()["books"].items():
            book = books.BOOKS[name]
            for line in lines:
                typed = {key: self._said(value) for key, value in line.items()}
                if "on" in typed:
                    on = f"{self.year}-{typed['on']}"
                    typed["on"] = on if on <= now.date().isoformat() else f"{self.year - 1}-{typed['on']}"
                if "project" in typed:
                    project = self._project(session, typed["project"])
                    typed |= {"project": project.code, "unit": project.unit}
                given = books.read(session, book, self.year, typed)
                if given.wrong:
                    raise ValueError(f"{name}: {given.wrong}")
                books.write(session, book, self.year, given.columns, by=f"user:{CLERK}", now=now)

    # in short

    def _said(self, text: str) -> str:
        word = self._words.county
        named = county()["name"][:-1] + word
        return self._words.said(text.format(year=self.year, county=named, word=word))

    def _project(self, session: Session, name: str) -> Project:
        query = select(Project).where(Project.fiscal_year == self.year, Project.name == name)
        return session.scalars(query).one()

    def _person(self, role: str, org: str) -> Actor:
        return self.staff.holders(f"role:{role}@{org}")[0]


def titles() -> Sequence[str]:
    """Return what the cases of letters and proposals are called by, which people see to on the next working day."""
    return [one["title"].partition("}")[2] or one["title"] for one in said()["letters"]] + ["指标入库："]


def _indicator(template: Template) -> dict[str, Any]:
    kind, standard = said()["standards"].get(template.name, ("", ""))
    return {
        "type": template.type,
        "level1": template.level1,
        "level2": template.level2,
        "name": template.name,
        "operator": template.operator,
        "target": template.low,
        "unit": template.unit,
        "standard_kind": kind or None,
        "standard": standard or None,
    }


def _minutes(about: Mapping[str, Any]) -> bytes:
    """Return the minutes of a meeting as a Word file."""
    document = Document()
    document.add_heading(f"{about['title']}会议纪要", 0)
    for name in about["of"]:
        document.add_paragraph(f"{name}：{about['remark']}。")
    target = io.BytesIO()
    document.save(target)
    return target.getvalue()

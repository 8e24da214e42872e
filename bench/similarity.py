"""Compares a goal's text with tens of thousands of earlier ones: by the index, and by looking at each (difflib, pieces)."""

from __future__ import annotations

from collections import Counter
from datetime import date
from difflib import SequenceMatcher
from random import Random
from time import perf_counter

from sqlalchemy import select
from sqlalchemy.orm import Session

from bench.counties import County, county, databases
from bench.measure import Report, Series
from budget import similarity
from budget.quality.words import normal
from budget.tables import GoalText, Project, Section, Unit
from workflows import files_of
from workflows.demo import declarations
from workflows.demo.catalogue import projects

#: How many goals there are, and how many are compared with them.
GOALS, ASKED = 35_000, 200
#: Of how many goals the peers look, because each looks at all texts.
PEERS = 3
#: The budget: median milliseconds a goal.
LIMIT = 5.0
_KINDS = ("提质改造", "设备更新", "能力提升", "运行维护", "惠民补助", "示范创建", "综合治理", "信息化")


def run(*, quick: bool = False, only: str | None = None) -> Report:
    """Fill a county with goals and compare others with them."""
    report = Report("similarity")
    for kind in databases(only):
        with county(kind, files_of("goal_declaration")) as place:
            _one(report, place, GOALS // 100 if quick else GOALS, ASKED // 10 if quick else ASKED)
    return report


def texts(count: int, random: Random) -> list[tuple[str, str]]:
    """Return projects' types and texts as clerks write them: the catalogue's projects in many places, with own figures."""
    rows = projects()
    found = []
    for number in range(count):
        row = rows[number % len(rows)]
        name = f"{random.choice('东南西北中上下新')}{random.choice('河山桥沟湾塘镇村')}{random.choice(_KINDS)}{row.name}"
        prefilled = {
            "project_name": name,
            "project_type": row.type,
            "project_category": row.category,
            "fiscal_year": 2027,
            "annual_amount": random.randint(5, 5000),
            "unit_id": "",
            "project_leader": "",
            "start_date": "2027-01-01",
            "end_date": "2027-12-31",
        }
        found.append(
            (row.type, str(declarations.sound(prefilled, random, head="", weights=None)["goal_annual"]))
        )
    return found


def _one(report: Report, place: County, goals: int, asked: int) -> None:
    random = Random(35)
    earlier = texts(goals, random)
    with place.engine.database.write() as unit, unit.savepoint() as session:
        session.add(Section(code="S1", name="经建股"))
        session.flush()
        session.add(Unit(code="U1", name="县住建局", section="S1"))
        session.flush()
        added = [_project(number, kind) for number, (kind, _) in enumerate(earlier)]
        session.add_all(added)
        session.flush()
        began = perf_counter()
        for project, (_, text) in zip(added, earlier, strict=True):
            similarity.GOALS.keep(session, project, text)
        filling = perf_counter() - began
    report.add("one text kept", place.label, p50_ms=filling / goals * 1000, statements=4, count=goals)
    queries = [_changed(random.choice(earlier)[1], random) for _ in range(asked)]
    place.settle()
    with place.engine.database.read() as unit, Session(unit.connection) as session:
        series, copied = Series(), 0
        with series.running():
            for query in queries:
                found = series.once(lambda query=query: similarity.GOALS.find(session, query))
                copied += bool(found) and found[0].likeness >= 0.9
        stored = session.execute(select(GoalText.project_id, GoalText.text)).all()
        mine = series.figures()
        report.add("by the index", place.label, **mine, found=copied, asked=asked)
        for name, alike in (("pieces of each text", _by_pieces), ("difflib of each text", _by_difflib)):
            peer = Series()
            with peer.running():
                for query in queries[: PEERS if len(stored) > 1000 else 2]:
                    peer.once(
                        lambda query=query, alike=alike: max(alike(normal(query), row.text) for row in stored)
                    )
            theirs = peer.figures()
            report.add(name, place.label, **theirs)
            report.ratio(f"{place.label}: {name} / index", theirs["p50_ms"], mine["p50_ms"])
    report.budget(f"a goal against {goals:,} on {place.label}, median", mine["p50_ms"], LIMIT, unit="ms")
    report.notes.append(f"{place.label}: {copied} of {asked} copies with a few changed characters were found")


def _project(number: int, kind: str) -> Project:
    return Project(
        fiscal_year=2027,
        code=f"P{number}",
        name=f"项目{number}",
        category="SPECIFIC",
        type=kind,
        attr="NEW",
        level="L1",
        unit="U1",
        section="S1",
        start_date=date(2027, 1, 1),
        end_date=date(2027, 12, 31),
        total_amount=1,
        annual_amount=1,
        fund_book="GENERAL",
    )


def _changed(text: str, random: Random) -> str:
    """Return a copy in which two characters are others."""
    letters = list(text)
    for _ in range(2):
        letters[random.randrange(len(letters))] = random.choice("甲乙丙丁")
    return "".join(letters)


def _by_pieces(left: str, right: str) -> float:
    return similarity.likeness(Counter(similarity.pieces(left)), Counter(similarity.pieces(right)))


def _by_difflib(left: str, right: str) -> float:
    return SequenceMatcher(None, left, right, autojunk=False).ratio()

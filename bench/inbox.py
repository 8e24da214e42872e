"""A person's inbox with 10,000, 100,000 and 1,000,000 open tasks in the county: a page of 20 and the capped counts, without
and with filters and words, and the search over everything."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import Insert, String, Table, cast, func, insert, literal, select, text, true

from bench import narrowed
from bench.counties import County, county, databases
from bench.measure import Report, Series, quantile
from bench.processes import line
from bench.replay import recording, replay
from engine import tables
from engine.calendar import SystemClock
from engine.commands.start import StartRequest
from engine.identity import SYSTEM, Actor
from engine.tasks.query import InboxQuery

SIZES = (10_000, 100_000, 1_000_000)
#: Posts in the county; each open task is with one of them, every tenth is seen by an organisation too.
POSTS = 400
DAYS = 60
UNITS, AMOUNTS = 50, 1_000
PEOPLE = 50
BUDGET_MS = 1.0


def run(*, quick: bool = False, only: str | None = None) -> Report:
    """Fill a county with more and more open tasks, and ask for inboxes at each size."""
    report = Report("inbox")
    sizes = SIZES[:1] if quick else SIZES
    for kind in databases(only):
        with county(kind, {"line.bpmn": line(1)}) as place:
            [template] = place.engine.start_many("line", [StartRequest({})], actor=SYSTEM)
            place.engine.index()  # its copies are known to the search as it is
            medians = {}
            for size in sizes:
                fill(place, template.instance_id, size)
                medians[size] = _ask(report, place, size, 40 if quick else 400)
                narrowed.ask(report, place, size, _actors(), 20 if quick else 100)
            if len(sizes) > 1:
                growth = f"{place.label}: median at {sizes[-1]:,} / at {sizes[0]:,} open tasks"
                report.ratio(growth, medians[sizes[-1]], medians[sizes[0]])
    return report


def _ask(report: Report, place: County, size: int, times: int) -> float:
    """Measure the engine's inbox, its statements alone, and a query without an inbox table; return our median."""
    label = place.label
    actors = _actors()
    for actor in actors:
        place.engine.inbox(actor, InboxQuery())  # warm: compiled statements, pages of the index
    ours = Series()
    with recording(place.database.engine) as tape, ours.running():
        for number in range(times):
            tape.begin()
            page = ours.once(lambda number=number: place.engine.inbox(actors[number % PEOPLE], InboxQuery()))
            if len(page.rows) != 20 or page.counts.all < (50 if size < 100_000 else 100):
                raise RuntimeError(f"an inbox of {len(page.rows)} rows, {page.counts}")
    raw = Series()
    with place.sender() as send:
        replay(send, tape.acts, raw)
    naive = _naive(place, actors, max(5, times // 40))
    statements = tape.statements[0]
    report.add("bihuan", label, open=size, **ours.figures(), statements=statements)
    report.add("its statements, raw", label, open=size, **raw.figures(), statements=statements)
    report.add("join with OR and DISTINCT", label, open=size, **naive.figures(), statements=2)
    report.ratio(
        f"{label}, {size:,}: join with OR and DISTINCT / bihuan, median",
        quantile(naive.seconds, 0.5),
        quantile(ours.seconds, 0.5),
    )
    p95 = 1000 * quantile(raw.seconds, 0.95)
    report.budget(f"{label}, {size:,} open: the inbox's statements, p95", p95, BUDGET_MS, unit="ms")
    return quantile(ours.seconds, 0.5)


def _naive(place: County, actors: list[Actor], times: int) -> Series:
    """Ask as an engine without an inbox table does: open tasks joined with their candidates, OR, DISTINCT."""
    series = Series()
    page = text(
        "SELECT DISTINCT w.id, w.due_at, w.step, i.subject FROM work_items w JOIN instances i ON i.id = w.instance_id "
        "LEFT JOIN inbox c ON c.item_id = w.id WHERE w.state = 'open' "
        "AND (w.assignee = :me OR c.principal IN (:a, :b, :c, :d, :e)) ORDER BY w.due_at, w.id LIMIT 20"
    )
    count = text(
        "SELECT count(DISTINCT w.id) FROM work_items w LEFT JOIN inbox c ON c.item_id = w.id WHERE w.state = 'open' "
        "AND (w.assignee = :me OR c.principal IN (:a, :b, :c, :d, :e))"
    )

    def ask(parameters: Mapping[str, Any]) -> None:
        with place.database.read() as unit:
            unit.execute(page, parameters).all()
            unit.execute(count, parameters).all()

    with series.running():
        for number in range(times):
            actor = actors[number % PEOPLE]
            names = dict(zip("abcde", sorted(actor.principals), strict=True))
            series.once(lambda names=names, actor=actor: ask({"me": actor.principal, **names}))
    return series


def _actors() -> list[Actor]:
    """Return people with five principals each: themselves, their organisation and three posts."""
    return [
        Actor(
            f"p{number}",
            f"Person {number}",
            frozenset(
                {f"user:p{number}", f"org:S{number}"}
                | {f"role:section_staff@S{(number * 7 + post) % POSTS}" for post in range(3)}
            ),
        )
        for number in range(PEOPLE)
    ]


def fill(place: County, template: int, size: int) -> None:
    """Copy the instance ``template`` and its item until the county has ``size`` open tasks, some of them late."""
    items, inbox = tables.work_items, tables.inbox
    like = inbox.alias("like")
    now = SystemClock().now().replace(microsecond=0)
    with place.database.write() as unit:
        first = unit.execute(select(func.max(items.c.id))).scalar_one() + 1
        item = unit.execute(select(items.c.id).where(items.c.instance_id == template)).scalar_one()
        unit.execute(_copies(tables.instances, template, first, size))
        unit.execute(_copies(items, item, first, size, "instance_id"))
        fresh = items.c.id >= first
        for day in range(DAYS):
            due = now + timedelta(days=day - 5)
            unit.execute(items.update().where(fresh, items.c.id % DAYS == day).values(due_at=due))
        post = cast(items.c.id % POSTS, String)
        for prefix, chosen in (("role:section_staff@S", fresh), ("org:S", fresh & (items.c.id % 10 == 0))):
            row = {
                **{column.name: like.c[column.name] for column in inbox.c},
                "principal": literal(prefix).concat(post),
                "item_id": items.c.id,
                "due_at": items.c.due_at,
                "created_at": items.c.created_at,
                "instance_id": items.c.instance_id,
                "unit": literal("unit ").concat(cast(items.c.id % UNITS, String)),
                "reference": literal("XJ-").concat(cast(items.c.id, String)),
                "amount": items.c.id % AMOUNTS * 1_000_000,
            }
            query = select(*row.values()).select_from(items).join(like, like.c.item_id == item).where(chosen)
            unit.execute(insert(inbox).from_select(list(row), query))
        narrowed.fill(unit, first, POSTS)
    place.settle()


def _copies(table: Table, template: int, first: int, last: int, *numbered: str) -> Insert:
    """Return the statement that copies the row ``template`` to the ids from ``first`` to ``last``.

    The columns in ``numbered`` get the new row's number, as its id does.
    """
    start = select(literal(first).label("n")).cte("numbers", recursive=True)
    numbers = start.union_all(select(start.c.n + 1).where(start.c.n < last))
    source = table.alias("source")
    names = [column.name for column in table.c]
    values = [numbers.c.n if name in {"id", *numbered} else source.c[name] for name in names]
    query = select(*values).select_from(source).join(numbers, true()).where(source.c.id == template)
    return insert(table).from_select(names, query)

"""``bihuan simulate``: a county's whole year through the real engine, and the figures that come of it."""

from __future__ import annotations

import resource
import secrets
import tempfile
import time
from contextlib import ExitStack
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click
from sqlalchemy.orm import Session

from engine.database import Home
from engine.engine import Engine
from engine.plugins import load_plugins
from engine.values import dump_json
from web.commands.counties import engines, open_home
from web.commands.progress import Progress
from web.commands.speech import Command, language, option, say, spoken, with_json

if TYPE_CHECKING:
    from workflows.simulation.acceptance import Assertion

#: The assertion about a page, who reads it, how often it is read, and how many seconds it may take (domain A14).
PAGED, READER, READINGS, SECOND = "A14", "perf.perf_staff2", 100, Decimal(1)
_SENTENCES = {
    "no_shape": {
        "zh": "没有“{profile}”的规模资料。可用的有：{known}。",
        "en": "There is no county of the size of “{profile}”. There are: {known}.",
    },
    "other_year": {
        "zh": "“{profile}”的报告是 {year} 年度的，不能演算 {asked} 年度。",
        "en": "The report of “{profile}” is of {year}; {asked} can't be simulated.",
    },
    "last_year": {"zh": "带入上年批复的绩效目标", "en": "Last year's approved goals"},
    "start": {"zh": "派发", "en": "Sending out"},
    "days": {"zh": "办理（天）", "en": "Days of work"},
    "held": {"zh": "{name} 成立（{checks} 项比对）", "en": "{name} holds ({checks} comparisons)"},
    "fails": {"zh": "{name} 不成立", "en": "{name} doesn't hold"},
    "not_here": {
        "zh": "{name} 不适用：本县不开展",
        "en": "{name} is not of this county, which doesn't do it",
    },
    "wrong": {
        "zh": "    {id}：应为 {cmp} {expected}（{source}），得出 {found}",
        "en": "    {id}: {cmp} {expected} was expected ({source}), {found} was found",
    },
    "report": {"zh": "报告", "en": "the report"},
    "input": {"zh": "所投入的", "en": "what was put in"},
    "figures": {"zh": "其他统计数", "en": "other figures"},
    "decision": {"zh": "决策表", "en": "a decision"},
    "measured": {"zh": "实测", "en": "measured"},
    "done": {
        "zh": "{instances} 个实例，{completions} 次办理，{seconds} 秒，内存最多 {peak} MB。",
        "en": "{instances} instances, {completions} completions, {seconds} s, at most {peak} MB of memory.",
    },
}


@click.command(
    cls=Command,
    texts={
        "zh": "演算一个县的一整年：真实的流程、虚构的人员和项目，得出年度数据。",
        "en": "Play a county's whole year: the real processes, made-up people and projects, the year's figures.",
    },
)
@click.argument("profile", metavar="PROFILE")
@option("--year", type=int, required=True, metavar="Y", zh="预算年度。", en="The budget year.")
@option(
    "--database",
    "database_url",
    metavar="URL",
    zh="在这个 PostgreSQL 数据库里演算，事后删除；不写就用临时的 SQLite 文件。",
    en="Play in this PostgreSQL database and leave nothing there; without it, in a SQLite file that is thrown away.",
)
@option(
    "--scale",
    type=click.FloatRange(0.001, 1),
    default=1.0,
    show_default=True,
    zh="按比例缩小规模；缩小后只比对投入和统计数，不与报告比较。",
    en="A share of the county's size; a smaller one is compared with what was put in, not with the report.",
)
@option(
    "--workers",
    type=click.IntRange(1, 16),
    default=1,
    show_default=True,
    zh="几个进程分担办理；一个进程每次演算得完全一样。",
    en="How many processes share the work; one alone plays the same year the same way each time.",
)
@with_json
@spoken
def simulate(
    profile: str, year: int, database_url: str | None, scale: float, workers: int, as_json: bool
) -> int:
    """Exit with 1 where an assertion about the report's figures doesn't hold."""
    from workflows.simulation import shape as shapes
    from workflows.simulation.year import Year

    if profile not in shapes.names():
        raise click.ClickException(
            say(_SENTENCES["no_shape"], profile=profile, known="、".join(shapes.names()))
        )
    shape = shapes.load(profile)
    if shape.year != year:
        raise click.ClickException(
            say(_SENTENCES["other_year"], profile=profile, year=shape.year, asked=year)
        )
    begun = time.monotonic()
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(ignore_cleanup_errors=True))
        home = open_home(folder, database_url)
        engine = _empty_county(home, stack)
        told = stack.enter_context(Progress())
        played = Year(
            engine,
            shape.scaled(scale),
            lambda stage, done, total: told(_SENTENCES[stage][language()], done, total),
            workers=workers,
        )
        played.prepare()
        played.run()
        seconds = time.monotonic() - begun
        pages = _pages(engine, year)
        accepted = [_with_pages(one, pages) for one in played.acceptance()]
    found = {
        "profile": profile,
        "year": year,
        "figures": {id: _number(value) for id, value in played.figures.items()},
        "acceptance": {one.name: _told(one) for one in accepted},
        "instances": played.count.instances,
        "completions": played.count.completions,
        "seconds": round(seconds, 1),
        "peak_mb": round(_peak(workers) / 1024),
    }
    if as_json:
        click.echo(dump_json(found))
    else:
        _tell(found)
    return 0 if all(one.holds for one in accepted) else 1


def _empty_county(home: Home, stack: ExitStack) -> Engine:
    """Return the engine of a county that is gone again when the stack is left."""
    code = f"simulated_{secrets.token_hex(4)}"
    stack.callback(home.close)
    stack.callback(home.create_county(code, code, load_plugins()).drop_schema)
    [(_, engine)] = engines(home, code)
    engine.database.make_fleeting()
    return engine


def _peak(workers: int) -> int:
    """Return the most memory in kB that was used: the process's own, and each helper's as large as the largest."""
    helper = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss if workers > 1 else 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss + helper * (workers - 1)


def _pages(engine: Engine, year: int) -> Decimal:
    """Return how long the first page of the register of goals takes, the 95th of a hundred, in seconds (A14)."""
    from web.registers import reading
    from web.registers.goal import REGISTER

    actor = engine.actor(READER)
    taken = []
    for _ in range(READINGS):
        begun = time.perf_counter()
        with engine.database.read() as unit, Session(unit.connection) as session:
            reading.read(session, REGISTER, actor, reading.Filters(year))
        taken.append(time.perf_counter() - begun)
    return Decimal(str(round(sorted(taken)[READINGS * 95 // 100 - 1], 4)))


def _with_pages(one: Assertion, seconds: Decimal) -> Assertion:
    """Add to A14 that the first page takes less than a second."""
    if one.name != PAGED:
        return one
    from workflows.simulation.acceptance import Check, Source

    check = Check("goal.page.p95", seconds, SECOND, Source.MEASURED, "<=")
    return replace(one, checks=[*one.checks, check])


def _told(one: Assertion) -> dict[str, Any]:
    """Return an assertion as JSON tells it."""
    return {
        "applies": one.applies,
        "holds": one.holds,
        "checks": [
            {
                "id": check.id,
                "found": _number(check.found),
                "cmp": check.cmp,
                "expected": _number(check.expected),
                "source": str(check.source),
                "holds": check.holds,
            }
            for check in one.checks
        ],
    }


def _number(value: Decimal | str | None) -> Any:
    if value is None or isinstance(value, str):
        return value
    return int(value) if value == value.to_integral_value() else float(value)


def _tell(found: dict[str, Any]) -> None:
    from budget.statistics import FIGURES

    named = {figure.id: figure for figure in FIGURES}
    for id, value in found["figures"].items():
        if id in named:
            figure = named[id]
            click.echo(f"{getattr(figure, language())}\t{'' if value is None else value}\t{figure.unit}")
    for name, one in found["acceptance"].items():
        kind = "not_here" if not one["applies"] else "held" if one["holds"] else "fails"
        click.echo(say(_SENTENCES[kind], name=name, checks=len(one["checks"])))
        for check in one["checks"]:
            if not check["holds"]:
                source = say(_SENTENCES[check["source"]])
                click.echo(say(_SENTENCES["wrong"], **check | {"source": source}))
    click.echo(
        say(
            _SENTENCES["done"],
            instances=found["instances"],
            completions=found["completions"],
            seconds=found["seconds"],
            peak=found["peak_mb"],
        )
    )

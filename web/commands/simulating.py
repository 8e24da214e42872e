"""``bihuan simulate``: a county's whole year through the real engine, and the figures that come of it."""

from __future__ import annotations

import resource
import secrets
import tempfile
import time
from contextlib import ExitStack
from decimal import Decimal
from typing import Any

import click

from engine.database import Home
from engine.engine import Engine
from engine.plugins import load_plugins
from engine.values import dump_json
from web.commands.counties import engines, open_home
from web.commands.progress import Progress
from web.commands.speech import Command, language, option, say, spoken, with_json

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
    "held": {"zh": "{name} 成立", "en": "{name} holds"},
    "fails": {"zh": "{name} 不成立", "en": "{name} doesn't hold"},
    "not_yet": {"zh": "{name} 尚不能算出：{why}", "en": "{name} can't be computed yet: {why}"},
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
    zh="按比例缩小规模；缩小后不与报告比较。",
    en="A share of the county's size; a smaller one is not compared with the report.",
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
    held = played.assertions()
    found = {
        "profile": profile,
        "year": year,
        "figures": {id: _number(value) for id, value in played.figures.items()},
        "assertions": held,
        "not_yet": [{"id": id, "why": why} for id, why in played.shape.not_yet.items()],
        "instances": played.count.instances,
        "completions": played.count.completions,
        "seconds": round(seconds, 1),
        "peak_mb": round(_peak(workers) / 1024),
    }
    if as_json:
        click.echo(dump_json(found))
    else:
        _tell(found)
    return 0 if all(held.values()) else 1


def _empty_county(home: Home, stack: ExitStack) -> Engine:
    """Return the engine of a county that is gone again when the stack is left."""
    code = f"simulated_{secrets.token_hex(4)}"
    stack.callback(home.close)
    stack.callback(home.create_county(code, code, load_plugins()).drop_schema)
    [(_, engine)] = engines(home, code)
    return engine


def _peak(workers: int) -> int:
    """Return the most memory in kB that was used: the process's own, and each helper's as large as the largest."""
    helper = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss if workers > 1 else 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss + helper * (workers - 1)


def _number(value: Decimal | None) -> Any:
    return None if value is None else int(value) if value == value.to_integral_value() else float(value)


def _tell(found: dict[str, Any]) -> None:
    from budget.statistics import FIGURES

    named = {figure.id: figure for figure in FIGURES}
    for id, value in found["figures"].items():
        if id in named:
            figure = named[id]
            click.echo(f"{getattr(figure, language())}\t{'' if value is None else value}\t{figure.unit}")
    for name, holds in found["assertions"].items():
        click.echo(say(_SENTENCES["held" if holds else "fails"], name=name))
    for one in found["not_yet"]:
        click.echo(say(_SENTENCES["not_yet"], name=one["id"], why=one["why"]))
    click.echo(
        say(
            _SENTENCES["done"],
            instances=found["instances"],
            completions=found["completions"],
            seconds=found["seconds"],
            peak=found["peak_mb"],
        )
    )

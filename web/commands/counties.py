"""The commands about counties: create one, load the demo, bring tables up to date, examine data and history."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import click
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from engine.calendar import SystemClock
from engine.database import Database, Home
from engine.database import upgrade as upgrade_database
from engine.engine import Engine
from engine.plugins import load_plugins
from engine.store import FolderStore
from engine.values import dump_json
from web.commands.progress import Progress
from web.commands.speech import Command, Group, language, option, say, spoken, tell, with_json

DEMO = "demo"

_SENTENCES = {
    "no_county": {
        "zh": "{folder} 里还没有县。先运行 bihuan demo，或 bihuan county create 代码 名称。",
        "en": "There is no county in {folder} yet. Run bihuan demo, or bihuan county create CODE NAME.",
    },
    "created": {"zh": "已建立县 {code}（{name}）。", "en": "Created the county {code} ({name})."},
    "demo_exists": {
        "zh": "演示县已经在 {folder} 里，不再装载。",
        "en": "The demo county is in {folder} already.",
    },
    "demo_loading": {"zh": "正在装载演示县…", "en": "Loading the demo county…"},
    "demo_loaded": {
        "zh": "演示县已装好。下一步：bihuan serve，在浏览器中打开显示的地址。",
        "en": "The demo county is loaded. Next: bihuan serve, and open the address that it shows.",
    },
    "demo_taken": {
        "zh": "这里已有一个县 demo，不是演示县。请换一个文件夹（--home）或数据库。",
        "en": "There is a county demo already that is not the demo county. Use another folder (--home) or database.",
    },
    "demo_again": {
        "zh": "上次没有装完，重新装载。",
        "en": "It was not loaded to its end last time: once more from the start.",
    },
    "upgraded": {"zh": "{code}：表结构已是最新。", "en": "{code}: the tables are up to date."},
    "indexing": {"zh": "{code}：建立索引", "en": "{code}: indexing"},
    "indexed": {"zh": "{code}：已为 {count} 件事项重建索引。", "en": "{code}: indexed {count} cases anew."},
    "vacant": {
        "zh": "{code}：岗位 {role} 无人在岗，有 {count} 项待办在等；有人任职后立即看到",
        "en": "{code}: nobody holds {role}, for which {count} tasks wait; whoever gets the post sees them at once",
    },
    "clean": {"zh": "{code}：没有发现问题。", "en": "{code}: nothing is wrong."},
    "bad_url": {"zh": "数据库地址写得不对：{url}", "en": "This is no database address: {url}"},
}


def at_home(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options that say where the data is."""
    for decorate in (
        option(
            "--database",
            "database_url",
            envvar="BIHUAN_DATABASE",
            metavar="URL",
            zh="县的数据放在这个 PostgreSQL 数据库（postgresql://…）；不写就是文件夹里的 SQLite。",
            en="Keep the counties in this PostgreSQL database (postgresql://…); without it, in SQLite files.",
        ),
        option(
            "--home",
            "folder",
            envvar="BIHUAN_HOME",
            default="var",
            metavar="DIR",
            zh="数据文件夹（默认 var，或环境变量 BIHUAN_HOME）。",
            en="The folder of the data (var, or what BIHUAN_HOME says).",
        ),
    ):
        command = decorate(command)
    return command


def for_county(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command ``--county``."""
    return option(
        "--county",
        metavar="CODE",
        zh="只看这个县（默认全部）。",
        en="Only this county (all of them without it).",
    )(command)


def with_profile(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the option that says by which county's rules."""
    from workflows import profiles

    return option(
        "--profile",
        "profile",
        type=click.Choice(profiles.names()),
        default=profiles.DEFAULT,
        show_default=True,
        zh="按哪个县的规则和叫法。",
        en="By whose rules and words.",
    )(command)


def open_home(folder: str, database_url: str | None) -> Home:
    """Return the home that the options name; raises :class:`click.ClickException` for what is no address."""
    if database_url:
        try:
            backend = make_url(database_url).get_backend_name()
        except ArgumentError:
            backend = ""
        if backend not in {"postgresql", "sqlite"}:
            raise click.ClickException(say(_SENTENCES["bad_url"], url=database_url))
    return Home(Path(folder), database_url)


def engines(home: Home, county: str | None = None) -> Iterator[tuple[str, Engine]]:
    """Yield an engine for each county, or for the one named; raises where there is none."""
    codes = [county] if county else list(home.counties())
    if not codes:
        raise click.ClickException(no_county(home))
    plugins = load_plugins()
    for code in codes:
        yield code, _engine(home, home.open(code), plugins)


def no_county(home: Home) -> str:
    """Say that there is no county yet, and how one is made."""
    return say(_SENTENCES["no_county"], folder=home.path)


def _engine(home: Home, database: Database, plugins: Any) -> Engine:
    store = FolderStore(home.folder(database.code) / "attachments")
    return Engine(database, plugins=plugins, clock=SystemClock(), store=store)


@click.group(cls=Group, texts={"zh": "县的管理。", "en": "Manage counties."})
@spoken
def county() -> None:
    """Commands about one county."""


@county.command(cls=Command, texts={"zh": "建立一个空县。", "en": "Create an empty county."})
@click.argument("code", metavar="CODE")
@click.argument("name", metavar="NAME")
@at_home
@with_profile
@spoken
def create(code: str, name: str, profile: str, folder: str, database_url: str | None) -> int:
    """Create the county and deploy the processes that come with Bihuan, in the words of its profile."""
    from workflows import deploy_all

    home = open_home(folder, database_url)
    home.create_county(code, name, load_plugins())
    for _code, engine in engines(home, code):
        engine.set_setting("profile", profile, actor="system")
        deploy_all(engine)
    tell(_SENTENCES["created"], code=code, name=name)
    return 0


@click.command(
    cls=Command,
    texts={
        "zh": "装载演示县：单位、人员、项目和待办；已经有了就什么都不做。",
        "en": "Load the demo county: units, people, projects and tasks; does nothing when it is there.",
    },
)
@option(
    "--small",
    is_flag=True,
    zh="只装载下年度目标申报，不办理本年度的监控、整改、拨付和评价，时间省一半以上。",
    en="Only next year's goals, without the year so far: less than half the time.",
)
@at_home
@with_profile
@spoken
def demo(profile: str, folder: str, database_url: str | None, *, small: bool) -> int:
    """Create the county ``demo`` and load it by a profile, showing how far it has come."""
    from workflows.demo import name

    home = open_home(folder, database_url)
    if DEMO in home.counties():
        [(_code, engine)] = engines(home, DEMO)
        if not engine.setting("demo", False):
            raise click.ClickException(say(_SENTENCES["demo_taken"]))
        tell(_SENTENCES["demo_exists"], folder=home.path)
        return 0
    tell(_SENTENCES["demo_loading"])
    with home.building(DEMO) as database:
        _load_demo(home, database, profile, whole=not small)
    home.enlist(DEMO, name(profile))
    tell(_SENTENCES["demo_loaded"])
    return 0


def _load_demo(home: Home, database: Database, profile: str, *, whole: bool) -> None:
    """Load the demo into a county that isn't listed yet; what a loading that was broken off left there is dropped."""
    from workflows.demo import LOADING, load

    plugins = load_plugins()
    upgrade_database(database, plugins)
    if _engine(home, database, plugins).setting(LOADING, False):
        tell(_SENTENCES["demo_again"])
        database.drop_schema()
        upgrade_database(database, plugins)
    engine = _engine(home, database, plugins)
    if not engine.setting("demo", False) and engine.people.people():
        raise click.ClickException(say(_SENTENCES["demo_taken"]))
    with Progress() as progress:
        load(engine, progress, language=language(), profile=profile, whole=whole)


@click.command(
    cls=Command,
    texts={
        "zh": "把表结构升级到这个版本；SQLite 会先留一份副本。",
        "en": "Bring the tables up to this version; a SQLite file is copied first.",
    },
)
@at_home
@for_county
@spoken
def upgrade(folder: str, database_url: str | None, county: str | None) -> int:
    """Migrate every county, or the one named."""
    home = open_home(folder, database_url)
    plugins = load_plugins()
    for code, engine in engines(home, county):
        upgrade_database(engine.database, plugins)
        tell(_SENTENCES["upgraded"], code=code)
    return 0


@click.command(
    cls=Command,
    texts={
        "zh": "重建全文检索的索引；期间照常可以检索和办理。",
        "en": "Rebuild the index of the full-text search; people search and work meanwhile.",
    },
)
@at_home
@for_county
@spoken
def reindex(folder: str, database_url: str | None, county: str | None) -> int:
    """Tell the search of every county, or of the one named, everything anew."""
    for code, engine in engines(open_home(folder, database_url), county):
        with Progress() as progress:
            count = engine.reindex(partial(progress, say(_SENTENCES["indexing"], code=code)))
        tell(_SENTENCES["indexed"], code=code, count=count)
    return 0


@click.command(
    cls=Command,
    texts={
        "zh": "检查数据：每个流程实例都有人或有时间推动，待办与候选人一致。",
        "en": "Examine the data: every instance has somebody or something to move it, inboxes match candidates.",
    },
)
@at_home
@for_county
@with_json
@spoken
def doctor(folder: str, database_url: str | None, county: str | None, as_json: bool) -> int:
    """Write what the engine's rules find; 1 when there is anything."""
    home = open_home(folder, database_url)
    if not as_json:
        for code, engine in engines(home, county):
            for role, count in engine.vacant().items():
                tell(_SENTENCES["vacant"], code=code, role=role, count=count)
    return _findings(home, county, as_json, lambda engine: engine.doctor())


@click.command(
    cls=Command,
    texts={
        "zh": "核对历史记录的哈希链：有没有被改过、删过。",
        "en": "Verify the hash chains of the history: was anything changed or removed afterwards?",
    },
)
@at_home
@for_county
@with_json
@spoken
def verify_history(folder: str, database_url: str | None, county: str | None, as_json: bool) -> int:
    """Write where a chain is broken; 1 when there is any such place."""
    return _findings(open_home(folder, database_url), county, as_json, lambda engine: engine.verify_history())


def _findings(
    home: Home, county: str | None, as_json: bool, examine: Callable[[Engine], Sequence[Any]]
) -> int:
    found: list[dict[str, Any]] = []
    for code, engine in engines(home, county):
        findings = [{"county": code, **finding.as_json(language())} for finding in examine(engine)]
        if not findings:
            tell(_SENTENCES["clean"], code=code)
        found += findings
    if as_json:
        click.echo(dump_json(found))
    else:
        for entry in found:
            place = f"{entry['county']} #{entry['instance']}"
            click.echo(f"{place} [{entry['rule']}] {entry.get('message', '')}\n    → {entry['remedy']}")
    return int(bool(found))

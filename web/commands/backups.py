"""The commands that keep a county's data: back it up, restore it, archive finished cases, delete what is past its time."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from engine.backups import backup as back_up
from engine.backups import restore as restore_county
from engine.backups import verify
from engine.calendar import ZONE, parse_time
from engine.plugins import load_plugins
from engine.store import FolderStore
from web.commands.counties import at_home, engines, for_county, open_home
from web.commands.progress import Progress
from web.commands.speech import Command, option, say, spoken, tell

ENDING = ".bihuan"

_SENTENCES = {
    "made": {
        "zh": "{code}：已备份到 {file}（{rows} 行，{attachments} 个附件）。校验值 {digest}",
        "en": "{code}: backed up to {file} ({rows} rows, {attachments} attachments). Digest {digest}",
    },
    "missing": {
        "zh": "{code}：{count} 个附件的文件已经不在，备份里没有。",
        "en": "{code}: the files of {count} attachments were gone already; the backup lacks them.",
    },
    "whole": {
        "zh": "{file} 完好：{code}（{name}），{at} 备份。校验值 {digest}",
        "en": "{file} is whole: {code} ({name}), made on {at}. Digest {digest}",
    },
    "restored": {
        "zh": "已恢复县 {code}（{name}），{at} 的数据。",
        "en": "Restored the county {code} ({name}) as of {at}.",
    },
    "wrong": {
        "zh": "{code}：恢复后的数据有 {count} 处问题，请运行 bihuan doctor 和 bihuan verify-history 查看。",
        "en": "{code}: {count} things are wrong in the restored data; see bihuan doctor and bihuan verify-history.",
    },
    "archived": {"zh": "{code}：归档 {count} 件。", "en": "{code}: archived {count} cases."},
    "pruned": {
        "zh": "{code}：清除 {count} 件的内容。",
        "en": "{code}: deleted the contents of {count} cases.",
    },
    "tables": {"zh": "数据表", "en": "Tables"},
    "attachments": {"zh": "附件", "en": "Attachments"},
    "verify": {"zh": "核对备份", "en": "Verifying the backup"},
}


class _Steps(Progress):
    """Progress whose steps are the engine's words for them."""

    def __call__(self, what: str, done: int, total: int) -> None:
        """Show that ``done`` of ``total`` are done."""
        super().__call__(say(_SENTENCES[what]), done, total)


@click.command(
    cls=Command,
    texts={
        "zh": "把县的数据和附件备份成一个文件；备份时可以照常办理。",
        "en": "Back a county's data and attachments up to one file, while people work.",
    },
)
@click.argument("folder_to", metavar="FOLDER")
@at_home
@for_county
@spoken
def backup(folder_to: str, folder: str, database_url: str | None, county: str | None) -> int:
    """Write a file for each county, or for the one named, into a folder."""
    home, target = open_home(folder, database_url), Path(folder_to)
    target.mkdir(parents=True, exist_ok=True)
    names = home.counties()
    for code, engine in engines(home, county):
        now = engine.clock.now()
        file = target / f"{code}-{now.astimezone(ZONE):%Y%m%d-%H%M%S}{ENDING}"
        store = FolderStore(home.folder(code) / "attachments")
        with _Steps() as progress:
            made = back_up(engine.database, store, names[code], file, now, progress)
        rows = sum(part.rows or 0 for part in made.tables)
        tell(
            _SENTENCES["made"],
            code=code,
            file=file,
            rows=rows,
            attachments=len(made.attachments),
            digest=made.digest,
        )
        if made.missing:
            tell(_SENTENCES["missing"], code=code, count=len(made.missing))
    return 0


@click.command(
    cls=Command,
    texts={
        "zh": "从备份文件恢复一个县；不会覆盖已有的县。中断了可以再运行一次。",
        "en": "Restore a county from a backup; never over one that exists. Run it again where it was cut off.",
    },
)
@click.argument("file", metavar="FILE")
@option(
    "--as", "code", metavar="CODE", zh="恢复成这个代码的县。", en="Restore it as the county with this code."
)
@option("--check", is_flag=True, zh="只核对备份文件，不恢复。", en="Only verify the backup; restore nothing.")
@at_home
@spoken
def restore(file: str, code: str | None, check: bool, folder: str, database_url: str | None) -> int:
    """Verify the backup, restore it, and examine what came of it; 1 when the data are not sound."""
    with _Steps() as progress:
        if check:
            made = verify(Path(file), progress)
        else:
            home = open_home(folder, database_url)
            made = restore_county(home, Path(file), code, load_plugins(), progress)
    at = f"{made.made_at.astimezone(ZONE):%Y-%m-%d %H:%M}"
    if check:
        tell(_SENTENCES["whole"], file=file, code=made.county, name=made.name, at=at, digest=made.digest)
        return 0
    code = code or made.county
    tell(_SENTENCES["restored"], code=code, name=made.name, at=at)
    [(_code, engine)] = engines(home, code)
    wrong = len(engine.doctor()) + len(engine.verify_history())
    if wrong:
        tell(_SENTENCES["wrong"], code=code, count=wrong)
    return int(bool(wrong))


@click.command(
    cls=Command,
    texts={"zh": "把某日以前办结的事项归档。", "en": "Archive the cases that were over before a day."},
)
@option("--before", "day", required=True, metavar="DATE", zh="这一天以前办结的。", en="Over before this day.")
@option("--process", metavar="ID", zh="只归档这个流程的。", en="Only those of this process.")
@at_home
@for_county
@spoken
def archive(day: str, process: str | None, folder: str, database_url: str | None, county: str | None) -> int:
    """Archive finished cases of every county, or of the one named."""
    for code, engine in engines(open_home(folder, database_url), county):
        count = engine.archive_ended(_day(day), actor="system", process_id=process)
        tell(_SENTENCES["archived"], code=code, count=count)
    return 0


def _day(text: str) -> datetime:
    """Return when a day begins; raises :class:`engine.errors.BihuanError` for what is none."""
    found = parse_time(text)
    return datetime(found.year, found.month, found.day, tzinfo=ZONE)


@click.command(
    cls=Command,
    texts={
        "zh": "清除归档事项中保留期已满的内容；办理记录的抬头和校验值留下。",
        "en": "Delete the contents of archived cases that are past their time; heads and hashes of the history stay.",
    },
)
@at_home
@for_county
@spoken
def prune(folder: str, database_url: str | None, county: str | None) -> int:
    """Delete in every county, or in the one named."""
    for code, engine in engines(open_home(folder, database_url), county):
        tell(_SENTENCES["pruned"], code=code, count=len(engine.prune(actor="system")))
    return 0

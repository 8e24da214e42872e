"""``bihuan deploy``: a folder or a zip of process files goes into use the way that drafts in the browser do."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import click

from engine.bpmn.checks import kind_of
from engine.bpmn.xml import MAX_BYTES
from engine.calendar import ZONE, parse_time
from engine.design.releases import APPROVED, DEPLOYED, FAILED, FILES, FINISH, MIGRATE, REVIEW, Release, Wish
from web.commands.counties import at_home
from web.commands.operating import by_person, in_county, one_county
from web.commands.speech import Command, language, option, say, spoken, tell
from web.exchange.files import BROKEN_ARCHIVE

_SENTENCES = {
    "arguments": {
        "zh": "请写明要部署的文件夹或 zip，或用 --review 写明审核哪一项。",
        "en": "Name a folder or a zip to deploy, or the release to decide on with --review.",
    },
    "nothing": {
        "zh": "{path} 里没有流程、决策或表单文件。",
        "en": "{path} has no process, decision or form file.",
    },
    "twice": {"zh": "{path} 里有两个“{file}”。", "en": "{path} has two files called “{file}”."},
    "too_much": {"zh": "{path} 太大或文件太多。", "en": "{path} is too large or has too many files."},
    "not_zip": {"zh": "{path} 不是可读的 zip。", "en": "{path} is no readable zip."},
    "bad_time": {"zh": "看不懂时间“{text}”。", "en": "“{text}” is no time."},
    "review": {
        "zh": "已提出第 {id} 号部署申请，请另一名流程设计人员运行 bihuan deploy --review {id}。",
        "en": "Release {id} was asked for; another designer runs bihuan deploy --review {id}.",
    },
    "approved": {"zh": "第 {id} 号部署申请将在 {at} 部署。", "en": "Release {id} will be deployed at {at}."},
    "declined": {"zh": "第 {id} 号部署申请没有通过。", "en": "Release {id} was declined."},
    "deployed": {"zh": "已部署：{processes}", "en": "Deployed: {processes}"},
    "failed": {"zh": "没有部署成功：{message}", "en": "The deployment failed: {message}"},
}
_MOST_FILES = 500
_MOST_BYTES = 50_000_000


@click.command(
    cls=Command,
    texts={
        "zh": "部署一个文件夹或 zip 里的流程、决策和表单；与现行文件相同的不动。县里要两个人时，另一人用 --review 审核。",
        "en": "Deploy the processes, decisions and forms of a folder or zip; files in use already stay. Where the county "
        "asks for two people, another one decides with --review.",
    },
)
@click.argument("path", required=False, metavar="DIR|ZIP")
@option("--reason", default="", metavar="TEXT", zh="改了什么、为什么。", en="What was changed, and why.")
@option("--at", "when", metavar="TIME", zh="到这个时间再部署。", en="Deploy at this time, not at once.")
@option(
    "--migrate", is_flag=True, zh="在办事项也换到新版本。", en="Migrate running cases to the new versions."
)
@option("--review", "release", type=int, metavar="NUMBER", zh="审核这项申请。", en="Decide on this release.")
@option("--decline", "refusal", metavar="TEXT", zh="审核不通过，理由。", en="Decline it, for this reason.")
@by_person
@at_home
@in_county
@spoken
def deploy(
    path: str | None,
    reason: str,
    when: str | None,
    migrate: bool,
    release: int | None,
    refusal: str | None,
    person: str,
    folder: str,
    database_url: str | None,
    county: str | None,
) -> int:
    """Ask for a release of files or decide on one; 1 where it could not be deployed, 2 for unusable files."""
    if (path is None) == (release is None):
        tell(_SENTENCES["arguments"])
        return 2
    engine = one_county(folder, database_url, county)
    actor = engine.actor(person)
    if release is not None:
        return _told(engine.design.decide(release, refusal is None, refusal or "", actor))
    wish = Wish(reason, _moment(when), MIGRATE if migrate else FINISH, FILES)
    return _told(engine.design.release_files(_files(Path(str(path))), wish, actor))


def _told(release: Release) -> int:
    if release.state == DEPLOYED:
        made = [one["processes"] for one in release.outcome["deployments"]]
        versions = {process: version for processes in made for process, version in processes.items()}
        said = ", ".join(f"{process} v{version}" for process, version in sorted(versions.items()))
        click.echo(say(_SENTENCES["deployed"], processes=said))
    elif release.state == FAILED:
        tell(_SENTENCES["failed"], message=release.outcome["error"]["message"][language()])
        return 1
    elif release.state == REVIEW:
        tell(_SENTENCES["review"], id=release.id)
    elif release.state == APPROVED:
        at = release.due_at.astimezone(ZONE).isoformat() if release.due_at else ""
        tell(_SENTENCES["approved"], id=release.id, at=at)
    else:
        tell(_SENTENCES["declined"], id=release.id)
    return 0


def _moment(text: str | None) -> datetime | None:
    if text is None:
        return None
    found = parse_time(text)
    if not isinstance(found, datetime):
        raise click.ClickException(say(_SENTENCES["bad_time"], text=text))
    return found if found.tzinfo else found.replace(tzinfo=ZONE)


def _files(path: Path) -> dict[str, bytes]:
    """Return the files of a folder or a zip by their names, which must differ whatever folders they lie in."""
    found: dict[str, bytes] = {}
    for name, content in _in_folder(path) if path.is_dir() else _in_zip(path):
        if name in found:
            raise click.ClickException(say(_SENTENCES["twice"], path=path, file=name))
        found[name] = content
        if len(found) > _MOST_FILES or sum(map(len, found.values())) > _MOST_BYTES:
            raise click.ClickException(say(_SENTENCES["too_much"], path=path))
    if not found:
        raise click.ClickException(say(_SENTENCES["nothing"], path=path))
    return found


def _in_folder(path: Path) -> Iterable[tuple[str, bytes]]:
    for file in sorted(path.rglob("*")):
        if file.is_file() and kind_of(file.name) != "unknown":
            with file.open("rb") as stream:
                yield file.name, stream.read(MAX_BYTES + 1)


def _in_zip(path: Path) -> Iterable[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                name = entry.filename.replace("\\", "/").rpartition("/")[2]
                if kind_of(name) != "unknown":
                    with archive.open(entry) as stream:
                        yield name, stream.read(MAX_BYTES + 1)
    except BROKEN_ARCHIVE as problem:
        raise click.ClickException(say(_SENTENCES["not_zip"], path=path)) from problem

"""``bihuan check`` and ``bihuan play``: look at process files, and play one through, before anybody depends on them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
import msgspec

from engine.bpmn.checks import FileReport, check_files, kind_of
from engine.bpmn.xml import MAX_BYTES
from engine.plugins import load_plugins
from engine.values import dump_json
from web.commands.speech import Command, language, option, say, spoken, tell, with_json

_SENTENCES = {
    "absent": {"zh": "没有这个文件：{file}", "en": "There is no such file: {file}"},
    "accepted": {"zh": "{file}：可以部署", "en": "{file}: can be deployed"},
    "refused": {"zh": "{file}：不能部署", "en": "{file}: can't be deployed"},
    "not_json": {"zh": "{file} 不是可读的 JSON：{reason}", "en": "{file} is no readable JSON: {reason}"},
    "not_answers": {
        "zh": "{file} 里应是一个 JSON 对象，键 answers 是列表",
        "en": "{file} must hold a JSON object whose key “answers” is a list",
    },
    "state": {"zh": "结果：{state}", "en": "Result: {state}"},
    "path": {"zh": "经过：{path}", "en": "Path: {path}"},
    "open": {"zh": "待办：{name}（{element}）", "en": "Open: {name} ({element})"},
    "incident": {"zh": "故障：{element}：{message}", "en": "Incident: {element}: {message}"},
}
SEVERITIES = {
    "error": {"zh": "错误", "en": "error"},
    "warning": {"zh": "警告", "en": "warning"},
    "info": {"zh": "提示", "en": "note"},
}


@click.command(
    cls=Command,
    texts={
        "zh": "检查流程、决策和表单文件：能不能部署，问题在哪个元素，怎么改。\n\n"
        "写出的文件互相参照；同一文件夹里的其他文件也用来查找引用。",
        "en": "Check process, decision and form files: can they be deployed, what is wrong where, how to mend it.\n\n"
        "The files named refer to each other; other files of their folders are used to resolve references.",
    },
)
@click.argument("files", nargs=-1, required=True, metavar="FILE…")
@with_json
@spoken
def check(files: tuple[str, ...], as_json: bool) -> int:
    """Write a report for each file; 1 when one is refused, 2 when one can't be read at all."""
    sources = {name: _read(name) for name in files}
    missing = [name for name, source in sources.items() if source is None]
    for name in missing:
        tell(_SENTENCES["absent"], file=name)
    if missing:
        return 2
    known = {name: source for name, source in sources.items() if source is not None}
    plugins = load_plugins()
    reports = [_check(name, known, plugins) for name in known]
    if as_json:
        click.echo(dump_json({"files": [report.as_json(language()) for report in reports]}))
    else:
        for report in reports:
            _describe(report)
    return int(any(report.verdict == "refused" for report in reports))


def _check(name: str, named: dict[str, bytes], plugins: Any) -> FileReport:
    """Check one file among those that it may refer to.

    The file comes first, so that an id which two files define is its own: files that only lie beside each other,
    as in a folder of examples, don't refuse one another. Processes are read along only for one that calls
    some and for a form that they show, decision models for one that imports some.
    """
    source = named[name]
    kind = kind_of(name)
    wanted = {"dmn"} if kind == "dmn" else {"dmn", "form"}
    if b"callActivity" in source:
        wanted.add("bpmn")
    refers = kind == "bpmn" or (kind == "dmn" and b"import" in source)
    around = {name: source}
    if refers and len(source) <= MAX_BYTES:
        for other, content in (*named.items(), *_beside(name, wanted)):
            if kind_of(other) in wanted:
                around.setdefault(other, content)
    if kind == "form" and (shown := _id_of(source)):
        users = (other for other in named.items() if kind_of(other[0]) == "bpmn")
        around.update((other, content) for other, content in users if f'"{shown}"'.encode() in content)
    return check_files(around, plugins, targets=[name])[0]


def _id_of(form: bytes) -> str | None:
    """Return the id that a form file gives, None for one that gives none."""
    try:
        content = msgspec.json.decode(form)
    except (msgspec.DecodeError, RecursionError):
        return None
    found = content.get("id") if isinstance(content, dict) else None
    return found if isinstance(found, str) else None


def _beside(name: str, kinds: set[str]) -> Iterable[tuple[str, bytes]]:
    """Yield the model files in the folder of ``name``, as paths written the way that ``name`` is."""
    for path in sorted(Path(name).parent.iterdir()):
        if kind_of(path.name) in kinds and path != Path(name):
            content = _read(str(path))
            if content is not None:
                yield str(path), content


def _read(name: str) -> bytes | None:
    """Return a file's content, of a huge one only so much that the check sees it is too large."""
    try:
        with Path(name).open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except OSError:
        return None


def _describe(report: FileReport) -> None:
    click.echo(say(_SENTENCES[report.verdict], file=report.file))
    for found in report.findings:
        place = ":".join(str(part) for part in (found.line, found.column) if part is not None)
        click.echo(
            f"  {say(SEVERITIES[found.severity])} {place} {found.message.get(language(), '')} [{found.code}]"
        )
        if remedy := found.remedy.get(language()):
            click.echo(f"    → {remedy}")


@click.command(
    cls=Command,
    texts={
        "zh": "按一份答案把一个流程从头走一遍，说出走过哪里、停在哪里。",
        "en": "Play a process through with prepared answers, and tell where it went and where it stopped.",
    },
)
@click.argument("file", metavar="FILE.bpmn")
@option(
    "--answers",
    "answers_file",
    required=True,
    metavar="ANSWERS.json",
    zh="变量和逐步的答案（JSON）。",
    en="Variables and the answers step by step (JSON).",
)
@with_json
@spoken
def play(file: str, answers_file: str, as_json: bool) -> int:
    """Play ``file``; 0 when the answers could all be given and nothing failed, 1 otherwise, 2 for unusable files."""
    from engine.play import play as run

    answers = _answers(answers_file)
    source = _read(file)
    if source is None:
        tell(_SENTENCES["absent"], file=file)
    if source is None or answers is None:
        return 2
    files = {Path(name).name: content for name, content in _beside(file, {"bpmn", "dmn", "form"})}
    main = Path(file).name
    result = run({main: source, **files}, main, answers, load_plugins())
    if as_json:
        click.echo(dump_json(result))
    else:
        _tell_play(result)
    return int(bool(result.get("incidents") or result.get("unused") or result.get("error")))


def _answers(name: str) -> dict[str, Any] | None:
    source = _read(name)
    if source is None:
        tell(_SENTENCES["absent"], file=name)
        return None
    try:
        answers = msgspec.json.decode(source)
    except (msgspec.DecodeError, RecursionError) as problem:
        tell(_SENTENCES["not_json"], file=name, reason=problem)
        return None
    if not isinstance(answers, dict) or not isinstance(answers.get("answers", []), list):
        tell(_SENTENCES["not_answers"], file=name)
        return None
    return answers


def _tell_play(result: dict[str, Any]) -> None:
    click.echo(say(_SENTENCES["state"], state=result["state"]))
    click.echo(say(_SENTENCES["path"], path=" → ".join(result["path"])))
    for item in result["open"]:
        click.echo(say(_SENTENCES["open"], name=item["name"], element=item["element"]))
    for incident in result["incidents"]:
        click.echo(say(_SENTENCES["incident"], **incident))

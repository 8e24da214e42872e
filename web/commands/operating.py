"""The commands of operators: incidents and their repair, interventions in cases and processes, alone or by two."""

from __future__ import annotations

from typing import Any

import click
import msgspec

from engine.commands.incidents import IncidentQuery
from engine.commands.interventions import OPERATIONS
from engine.engine import Engine
from engine.values import dump_json, iso
from web.commands.counties import at_home, engines, open_home
from web.commands.speech import Command, language, option, say, spoken, tell, with_json

_SENTENCES = {
    "incident": {
        "zh": "#{id} 事项 {instance}（{process}）{element}：{message}",
        "en": "#{id} case {instance} ({process}) {element}: {message}",
    },
    "none": {"zh": "没有未处理的异常。", "en": "There are no open incidents."},
    "retried": {
        "zh": "重试 {count} 个，其中 {failed} 个又出错。",
        "en": "Tried {count} again; {failed} of them failed again.",
    },
    "done": {"zh": "已办：{operation}。", "en": "Done: {operation}."},
    "proposed": {
        "zh": "要两个人：已提出第 {id} 号申请，请另一人运行 bihuan confirm {id}。",
        "en": "This takes two people: proposal {id} was made; another person runs bihuan confirm {id}.",
    },
    "proposal": {
        "zh": "#{id} {operation} {target}：{reason}（{by}，{at}）",
        "en": "#{id} {operation} {target}: {reason} ({by}, {at})",
    },
    "declined": {"zh": "第 {id} 号申请没有同意。", "en": "Proposal {id} was declined."},
    "several": {
        "zh": "有几个县，请用 --county 写明是哪个。",
        "en": "There are several counties; name one with --county.",
    },
    "bad_params": {"zh": "--params 应是一个 JSON 对象。", "en": "--params must be a JSON object."},
    "target": {"zh": "请写明 --case 或 --process。", "en": "Name a case (--case) or a process (--process)."},
}


def in_county(command: Any) -> Any:
    """Give a command ``--county``: these act in one county only."""
    return option(
        "--county",
        metavar="CODE",
        zh="哪个县（只有一个时不用写）。",
        en="The county, where there are several.",
    )(command)


def by_person(command: Any) -> Any:
    """Give a command ``--by``."""
    return option(
        "--by", "person", required=True, metavar="PERSON", zh="谁办的（人员标识）。", en="Who does it."
    )(command)


def one_county(folder: str, database_url: str | None, county: str | None) -> Engine:
    """Return the engine of the county that is meant; there must be only one, or it must be named."""
    home = open_home(folder, database_url)
    if county is None and len(home.counties()) > 1:
        raise click.ClickException(say(_SENTENCES["several"]))
    return next(engines(home, county))[1]


@click.command(
    cls=Command,
    texts={
        "zh": "列出未处理的异常；--retry 全部重试。",
        "en": "List open incidents; --retry lets all of them try again.",
    },
)
@option("--process", metavar="ID", zh="只看这个流程的。", en="Only those of this process.")
@option("--element", metavar="ID", zh="只看这个步骤的。", en="Only those of this element.")
@option("--code", metavar="CODE", zh="只看这种异常。", en="Only those with this code.")
@option(
    "--retry", is_flag=True, zh="原因已排除，全部重试。", en="The cause is repaired: try all of them again."
)
@at_home
@in_county
@with_json
@spoken
def incidents(
    process: str | None,
    element: str | None,
    code: str | None,
    retry: bool,
    folder: str,
    database_url: str | None,
    county: str | None,
    as_json: bool,
) -> int:
    """Write the open incidents; 1 when there are any, or when some failed again."""
    engine = one_county(folder, database_url, county)
    query = IncidentQuery(process, element, code, limit=10_000)
    if retry:
        done = engine.retry_all(query, "system")
        failed = sum(one.state == "incident" for one in done)
        tell(_SENTENCES["retried"], count=len(done), failed=failed)
        return int(failed > 0)
    found = engine.incidents("system", query)
    if as_json:
        rows = [
            {
                "id": row.id,
                "instance": row.instance_id,
                "process": row.process_id,
                "element": row.element,
                "code": row.code,
                "message": row.message(language()),
                "raised_at": iso(row.raised_at),
            }
            for row in found
        ]
        click.echo(dump_json(rows))
    elif not found:
        tell(_SENTENCES["none"])
    else:
        for row in found:
            place = {
                "id": row.id,
                "instance": row.instance_id,
                "process": row.process_id,
                "element": row.element,
            }
            click.echo(say(_SENTENCES["incident"], **place, message=row.message(language())))
    return int(bool(found))


@click.command(
    cls=Command,
    texts={
        "zh": "干预：挂起、恢复、终止、跳转、跳过、更正变量，停用或恢复流程。",
        "en": "Intervene: suspend, resume, terminate, jump, skip, set variables, suspend or resume a process.",
    },
)
@click.argument("operation", type=click.Choice(sorted(OPERATIONS)), metavar="OPERATION")
@option("--case", "instance", type=int, metavar="NUMBER", zh="哪件事项。", en="The case.")
@option("--process", metavar="ID", zh="哪个流程。", en="The process.")
@option("--reason", required=True, metavar="TEXT", zh="理由。", en="The reason.")
@option(
    "--params",
    default="{}",
    metavar="JSON",
    zh="操作的其他参数（JSON）。",
    en="What else the operation needs (JSON).",
)
@by_person
@at_home
@in_county
@spoken
def intervene(
    operation: str,
    instance: int | None,
    process: str | None,
    reason: str,
    params: str,
    person: str,
    folder: str,
    database_url: str | None,
    county: str | None,
) -> int:
    """Do it, or propose it where the county asks for two people."""
    try:
        given = msgspec.json.decode(params.encode(), type=dict[str, Any])
    except msgspec.MsgspecError:
        raise click.ClickException(say(_SENTENCES["bad_params"])) from None
    if instance is None and process is None and "incident_id" not in given:
        raise click.ClickException(say(_SENTENCES["target"]))
    engine = one_county(folder, database_url, county)
    answer = engine.intervene(
        operation,
        actor=engine.actor(person),
        reason=reason,
        instance_id=instance,
        process_id=process,
        params=given,
    )
    if answer.done:
        tell(_SENTENCES["done"], operation=operation)
    else:
        tell(_SENTENCES["proposed"], id=answer.proposal_id)
    return 0


@click.command(
    cls=Command,
    texts={"zh": "列出等另一人确认的干预。", "en": "List the interventions that wait for a second person."},
)
@at_home
@in_county
@spoken
def proposals(folder: str, database_url: str | None, county: str | None) -> int:
    """Write what waits; 1 when there is anything."""
    found = one_county(folder, database_url, county).proposals("system")
    for one in found:
        target = one.process_id or f"#{one.instance_id}"
        told = {"operation": one.operation, "target": target, "reason": one.reason}
        click.echo(say(_SENTENCES["proposal"], id=one.id, **told, by=one.asked_by, at=iso(one.asked_at)))
    return int(bool(found))


@click.command(
    cls=Command,
    texts={
        "zh": "确认别人提出的干预；--decline 不同意。",
        "en": "Confirm what somebody proposed, or --decline it.",
    },
)
@click.argument("proposal", type=int, metavar="NUMBER")
@option("--decline", "reason", metavar="TEXT", zh="不同意的理由。", en="Decline it, for this reason.")
@by_person
@at_home
@in_county
@spoken
def confirm(
    proposal: int, reason: str | None, person: str, folder: str, database_url: str | None, county: str | None
) -> int:
    """Do what was proposed, or decline it."""
    engine = one_county(folder, database_url, county)
    actor = engine.actor(person)
    if reason is not None:
        engine.decline(proposal, actor=actor, reason=reason)
        tell(_SENTENCES["declined"], id=proposal)
        return 0
    engine.confirm(proposal, actor=actor)
    tell(_SENTENCES["done"], operation=f"#{proposal}")
    return 0

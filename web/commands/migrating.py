"""The command that migrates running cases between the versions of their process."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import msgspec

from engine.commands.migrating import Fate, MigrationPlan
from engine.engine import Engine
from engine.messages import sentence
from engine.values import dump_json
from web.commands.counties import at_home
from web.commands.operating import by_person, in_county, one_county
from web.commands.speech import Command, language, option, say, spoken, tell, with_json

_SENTENCES = {
    "arguments": {
        "zh": "请写明流程、--from 和 --to，或 --undo。",
        "en": "Name the process with --from and --to, or --undo.",
    },
    "bad_plan": {"zh": "方案文件读不懂：{reason}", "en": "The plan can't be read: {reason}"},
    "goes": {"zh": "事项 {instance}：{moves}", "en": "Case {instance}: {moves}"},
    "stays": {"zh": "事项 {instance} 不能迁移：{reason}", "en": "Case {instance} stays: {reason}"},
    "done": {
        "zh": "第 {id} 次迁移：{done} 件已迁移，{refused} 件没有。",
        "en": "Migration {id}: {done} cases were migrated, {refused} were not.",
    },
    "undone": {
        "zh": "撤销了 {count} 件，{refused} 件没有。",
        "en": "{count} cases were put back, {refused} were not.",
    },
}


@click.command(
    cls=Command,
    texts={
        "zh": "把在办事项换到流程的另一版本；--dry-run 只说会怎样，--undo 撤销。",
        "en": "Migrate running cases to another version of their process; --dry-run only tells, --undo puts back.",
    },
)
@click.argument("process", required=False, metavar="PROCESS")
@option("--from", "source", type=int, metavar="VERSION", zh="从第几版。", en="The version that they run on.")
@option(
    "--to", "target", type=int, metavar="VERSION", zh="到第几版。", en="The version that they are to run on."
)
@option(
    "--case",
    "cases",
    type=int,
    multiple=True,
    metavar="NUMBER",
    zh="只迁移这件（可写几次）。",
    en="Only this case; may be repeated.",
)
@option("--plan", "file", metavar="FILE", zh="用改过的方案（JSON）。", en="Use an edited plan (JSON).")
@option(
    "--write-plan",
    "written",
    metavar="FILE",
    zh="把提出的方案写到文件，不迁移。",
    en="Write the proposed plan, migrate nothing.",
)
@option("--dry-run", "dry", is_flag=True, zh="只说每件会怎样。", en="Only tell what would become of each.")
@option("--undo", type=int, metavar="NUMBER", zh="撤销这次迁移。", en="Put back what this migration did.")
@by_person
@at_home
@in_county
@with_json
@spoken
def migrate(
    process: str | None,
    source: int | None,
    target: int | None,
    cases: tuple[int, ...],
    file: str | None,
    written: str | None,
    dry: bool,
    undo: int | None,
    person: str,
    folder: str,
    database_url: str | None,
    county: str | None,
    as_json: bool,
) -> int:
    """Migrate, or tell what would happen; 1 when a case stays where it is."""
    engine = one_county(folder, database_url, county)
    actor = engine.actor(person)
    chosen = list(cases) or None
    if undo is not None:
        fates = engine.undo_migration(undo, chosen, actor=actor)
        return _undone(fates, as_json=as_json)
    if process is None or source is None or target is None:
        raise click.UsageError(say(_SENTENCES["arguments"]))
    plan = engine.plan_migration(process, source, target, actor=actor)
    if written is not None:
        Path(written).write_text(plan.dump() + "\n", encoding="utf-8")
        return 0
    if file is not None:
        plan = _edited(plan, file)
    if dry:
        return _told(engine.dry_run_migration(plan, chosen, actor=actor), as_json=as_json)
    return _migrated(engine, plan, chosen, actor, as_json=as_json)


def _edited(plan: MigrationPlan, file: str) -> MigrationPlan:
    """Return the plan of a file, for the versions that the command names."""
    try:
        found = MigrationPlan.load(Path(file).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, msgspec.MsgspecError, KeyError, TypeError, AttributeError) as error:
        raise click.ClickException(say(_SENTENCES["bad_plan"], reason=str(error))) from None
    return replace(plan, mapping={**plan.mapping, **found.mapping}, derive=found.derive)


def _migrated(
    engine: Engine, plan: MigrationPlan, chosen: list[int] | None, actor: Any, *, as_json: bool
) -> int:
    run = engine.migrate(plan, chosen, actor=actor)
    fates = engine.refused_migrations(run.id)
    if as_json:
        click.echo(
            dump_json({"migration": run.id, "done": run.done, "refused": [_json(one) for one in fates]})
        )
    else:
        tell(_SENTENCES["done"], id=run.id, done=run.done, refused=run.refused)
        _lines(fates)
    return int(run.refused > 0)


def _undone(fates: list[Fate], *, as_json: bool) -> int:
    left = [one for one in fates if one.refusal is not None]
    if as_json:
        click.echo(dump_json([_json(one) for one in fates]))
    else:
        tell(_SENTENCES["undone"], count=len(fates) - len(left), refused=len(left))
        _lines(left)
    return int(bool(left))


def _told(fates: list[Fate], *, as_json: bool) -> int:
    if as_json:
        click.echo(dump_json([_json(one) for one in fates]))
    else:
        _lines(fates)
    return int(any(one.refusal is not None for one in fates))


def _lines(fates: list[Fate]) -> None:
    for one in fates:
        if one.refusal is not None:
            click.echo(say(_SENTENCES["stays"], instance=one.instance_id, reason=_reason(one)))
        else:
            moves = ", ".join(f"{old} → {new}" for old, new in one.moves.items())
            click.echo(say(_SENTENCES["goes"], instance=one.instance_id, moves=moves))


def _reason(fate: Fate) -> str:
    return sentence(fate.refusal or "", fate.params, language())


def _json(fate: Fate) -> dict[str, Any]:
    found: dict[str, Any] = {"instance": fate.instance_id, "moves": dict(fate.moves)}
    if fate.refusal is not None:
        found |= {"code": fate.refusal, "message": _reason(fate)}
    return found

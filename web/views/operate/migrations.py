"""Running cases change to another version of their process: the plan, what it would do, the run, and the way back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext, ngettext

from engine.commands.migrating import Choice, Fate, MigrationPlan
from engine.errors import BihuanError
from engine.messages import sentence
from web import context, given, xlsx
from web.errors import explained
from web.views.operate.base import argument, blueprint, number

#: A dry run on the page tries so many; the run itself takes all.
TRIED = 200
#: What the page sends for an element that nothing stands for.
NONE = "-"


@dataclass(frozen=True, slots=True)
class Place:
    """An element of the old version: what the plan says stands for it, and whether its items are assigned anew."""

    choice: Choice
    chosen: str
    changed: bool
    derived: bool


@dataclass(frozen=True, slots=True)
class FateLine:
    """What would become, or became, of one case."""

    instance_id: int
    well: bool
    text: str


@blueprint.get("/processes/<process_id>/migrate")
def plan(process_id: str) -> Any:
    """Show the proposed plan from one version to another."""
    engine, actor = context.engine(), context.actor()
    source, target = number(argument("source")), number(argument("target"))
    (row,) = engine.process_rows(actor, process_id)
    if source is None or target is None or source == target:
        return render_template(
            "operate/migrate.html", process=row, source=source, target=target, places=None, fates=None
        )
    proposed = engine.plan_migration(process_id, source, target, actor=actor)
    return _page(proposed, None)


@blueprint.post("/processes/<process_id>/migrate")
def migrate(process_id: str) -> Any:
    """Try the plan that the page sent, or begin to carry it out."""
    engine, actor = context.engine(), context.actor()
    source, target = number(request.form.get("source")), number(request.form.get("target"))
    proposed = engine.plan_migration(process_id, source or 0, target or 0, actor=actor)
    asked = _edited(proposed)
    if "begin" not in request.form:
        running = engine.instances_to_migrate(asked, actor=actor)
        fates = engine.dry_run_migration(asked, running[:TRIED], actor=actor)
        return _page(asked, fates, len(running))
    try:
        run = engine.begin_migration(asked, _chosen(), actor=actor)
    except BihuanError as error:
        flash(explained(error), "error")
        return redirect(url_for("operate.plan", process_id=process_id, source=source, target=target), 303)
    return redirect(url_for("operate.migration", migration_id=run), 303)


@blueprint.get("/migrations")
def migrations() -> Any:
    """Show the last migrations."""
    engine = context.engine()
    runs = engine.migrations(context.actor())
    return render_template(
        "operate/migrations.html", runs=runs, names=engine.people.names([run.actor for run in runs])
    )


@blueprint.get("/migrations/<int:migration_id>")
def migration(migration_id: int) -> Any:
    """Show how far a migration is, and which cases stayed as they were."""
    engine = context.engine()
    run = engine.migration(migration_id)
    return render_template(
        "operate/migration.html",
        run=run,
        refused=[_line(fate) for fate in engine.refused_migrations(migration_id)],
        names=engine.people.names([run.actor]),
    )


@blueprint.post("/migrations/<int:migration_id>/undo")
def undo(migration_id: int) -> Any:
    """Let the cases of a migration be put back, as far as nobody has gone on with them."""

    count = context.engine().ask_undo_migration(migration_id, actor=context.actor())
    told = ngettext("将 %(num)d 项退回原版本。", "将 %(num)d 项退回原版本。", count)
    flash(told if count else gettext("没有可以退回的。"), "ok")
    return redirect(url_for("operate.migration", migration_id=migration_id), 303)


@blueprint.get("/migrations/<int:migration_id>/export.xlsx")
def export_migration(migration_id: int) -> Any:
    """Return the cases that stayed as they were, each with the reason, as a workbook."""
    engine = context.engine()
    lines = [_line(fate) for fate in engine.refused_migrations(migration_id)]
    headings = (gettext("实例"), gettext("原因"))
    sheet = xlsx.Sheet(
        gettext("没有办成的"), headings, [(one.instance_id, one.text) for one in lines], (12, 80)
    )
    return xlsx.download(gettext("版本迁移%(number)s", number=migration_id), [sheet])


def _page(asked: MigrationPlan, fates: list[Fate] | None, running: int = 0) -> str:
    (row,) = context.engine().process_rows(context.actor(), asked.process_id)
    return render_template(
        "operate/migrate.html",
        process=row,
        source=asked.source,
        target=asked.target,
        places=_places(asked),
        fates=None if fates is None else [_line(fate) for fate in fates],
        running=running,
        tried=TRIED,
        none=NONE,
    )


def _places(asked: MigrationPlan) -> list[Place]:
    found = []
    for choice in context.engine().migration_choices(asked, actor=context.actor()):
        chosen = asked.mapping[choice.name] or NONE
        found.append(Place(choice, chosen, chosen != choice.name, chosen in asked.derive))
    return sorted(found, key=lambda place: not place.changed)


def _edited(proposed: MigrationPlan) -> MigrationPlan:
    """Return the plan with what the page changed."""
    mapping = dict(proposed.mapping)
    for name in mapping:
        sent = request.form.get(f"to:{name}")
        if sent is not None:
            mapping[name] = None if sent == NONE else sent
    derive = {mapping[name] for name in mapping if f"derive:{name}" in request.form}
    return replace(proposed, mapping=mapping, derive=frozenset(one for one in derive if one is not None))


def _chosen() -> list[int] | None:
    """Return the cases that were ticked; None where all are meant."""
    if request.form.get("which") != "chosen":
        return None
    return given.numbers(request.form.getlist("case"))


def _line(fate: Fate) -> FateLine:
    if fate.refusal:
        return FateLine(fate.instance_id, False, sentence(fate.refusal, fate.params, context.language()))
    moves = [
        f"{before.partition('#')[2]} → {after.partition('#')[2]}"
        for before, after in fate.moves.items()
        if before != after
    ]
    return FateLine(fate.instance_id, True, "；".join(moves) or gettext("停在原处"))

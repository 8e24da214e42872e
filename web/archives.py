"""归档 in the background: what ended before a day is archived, and listed in a workbook for who ordered it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import Flask
from flask_babel import gettext
from sqlalchemy import select

from engine import tables
from engine.commands.errands import Errand, Product
from engine.commands.interventions import ARCHIVE
from web import xlsx

if TYPE_CHECKING:
    from engine import Actor, Engine

#: How often it is said how far it is.
_EVERY = 50


def install(app: Flask, engine: Engine) -> None:
    """Let ``engine`` archive, with the words of ``app``."""
    engine.makes(ARCHIVE, lambda errand, actor: make(app, engine, errand, actor))


def make(app: Flask, engine: Engine, errand: Errand, actor: Actor) -> Product:
    """Archive what was ordered, and return the list of it; what an attempt that died had done is listed, too."""
    before = datetime.fromisoformat(str(errand.params["before"]))
    process = errand.params.get("process")
    parts = sum(
        one.count
        for one in engine.archivable(before, actor=actor)
        if process is None or one.process_id == process
    )

    def progress(done: int) -> None:
        if done % _EVERY == 0 or done == parts:
            engine.errand_progress(errand.id, done, parts)

    engine.archive_ended(before, actor=actor, process_id=process, progress=progress)
    with app.test_request_context():
        sheet = xlsx.Sheet(
            gettext("归档清单"),
            [
                gettext("编号"),
                gettext("流程"),
                gettext("事项"),
                gettext("预算单位"),
                gettext("办结时间"),
                gettext("归档时间"),
                gettext("保管至"),
            ],
            list(_archived(engine, errand, actor, process)),
            (10, 20, 50, 24, 18, 18, 18),
            [gettext("保管期满以前内容不得清除；“保管至”为空的永久保管。")],
        )
        return Product(f"归档清单-{errand.id}.xlsx", xlsx.workbook([sheet]))


def _archived(engine: Engine, errand: Errand, actor: Actor, process: str | None) -> Iterator[Sequence[Any]]:
    archives, instances, definitions = tables.archives.c, tables.instances.c, tables.definitions.c
    query = (
        select(
            instances.id,
            definitions.name,
            instances.subject,
            instances.unit,
            instances.ended_at,
            archives.archived_at,
            archives.due_at,
        )
        .join(tables.instances, instances.id == archives.instance_id)
        .join(tables.definitions, definitions.id == instances.definition_id)
        .where(archives.archived_by == actor.principal, archives.archived_at >= errand.asked_at)
        .order_by(definitions.process_id, instances.id)
    )
    if process is not None:
        query = query.where(definitions.process_id == process)
    with engine.database.read() as unit:
        yield from (tuple(row) for row in unit.execute(query))

"""A county of its own, in memory, for one play: the real people, posts and records, none of the cases.

What is done in it is gone with it. Passwords, settings of channels and everything that engines keep of cases stay outside;
so do the records that the process itself has written, as if it were to be gone through for the first time.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Column, Table, delete, insert, select

from engine import tables
from engine.database import Database, Unit
from engine.memory import empty_county
from engine.migrations import branches

#: Of a table so many rows are taken along, the newest.
MOST = 20_000
#: What of the engine's own is taken along; of other rooms everything is.
_OWN: tuple[Table, ...] = (
    tables.organisations,
    tables.people,
    tables.posts,
    tables.substitutions,
    tables.working_days,
)
#: Of the settings these, which name the county's rules; others hold the secrets of channels.
_SETTINGS = ("profile", "profile_version", "year")
#: What a column of people is in a sandbox, where nobody signs in.
_BLANK = {"password_hash": None}

#: Instances of the county are so far away from those of the sandbox, which are counted from 1.
_FAR = 10**9


def open_sandbox(county: Database, plugins: Any, without: Collection[str] | None) -> Database:
    """Return a database in memory with the county's people, rules and records; whoever opens it closes it.

    Of other rooms' tables those rows stay outside that are of an instance (column ``instance_id``) of a process of
    ``without``, and what belongs to them; with None all of them do.
    """
    sandbox = empty_county(plugins)
    try:
        with county.read() as unit, sandbox.rebuild() as inside:
            for table in (*_OWN, *(() if without is None else _others(plugins))):
                _copy(unit, inside, table, without or ())
            _drop_orphans(inside)
            _copy_settings(unit, inside)
    except BaseException:
        sandbox.close()
        raise
    return sandbox


def _others(plugins: Any) -> Sequence[Table]:
    own = tables.metadata
    return [
        table
        for branch in branches(plugins)
        if branch.metadata is not own
        for table in branch.metadata.sorted_tables
        if table.name not in own.tables
    ]


def _copy(unit: Unit, inside: Unit, table: Table, without: Collection[str]) -> None:
    query = select(table).order_by(*[column.desc() for column in table.primary_key]).limit(MOST)
    if "instance_id" in table.c:
        instances, definitions = tables.instances.c, tables.definitions.c
        theirs = select(instances.id).join(tables.definitions, definitions.id == instances.definition_id)
        of_it = table.c.instance_id.in_(theirs.where(definitions.process_id.in_(without)))
        query = query.where(table.c.instance_id.is_(None) | ~of_it)
    numbers = [column.name for column in table.c if _is_instance(column)]
    rows = [dict(row._mapping) for row in unit.execute(query)]
    for row in rows:
        row.update({name: value for name, value in _BLANK.items() if name in row})
        row.update({name: row[name] + _FAR for name in numbers if row[name] is not None})
    if rows:
        inside.execute(delete(table))
        inside.execute(insert(table), rows)


def _is_instance(column: Column[Any]) -> bool:
    """Whether a column numbers an instance, or a row that is numbered by its instance."""
    targets = [key.target_fullname.rpartition(".")[2] for key in column.foreign_keys]
    return "instance_id" in (column.name, *targets)


def _drop_orphans(inside: Unit) -> None:
    """Delete what refers to a row that stayed outside, and what refers to that."""
    while orphans := inside.connection.exec_driver_sql("PRAGMA foreign_key_check").all():
        for table, rowid, *_ in orphans:
            inside.connection.exec_driver_sql(f'DELETE FROM "{table}" WHERE rowid = ?', (rowid,))


def _copy_settings(unit: Unit, inside: Unit) -> None:
    table = tables.settings
    rows = [dict(row._mapping) for row in unit.execute(select(table).where(table.c.key.in_(_SETTINGS)))]
    if rows:
        inside.execute(insert(table), rows)

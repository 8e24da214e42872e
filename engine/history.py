"""Append-only history: every event carries the hash of the one before it in its chain.

An instance is a chain of its own; people, deployments and settings have theirs. An event's hash covers its header and the
sha256 of its body, so retention may remove a body later and the chain stays whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from engine import tables
from engine.database import Unit
from engine.prepared import Prepared
from engine.values import canonical_json, digest, stamp

#: What the first event of a chain names as the hash before it.
GENESIS = "0" * 64

_append = Prepared(insert(tables.events))
_chain = (
    select(tables.chains.c.seq, tables.chains.c.head)
    .where(tables.chains.c.name == bindparam("name"))
    .with_for_update()
)


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that happened, before it has a place in its chain."""

    kind: str
    actor: str
    at: datetime
    element: str | None = None
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Broken:
    """A place where a chain does not fit together; ``rule`` says how."""

    chain: str
    seq: int
    rule: str

    @property
    def instance(self) -> int | None:
        """The instance whose chain it is, if it is an instance's."""
        kind, _, number = self.chain.partition(":")
        return int(number) if kind == "instance" else None


def chain_of(instance_id: int) -> str:
    """Return the name of an instance's chain."""
    return f"instance:{instance_id}"


def event_hash(
    chain: str,
    seq: int,
    at: datetime,
    actor: str,
    kind: str,
    element: str | None,
    body_sha256: str,
    previous: str,
) -> str:
    """Return the hash of an event: sha256 over the canonical JSON of its header, its body's hash and the hash before."""
    return digest(canonical_json([chain, seq, stamp(at), actor, kind, element, body_sha256, previous]))


def link(chain: str, seq: int, head: str, entries: Sequence[Entry]) -> tuple[list[dict[str, Any]], int, str]:
    """Return the rows that continue a chain after event ``seq`` with hash ``head``, and its new ``seq`` and head."""
    rows = []
    for entry in entries:
        seq += 1
        body = canonical_json(entry.body)
        body_sha256 = digest(body)
        this = event_hash(chain, seq, entry.at, entry.actor, entry.kind, entry.element, body_sha256, head)
        rows.append(
            {
                "chain": chain,
                "seq": seq,
                "at": entry.at,
                "actor": entry.actor,
                "kind": entry.kind,
                "element": entry.element,
                "body": body.decode(),
                "body_sha256": body_sha256,
                "previous": head,
                "hash": this,
            }
        )
        head = this
    return rows, seq, head


def write(unit: Unit, rows: Sequence[Mapping[str, Any]]) -> None:
    """Append linked rows."""
    if rows:
        _append.run(unit, *rows)


def record(unit: Unit, chain: str, *entries: Entry) -> None:
    """Append to a chain that is no instance's, for example ``identity``."""
    row = unit.execute(_chain, {"name": chain}).first()
    rows, seq, head = link(chain, row.seq if row else 0, row.head if row else GENESIS, entries)
    write(unit, rows)
    if row is None:
        unit.execute(insert(tables.chains), {"name": chain, "seq": seq, "head": head})
    else:
        unit.execute(update(tables.chains).where(tables.chains.c.name == chain), {"seq": seq, "head": head})


def heads(unit: Unit) -> Iterator[tuple[str, int, str]]:
    """Yield every chain with its length and its last hash, as the rows beside the events say, in a stable order."""
    for row in unit.execute(
        select(
            tables.instances.c.id, tables.instances.c.history_seq, tables.instances.c.history_head
        ).order_by(tables.instances.c.id)
    ):
        yield chain_of(row.id), row.history_seq, row.history_head
    for row in unit.execute(select(tables.chains).order_by(tables.chains.c.name)):
        yield row.name, row.seq, row.head


def verify(unit: Unit) -> list[Broken]:
    """Read all events and return every place where hashes, numbers or heads don't agree; empty when all is well."""
    expected = {chain: (seq, head) for chain, seq, head in heads(unit)}
    found: list[Broken] = []
    chain, seq, head = "", 0, GENESIS

    def close() -> None:
        if chain and expected.pop(chain, None) != (seq, head):
            found.append(Broken(chain, seq, "history.head"))

    events = tables.events.c
    rows = unit.execute(
        select(tables.events).order_by(events.chain, events.seq).execution_options(yield_per=1000)
    )
    for row in rows:
        if row.chain != chain:
            close()
            chain, seq, head = row.chain, 0, GENESIS
        seq += 1
        if row.seq != seq:
            found.append(Broken(chain, seq, "history.gap"))
            seq = row.seq
        elif row.previous != head:
            found.append(Broken(chain, seq, "history.previous"))
        if row.body is not None and digest(row.body) != row.body_sha256:
            found.append(Broken(chain, seq, "history.body"))
        if row.hash != event_hash(
            chain, row.seq, row.at, row.actor, row.kind, row.element, row.body_sha256, row.previous
        ):
            found.append(Broken(chain, seq, "history.hash"))
        head = row.hash
    close()
    found.extend(Broken(name, 0, "history.missing") for name, (length, _) in expected.items() if length)
    return found


def daily_root(unit: Unit, day: date, now: datetime) -> str:
    """Compute one hash over all chain heads, keep it as the root of ``day``, and return it.

    The first root of a day stays: what is exported outside the database must not change afterwards.
    """
    known = unit.execute(select(tables.roots.c.root).where(tables.roots.c.day == day)).scalar()
    if known is not None:
        return str(known)
    lines = [f"{chain} {seq} {head}" for chain, seq, head in heads(unit)]
    root = digest("\n".join(lines))
    unit.execute(insert(tables.roots), {"day": day, "chains": len(lines), "root": root, "computed_at": now})
    return root


def events_of(unit: Unit, instance_id: int) -> Sequence[Any]:
    """Return the rows of an instance's events, oldest first."""
    return unit.execute(_events_of, {"chain": chain_of(instance_id)}).all()


_events_of = (
    select(tables.events).where(tables.events.c.chain == bindparam("chain")).order_by(tables.events.c.seq)
)

"""Who wants to be told of what, through which channel, and when: the people's choices over the county's defaults."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select

from engine import tables
from engine.database import Unit
from engine.errors import BihuanError
from engine.notify.configuration import Configured, General
from engine.notify.kinds import HOWS, KINDS
from engine.notify.sources import people_of

_people, _wishes = tables.people.c, tables.wishes.c


@dataclass(frozen=True, slots=True)
class Reader:
    """A person whom messages may reach."""

    id: str
    name: str
    email: str
    mobile: str

    def address(self, channel: Configured) -> str | None:
        """Return where a channel reaches them, empty where it needs no address, None where it can't."""
        if channel.channel.address is None:
            return ""
        return (self.email if channel.channel.address == "email" else self.mobile) or None


class Audience:
    """What a number of people want: asked once for all of them."""

    def __init__(
        self,
        unit: Unit,
        channels: Sequence[Configured],
        general: General,
        people: Collection[str],
        now: datetime,
    ) -> None:
        self._general = general
        self._channels = channels
        wanted = sorted(people)
        rows = unit.execute(
            select(_people.id, _people.name, _people.email, _people.mobile).where(
                _people.id.in_(wanted), _people.active
            )
        )
        self.readers = {row.id: Reader(row.id, row.name, row.email or "", row.mobile or "") for row in rows}
        self._wishes = {
            (row.person, row.channel, row.kind): row.how
            for row in unit.execute(select(tables.wishes).where(_wishes.person.in_(wanted)))
        }
        self._inside = {
            one.name: {person for found in people_of(unit, one.audience, now).values() for person in found}
            for one in channels
            if one.audience
        }

    def how(self, person: str, channel: str, kind: str) -> str:
        """Return when a person is told of a kind through a channel."""
        return self._wishes.get((person, channel, kind)) or self._general.default(channel, kind)

    def reaches(self, person: str, channel: Configured) -> bool:
        """Whether a channel may tell a person anything, and has an address of theirs."""
        reader = self.readers.get(person)
        if reader is None or reader.address(channel) is None:
            return False
        return channel.name not in self._inside or person in self._inside[channel.name]

    def channels(self, person: str, kind: str, how: str) -> Iterator[Configured]:
        """Yield the channels through which a person wants a kind in this way, and that reach them."""
        for channel in self._channels:
            if self.how(person, channel.name, kind) == how and self.reaches(person, channel):
                yield channel


def everybody(unit: Unit) -> list[str]:
    """Return the ids of all active people."""
    return list(unit.execute(select(_people.id).where(_people.active).order_by(_people.id)).scalars())


def choosers(
    unit: Unit, channels: Sequence[Configured], general: General, kinds: Collection[str], how: str
) -> list[str]:
    """Return who may want one of the kinds in this way: those who chose it, or everybody where it is a default."""
    if any(general.default(one.name, kind) == how for one in channels for kind in kinds):
        return everybody(unit)
    query = (
        select(_wishes.person)
        .distinct()
        .where(
            _wishes.how == how,
            _wishes.kind.in_(list(kinds)),
            _wishes.channel.in_([one.name for one in channels]),
        )
    )
    return list(unit.execute(query.order_by(_wishes.person)).scalars())


def wishes(unit: Unit, person: str) -> dict[tuple[str, str], str]:
    """Return what a person chose: (channel, kind) → how."""
    rows = unit.execute(select(tables.wishes).where(_wishes.person == person))
    return {(row.channel, row.kind): row.how for row in rows}


def choose(unit: Unit, person: str, chosen: Mapping[tuple[str, str], str]) -> None:
    """Replace what a person chose; raises :class:`BihuanError` for what is no choice."""
    if any(kind not in KINDS or how not in HOWS for (_, kind), how in chosen.items()):
        raise BihuanError("preference.unknown")
    unit.execute(delete(tables.wishes).where(_wishes.person == person))
    rows = [
        {"person": person, "channel": channel, "kind": kind, "how": how}
        for (channel, kind), how in chosen.items()
    ]
    if rows:
        unit.execute(insert(tables.wishes), rows)

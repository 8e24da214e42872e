"""Notes from one person to others about a case: copies (抄送) with read receipts, urges (催办), comments that name people
(评论), and who follows it (关注)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from engine import tables
from engine.calendar import ZONE
from engine.commands import writer
from engine.commands.act import Act
from engine.commands.assignment import seen_by
from engine.commands.loading import Item, load_instance, load_item
from engine.commands.owning import owns
from engine.commands.ports import Ports
from engine.commands.secrecy import keep_out
from engine.database import Unit
from engine.errors import BihuanError, Forbidden, NotFound, Refused
from engine.history import Entry
from engine.identity import Actor, load_actor, members, names
from engine.prepared import Prepared
from engine.tasks.access import holds, may_see
from engine.values import load_plain

COPY, MENTION, URGE = "copy", "mention", "urge"
#: How long one person doesn't urge the same task again.
PATIENCE = timedelta(hours=4)
MAX_TEXT = 2_000
#: To how many people one copy goes at most.
MAX_PEOPLE = 500

_notes, _follows = tables.notes.c, tables.follows.c
_insert = insert(tables.notes)
_read = (
    update(tables.notes)
    .where(_notes.id == bindparam("key"), _notes.read_at.is_(None))
    .values(read_at=bindparam("now"), read_by=bindparam("by"))
)
_urged = (
    select(_notes.item_id, func.max(_notes.sent_at).label("last"))
    .where(
        _notes.instance_id == bindparam("instance"),
        _notes.kind == URGE,
        _notes.sender == bindparam("me"),
        _notes.sent_at > bindparam("since"),
    )
    .group_by(_notes.item_id)
)
_following = Prepared(
    select(_follows.person).where(
        _follows.person == bindparam("me"), _follows.instance_id == bindparam("instance")
    )
)


@dataclass(frozen=True, slots=True)
class Note:
    """A note as its reader sees it: ``kind`` is copy, mention, urge, or one of :mod:`engine.commands.informing`.

    ``link`` is the path inside the site of one that is about no case; ``text`` is then a sentence's code and parameters.
    """

    id: int
    kind: str
    instance_id: int | None
    item_id: int | None
    subject: str | None
    process_name: str
    sender: str
    sender_name: str
    sent_at: datetime
    text: str
    read_at: datetime | None
    step: str | None = None
    link: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """Whether a copy of a case was read: by whom of those to whom it went, and when."""

    principal: str
    name: str
    sent_at: datetime
    read_at: datetime | None
    read_by: str | None


def send(
    unit: Unit, act: Act, kind: str, principals: Iterable[str], text: str, item_id: int | None = None
) -> list[str]:
    """Write a note to each person whom ``principals`` mean today (a role that nobody holds keeps its own); return them.

    Who gets a note takes part in the case from now on.
    """
    people = [one for one in people_of(unit, principals, act.now) if one != act.actor]
    rows = [
        {
            "instance_id": act.instance.id,
            "item_id": item_id,
            "kind": kind,
            "principal": principal,
            "sender": act.actor,
            "sent_at": act.now,
            "text": text,
        }
        for principal in people
    ]
    if rows:
        act.store()
        unit.execute(_insert, rows)
        act.progress.join(people)
    return people


def copy(ports: Ports, unit: Unit, instance_id: int, actor: Actor, to: Sequence[str], text: str) -> list[str]:
    """Send a case to people for their information (抄送); return the principals to whom it went.

    Raises :class:`NotFound` for a case that the actor may not see, :class:`Refused` for nobody.
    """
    act = load_instance(ports, unit, instance_id, actor)
    see(unit, act, actor)
    if len(to) > MAX_PEOPLE:
        raise Refused("notes.too_many", count=len(to), limit=MAX_PEOPLE)
    people = [_known(unit, act, one) for one in to]
    sent = send(unit, act, COPY, people, _text(text))
    if not sent:
        raise Refused("notes.nobody")
    _record(unit, act, "copy.sent", None, {"to_all": sent, "text": text.strip()})
    return sent


def urge(ports: Ports, unit: Unit, item_id: int, actor: Actor, text: str) -> list[str]:
    """Nudge whoever has an open item; return the principals who are told.

    Raises :class:`Refused` ``urge.again`` within :data:`PATIENCE` of the actor's last one, and for one's own item.
    """
    item, act = load_item(ports, unit, item_id, actor)
    may_urge(unit, act, item, actor)
    having = seen_by(item.candidates, item.assignee, item.drafter, item.handed_in_at is not None)
    told = send(unit, act, URGE, having, _text(text), item.id)
    body = {"item": item.id, "step": item.step, "to_all": told, "text": text.strip()}
    _record(unit, act, "task.urged", item.element, body)
    return told


def may_urge(unit: Unit, act: Act, item: Item, actor: Actor) -> None:
    """Raise why the actor may not nudge whoever has an item: see :func:`urge`."""
    error = cannot_urge(act, item, actor.within(act.process.process_id), urged(unit, act, actor))
    if error is not None:
        raise error


def urged(unit: Unit, act: Act, actor: Actor) -> dict[int, datetime]:
    """Return which items of a case the actor has urged so lately that they must wait, and when."""
    wanted = {"instance": act.instance.id, "me": actor.principal, "since": act.now - PATIENCE}
    return {row.item_id: row.last for row in unit.execute(_urged, wanted)}


def cannot_urge(act: Act, item: Item, actor: Actor, urged: Mapping[int, datetime]) -> BihuanError | None:
    """Return why a person can't urge who has an item: ``urge.again`` says when it is possible again.

    Who owns the deadline may, though what was typed so far is not theirs to read.
    """
    if not (may_see(item, act.progress.participants, actor) or owns(act, item, actor)):
        return NotFound("item.unknown", item=item.id)
    if actor.no_business:
        return Forbidden("admin.no_business")
    if item.state != "open":
        return Refused("urge.closed", step=item.step)
    if act.progress.suspended is not None:
        return act.suspension()
    if holds(item, actor):
        return Refused("urge.oneself", step=item.step)
    last = urged.get(item.id)
    return None if last is None else Refused("urge.again", step=item.step, at=last + PATIENCE)


def comment(
    ports: Ports, unit: Unit, instance_id: int, actor: Actor, text: str, mentions: Sequence[str]
) -> None:
    """Comment on a case; those whom it mentions get a note, and take part from then on, as those who get a copy do.

    Raises :class:`Refused` for who neither may see the case nor works in an office of the author's.
    """
    act = load_instance(ports, unit, instance_id, actor)
    see(unit, act, actor)
    said = _text(text)
    if not said:
        raise Refused("comment.empty")
    keep_out(act)
    people = []
    for one in mentions:
        person = _person(unit, act, one)
        if not sees(unit, act, person) and offices_of(actor).isdisjoint(offices_of(person)):
            raise Refused("comment.not_here", person=person.name)
        people.append(person.principal)
    send(unit, act, MENTION, people, said)
    _record(unit, act, "comment.added", None, {"opinion": said, "to_all": people})


def follow(ports: Ports, unit: Unit, instance_id: int, actor: Actor, *, on: bool) -> bool:
    """Watch a case, or not any more; tell whether anything changed."""
    act = load_instance(ports, unit, instance_id, actor)
    see(unit, act, actor)
    mine = {"person": actor.principal, "instance_id": instance_id}
    if on:
        try:
            with unit.connection.begin_nested():
                unit.execute(insert(tables.follows), {**mine, "since": act.now})
        except IntegrityError:
            return False
    else:
        both = (_follows.person == actor.principal) & (_follows.instance_id == instance_id)
        if not unit.execute(delete(tables.follows).where(both)).rowcount:
            return False
    _record(unit, act, "instance.followed" if on else "instance.unfollowed", None, {})
    return True


def read(ports: Ports, unit: Unit, note_id: int, actor: Actor) -> bool:
    """Note that the actor has read a note that is theirs; tell whether it was the first time (阅读回执)."""
    row = unit.execute(select(tables.notes).where(_notes.id == note_id)).first()
    if row is None or row.principal not in actor.principals:
        raise NotFound("note.unknown")
    now = ports.clock.now()
    if row.instance_id is None:
        return unit.execute(_read, {"key": note_id, "now": now, "by": actor.principal}).rowcount == 1
    act = load_instance(ports, unit, row.instance_id, actor)
    if unit.execute(_read, {"key": note_id, "now": now, "by": actor.principal}).rowcount != 1:
        return False
    _record(unit, act, "note.read", None, {"note": note_id, "note_kind": row.kind, "to": row.sender})
    return True


def listed(unit: Unit, actor: Actor, kind: str | None, *, unread: bool, limit: int) -> list[Note]:
    """Return the actor's notes, the newest first."""
    instances, definitions = tables.instances.c, tables.definitions.c
    query = (
        select(
            tables.notes,
            instances.subject,
            definitions.name.label("process_name"),
            tables.work_items.c.step,
        )
        .outerjoin(tables.instances, instances.id == _notes.instance_id)
        .outerjoin(tables.definitions, definitions.id == instances.definition_id)
        .outerjoin(tables.work_items, tables.work_items.c.id == _notes.item_id)
        .where(_notes.principal.in_(sorted(actor.principals)))
        .order_by(_notes.sent_at.desc(), _notes.id.desc())
        .limit(limit)
    )
    if kind is not None:
        query = query.where(_notes.kind == kind)
    if unread:
        query = query.where(_notes.read_at.is_(None))
    rows = unit.execute(query).all()
    known = names(unit, {row.sender for row in rows})
    return [
        Note(
            row.id,
            row.kind,
            row.instance_id,
            row.item_id,
            row.subject,
            row.process_name or "",
            row.sender,
            known.get(row.sender, row.sender),
            row.sent_at,
            row.text,
            row.read_at,
            row.step,
            row.link,
        )
        for row in rows
    ]


def receipts(ports: Ports, unit: Unit, instance_id: int, actor: Actor) -> list[Receipt]:
    """Return to whom a case was copied, and who has read it."""
    act = load_instance(ports, unit, instance_id, actor.principal, lock=False)
    see(unit, act, actor)
    mine = (_notes.instance_id == instance_id) & (_notes.kind == COPY)
    rows = unit.execute(select(tables.notes).where(mine).order_by(_notes.id)).all()
    known = names(unit, {row.principal for row in rows})
    return [
        Receipt(row.principal, known.get(row.principal, row.principal), row.sent_at, row.read_at, row.read_by)
        for row in rows
    ]


def follows(unit: Unit, instance_id: int, actor: Actor) -> bool:
    """Whether the actor follows a case."""
    return _following.first(unit, {"me": actor.principal, "instance": instance_id}) is not None


def followed(unit: Unit, actor: Actor) -> list[int]:
    """Return the ids of the cases that the actor follows, the newest first."""
    query = select(_follows.instance_id).where(_follows.person == actor.principal)
    return list(unit.execute(query.order_by(_follows.since.desc(), _follows.instance_id.desc())).scalars())


def see(unit: Unit, act: Act, actor: Actor) -> None:
    """Raise :class:`NotFound` for a case that the actor may not see, :class:`Forbidden` for an administrator."""
    if actor.no_business:
        raise Forbidden("admin.no_business")
    if not sees(unit, act, actor):
        raise NotFound("instance.unknown", instance=act.instance.id)


def sees(unit: Unit, act: Act, actor: Actor) -> bool:
    """Whether a person may see a case: they take part, may read a record of it, or have an open item."""
    if actor.no_business:
        return False
    if not actor.principals.isdisjoint((*act.progress.participants, *act.progress.readers)):
        return True
    return not actor.principals.isdisjoint(watchers(unit, act))


def watchers(unit: Unit, act: Act) -> set[str]:
    """Return the principals who may see a case: who take part, may read a record of it, or have an open item."""
    items = tables.work_items.c
    query = select(items.assignee, items.candidates, items.drafter, items.handed_in_at).where(
        items.instance_id == act.instance.id, items.state == "open"
    )
    found = {*act.progress.participants, *act.progress.readers}
    for row in unit.execute(query):
        found.update(
            seen_by(load_plain(row.candidates), row.assignee, row.drafter, row.handed_in_at is not None)
        )
    return found


def offices_of(actor: Actor) -> set[str]:
    """Return the organisations in which a person holds a post, as principals."""
    return {f"org:{post.org}" for post in actor.posts}


def people_of(unit: Unit, principals: Iterable[str], now: datetime) -> list[str]:
    """Return the people whom principals mean today; a role that nobody holds, and an office, keep their own principal."""
    found: dict[str, None] = {}
    for principal in principals:
        kind, _, rest = principal.partition(":")
        role, _, org = rest.partition("@")
        holders = members(unit, role, org or None, now.astimezone(ZONE).date()) if kind == "role" else []
        found.update(dict.fromkeys(holders or [principal]))
    return list(found)


def _known(unit: Unit, act: Act, name: str) -> str:
    """Return a principal to whom something is sent; raises :class:`Refused` for a person who is not there."""
    if name.startswith(("role:", "org:")):
        return name
    return _person(unit, act, name).principal


def _person(unit: Unit, act: Act, name: str) -> Actor:
    person = name.removeprefix("user:")
    try:
        return load_actor(unit, person, act.now.astimezone(ZONE).date())
    except BihuanError:
        raise Refused("item.no_colleague", person=person) from None


def _text(text: str) -> str:
    if len(text) > MAX_TEXT:
        raise Refused("notes.too_long", length=len(text), limit=MAX_TEXT)
    return text.strip()


def _record(unit: Unit, act: Act, kind: str, element: str | None, body: dict[str, object]) -> None:
    act.entries.append(Entry(kind, act.actor, act.now, element, body))
    writer.write(unit, [act])

"""A publication as it goes along: collected, confirmed, agreed to, on show, released, put online, corrected.

Plain functions on a session; none commits. Who calls them is the process ``publication``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from budget.answers import day, rows, text
from budget.publishing.codes import Audience, Channel, ObjectionWay, PublicationKind, PublicationState
from budget.publishing.collecting import collect
from budget.publishing.content import Content, hash_of
from budget.publishing.redaction import words_of
from budget.tables import (
    Project,
    Publication,
    PublicationChannel,
    PublicationItem,
    PublicationObjection,
    Unit,
)

_State = PublicationState
#: What the public may have read: it is corrected by a next version, never changed.
OUT = frozenset({_State.RELEASED, _State.PUBLISHED})


class PublicationError(Exception):
    """A publication can't do what was asked; the text says which and why, in English."""


def publication_of(session: Session, instance_id: int) -> Publication:
    """Return the publication of an instance; raises :class:`PublicationError` where it has none."""
    found = session.get(Publication, instance_id)
    if found is None:
        raise PublicationError(f"instance {instance_id} has no publication")
    return found


def open_publication(
    session: Session,
    instance_id: int,
    *,
    unit: str,
    fiscal_year: int,
    kind: PublicationKind,
    redact: Collection[str],
    now: datetime,
    due_on: date | None = None,
    replaces: int | None = None,
) -> Publication:
    """Begin a version with what the unit has to publish, redacted; a secret unit has nothing.

    What it corrects is taken down at once, until the new version is out.
    """
    found = session.get(Publication, instance_id)
    if found is None:
        found = Publication(instance_id=instance_id, unit_code=unit, fiscal_year=fiscal_year, kind=kind)
        session.add(found)
    found.state, found.opened_at, found.due_on, found.replaces = _State.DRAFT, now, due_on, replaces
    found.version = 1
    if replaces is not None:
        before = publication_of(session, replaces)
        if before.state not in OUT:
            raise PublicationError(f"the publication {replaces} is {before.state}")
        before.state, found.version = _State.CORRECTING, before.version + 1
    found.items = [
        PublicationItem(
            position=position,
            project_id=one.project_id,
            code=one.code,
            name=Content([("", one.name)]).without(redact).facts[0][1],
            amount=one.amount,
            content=one.content.without(redact).written(),
            published=True,
        )
        for position, one in enumerate(collect(session, kind, fiscal_year, unit))
    ]
    session.flush()
    return found


def drop(session: Session, instance_id: int) -> None:
    """Undo :func:`open_publication`: what was corrected is out again."""
    found = publication_of(session, instance_id)
    found.state = _State.DROPPED
    if found.replaces is not None:
        restore(session, found.replaces)
    session.flush()


def restore(session: Session, instance_id: int) -> None:
    """Let a version that was being corrected stand again as it did."""
    before = publication_of(session, instance_id)
    before.state = _State.RELEASED if before.published_at is None else _State.PUBLISHED
    session.flush()


def decide(session: Session, instance_id: int, audience: Audience) -> None:
    """Note to whom it is published (D09); a summary has the facts alone."""
    found = publication_of(session, instance_id)
    found.audience = audience
    if audience == Audience.SUMMARY:
        for item in found.items:
            item.content = Content.read(item.content).summary().written()
    session.flush()


def confirm(
    session: Session,
    instance_id: int,
    answers: Mapping[str, Any],
    redact: Collection[str],
    *,
    by: str,
    now: datetime,
) -> int:
    """Take over what the unit confirmed: which items are kept back and why, and the words to be taken out.

    Returns how many are published.
    """
    found = publication_of(session, instance_id)
    items = {item.code: item for item in found.items}
    for row in rows(answers.get("items")):
        item = items[text(row.get("code"))]
        item.published = bool(row.get("publish"))
        item.reason = None if item.published else text(row.get("reason"))
        item.note = text(row.get("note"))
        hidden = words_of(text(row.get("hide")))
        if hidden:
            item.content = Content.read(item.content).without(redact, hidden).written()
            item.name = Content([("", item.name)]).without((), hidden).facts[0][1]
    found.state, found.confirmed_by, found.confirmed_at = _State.CONFIRMED, by, now
    session.flush()
    return sum(item.published for item in found.items)


def unconfirm(session: Session, instance_id: int) -> None:
    """Undo :func:`confirm`: the unit looks at it again."""
    found = publication_of(session, instance_id)
    found.state, found.confirmed_by, found.confirmed_at = _State.DRAFT, None, None
    found.reviewed_by = found.reviewed_at = found.notice_from = found.notice_until = None
    session.flush()


def reviewed(session: Session, instance_id: int, by: str | None, now: datetime | None) -> None:
    """Note who agreed for the performance section; both None undo it."""
    found = publication_of(session, instance_id)
    found.reviewed_by, found.reviewed_at = by, now
    session.flush()


def begin_notice(session: Session, instance_id: int, since: datetime, until: datetime) -> None:
    """Put it on show (公示)."""
    found = publication_of(session, instance_id)
    found.state, found.notice_from, found.notice_until = _State.NOTICE, since, until
    session.flush()


def end_notice(session: Session, instance_id: int) -> None:
    """Undo :func:`begin_notice`."""
    found = publication_of(session, instance_id)
    found.state, found.notice_from, found.notice_until = _State.CONFIRMED, None, None
    session.flush()


def object_to(
    session: Session, instance_id: int, answers: Mapping[str, Any], *, by: str, now: datetime
) -> PublicationObjection:
    """Write an objection down."""
    found = PublicationObjection(
        publication_id=instance_id,
        received_on=day(answers.get("received_on")),
        way=text(answers.get("way")),
        content=text(answers.get("content")),
        recorded_by=by,
        recorded_at=now,
    )
    session.add(found)
    session.flush()
    return found


def object_publicly(
    session: Session,
    instance_id: int,
    *,
    content: str,
    contact: str,
    receipt: str,
    now: datetime,
    today: date,
) -> PublicationObjection:
    """Write an objection down that was made on the public page, once for each ``receipt``.

    Raises :class:`PublicationError` where the version isn't on show, or no longer: it is decided under the same lock as
    the end of the notice, so that nothing is accepted that would not be heard.
    """
    known = session.scalars(
        select(PublicationObjection).where(PublicationObjection.receipt == receipt)
    ).first()
    if known is not None:
        return known
    found = session.get(Publication, instance_id, with_for_update=True)
    if (
        found is None
        or found.state != _State.NOTICE
        or found.notice_until is None
        or now >= found.notice_until
    ):
        raise PublicationError(f"the publication {instance_id} is not on show")
    one = PublicationObjection(
        publication_id=instance_id,
        received_on=today,
        way=ObjectionWay.ONLINE,
        content=content,
        contact=contact,
        receipt=receipt,
        recorded_by="public",
        recorded_at=now,
    )
    session.add(one)
    session.flush()
    return one


def pending(session: Session, instance_id: int) -> PublicationObjection | None:
    """Return the oldest objection that nobody has decided on; the publication stays locked until the commit."""
    session.get_one(Publication, instance_id, with_for_update=True)
    return session.scalars(
        select(PublicationObjection)
        .where(PublicationObjection.publication_id == instance_id, PublicationObjection.upheld.is_(None))
        .order_by(PublicationObjection.id)
        .limit(1)
    ).first()


def forget_objection(session: Session, instance_id: int) -> None:
    """Undo :func:`object_to`."""
    session.delete(_last(session, instance_id, decided=False))
    session.flush()


def settle(
    session: Session,
    instance_id: int,
    *,
    upheld: bool | None,
    answer: str,
    by: str | None,
    now: datetime | None,
) -> None:
    """Decide on the oldest open objection; None undoes the last decision.

    One that is upheld sends the version back to its unit.
    """
    one = _last(session, instance_id, decided=True) if upheld is None else pending(session, instance_id)
    if one is None:
        raise PublicationError(f"the publication {instance_id} has no open objection")
    one.upheld, one.answer, one.decided_by, one.decided_at = upheld, answer, by, now
    session.flush()


def _last(session: Session, instance_id: int, *, decided: bool) -> PublicationObjection:
    """Return the objection that was decided on last, or the one that an officer wrote down last."""
    query = select(PublicationObjection).where(PublicationObjection.publication_id == instance_id)
    if decided:
        query = query.where(PublicationObjection.upheld.is_not(None)).order_by(
            PublicationObjection.decided_at.desc(), PublicationObjection.id.desc()
        )
    else:
        query = query.where(PublicationObjection.receipt.is_(None)).order_by(PublicationObjection.id.desc())
    found = session.scalars(query.limit(1)).first()
    if found is None:
        raise PublicationError(f"nobody objected to the publication {instance_id}")
    return found


def release(session: Session, instance_id: int, release_on: date) -> Publication:
    """Freeze the version: it may stand anywhere from a day on.

    Raises :class:`PublicationError` where its unit or one of its projects was marked secret meanwhile (DQ29).
    """
    found = publication_of(session, instance_id)
    if secret_in(session, found):
        raise PublicationError(f"the publication {instance_id} holds what is secret now")
    found.state, found.release_on = _State.RELEASED, release_on
    found.sha256 = hash_of((item.code, item.name, item.content) for item in found.items if item.published)
    session.flush()
    return found


def secret_in(session: Session, found: Publication) -> bool:
    """Whether the unit of a publication, or a project that it publishes, is secret (DQ29)."""
    if session.get_one(Unit, found.unit_code).secret_flag:
        return True
    ids = [item.project_id for item in found.items if item.published and item.project_id is not None]
    query = select(func.count()).where(Project.id.in_(ids), Project.secret_flag)
    return bool(session.execute(query).scalar_one())


def unrelease(session: Session, instance_id: int) -> None:
    """Undo :func:`release`."""
    found = publication_of(session, instance_id)
    found.state, found.release_on, found.sha256 = _State.CONFIRMED, None, None
    session.flush()


def posted(
    session: Session,
    instance_id: int,
    channel: Channel,
    *,
    url: str,
    published_on: date,
    screenshot: str,
    by: str,
    now: datetime,
) -> None:
    """Note where and since when a version stands in a channel."""
    unposted(session, instance_id, channel)
    session.add(
        PublicationChannel(
            publication_id=instance_id,
            channel=channel,
            url=url,
            published_on=published_on,
            screenshot=screenshot,
            recorded_by=by,
            recorded_at=now,
        )
    )
    session.flush()


def unposted(session: Session, instance_id: int, channel: Channel) -> None:
    """Undo :func:`posted`."""
    for one in session.scalars(
        select(PublicationChannel).where(
            PublicationChannel.publication_id == instance_id, PublicationChannel.channel == channel
        )
    ):
        session.delete(one)
    session.flush()


def delivered(session: Session, instance_id: int, recipients: str) -> None:
    """Note to whom a version was given that isn't for the public; the empty string undoes it."""
    publication_of(session, instance_id).recipients = recipients
    session.flush()


def published(session: Session, instance_id: int, now: datetime, today: date) -> Publication:
    """Note that a version is out, since the earliest day of its channels; what it corrects is replaced."""
    found = publication_of(session, instance_id)
    session.refresh(found, ["channels"])
    days = [one.published_on for one in found.channels]
    found.state, found.published_at, found.published_on = _State.PUBLISHED, now, min(days, default=today)
    if found.replaces is not None:
        publication_of(session, found.replaces).state = _State.REPLACED
    session.flush()
    return found


def unpublished(session: Session, instance_id: int) -> None:
    """Undo :func:`published`."""
    found = publication_of(session, instance_id)
    found.state, found.published_at, found.published_on = _State.RELEASED, None, None
    if found.replaces is not None:
        publication_of(session, found.replaces).state = _State.CORRECTING
    session.flush()


def exempt(session: Session, instance_id: int) -> PublicationState:
    """Note that nothing is published; what was being corrected is withdrawn. Returns the end state."""
    found = publication_of(session, instance_id)
    found.state = _State.EXEMPTED
    if found.replaces is not None:
        found.state = publication_of(session, found.replaces).state = _State.WITHDRAWN
    session.flush()
    return found.state


def unexempt(session: Session, instance_id: int) -> None:
    """Undo :func:`exempt`."""
    found = publication_of(session, instance_id)
    found.state = _State.DRAFT if found.confirmed_at is None else _State.CONFIRMED
    if found.replaces is not None:
        publication_of(session, found.replaces).state = _State.CORRECTING
    session.flush()


def shown(found: Publication) -> Sequence[tuple[PublicationItem, Content]]:
    """Return the items that are published, with what is read of them."""
    return [(item, Content.read(item.content)) for item in found.items if item.published]

"""Letters (公文): numbered without gaps by year and kind, signed, sealed, received; templates in versions.

Plain functions on a session; none commits.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from budget.codes import Code
from budget.goals import next_number
from budget.tables import Letter, LetterTemplate


class LetterKind(Code):
    """The kinds of letters; each has a template and a series of numbers of its own."""

    APPROVAL = ("APPROVAL", "批复函", "letter of approval")
    EVALUATION = ("EVALUATION", "评价通知书", "notice of evaluation")
    RECTIFICATION = ("RECTIFICATION", "整改通知书", "notice of rectification")
    PAYMENT = ("PAYMENT", "暂缓（停止）拨付通知", "notice of withheld payment")
    BULLETIN = ("BULLETIN", "通报", "bulletin")
    MONITORING = ("MONITORING", "监控报告", "monitoring report")
    MINUTES = ("MINUTES", "会议纪要", "minutes")


#: What is sent to a unit, which signs for it.
SENT = frozenset(
    {
        LetterKind.APPROVAL,
        LetterKind.EVALUATION,
        LetterKind.RECTIFICATION,
        LetterKind.PAYMENT,
        LetterKind.BULLETIN,
    }
)


class LetterState(Code):
    """How far a letter is."""

    DRAFT = ("DRAFT", "拟稿", "draft")
    SIGNED = ("SIGNED", "已签发", "signed")
    SEALED = ("SEALED", "已用印", "sealed")
    RECEIVED = ("RECEIVED", "已签收", "received")
    ISSUED = ("ISSUED", "已印发", "issued")
    CANCELLED = ("CANCELLED", "已作废", "cancelled")


class LetterError(Exception):
    """A letter can't do what was asked; the text says which and why, in English."""


def letter_of(session: Session, instance_id: int) -> Letter:
    """Return the letter of an instance; raises :class:`LetterError` where it has none."""
    found = session.get(Letter, instance_id)
    if found is None:
        raise LetterError(f"instance {instance_id} has no letter")
    return found


def open_letter(
    session: Session,
    instance_id: int,
    kind: LetterKind,
    unit: str | None,
    origin: int | None,
    now: datetime,
    *,
    meeting: int | None = None,
    facts: Mapping[str, Any] | None = None,
) -> Letter:
    """Begin a letter about the case ``origin`` or a ``meeting``, where there is one; ``facts`` are what is known of it."""
    found = session.get(Letter, instance_id)
    if found is None:
        found = Letter(instance_id=instance_id, opened_at=now)
        session.add(found)
    found.kind, found.unit_code, found.origin_instance = kind, unit, origin
    found.meeting_id = meeting
    found.facts = None if facts is None else json.dumps(facts, ensure_ascii=False)
    found.state = LetterState.DRAFT
    session.flush()
    return found


def cancel(session: Session, instance_id: int) -> None:
    """Note that nothing came of a draft; one that has a number keeps it."""
    letter_of(session, instance_id).state = LetterState.CANCELLED
    session.flush()


def uncancel(session: Session, instance_id: int) -> None:
    """Undo :func:`cancel`."""
    letter_of(session, instance_id).state = LetterState.DRAFT
    session.flush()


def write(
    session: Session,
    instance_id: int,
    *,
    title: str,
    addressee: str,
    copies_to: str,
    text: str,
    by: str | None,
) -> None:
    """Take over what was drafted."""
    found = letter_of(session, instance_id)
    found.title, found.addressee, found.copies_to, found.text = title, addressee, copies_to, text
    found.drafted_by = by
    session.flush()


def sign(session: Session, instance_id: int, *, pattern: str, by: str, on: date) -> Letter:
    """Sign a letter: it gets the year's next number of its kind, and keeps the newest template.

    The series is counted in the same transaction: two clerks at once get two numbers, and one that fails leaves no gap.
    """
    found = letter_of(session, instance_id)
    if found.state != LetterState.DRAFT:
        raise LetterError(f"the letter {instance_id} is {found.state}")
    if found.serial is None:
        found.year = on.year
        found.serial = next_number(session, f"letter-{found.kind}-{on.year}")
        found.number = pattern.format(fiscal_year=on.year, number=found.serial, section="", unit="")
    template = newest(session, LetterKind[found.kind])
    found.template_id = None if template is None else template.id
    found.state, found.signed_by, found.signed_on = LetterState.SIGNED, by, on
    session.flush()
    return found


def seal(session: Session, instance_id: int, *, seal: str, copies: int, by: str, now: datetime) -> None:
    """Write the use of the seal down (用印登记)."""
    found = letter_of(session, instance_id)
    found.seal, found.sealed_copies, found.sealed_by, found.sealed_at = seal, copies, by, now
    found.state = LetterState.SEALED if LetterKind[found.kind] in SENT else LetterState.ISSUED
    session.flush()


def unseal(session: Session, instance_id: int) -> None:
    """Undo :func:`seal`."""
    found = letter_of(session, instance_id)
    found.seal, found.sealed_copies, found.sealed_by, found.sealed_at = "", None, None, None
    found.state = LetterState.SIGNED
    session.flush()


def receive(session: Session, instance_id: int, by: str | None, now: datetime | None) -> None:
    """Note who signed for it; both None undo that."""
    found = letter_of(session, instance_id)
    found.received_by, found.received_at = by, now
    found.state = LetterState.SEALED if now is None else LetterState.RECEIVED
    session.flush()


def newest(session: Session, kind: LetterKind) -> LetterTemplate | None:
    """Return the template that counts, None where the county has none of its own."""
    return session.scalars(
        select(LetterTemplate)
        .where(LetterTemplate.kind == kind)
        .order_by(LetterTemplate.version.desc())
        .limit(1)
    ).first()


def add_template(
    session: Session, kind: LetterKind, body: bytes, *, note: str, by: str, now: datetime
) -> LetterTemplate:
    """Keep a checked template as the newest version of its kind; letters that were signed keep theirs."""
    last = session.execute(
        select(func.max(LetterTemplate.version)).where(LetterTemplate.kind == kind)
    ).scalar_one()
    found = LetterTemplate(
        kind=kind,
        version=(last or 0) + 1,
        body=body,
        sha256=hashlib.sha256(body).hexdigest(),
        note=note,
        uploaded_by=by,
        uploaded_at=now,
    )
    session.add(found)
    session.flush()
    return found

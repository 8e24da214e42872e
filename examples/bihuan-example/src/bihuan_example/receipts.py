"""A handler: a service task asks whether an invoice's number was used by another case before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import BigInteger, Column, MetaData, String, Table, delete, insert, select

from engine.plugins import HandlerContext, handler

metadata = MetaData()
#: One row for each number that a case has used. A package that keeps tables of its own offers their migrations through
#: the hook ``bihuan_migrations``; this one makes its single table where it isn't there.
receipts = Table(
    "example_receipts",
    metadata,
    Column("number", String(60), primary_key=True),
    Column("instance_id", BigInteger, nullable=False),
)


def _forget(context: HandlerContext) -> None:
    """Undo :func:`check_receipt` where a token is moved back past the element."""
    metadata.create_all(context.session.connection())
    context.session.execute(delete(receipts).where(receipts.c.instance_id == context.instance.id))


@handler("example.check_receipt", undo=_forget)
def check_receipt(context: HandlerContext) -> Mapping[str, Any]:
    """Return ``used_by``, the case that used the number before, null where this is the first; the number is kept.

    The session is that of the command, inside a savepoint: nothing is committed here, and where the command fails
    nothing stays.
    """
    metadata.create_all(context.session.connection())
    number = str(context.variables["receipt_number"]).strip()
    used_by = context.session.scalar(select(receipts.c.instance_id).where(receipts.c.number == number))
    if used_by is None:
        context.session.execute(insert(receipts).values(number=number, instance_id=context.instance.id))
        context.audit("example.receipt", {"number": number})
    return {"used_by": None if used_by == context.instance.id else used_by}

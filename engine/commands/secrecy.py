"""A case that plug-ins call secret takes in no content: neither files nor comments."""

from __future__ import annotations

from sqlalchemy.orm import Session

from engine.commands.act import Act
from engine.errors import Refused


def is_secret(act: Act) -> bool:
    """Return whether plug-ins call the case secret: only that it was handled may be recorded (domain §6.4)."""
    with Session(bind=act.unit.connection) as session:
        offers = act.ports.plugins.hook.bihuan_secret_cases(session=session, instances=[act.instance.id])
    return any(offers)


def keep_out(act: Act) -> None:
    """Raise :class:`Refused` where the case is secret."""
    if is_secret(act):
        raise Refused("case.secret")

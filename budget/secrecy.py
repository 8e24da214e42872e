"""Whether a unit is secret is changed by two administrators (domain §6.4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from budget.tables import Unit
from budget.units import mark_secret
from engine import messages
from engine.admin.approvals import Kind, ask, register
from engine.admin.record import Command
from engine.admin.rights import Right
from engine.errors import Conflict, NotFound

#: The request's name; its subject is the unit's code, its parameter ``on`` what is to be.
SECRET_UNIT = "secret_unit"

messages.register(
    {
        "unit.no_section": {
            "zh": "预算单位“{unit}”须选财政局的归口部门",
            "en": "The budget unit “{unit}” needs a section in charge",
        },
        "unit.unknown_section": {
            "zh": "财政局没有内设机构“{section}”",
            "en": "There is no section “{section}”",
        },
        "unit.secret_already": {
            "zh": "“{unit}”的涉密标识本来就是这样",
            "en": "“{unit}” is marked like that already",
        },
    }
)


def _check(command: Command, subject: str, params: Mapping[str, Any]) -> None:
    with Session(command.unit.connection) as session:
        row = session.get(Unit, subject)
        if row is None:
            raise NotFound("org.unknown", org=subject)
        if row.secret_flag == bool(params.get("on")):
            raise Conflict("unit.secret_already", unit=row.name)


def _do(command: Command, subject: str, params: Mapping[str, Any]) -> None:
    on = bool(params.get("on"))
    with command.unit.savepoint() as session:
        mark_secret(session, subject, on)
    command.record("org.changed", org=subject, changes={"secret": [not on, on]})


def wish(command: Command, code: str, wanted: bool | None, reason: str) -> dict[str, list[bool]]:
    """Ask a second administrator for what a file says of a unit's secrecy; return what differs (``secret_asked``).

    Nothing is asked where the file says nothing (None), where it is so already, and where it is asked for already.
    """
    with Session(command.unit.connection) as session:
        row = session.get(Unit, code)
        now = row.secret_flag if row is not None else None
    if wanted is None or now is None or now == wanted:
        return {}
    try:
        ask(command, SECRET_UNIT, code, reason, {"on": wanted})
    except Conflict:
        return {}
    return {"secret_asked": [now, wanted]}


register(SECRET_UNIT, Kind(frozenset({Right.ACCOUNTS}), frozenset({Right.GRANTS}), _check, _do))

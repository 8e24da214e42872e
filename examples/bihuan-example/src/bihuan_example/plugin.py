"""What the package offers: the module that the entry-point group ``bihuan`` names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bihuan_example.amounts import capital
from bihuan_example.channel import OaTodo
from bihuan_example.people import HrFile
from bihuan_example.receipts import check_receipt
from engine.notify.ports import Channel
from engine.plugins import Handler, IdentitySource, hookimpl


@hookimpl
def bihuan_handlers() -> Sequence[Handler]:
    """Offer the service tasks of type ``example.check_receipt``."""
    return (check_receipt,)


@hookimpl
def bihuan_feel_functions() -> Mapping[str, Callable[..., Any]]:
    """Offer ``capital amount(1234.5)`` to expressions, forms and decision tables."""
    return {"capital amount": capital}


@hookimpl
def bihuan_channels() -> Sequence[Channel]:
    """Offer the office system's list of things to do."""
    return (OaTodo(),)


@hookimpl
def bihuan_identity_sources() -> Sequence[IdentitySource]:
    """Offer the personnel system's export."""
    return (HrFile(),)

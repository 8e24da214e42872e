"""The registers of the county's businesses: one description each, one builder for all of them.

Every :class:`budget.cases.CaseKind` has a register at ``/registers/<kind>``, filled from ``budget_cases`` alone. A business
that shows more than its cases do puts a module named like its kind into this package (``disbursement.py`` for
``DISBURSEMENT``), which offers ``REGISTER``; nothing else is to be registered anywhere::

    REGISTER = case_register(
        CaseKind.DISBURSEMENT,
        joins=((Payment, Payment.instance_id == Case.instance_id),),   # outer joins, at most one row a case
        amount=Payment.amount,                                          # else the project's annual amount
        extra=(Column("decision", lambda: gettext("决定"), Payment.decision, TAG, words=Decision),),
        results={"PAID": ("已拨付", "paid")},                          # the words of Case.result, in both languages
        readers=frozenset({"treasury_staff", "treasury_chief"}),        # who sees all that was submitted, besides SEE_ALL
    )

Filters (year, period, unit, section, state, result, words, amount), sorting, pages by key, totals, links to the case and
the project, export and the rule of who sees what come with it. What is secret shows neither name, amount nor extra columns.
Records that are no cases (:data:`OTHERS`, built with :mod:`web.registers.records`) have theirs after them.
Sentences are written as ``gettext("…")`` inside a lambda, with their English in ``web/translations/en/``.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from budget.cases import CaseKind
from web.registers.cases import case_register
from web.registers.model import Register

#: The registers of what is no case.
OTHERS = ("treasury_notice", "ledger", "ex_ante", "agency_service", "expert_relation")


@cache
def registers() -> Mapping[str, Register]:
    """Return all registers by the name in their address, in the order of the year."""
    found = {}
    for kind in CaseKind:
        name = kind.value.lower()
        if find_spec(f"{__name__}.{name}") is not None:
            register: Register = import_module(f"{__name__}.{name}").REGISTER
        else:
            register = case_register(kind)
        found[name] = register
    for name in OTHERS:
        found[name] = import_module(f"{__name__}.{name}").REGISTER
    return found

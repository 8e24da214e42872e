"""The signatures of a step as a person may see them: who has signed what, and who has not signed yet."""

from __future__ import annotations

from engine.bpmn.model import UserTask
from engine.commands.act import Act
from engine.commands.loading import Item
from engine.commands.signing import Signer, signers_of
from engine.database import Unit
from engine.identity import Actor, name_of_principal, names
from engine.signing import SIGNED
from engine.tasks.doers import doer
from engine.tasks.views import SignatureView


def signatures(unit: Unit, act: Act, item: Item, element: UserTask, actor: Actor) -> list[SignatureView]:
    """Return the signers of the signing that an item belongs to, in their order; none where one person decides."""
    if element.signing is None:
        return []
    signers = signers_of(unit, act.instance.id, item.token)
    concerned = {
        one for signer in signers for one in (*_who(signer), signer.completed_for, signer.completed_as) if one
    }
    known = names(unit, concerned)
    return [
        SignatureView(
            signer.item_id,
            signer.index,
            [name_of_principal(one, known) for one in _who(signer)],
            signer.state,
            signer.version,
            signer.lead,
            signer.added_by is not None,
            signer.outcome,
            signer.outcome in element.rejects,
            signer.opinion if _may_read(signer, act, actor) else None,
            signer.completed_at if signer.state == SIGNED else None,
            signer.item_id == item.id,
            doer(known, signer.completed_by, signer.completed_as, signer.completed_for)
            if signer.completed_by
            else None,
        )
        for signer in signers
    ]


def _who(signer: Signer) -> list[str]:
    if signer.completed_by:
        return [signer.completed_by]
    return [signer.assignee] if signer.assignee else signer.candidates


def _may_read(signer: Signer, act: Act, actor: Actor) -> bool:
    return signer.completed_by == actor.principal or actor.may_read(
        signer.opinion_audience, act.progress.participants
    )

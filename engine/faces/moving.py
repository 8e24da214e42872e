"""What moves a case other than forward: returning a task, withdrawing it, an operator's jump."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.commands import asking, interventions, jumping, openings, returning, withdrawing
from engine.commands.checking import NewPin
from engine.commands.complete import Completed, answer_of, completed_from
from engine.commands.jumping import Jump, JumpView
from engine.commands.openings import Notice
from engine.commands.ports import Ports
from engine.commands.returning import ReturnRequest
from engine.commands.withdrawing import Withdrawal
from engine.database import Unit
from engine.faces.once import Once
from engine.faces.operating import operator
from engine.identity import Actor


class Moving(Once):
    """The engine's operations that move tokens other than forward."""

    ports: Ports

    def return_task(
        self,
        item_id: int,
        *,
        actor: Actor,
        version: int,
        reason: str,
        to: str | None = None,
        mode: str | None = None,
        pins: Sequence[NewPin] = (),
        request_key: str | None = None,
    ) -> Completed:
        """Return a task (退回) to the step ``to``; without it to the only one that its file allows.

        ``mode`` is ``walk`` (逐级: every step again) or ``direct`` (直达: straight back to the actor), None for what the
        file says; ``pins`` are opinions pinned to the document that the step names.
        :attr:`TaskView.targets` lists the steps, and whose open work would end. Raises :class:`Refused` with the reason,
        :class:`Forbidden`, and :class:`Conflict` where somebody else was first.
        """
        asked = ReturnRequest(item_id, actor, version, reason, to, mode, request_key, pins=pins)
        return self.database.retry(lambda unit: returning.give_back(self.ports, unit, asked))

    def withdraw(
        self, item_id: int, *, actor: Actor, reason: str = "", request_key: str | None = None
    ) -> Completed:
        """Withdraw (撤回) what the actor completed, until the next holder has signed, returned or begun to write.

        Whoever has opened what it ends is told. Raises :class:`Refused` with the reason, and :class:`Forbidden`.
        """
        asked = Withdrawal(item_id, actor, reason.strip(), request_key)
        return self.database.retry(lambda unit: withdrawing.withdraw(self.ports, unit, asked))

    def ask_withdrawal(
        self, item_id: int, *, actor: Actor, reason: str, request_key: str | None = None
    ) -> list[int]:
        """Ask who holds what came of a completed item to let it go back (申请撤回); return their items."""

        def command(unit: Unit) -> list[int]:
            return asking.ask(self.ports, unit, item_id, actor, reason)

        return self._once("ask_withdrawal", request_key, (item_id, actor.principal, reason), command)

    def answer_withdrawal(
        self,
        item_id: int,
        *,
        actor: Actor,
        version: int,
        asked: int,
        grant: bool,
        reason: str = "",
        request_key: str | None = None,
    ) -> Completed:
        """Let the holder of ``item_id`` grant that the completed item ``asked`` goes back, or decline with a reason."""

        def command(unit: Unit) -> dict[str, Any]:
            done = asking.answer(self.ports, unit, item_id, actor, version, asked, grant=grant, reason=reason)
            return answer_of(done)

        given = (item_id, actor.principal, asked, grant, reason)
        return completed_from(self._once("answer_withdrawal", request_key, given, command))

    def opened(self, item_id: int, *, actor: Actor) -> None:
        """Note that the actor has the page of a task before them, if it is theirs to do."""
        with self.database.read() as unit:
            if not openings.opened(self.ports, unit, item_id, actor):
                return
        self.database.retry(lambda unit: openings.opened(self.ports, unit, item_id, actor))

    def notices(self, actor: Actor) -> list[Notice]:
        """Return the tasks that the actor had opened and that were withdrawn since, the newest first."""
        with self.database.read() as unit:
            return openings.notices(unit, actor)

    def put_away(self, item_id: int, *, actor: Actor) -> None:
        """Put the notice about a withdrawn task away."""
        self.database.retry(lambda unit: openings.put_away(unit, item_id, actor, self.clock.now()))

    def preview_jump(
        self, instance_id: int, *, actor: Actor | str, source: str, to: str, token: int | None = None
    ) -> JumpView:
        """Say what a jump would end and undo, or why it can't be done; raises :class:`Forbidden`."""
        operator(actor)
        with self.database.read() as unit:
            return jumping.preview(self.ports, unit, Jump(instance_id, source, to, "", token))

    def jump(
        self,
        instance_id: int,
        *,
        actor: Actor | str,
        source: str,
        to: str,
        reason: str,
        token: int | None = None,
        request_key: str | None = None,
    ) -> Completed:
        """Move the token at the element ``source`` to ``to`` (跳转); ``token`` says which where several are there.

        Raises :class:`Forbidden` for anybody but operators and the system, and :class:`Refused` with the reason.
        """
        asked = Jump(instance_id, source, to, reason, token, request_key)
        who = operator(actor)

        def command(unit: Unit) -> Completed:
            interventions.one_person("jump", unit)
            return jumping.jump(self.ports, unit, asked, who)

        return self.database.retry(command)

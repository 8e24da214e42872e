"""Having a file made of a case in the background, and coming back for it."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from engine.commands import errands
from engine.commands.errands import Errand, Product
from engine.commands.ports import Ports
from engine.database import Unit
from engine.errors import BihuanError, NotFound
from engine.faces.once import Once
from engine.identity import Actor
from engine.store import Store

if TYPE_CHECKING:
    from engine.engine import Engine

log = logging.getLogger(__name__)

Maker = Callable[[Errand, Actor], Product]
"""Makes a file for the person who asked, as that person; it is called outside every transaction."""


class Errands(Once):
    """The engine's errands; what can be made is known by :meth:`makes`, and whoever has time makes it."""

    ports: Ports
    store: Store | None
    makers: dict[str, Maker]

    def makes(self, kind: str, maker: Maker) -> None:
        """Let ``maker`` make what is asked for as ``kind``."""
        self.makers[kind] = maker

    def ask_errand(
        self,
        kind: str,
        instance_id: int | None,
        *,
        actor: Actor,
        params: Mapping[str, Any] | None = None,
        request_key: str | None = None,
    ) -> int:
        """Ask for something to be made, of a case or (None) of what its maker knows; return the errand's id.

        Raises :class:`NotFound` for a case that the actor may not see.
        """
        given = dict(params or {})

        def command(unit: Unit) -> int:
            return errands.ask(self.ports, unit, kind, instance_id, actor, given)

        return self._once("errand", request_key, (kind, instance_id, actor.principal, given), command)

    def errand(self, errand: int, actor: Actor) -> Errand:
        """Return an errand of the actor's own; raises :class:`NotFound`."""
        with self.database.read() as unit:
            return errands.find(unit, errand, actor)[0]

    def errands(self, actor: Actor, limit: int = 50) -> list[Errand]:
        """Return the actor's errands, the newest first."""
        with self.database.read() as unit:
            return errands.listed(unit, actor, limit)

    def errand_file(self, errand: int, actor: Actor) -> tuple[Errand, Path]:
        """Return what was made; raises :class:`NotFound` where it isn't there yet, or not any more."""
        with self.database.read() as unit:
            found, content = errands.find(unit, errand, actor)
        path = self.store.path(content) if content is not None and self.store is not None else None
        if path is None:
            raise NotFound("errand.no_file")
        return found, path

    def errand_progress(self, errand: int, done: int, parts: int) -> None:
        """Say as an errand's maker that ``done`` of ``parts`` are made."""
        self.database.retry(lambda unit: errands.progressed(unit, errand, done, parts, self.clock.now()))

    def run_errands(self, limit: int = 1) -> int:
        """Make up to ``limit`` of what was asked for; return how many were taken up."""
        kinds = sorted(self.makers)
        if not kinds or self.store is None:
            return 0
        done = 0
        while done < limit:
            now = self.clock.now()
            with self.database.read() as unit:
                if not errands.any_ready(unit, kinds, now):
                    break
            taken = self.database.retry(lambda unit: errands.lease(unit, kinds, self.clock.now()))
            if taken is None:
                break
            self._make(self.store, *taken)
            done += 1
        if done:
            self.forget_errands()
        return done

    def forget_errands(self) -> int:
        """Delete files that nobody fetches any more; return how many."""
        store = self.store
        if store is None:
            return 0
        return self.database.retry(lambda unit: errands.forget(unit, store, self.clock.now()))

    def _make(self, store: Store, errand: Errand, lease: str) -> None:
        try:
            product = self.makers[errand.kind](errand, cast("Engine", self).actor(errand.person))
            stored = store.put(product.name, io.BytesIO(product.content))
        except (
            BihuanError
        ) as error:  # they may not see it any more: nothing that a second attempt would change
            reason = error.message("en")
            self.database.retry(
                lambda unit: errands.fail(unit, errand.id, lease, reason, self.clock.now(), final=True)
            )
        except Exception as error:
            log.exception("errand %s of county %s failed", errand.id, self.database.code)
            reason = f"{type(error).__name__}: {error}"
            self.database.retry(
                lambda unit: errands.fail(unit, errand.id, lease, reason, self.clock.now(), final=False)
            )
        else:
            self.database.retry(
                lambda unit: errands.finish(unit, errand.id, lease, product.name, stored, self.clock.now())
            )

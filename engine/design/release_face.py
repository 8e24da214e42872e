"""The designers' commands about releases: asked for, decided, carried out at their time, and gone back from."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from typing import NoReturn

from sqlalchemy.orm import Session

from engine.admin.record import Command
from engine.commands import migration_runs
from engine.commands.migrating import Fate
from engine.commands.migration_runs import MigrationRun
from engine.database import Unit
from engine.design import current, drafts, rehearsing, releases, releasing
from engine.design.impact_face import Foreseeing
from engine.design.record import designer
from engine.design.rehearsing import Rehearsal, Rehearsed
from engine.design.releases import Release, ReleasedFile, Wish
from engine.errors import BihuanError, NotFound
from engine.identity import SYSTEM, Actor

log = logging.getLogger(__name__)


class Releasing(Foreseeing):
    """A county's releases of drafts."""

    def needs_review(self) -> bool:
        """Whether a second person must approve a release; the county's rules say so."""
        with self.database.read() as unit:
            return self._needs_review(unit)

    def release(self, wanted: Mapping[int, int], wish: Wish, actor: Actor) -> Release:
        """Ask for a release of drafts, each at the revision that was looked at; without a review it goes on at once.

        Raises :class:`Refused` with the findings where they can't be deployed together.
        """
        designer(actor)
        with self.database.read() as unit:
            looked_at = {
                drafts.one(unit, id).name: drafts.content_of(unit, id, number)
                for id, number in wanted.items()
            }
        self.must_pass(looked_at)

        def command(do: Command) -> int:
            files = releases.frozen(do.unit, wanted)
            return self._ask(do, files, wish)

        return self._go_on(self.write(actor, command), actor)

    def release_files(self, files: Mapping[str, bytes], wish: Wish, actor: Actor) -> Release:
        """Ask for a release of files that somebody brings, as from a folder; those that are in use already are left out."""
        designer(actor)
        self.must_pass(files)

        def command(do: Command) -> int:
            in_use = current.files(do.unit)
            wanted = [
                ReleasedFile(name, None, None, content)
                for name, content in files.items()
                if in_use.get(name) != content
            ]
            return self._ask(do, wanted, wish)

        return self._go_on(self.write(actor, command), actor)

    def rehearse(self, wanted: Mapping[int, int], actor: Actor) -> Sequence[Rehearsal]:
        """Say what migrating would do to the running cases if drafts were released, each at the revision that is named.

        Cases are really moved, in a transaction that is then undone. Raises :class:`Refused` as :meth:`release` does.
        """
        designer(actor)

        def command(unit: Unit) -> NoReturn:
            files = releases.frozen(unit, wanted)
            rehearsing.rehearse(self.ports, unit, {one.name: one.content for one in files}, actor.principal)

        try:
            self.database.retry(command)
        except Rehearsed as done:
            return done.found

    def decide(self, release_id: int, agree: bool, opinion: str, actor: Actor) -> Release:
        """Approve a release, which is then deployed at its time, or decline it."""

        def command(do: Command) -> int:
            found = releases.decide(do, release_id, agree, opinion)
            releasing.tell(do, [found.asked_by], f"release.told_{found.state}", found)
            return release_id

        return self._go_on(self.write(actor, command), actor)

    def withdraw(self, release_id: int, actor: Actor) -> Release:
        """Take a release back that isn't deployed."""
        self.write(actor, lambda do: releases.withdraw(do, release_id))
        return self.released(release_id, actor)

    def roll_back(
        self, process_id: str, wish: Wish, actor: Actor, deployment_id: int | None = None
    ) -> Release:
        """Deploy the files of an earlier deployment again, by default those of the version before the newest.

        It takes no review: they had one, and what goes wrong must stop at once. Started instances stay on their version.
        """

        def command(do: Command) -> int:
            before = deployment_id or releasing.newest_before(do.unit, process_id)
            return releases.ask(do, releasing.earlier(do.unit, before), wish, review=False)

        return self._go_on(self.write(actor, command), actor)

    def releases(self, actor: Actor) -> list[Release]:
        """Return the releases, those that wait first."""
        designer(actor)
        with self.database.read() as unit:
            return releases.recent(unit)

    def released(self, release_id: int, actor: Actor) -> Release:
        """Return a release; raises :class:`NotFound`."""
        designer(actor)
        with self.database.read() as unit:
            return releases.one(unit, release_id)

    def files_of_release(self, release_id: int, actor: Actor) -> list[ReleasedFile]:
        """Return the files of a release; raises :class:`NotFound`."""
        designer(actor)
        with self.database.read() as unit:
            releases.one(unit, release_id)
            return releases.files_of(unit, release_id)

    def migrations_of(self, release: Release, actor: Actor) -> list[MigrationRun]:
        """Return how far the migrations are that a release began."""
        designer(actor)
        with self.database.read() as unit:
            return [migration_runs.view(unit, run) for run in release.migrations or ()]

    def left_behind(self, release: Release, actor: Actor) -> dict[int, list[Fate]]:
        """Return for each migration of a release the cases that it could not move, or not put back."""
        designer(actor)
        with self.database.read() as unit:
            return {run: migration_runs.refusals(unit, run) for run in release.migrations or ()}

    def undo_migration(self, release_id: int, migration_id: int, actor: Actor) -> int:
        """Let the cases that a release moved be put back, as far as nobody has gone on with them; return how many.

        Raises :class:`NotFound` where the release has no such migration.
        """

        def command(do: Command) -> int:
            if migration_id not in (releases.one(do.unit, release_id).migrations or ()):
                raise NotFound("release.no_migration", release=release_id, migration=migration_id)
            return migration_runs.ask_undo(do.unit, migration_id, do.by)

        return self.write(actor, command)

    def run_due(self) -> int:
        """Deploy the approved releases whose time has come, and begin their migrations; return how many there were."""
        with self.database.read() as unit:
            due = releases.due(unit, self.clock.now())
            left = releases.to_migrate(unit)
        for release_id in due:
            self._carry_out(release_id, SYSTEM)
        return len(due) + sum(self._migrate(release_id, SYSTEM) for release_id in left)

    def _needs_review(self, unit: Unit) -> bool:
        with Session(bind=unit.connection) as session:
            return self.plugins.hook.bihuan_design_review(session=session) is not False

    def _ask(self, do: Command, files: Sequence[ReleasedFile], wish: Wish) -> int:
        releasing.bundles(do.unit, {one.name: one.content for one in files}, self.plugins)
        review = self._needs_review(do.unit)
        id = releases.ask(do, files, wish, review=review)
        if review:
            releasing.tell_reviewers(do, releases.one(do.unit, id))
        return id

    def _go_on(self, release_id: int, actor: Actor) -> Release:
        """Deploy a release that is approved and due; return how it stands."""
        with self.database.read() as unit:
            ready = release_id in releases.due(unit, self.clock.now())
        if ready:
            self._carry_out(release_id, actor)
        return self.released(release_id, actor)

    def _carry_out(self, release_id: int, actor: Actor) -> None:
        try:
            if self.released(release_id, actor).origin != releases.ROLLBACK:
                files = self.files_of_release(release_id, actor)
                self.must_pass({one.name: one.content for one in files})
            found = self.write(actor, lambda do: releasing.deploy(do, self.ports, release_id))
        except BihuanError as error:
            problem = error
            log.warning("release %s of county %s: %s", release_id, self.database.code, error)
            self.write(actor, lambda do: releasing.fail(do, release_id, problem))
            return
        if found.running == releases.MIGRATE:
            self._migrate(release_id, actor)

    def _migrate(self, release_id: int, actor: Actor) -> bool:
        """Begin the migrations of a deployed release; tell whether that could be done. If not, it is tried again."""
        try:
            self.write(actor, lambda do: releasing.begin_migrations(do, self.ports, release_id))
        except BihuanError as error:
            log.warning("migrations of release %s of %s: %s", release_id, self.database.code, error)
            return False
        return True

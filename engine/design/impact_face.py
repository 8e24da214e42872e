"""The designers' questions about what a draft would change."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import IO, TYPE_CHECKING

from engine.bpmn.checks import read_files
from engine.design import comparing, current, impact
from engine.design.comparing import Changed
from engine.design.impact import Standing
from engine.design.past import past
from engine.design.record import designer
from engine.design.trial_face import Trying
from engine.errors import Refused
from engine.identity import Actor
from engine.monitoring import event_log, steps
from engine.monitoring.steps import Bottleneck, Steps

if TYPE_CHECKING:
    from engine.design.replaying import Replayed

#: So many ended cases are replayed at most, of the year before now.
MOST_REPLAYED = 300
_YEAR = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class Impact:
    """What a draft changes in its file, the processes that it touches, and where their cases stand by process."""

    changes: Sequence[Changed]
    processes: Sequence[str]
    names: Mapping[str, str]
    running: Mapping[str, Sequence[tuple[int, int]]]
    standings: Mapping[str, Sequence[Standing]]


class Foreseeing(Trying):
    """What would change."""

    def compare(self, name: str, before: bytes, after: bytes, actor: Actor) -> list[Changed]:
        """Return what is different between two contents of a file; raises :class:`Refused`."""
        designer(actor)
        return comparing.compare(name, before, after)

    def impact(self, draft_id: int, actor: Actor, *, beside: Sequence[int] = ()) -> Impact:
        """Return what a draft changes against the version in use, and where the cases of the processes stand that use it."""
        name, files = self.surroundings(draft_id, actor, None, beside)
        with self.database.read() as unit:
            before = current.newest(unit, name).get(name)
            changes = [] if before is None else comparing.compare(name, before, files[name])
            homes = self.touched(files, [name])
            models = {
                model.id: model for found, _ in read_files(files, self.plugins).values() for model in found
            }
            running = {id: impact.running(unit, id) for id in sorted(homes)}
            standings = {
                id: impact.standings(unit, self.ports.catalogue, id, models)
                for id, versions in running.items()
                if versions
            }
            names = {id: models[id].name or id for id in homes}
            return Impact(changes, sorted(homes), names, running, standings)

    def replay(
        self, draft_id: int, process_id: str, actor: Actor, *, limit: int = 50, beside: Sequence[int] = ()
    ) -> list[Replayed]:
        """Replay the newest cases of a process that ended within a year through a draft.

        Raises :class:`Refused` where the draft doesn't touch the process or can't be deployed.
        """
        from engine.design import replaying  # a replay is played by an engine, which has this face

        name, files = self.surroundings(draft_id, actor, None, beside)
        homes = self.touched(files, [name])
        if process_id not in homes:
            raise Refused("replay.untouched", file=name, process=process_id)
        with self.database.read() as unit:
            cases = past(unit, process_id, self.clock.now() - _YEAR, min(max(limit, 1), MOST_REPLAYED))
        return replaying.replay(self.database, files, homes[process_id], process_id, cases, self.plugins)

    def bottlenecks(
        self, process_id: str, actor: Actor, *, since: datetime | None = None
    ) -> list[Bottleneck]:
        """Return the steps of a process by how much time passes in them; raises :class:`NotFound`."""
        return steps.bottlenecks(self.figures(process_id, actor, since=since))

    def figures(
        self, process_id: str, actor: Actor, *, version: int | None = None, since: datetime | None = None
    ) -> Steps:
        """Return where the cases of a process wait and how long its steps take; raises :class:`NotFound`."""
        designer(actor)
        with self.database.read() as unit:
            return steps.steps(self.ports, unit, process_id, version, self.clock.now(), since)

    def write_event_log(
        self,
        process_id: str,
        kind: str,
        stream: IO[bytes],
        actor: Actor,
        *,
        since: datetime | None = None,
    ) -> None:
        """Write the event log of a process (``xes`` or ``csv``), which has no contents; raises :class:`NotFound`."""
        designer(actor)
        with self.database.read() as unit:
            event_log.write(unit, self.ports, process_id, kind, stream, since)

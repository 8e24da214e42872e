"""The designers' commands and questions, each a transaction of its own that checks who gives it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from engine.admin.record import Command
from engine.bpmn.checks import kind_of
from engine.database import Unit
from engine.design import blanks, cases, checking, current, drafts, importing, known, steps
from engine.design.checking import Checked
from engine.design.current import DeployedFile
from engine.design.drafts import Draft, Editor, Revision
from engine.design.importing import Converted
from engine.design.known import Known
from engine.design.record import designer
from engine.design.release_face import Releasing
from engine.design.steps import Change, Steps
from engine.errors import Conflict
from engine.identity import Actor
from engine.monitoring import processes
from engine.monitoring.processes import ProcessRow


@dataclass(frozen=True, slots=True)
class Listing:
    """Everything that can be designed: processes with their file, all files in use, and the open drafts."""

    processes: Sequence[ProcessRow]
    homes: Mapping[str, str]
    files: Sequence[DeployedFile]
    drafts: Sequence[Draft]


@dataclass(frozen=True, slots=True)
class OpenDraft:
    """A draft with the content of its newest revision, and who else has it open."""

    draft: Draft
    content: bytes
    #: Whether the file that is deployed now is the one that the draft was begun from.
    up_to_date: bool = True
    editors: Sequence[Editor] = field(default_factory=tuple)


class Designing(Releasing):
    """A county's process design; every method raises :class:`Forbidden` for who isn't a designer."""

    # -- what is deployed --------------------------------------------------------------------------------------------

    def listing(self, actor: Actor) -> Listing:
        """Return the processes, the files in use with their versions, and the open drafts."""
        designer(actor)
        with self.database.read() as unit:
            return Listing(
                processes.processes(unit, self.clock.now()),
                current.process_files(unit),
                current.listing(unit),
                drafts.all_open(unit),
            )

    def deployed_files(self, deployment_id: int, actor: Actor) -> dict[str, bytes]:
        """Return the files of a deployment as they were given; raises :class:`NotFound`."""
        designer(actor)
        with self.database.read() as unit:
            return current.contents(unit, deployment_id)

    def process(self, process_id: str, actor: Actor) -> tuple[ProcessRow, str]:
        """Return a deployed process with its versions, and its file; raises :class:`NotFound`."""
        designer(actor)
        with self.database.read() as unit:
            (row,) = processes.processes(unit, self.clock.now(), process_id)
            return row, current.process_files(unit)[process_id]

    # -- drafts ------------------------------------------------------------------------------------------------------

    def draft(self, draft_id: int, actor: Actor) -> OpenDraft:
        """Return a draft with its newest content, and note that the person has it open; raises :class:`NotFound`."""

        def command(do: Command) -> OpenDraft:
            found = drafts.one(do.unit, draft_id)
            return OpenDraft(
                found,
                drafts.content_of(do.unit, draft_id, found.revision),
                _up_to_date(do.unit, found),
                drafts.see(do, draft_id),
            )

        return self.write(actor, command)

    def begin(self, name: str, actor: Actor, *, deployment_id: int | None = None) -> int:
        """Begin a draft of a deployed file, by default as it is deployed now; return its id."""

        def command(do: Command) -> int:
            used = None if deployment_id is not None else current.in_use(do.unit).get(name)
            base = used.deployment_id if used is not None else deployment_id or 0
            return drafts.begin(do, name, current.content(do.unit, base, name), base)

        return self.write(actor, command)

    def begin_blank(self, kind: str, id: str, title: str, actor: Actor) -> int:
        """Begin a draft of a new file of a kind; raises :class:`Conflict` where a file of that name is in use."""
        name, content = blanks.blank(kind, id, title)
        return self.bring(name, content, actor, new=True)

    def bring(self, name: str, content: bytes, actor: Actor, *, new: bool = False) -> int:
        """Begin a draft with a file that somebody brings; of a file in use it is a change unless it must be ``new``.

        A diagram of Flowable, Activiti or Camunda 7 is converted, and the draft keeps what became of what.
        """
        brought = (
            importing.convert(drafts.as_utf8(content)) if kind_of(name) == "bpmn" else Converted(content)
        )

        def command(do: Command) -> int:
            known = current.in_use(do.unit).get(name)
            if known is not None and new:
                raise Conflict("design.taken", file=name)
            if known is None:
                return drafts.begin(do, name, brought.content, None, brought.told)
            base = current.content(do.unit, known.deployment_id, name)
            id = drafts.begin(do, name, base, known.deployment_id, brought.told)
            drafts.save(do, id, drafts.as_utf8(brought.content), 1)
            return id

        return self.write(actor, command)

    def save(self, draft_id: int, content: bytes, base: int, actor: Actor) -> Draft:
        """Save a content on top of a revision; raises :class:`Conflict` where another was saved since."""
        return self.write(actor, lambda do: drafts.save(do, draft_id, content, base))

    def restore(self, draft_id: int, number: int, base: int, actor: Actor) -> Draft:
        """Take an earlier revision up again as a new one."""
        return self.write(actor, lambda do: drafts.restore(do, draft_id, number, base))

    def drop(self, draft_id: int, base: int, actor: Actor) -> None:
        """Give a draft up."""
        self.write(actor, lambda do: drafts.drop(do, draft_id, base))

    def here(self, draft_id: int, actor: Actor) -> Sequence[Editor]:
        """Note that the person still has the draft open, and return who else has."""

        def command(do: Command) -> Sequence[Editor]:
            drafts.one(do.unit, draft_id)
            return drafts.see(do, draft_id)

        return self.write(actor, command)

    def leave(self, draft_id: int, actor: Actor) -> None:
        """Note that the person has closed the draft."""
        self.write(actor, lambda do: drafts.leave(do, draft_id))

    def revisions(self, draft_id: int, actor: Actor) -> Sequence[Revision]:
        """Return the revisions of a draft, the newest first; raises :class:`NotFound`."""
        designer(actor)
        with self.database.read() as unit:
            drafts.one(unit, draft_id)
            return drafts.revisions(unit, draft_id)

    def revision(self, draft_id: int, number: int, actor: Actor) -> tuple[Revision, bytes]:
        """Return a revision and its content; raises :class:`NotFound`."""
        designer(actor)
        with self.database.read() as unit:
            drafts.one(unit, draft_id)
            return drafts.revision(unit, draft_id, number), drafts.content_of(unit, draft_id, number)

    def check(
        self, draft_id: int, actor: Actor, *, content: bytes | None = None, beside: Sequence[int] = ()
    ) -> Checked:
        """Check a draft, or the ``content`` that is typed in it and not saved, as it would be deployed.

        It stands among the files in use, new files that are still drafts, and the drafts ``beside`` it that are to go with
        it.
        """
        name, files = self.surroundings(draft_id, actor, content, beside)
        with self.database.read() as unit:
            before = current.newest(unit, name)
            number = cases.count(unit, self.touched(files, [name]))
        others = {one: source for one, source in files.items() if one != name}
        return replace(checking.check({**others, **before}, {name: files[name]}, self.plugins), cases=number)

    def known(
        self, draft_id: int, actor: Actor, *, element: str | None = None, content: bytes | None = None
    ) -> Known:
        """Return what is known at an element of a draft, for completing what is typed there."""
        name, files = self.surroundings(draft_id, actor, content, ())
        with self.database.read() as unit:
            return known.known(unit, files, name, element, self.plugins)

    def convert(self, content: bytes, actor: Actor) -> Converted:
        """Return a diagram of Flowable, Activiti or Camunda 7 in our dialect; any other BPMN file as it is."""
        designer(actor)
        return importing.convert(drafts.as_utf8(content))

    def steps(self, draft_id: int, actor: Actor) -> Steps:
        """Return a draft as a list of steps and conditions; raises :class:`Refused` where it is no process."""
        return steps.steps(self.draft(draft_id, actor).content)

    def change_steps(self, content: bytes, changes: Sequence[Change], actor: Actor) -> tuple[bytes, Steps]:
        """Write changes of the list into a file; return it with its list. Nothing is saved."""
        designer(actor)
        written = steps.changed(content, changes)
        return written, steps.steps(written)

    def take_over(self, draft_id: int, base: int, actor: Actor) -> Draft:
        """Let a draft stand on the version that is deployed now, after the two have been compared."""

        def command(do: Command) -> Draft:
            name = drafts.one(do.unit, draft_id).name
            return drafts.take_over(do, draft_id, base, current.in_use(do.unit).get(name))

        return self.write(actor, command)


def _up_to_date(unit: Unit, draft: Draft) -> bool:
    return not current.changed_since(current.in_use(unit), draft.name, draft.base_sha256)

"""The designers' trials: a draft is played, a play is kept as a test case, and test cases are run again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from engine.bpmn.checks import kind_of, read_files
from engine.bpmn.model import ProcessModel
from engine.database import Unit
from engine.design import cases, current, drafts
from engine.design.cases import Outcome, TestCase
from engine.design.face import Face
from engine.design.record import designer
from engine.errors import NotFound, Refused
from engine.folder import Folder
from engine.identity import Actor
from engine.messages import sentence
from engine.plugins import Finding

if TYPE_CHECKING:
    from engine.design.trying import Trial


class Trying(Face):
    """A county's trials and test cases."""

    def subjects(self, draft_id: int, text: str, actor: Actor) -> list[tuple[str, str]]:
        """Return what the process of a draft can be tried out for, as keys with names."""
        designer(actor)
        with self.database.read() as unit, Session(bind=unit.connection) as session:
            draft = drafts.one(unit, draft_id)
            content = drafts.content_of(unit, draft_id, draft.revision)
            model = self._main(draft.name, content)
            offers = self.plugins.hook.bihuan_trial_subjects(
                session=session, inputs=model.declared or (), text=text
            )
            return [subject for offer in offers for subject in offer]

    def attempt(
        self,
        draft_id: int,
        beginning: Mapping[str, Any],
        actor: Actor,
        *,
        subject: str | None = None,
        content: bytes | None = None,
        beside: Sequence[int] = (),
        language: str = "zh",
    ) -> Trial:
        """Play a draft, or what is typed in it, from its beginning through all answers; keep nothing of it.

        ``beginning`` has the shape of ``bihuan play``; a ``subject`` gives the variables that it doesn't. Raises
        :class:`Refused` where there is no process, and :class:`NotFound` for an unknown subject.
        """
        name, files = self.surroundings(draft_id, actor, content, beside)
        (trial,) = self._play(name, files, [self._begun(name, files[name], beginning, subject)], language)
        return trial

    def keep_case(
        self,
        draft_id: int,
        name: str,
        beginning: Mapping[str, Any],
        actor: Actor,
        *,
        subject: str | None = None,
        beside: Sequence[int] = (),
    ) -> int:
        """Play a draft and keep the play as a test case of its process; return its id."""
        file, files = self.surroundings(draft_id, actor, None, beside)
        begun = self._begun(file, files[file], beginning, subject)
        process = str(begun.get("process") or self._main(file, files[file]).id)
        (trial,) = self._play(file, files, [begun], "zh")
        return self.write(actor, lambda do: cases.save(do, process, name, begun, trial.report))

    def cases(self, process_id: str, actor: Actor) -> list[TestCase]:
        """Return the test cases of a process."""
        designer(actor)
        with self.database.read() as unit:
            return cases.of(unit, [process_id])

    def remove_case(self, case_id: int, actor: Actor) -> None:
        """Take a test case away; raises :class:`NotFound`."""
        self.write(actor, lambda do: cases.remove(do, case_id))

    def run_cases(
        self, draft_id: int, actor: Actor, *, content: bytes | None = None, beside: Sequence[int] = ()
    ) -> list[Outcome]:
        """Run the test cases of all processes that a draft changes, with the draft as it is or as it is typed."""
        name, files = self.surroundings(draft_id, actor, content, beside)
        return self.outcomes(files, [name])

    def outcomes(self, files: Mapping[str, bytes], changed: Sequence[str]) -> list[Outcome]:
        """Run the test cases of the processes among ``files`` that hold or use one of the ``changed`` ones."""
        homes = self.touched(files, changed)
        with self.database.read() as unit:
            wanted = cases.of(unit, sorted(homes))
        found = []
        for process, mine in groupby(wanted, key=lambda case: case.process_id):
            together = list(mine)
            trials = self._play(homes[process], files, [case.play for case in together], "zh")
            found += [cases.compare(case, trial.report) for case, trial in zip(together, trials, strict=True)]
        return found

    def touched(self, files: Mapping[str, bytes], changed: Iterable[str]) -> dict[str, str]:
        """Return the processes among ``files`` that hold or use one of the ``changed`` ones, with the file of each."""
        folder = Folder(files, self.plugins)
        users = {user for name in changed for user in (name, *folder.needing(name))}
        return {id: name for name in users for kind, id in folder.offers[name] if kind == "process"}

    def must_pass(self, files: Mapping[str, bytes]) -> None:
        """Raise :class:`Refused` with what differs where a test case fails once ``files`` are in use."""
        with self.database.read() as unit:
            every = {**current.files(unit), **files}
        failed = [one for one in self.outcomes(every, list(files)) if not one.passed]
        if failed:
            raise Refused("release.cases", tuple(map(_finding, failed)), count=len(failed))

    def surroundings(
        self, draft_id: int, actor: Actor, content: bytes | None, beside: Sequence[int]
    ) -> tuple[str, dict[str, bytes]]:
        """Return a draft's file name, and all files as they would be with it: in use, new ones, and those ``beside`` it."""
        designer(actor)
        with self.database.read() as unit:
            draft = drafts.one(unit, draft_id)
            source = drafts.content_of(unit, draft_id, draft.revision) if content is None else content
            return draft.name, {
                **current.files(unit),
                **self.around(unit, draft_id, beside),
                draft.name: source,
            }

    @staticmethod
    def around(unit: Unit, draft_id: int, beside: Sequence[int]) -> dict[str, bytes]:
        """Return the other open drafts that count: those ``beside`` this one, and files that aren't in use yet."""
        deployed = current.in_use(unit)
        return {
            one.name: drafts.content_of(unit, one.id, one.revision)
            for one in drafts.all_open(unit)
            if one.id != draft_id and (one.id in beside or one.name not in deployed)
        }

    def _begun(
        self, name: str, source: bytes, beginning: Mapping[str, Any], subject: str | None
    ) -> dict[str, Any]:
        model = self._main(name, source)
        now = self.clock.now()
        begun = {"now": now.isoformat(), **beginning}
        if subject is None:
            return begun
        with self.database.read() as unit, Session(bind=unit.connection) as session:
            given = self.plugins.hook.bihuan_trial_variables(
                session=session, inputs=model.declared or (), subject=subject, now=now
            )
        if given is None:
            raise NotFound("trial.unknown_subject", subject=subject)
        return {**begun, "variables": {**given, **(beginning.get("variables") or {})}}

    def _play(
        self, name: str, files: Mapping[str, bytes], beginnings: Sequence[Mapping[str, Any]], language: str
    ) -> list[Trial]:
        from engine.design import trying  # a play is played by an engine, which has this face

        return trying.attempts(self.database, files, name, beginnings, self.plugins, language)

    def _main(self, name: str, source: bytes) -> ProcessModel:
        if kind_of(name) != "bpmn":
            raise Refused("trial.not_a_process", file=name)
        models, _ = read_files({name: source}, self.plugins)[name]
        if not models:
            raise Refused("trial.unreadable", file=name)
        return sorted(models, key=lambda model: not model.executable)[0]


def _finding(failed: Outcome) -> Finding:
    """Return a failed test case as a finding, with the way that it took."""
    message = {
        language: sentence(
            "case.failed",
            {
                "name": failed.case.name,
                "reason": " ".join(one.message(language) for one in failed.differences),
            },
            language,
        )
        for language in ("zh", "en")
    }
    return Finding("error", "case.failed", message, path=tuple(failed.path))

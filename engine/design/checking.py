"""Checks a draft among the files that it will run with, and says what it breaks in others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from engine.bpmn.checks import check_files, kind_of
from engine.folder import Folder
from engine.plugins import Finding

_Known = tuple[str, str | None, str | None]


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found: by file, the draft's own first; ``broken`` are other files whose findings weren't there before.

    ``cases`` is how many test cases the processes have that the draft changes; they are run by themselves.
    """

    findings: Mapping[str, Sequence[Finding]]
    broken: Mapping[str, Sequence[Finding]]
    seconds: float
    cases: int = 0

    @property
    def verdict(self) -> str:
        """``refused`` where a finding blocks, else ``accepted``."""
        every = (*self.findings.values(), *self.broken.values())
        return "refused" if any(one.blocks for found in every for one in found) else "accepted"


def check(
    deployed: Mapping[str, bytes], changed: Mapping[str, bytes], plugins: Any, *, require: bool = True
) -> Checked:
    """Check the files of ``changed`` as they would stand among ``deployed`` ones.

    Files that name a changed decision, form or process are looked at too; only what the change adds is told of them.
    """
    began = perf_counter()
    before, folder = Folder(deployed, plugins), Folder({**deployed, **changed}, plugins)
    users = {user for name in changed for user in folder.needing(name)}
    users |= {user for name in changed.keys() & deployed.keys() for user in before.needing(name)}
    own = folder.belonging(*changed)
    findings = {
        report.file: report.findings
        for report in check_files(own, plugins, targets=list(changed), require=require)
    }
    broken: dict[str, Sequence[Finding]] = {}
    for user in sorted(users - changed.keys()):
        new = check_files(folder.belonging(user), plugins, targets=[user], require=require)[0].findings
        if any(one.blocks for one in new):
            old = check_files(before.belonging(user), plugins, targets=[user], require=require)[0].findings
            known = {_known(one) for one in old}
            added = [one for one in new if _known(one) not in known]
            if added:
                broken[user] = added
    return Checked(findings, broken, perf_counter() - began)


def groups(files: Mapping[str, bytes], changed: Sequence[str], plugins: Any) -> list[dict[str, bytes]]:
    """Return what is deployed together when files change: for each process that holds or uses one, it and what it needs.

    Processes that share a called process come together, so that it has one version for all of them.
    """
    folder = Folder(files, plugins)
    diagrams = {
        name
        for one in changed
        for name in (one, *folder.needing(one))
        if kind_of(name) == "bpmn" and folder.offers[name]
    }
    found: list[dict[str, bytes]] = []
    for name in sorted(diagrams):
        mine = folder.belonging(name)
        shared = {one for one in mine if kind_of(one) == "bpmn"}
        for other in [group for group in found if shared & group.keys()]:
            found.remove(other)
            mine = {**other, **mine}
        found.append(mine)
    return found


def _known(found: Finding) -> _Known:
    return found.code, found.element, found.message.get("en")

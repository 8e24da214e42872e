"""Runs the command line in this process, as a person's shell would."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import pytest


class Outcome(NamedTuple):
    """What a command left: its exit status, what it wrote, what it told people."""

    status: int
    output: str
    told: str


Bihuan = Callable[..., Outcome]


@pytest.fixture
def bihuan(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Bihuan:
    """Return a function that runs ``bihuan`` with its arguments."""
    from web.cli import run

    for name in ("BIHUAN_LANG", "BIHUAN_DATABASE", "BIHUAN_HOME", "LC_ALL", "LANG"):
        monkeypatch.delenv(name, raising=False)

    def call(*arguments: object) -> Outcome:
        capsys.readouterr()
        status = run([str(argument) for argument in arguments])
        written = capsys.readouterr()
        return Outcome(status, written.out, written.err)

    return call

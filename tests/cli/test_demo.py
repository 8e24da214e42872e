"""``bihuan demo``: loaded once, and loaded again from the start where it was broken off."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.database import Home
from engine.engine import Engine
from engine.plugins import load_plugins
from tests.cli.conftest import Bihuan
from tests.conftest import BACKENDS
from tests.services.postgres import Postgres
from workflows import demo


class BrokenOffError(Exception):
    """The power goes."""


def break_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the loading end after the people and the register were written."""

    def stop(*_: object) -> None:
        raise BrokenOffError

    monkeypatch.setattr(demo._Loader, "_start", stop)


@pytest.mark.long
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_loading_that_was_broken_off_begins_again(
    backend: str,
    bihuan: Bihuan,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> None:
    where = ["--home", tmp_path]
    if backend == "postgres":
        server: Postgres = request.getfixturevalue("postgres_server")
        where += ["--database", server.create("broken_off_demo")]
    with monkeypatch.context() as patched:
        break_off(patched)
        assert bihuan("demo", "--small", *where).status != 0
    assert Home(tmp_path).counties() == {}
    again = bihuan("demo", "--small", *where)
    assert again.status == 0, again.told
    assert ("重新装载" in again.told) == (backend == "postgres")
    assert Home(tmp_path).counties() == {"demo": demo.NAME}
    assert bihuan("doctor", *where).status == 0
    assert "不再装载" in bihuan("demo", "--small", *where).told


def test_a_county_of_that_name_that_is_no_demo_is_left_alone(bihuan: Bihuan, tmp_path: Path) -> None:
    home = Home(tmp_path)
    engine = Engine(home.create_county("demo", "真的县", load_plugins()))
    engine.people.create_person("li", "李经办")
    outcome = bihuan("demo", "--home", tmp_path)
    assert (outcome.status, "不是演示县" in outcome.told) == (2, True)
    assert [name for _, name in engine.people.people()] == ["李经办"]

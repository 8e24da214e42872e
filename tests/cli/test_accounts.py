"""``bihuan account``: the first administrator of a county, and a way in when there is no second one."""

from __future__ import annotations

import pytest

from engine import SteppedClock
from engine.database import Home
from engine.errors import Forbidden
from tests.cli.conftest import Bihuan
from tests.conftest import COUNTY, MORNING
from tests.engine.test_backups import engine_of

pytestmark = pytest.mark.parametrize("backend", ["sqlite"])


def test_a_new_county_gets_its_first_administrator(home: Home, bihuan: Bihuan) -> None:
    at = ("--home", home.path)
    made = bihuan("account", "admin", "guanli", "管理员", *at)
    assert (made.status, "初始密码只显示这一次" in made.told) == (0, True)
    people = engine_of(home, COUNTY, SteppedClock(MORNING)).people
    assert people.authenticate("guanli", made.output.strip()).is_admin
    assert people.must_change_password("guanli")
    assert bihuan("account", "admin", "guanli", "又一个", *at).status == 2


def test_the_only_administrator_gets_in_again(home: Home, bihuan: Bihuan) -> None:
    at = ("--home", home.path)
    first = bihuan("account", "admin", "guanli", "管理员", *at).output.strip()
    second = bihuan("account", "reset", "guanli", *at).output.strip()
    people = engine_of(home, COUNTY, SteppedClock(MORNING)).people
    assert people.authenticate("guanli", second).is_admin
    with pytest.raises(Forbidden):
        people.authenticate("guanli", first)
    assert bihuan("account", "reset", "nobody", *at).status == 2

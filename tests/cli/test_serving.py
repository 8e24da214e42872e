"""The background work of ``bihuan serve`` and ``bihuan worker``: done by the engines of the pages that ask for it."""

from __future__ import annotations

import threading

import pytest

from engine import SteppedClock
from engine.commands.errands import Product
from engine.database import Home
from tests.conftest import COUNTY, MORNING
from tests.engine.office import FILL_AND_REVIEW, Office
from tests.engine.test_backups import engine_of
from web import chasing, create_app
from web.commands.serving import runners
from web.printing import sheet


@pytest.mark.parametrize("backend", ["sqlite"])
def test_whatever_pages_let_be_made_the_background_makes(home: Home) -> None:
    Office.open(engine_of(home, COUNTY, SteppedClock(MORNING)))
    app = create_app(home, config={"SECRET_KEY": "of a test"})
    engine = app.extensions["bihuan.counties"].engine(COUNTY)
    assert set(engine.makers) >= {sheet.KIND, chasing.URGE, chasing.EXTEND}
    made = threading.Event()

    def make(*_: object) -> Product:
        made.set()
        return Product("x.txt", b"x")

    engine.makes("told by the pages", make)
    office = Office(engine)
    engine.ask_errand("told by the pages", office.run(FILL_AND_REVIEW), actor=office.who("li"))
    with runners(app):
        assert made.wait(60)

"""A notice to the treasury section: in force at once, once for one origin, signed for and carried out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from budget.tables import Hold, TreasuryNotice
from engine.errors import Forbidden, NotFound
from tests.workflows.money.county import MoneyCounty

if TYPE_CHECKING:
    pass

MAY = {"kind": "MONITORING", "instance": 4711, "period": "05"}


def order(county: MoneyCounty, name: str, key: str, **more: Any) -> None:
    variables = {
        "project": county.project,
        "reason": "偏离度超过50%",
        "origin": MAY,
        "profile": county.profile("days"),
    }
    county.engine.publish(name, key, variables | more)
    county.work()


def holds(county: MoneyCounty) -> list[tuple[str, bool]]:
    return [(row.kind, row.released_at is None) for row in county.read(select(Hold).order_by(Hold.id))]


def test_a_hold_is_in_force_before_it_is_received_and_both_receipts_are_kept(county: MoneyCounty) -> None:
    order(county, "DisburseHold", "a")
    assert holds(county) == [("HOLD", True)]
    county.do("kuku", "sign_receipt", "签收", {})
    county.do("ku", "execute", "已执行", {"executed_on": "2026-03-02", "note": "已冻结用款计划120万元"})
    (notice,) = county.read(select(TreasuryNotice))
    assert (notice.received_by, notice.executed_by) == ("user:kuku", "user:ku")
    assert notice.note == "已冻结用款计划120万元"
    assert county.open() == {}


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
class TestOrders:
    """Idempotent by origin (§7.2)."""

    def test_the_same_origin_orders_once(self, county: MoneyCounty) -> None:
        order(county, "DisburseHold", "a")
        order(county, "DisburseHold", "b")
        order(county, "DisburseHold", "c", origin=MAY | {"period": "08"})
        assert holds(county) == [("HOLD", True), ("HOLD", True)]
        assert len(county.read(select(TreasuryNotice))) == 2

    def test_a_release_ends_what_its_origin_ordered_and_nothing_else(self, county: MoneyCounty) -> None:
        order(county, "DisburseHold", "a")
        order(county, "DisburseStop", "b")
        order(county, "DisburseHold", "c", origin=MAY | {"period": "08"})
        order(county, "DisburseRelease", "d")
        assert holds(county) == [("HOLD", False), ("STOP", False), ("HOLD", True)]
        order(county, "DisburseRelease", "e")
        assert [row.action for row in county.read(select(TreasuryNotice))].count("RELEASE") == 1

    def test_a_hold_ends_by_itself_on_its_day(self, county: MoneyCounty) -> None:
        order(county, "DisburseHold", "a", until="2026-03-05T18:00:00+08:00")
        county.later(days=4)
        order(county, "DisburseHold", "b")
        assert len(holds(county)) == 2

    def test_only_the_treasury_section_signs(self, county: MoneyCounty) -> None:
        order(county, "DisburseHold", "a")
        with pytest.raises((Forbidden, NotFound)):
            county.do("chen", "sign_receipt", "签收", {})

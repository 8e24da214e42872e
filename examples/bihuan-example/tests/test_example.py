"""The example's plug-ins at work in a county of their own, found through the entry point of the installed package."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import pytest
from bihuan_example.amounts import capital
from bihuan_example.channel import OaTodo
from bihuan_example.people import FILE, HrFile
from bihuan_example.receipts import receipts
from sqlalchemy import select

from engine import Engine, Home
from engine.identity import SYSTEM
from engine.notify.ports import Gate, Message, Undelivered
from engine.plugins import SourceUnreadable, load_plugins


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    home = Home(tmp_path / "var", None)
    database = home.create_county("example", "示例县", load_plugins())
    yield Engine(database)
    home.close()


AMOUNTS = [
    ("0", "零元整"),
    ("0.05", "伍分"),
    ("0.50", "伍角整"),
    ("10.05", "壹拾元零伍分"),
    ("1234.50", "壹仟贰佰叁拾肆元伍角整"),
    ("10001", "壹万零壹元整"),
    ("100000000", "壹亿元整"),
    ("100010000", "壹亿零壹万元整"),
    ("30020400.30", "叁仟零贰万零肆佰元叁角整"),
]


@pytest.mark.parametrize(("amount", "said"), AMOUNTS)
def test_an_amount_in_capital_characters(amount: str, said: str) -> None:
    assert capital(Decimal(amount)) == said


def test_what_is_no_amount_is_null() -> None:
    assert [capital(one) for one in (None, Decimal(-1), Decimal(10) ** 16)] == [None, None, None]


def test_a_process_uses_the_handler_and_the_function(engine: Engine) -> None:
    diagram = files("bihuan_example").joinpath("receipt.bpmn").read_bytes()
    engine.deploy({"receipt.bpmn": diagram}, actor="system")
    ids = []
    for amount in (Decimal("1234.5"), Decimal(8)):
        given = {"receipt_number": " F-1 ", "amount": amount}
        ids.append(engine.start("example_receipt", actor="system", variables=given).instance_id)
    first, second = (engine.instance(one, SYSTEM) for one in ids)
    assert first.subject == "票据 F-1：壹仟贰佰叁拾肆元伍角整"
    assert second.subject == f"票据 F-1（办件 {ids[0]} 已用）：捌元整"
    with engine.database.read() as unit:
        assert unit.execute(select(receipts)).all() == [("F-1", ids[0])]
    assert engine.doctor() == []


class Answering(Gate):
    """A gate behind which nobody is: it keeps what is sent and answers with a status."""

    def __init__(self, status: int) -> None:
        super().__init__(())
        self.status, self.sent = status, b""

    def http(self, method, url, body=None, headers=None):  # type: ignore[no-untyped-def]
        self.sent = body
        assert (method, url, headers["Authorization"]) == ("POST", "https://oa.example/todo", "Bearer t")
        return self.status, b"{}"


@pytest.mark.parametrize(("status", "final"), [(200, None), (404, True), (503, False)])
def test_a_message_becomes_an_entry_of_the_office_system(status: int, final: bool | None) -> None:
    message = Message("m-1", "李", "13800000001", "", "待办", ["请办理"], datetime.now(UTC), "https://bh/1")
    options, gate = {"url": "https://oa.example/todo", "token": "t"}, Answering(status)
    if final is None:
        OaTodo().send(options, message, gate)
        assert json.loads(gate.sent)["id"] == "m-1"
    else:
        with pytest.raises(Undelivered) as caught:
            OaTodo().send(options, message, gate)
        assert caught.value.final is final


def test_the_personnel_systems_people_are_read_as_rows_of_an_import(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "people.json"
    person = {"account": "li", "name": "李四", "post": "经办", "organisation": "U1"}
    given = {
        "organisations": [{"code": "U1", "name": "县示例局", "section": "S04"}],
        "people": [person, person | {"account": "zhao", "left": True}],
    }
    file.write_text(json.dumps(given), "utf-8")
    monkeypatch.setenv(FILE, str(file))
    rows = HrFile().read()
    assert [one.kind for one in rows] == ["org", "person", "post", "person"]
    assert rows[-1].values["active"] == "no"
    file.write_text("{", "utf-8")
    with pytest.raises(SourceUnreadable):
        HrFile().read()

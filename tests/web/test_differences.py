"""What changed since the last round: fields, rows that came, went or moved, numbers, the words of long texts."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

import forms
from forms.model import Form
from tests.web.conftest import Site
from web.differences import Change, changes
from web.word_marks import marks
from workflows import files_of


@pytest.fixture(autouse=True)
def _in_a_request(site: Site) -> Iterator[None]:
    app: Flask = site.app
    with app.test_request_context("/"):
        yield


@pytest.fixture(scope="module")
def form() -> Form:
    return forms.read(files_of("goal_declaration")["goal_declaration.form"])


def row(id: str, name: str, **more: Any) -> dict[str, Any]:
    return {"_row": id, "level3_name": name, **more}


def of_rows(form: Form, before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[Change]:
    return changes(form, {"indicators": before}, {"indicators": after})


def test_a_number_tells_by_how_much_it_changed(form: Form) -> None:
    (change,) = changes(form, {"annual_amount": Decimal("1200")}, {"annual_amount": Decimal("1350.5")})
    assert (change.old, change.new) == ("1,200.00 万元", "1,350.50 万元")
    assert change.delta == "+150.50（+12.5%）"
    (less,) = changes(form, {"annual_amount": Decimal("3")}, {"annual_amount": Decimal("2")})
    assert less.delta == "−1.00（−33.3%）"
    (from_nothing,) = changes(form, {"annual_amount": Decimal(0)}, {"annual_amount": Decimal("2")})
    assert from_nothing.delta == "+2.00"


def test_rows_are_added_removed_and_moved(form: Form) -> None:
    before = [row("a", "甲"), row("b", "乙"), row("c", "丙"), row("d", "丁")]
    after = [row("d", "丁"), row("a", "甲"), row("b", "乙"), row("e", "戊")]
    found = [
        (change.kind, change.label.rpartition(" ")[2], change.old, change.new)
        for change in of_rows(form, before, after)
    ]
    assert found == [
        ("moved", "丁", "第 4 行", "第 1 行"),
        ("added", "戊", "", "三级指标 戊"),
        ("removed", "丙", "三级指标 丙", ""),
    ]


def test_a_row_that_only_slid_down_has_not_moved(form: Form) -> None:
    before = [row(id, id) for id in "abc"]
    assert [one.kind for one in of_rows(form, before, [row("new", "新"), *before])] == ["added"]


def test_a_moved_row_still_tells_what_changed_in_it(form: Form) -> None:
    before = [row("a", "甲", weight_score=Decimal(10)), row("b", "乙")]
    after = [row("b", "乙"), row("a", "甲", weight_score=Decimal(8))]
    found = of_rows(form, before, after)
    assert [one.kind for one in found] == ["moved", "changed"]
    assert found[1].delta == "−2（−20.0%）"


def test_a_long_text_shows_which_words_changed(form: Form) -> None:
    old = "新建改造农村公路 42 公里，覆盖 8 个乡镇，改善群众出行条件。"
    new = "新建改造农村公路 56 公里，覆盖 8 个乡镇和 3 个农场，改善群众出行条件。"
    (change,) = changes(form, {"goal_annual": old}, {"goal_annual": new})
    assert change.marked is not None
    assert [part.text for part in change.marked.old if part.marked] == ["42"]
    assert [part.text for part in change.marked.new if part.marked] == ["56", "和 3 个农场"]
    assert "".join(part.text for part in change.marked.old) == old
    assert "".join(part.text for part in change.marked.new) == new


def test_short_answers_are_shown_whole(form: Form) -> None:
    (change,) = changes(form, {"project_leader": "阿依古丽"}, {"project_leader": "王建国"})
    assert change.marked is None


def test_texts_with_nothing_in_common_are_not_compared_word_by_word() -> None:
    assert marks("改善群众出行条件", "the goal was written anew") is None


def test_enormous_texts_are_not_compared_word_by_word() -> None:
    assert marks("甲乙丙" * 2000, "丁甲戊" * 2000) is None
    grown = marks("甲" * 9000 + "尾", "甲" * 9000 + "新尾")
    assert grown is not None
    assert [part.text for part in grown.new if part.marked] == ["新"]

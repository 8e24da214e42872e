"""What the tests of forms share: a form made of components, and a clock that stands still."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

import forms
from engine import feel

Make = Callable[..., forms.Form]


def source_of(*components: dict[str, Any], **settings: Any) -> bytes:
    """Write a form file with these components; ids are filled in."""
    numbered = [{"id": f"c{number}", **one} for number, one in enumerate(components)]
    whole = {"type": "default", "id": "test", "schemaVersion": 19, "components": numbered, **settings}
    return json.dumps(whole, ensure_ascii=False).encode()


@pytest.fixture
def make() -> Make:
    """Read a form made of components."""

    def read(*components: dict[str, Any], **settings: Any) -> forms.Form:
        return forms.read(source_of(*components, **settings))

    return read


@pytest.fixture
def env() -> feel.Environment:
    """An environment in which it is always Monday morning."""
    return feel.Environment(now=lambda: datetime(2026, 3, 2, 1, tzinfo=UTC))


INDICATORS: dict[str, Any] = {
    "type": "dynamiclist",
    "path": "indicators",
    "label": "绩效指标",
    "properties": {"widget": "table", "required": "true", "label-en": "Indicators"},
    "components": [
        {
            "id": "level",
            "type": "select",
            "key": "level",
            "label": "二级指标",
            "values": [{"label": "数量指标", "value": "QUANTITY"}, {"label": "质量指标", "value": "QUALITY"}],
            "properties": {"aliases": "QUANTITY=产出数量", "fill-down": True},
            "validate": {"required": True},
        },
        {
            "id": "name",
            "type": "textfield",
            "key": "name",
            "label": "三级指标",
            "validate": {"required": True, "maxLength": 60},
            "properties": {"label-en": "Indicator"},
        },
        {
            "id": "operator",
            "type": "select",
            "key": "operator",
            "label": "比较符",
            "values": [
                {"label": "≥", "value": "GE"},
                {"label": "≤", "value": "LE"},
                {"label": "区间", "value": "RANGE"},
            ],
            "properties": {"paste": "operator"},
        },
        {
            "id": "value",
            "type": "textfield",
            "key": "value",
            "label": "指标值",
            "properties": {"paste": "value"},
        },
        {
            "id": "most",
            "type": "number",
            "key": "value_max",
            "label": "上限",
            "conditional": {"hide": '=operator != "RANGE"'},
        },
        {"id": "unit", "type": "textfield", "key": "unit", "label": "单位", "properties": {"paste": "unit"}},
        {
            "id": "direction",
            "type": "select",
            "key": "direction",
            "label": "方向",
            "values": [{"label": "正向", "value": "UP"}, {"label": "反向", "value": "DOWN"}],
            "defaultValue": '=if operator = "GE" then "UP" else if operator = "LE" then "DOWN" else null',
        },
        {
            "id": "points",
            "type": "number",
            "key": "points",
            "label": "分值",
            "decimalDigits": 2,
            "properties": {"sum": True},
        },
    ],
}

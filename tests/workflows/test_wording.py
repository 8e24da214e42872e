"""A county that says 科 or 处 reads its own word in processes, forms and titles."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from workflows import deploy_all, files_of, profiles
from workflows.profiles import Setting
from workflows.wording import Words

if TYPE_CHECKING:
    from engine.engine import Engine


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("归口业务股室", "归口业务科室"),
        ("预算股终审", "预算科终审"),
        ("绩效股股长", "绩效科科长"),
        ("国有股权投资、控股公司", "国有股权投资、控股公司"),
    ],
)
def test_only_the_offices_word_is_replaced(text: str, expected: str) -> None:
    assert Words("区", "科").said(text) == expected
    assert Words().said(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("达到本县门槛的", "达到本市门槛的"),
        ("面向全县，按县政府安排", "面向全市，按市政府安排"),
        ("县道改造、长江沿县段、郊县", "县道改造、长江沿县段、郊县"),
    ],
)
def test_the_word_for_county_is_replaced_where_it_means_this_one(text: str, expected: str) -> None:
    assert Words("市", "科").said(text) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("经建股", "经建科"), ("县教育局", "区教育局"), ("青岚县", "青岚县"), ("预算股", "预算科")],
)
def test_offices_and_units_have_the_countys_word(name: str, expected: str) -> None:
    assert Words("区", "科").name(name) == expected


def test_processes_and_forms_are_deployed_in_the_countys_words(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = deploy_all(engine)["goal_declaration"]
    assert deploy_all(engine)["goal_declaration"].created is False
    own = profiles.load(profiles.DEFAULT)
    changed = {**own.settings, "wording.section": Setting("科", "P")}
    monkeypatch.setattr(profiles, "load", lambda _: replace(own, settings=changed))
    mine = deploy_all(engine)["goal_declaration"]
    assert (mine.created, mine.sha256 == usual.sha256) == (True, False)
    said = "".join(source.decode() for source in files_of("goal_declaration").values())
    assert "股" in said
    assert "股" not in Words("县", "科").said(said)

"""Every code has both languages with the same parameters, is used, and is documented."""

import re
from pathlib import Path
from string import Formatter

import pytest

from engine.bpmn.messages import KINDS, MESSAGES, REMEDIES

ROOT = Path(__file__).parents[2]
SOURCES = [*ROOT.glob("engine/bpmn/*.py"), *ROOT.glob("engine/runtime/*.py")]


def fields(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


@pytest.mark.parametrize("code", MESSAGES)
def test_both_languages_say_the_same(code):
    zh, en = MESSAGES[code]["zh"], MESSAGES[code]["en"]
    assert fields(zh) - {"zh"} == fields(en) - {"en"}
    assert re.search("[\u4e00-\u9fff]", zh)
    assert not re.search("[\u4e00-\u9fff]", en)


@pytest.mark.parametrize("code", REMEDIES)
def test_every_finding_has_a_remedy_in_both_languages(code):
    assert re.search("[\u4e00-\u9fff]", REMEDIES[code]["zh"])
    assert REMEDIES[code]["en"]
    assert not re.search("[\u4e00-\u9fff]", REMEDIES[code]["en"])


def test_every_code_is_used():
    text = "".join(path.read_text() for path in SOURCES if path.name != "messages.py")
    text = text.replace('f"{kind}.twice"', '"process.twice" "form.twice"')
    assert [code for code in MESSAGES if f'"{code}"' not in text] == []


def test_every_code_is_documented():
    text = (ROOT / "docs" / "bpmn.md").read_text()
    assert [code for code in MESSAGES if f"`{code}`" not in text] == []


def test_every_kind_has_a_chinese_name():
    assert all(re.search("[\u4e00-\u9fff]", names["zh"]) for names in KINDS.values())

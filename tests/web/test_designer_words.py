"""The designer speaks Chinese: every word that the bundled editors show is in our dictionaries."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import pytest

WEB = Path(__file__).parents[2] / "web"
ASSETS = WEB / "assets"
DESIGN = ASSETS / "src" / "design"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
HELD = re.compile(r"(?<!\$)\{\s*\w+\s*\}")
#: Names of things that are the same in every language.
SAME = {"BPMN", "CMMN", "Java"}


#: Which editor a package belongs to; the panel of properties and what diagrams share serve all.
EDITORS = {
    "decision": re.compile(r"dmn-js"),
    "form": re.compile(r"@bpmn-io/form-js"),
    "process": re.compile(r"bpmn-js|bpmnlint|diagram-js-"),
    "panel": re.compile(r"@bpmn-io/properties-panel|diagram-js$"),
}


@cache
def dictionary(part: str) -> dict[str, str]:
    """Return the Chinese of the words of one part."""
    return dict(json.loads((DESIGN / "words" / "zh" / f"{part}.json").read_text("utf-8")))


def editor(package: str) -> str:
    """Return the editor that a package belongs to."""
    return next(part for part, pattern in EDITORS.items() if pattern.match(package))


def test_every_word_that_the_editors_show_has_a_chinese_one() -> None:
    listed = WEB / "static" / "dist" / "words.json"
    if not listed.is_file():
        pytest.skip("the assets are not built")
    shown = json.loads(listed.read_text("utf-8"))
    packages = {package for found in shown.values() for package in found}
    assert packages >= {
        "bpmn-js",
        "bpmn-js-properties-panel",
        "dmn-js-decision-table",
        "@bpmn-io/form-js-editor",
    }
    panel = dictionary("panel").keys()
    missing = {
        (editor(package), word)
        for word, found in shown.items()
        for package in found
        if word not in panel | dictionary(editor(package)).keys()
    }
    assert missing == set()


def test_the_chinese_of_a_word_is_chinese_and_keeps_its_places() -> None:
    for word, chinese in (pair for part in EDITORS for pair in dictionary(part).items()):
        assert CHINESE.search(chinese) or word in SAME or not re.search("[A-Za-z]{3}", HELD.sub("", chinese))
        assert HELD.findall(word) == HELD.findall(chinese), word


def test_the_designers_scripts_ask_for_the_phrases_that_the_page_hands_over() -> None:
    source = (WEB / "views" / "design" / "phrases.py").read_text("utf-8")
    handed = set(re.findall(r'^\s+"(\w+)": gettext', source, re.M))
    scripts = "\n".join(file.read_text("utf-8") for file in DESIGN.rglob("*.js"))
    asked = set(re.findall(r"phrase\(\s*'(\w+)'", scripts))
    asked |= {"error", "warning", "info"}  # a finding's severity is the name of its phrase
    asked |= {"added", "removed", "changed", "moved"}  # so is the kind of a difference
    asked |= {"case_passed", "case_failed"}
    # Names put together of a group and what it is about.
    groups = set(re.findall(r"phrase\(`(\w+_)\$", scripts))
    asked |= {name for name in handed if any(name.startswith(group) for group in groups)}
    asked |= set(re.findall(r"'(property_\w+)'", scripts))
    assert asked == handed

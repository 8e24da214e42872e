"""The processes that come with the package have an English word for each of their names and outcomes, and no other."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files

import pytest

from engine.bpmn.model import Event, Gateway, UserTask
from engine.bpmn.reader import read
from workflows import files_of, processes


@pytest.mark.parametrize("process", processes())
def test_every_name_that_a_page_shows_has_an_english_word(process: str) -> None:
    models, _ = read(files_of(process)[f"{process}.bpmn"])
    shown: set[str] = set()
    for model in models:
        shown.add(model.name or "")
        if model.figures is not None:
            shown.update(re.findall(r'"([^"]+)":', model.figures.text))
        for element in model.elements.values():
            if not isinstance(element, Event | Gateway) and element.name:
                shown.add(element.name)
            if isinstance(element, UserTask):
                shown.update(element.outcomes)
    words = tomllib.loads(files("workflows").joinpath(process, "en.toml").read_text("utf-8"))
    assert words.keys() == shown
    assert not re.search(r"[\u3400-\u9fff]", "".join(words.values()))

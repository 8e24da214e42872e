"""The files that come with the package are checked clean: not even a warning, so that a county's own warnings are seen."""

from __future__ import annotations

from importlib.resources import files

import forms
from engine.bpmn.checks import check_files, kind_of
from engine.plugins import load_plugins


def test_no_file_that_comes_along_has_a_warning() -> None:
    found = {
        entry.name: entry.read_bytes()
        for folder in (*files("workflows").iterdir(), files("forms"))
        if folder.is_dir() and not folder.name.startswith("_")
        for entry in folder.iterdir()
        if kind_of(entry.name) != "unknown"
    }
    assert len(found) > 150
    told = [
        f"{report.file}: {one.message['en']}"
        for report in check_files(found, load_plugins())
        for one in report.findings
        if one.severity != "info"
    ]
    assert told == []


def test_every_field_of_every_form_has_a_name_for_people() -> None:
    """A field without one would be headed by its key, in any language."""
    nameless = [
        f"{entry.name}: {one.name}"
        for entry in files("forms").iterdir()
        if entry.name.endswith(".form")
        for component in forms.read(entry.read_bytes()).components
        for one in component.walk()
        if one.name and one.type != "expression" and not all(map(one.label.of, ("zh", "en")))
    ]
    assert nameless == []

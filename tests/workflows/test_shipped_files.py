"""The files that come with the package are checked clean: not even a warning, so that a county's own warnings are seen."""

from __future__ import annotations

from importlib.resources import files

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

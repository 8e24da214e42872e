"""How the command line speaks: one language at a time, and never a traceback."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from tests.cli.conftest import Bihuan

COMMANDS = (
    ("serve",),
    ("worker",),
    ("demo",),
    ("county",),
    ("county", "create"),
    ("upgrade",),
    ("backup",),
    ("restore",),
    ("archive",),
    ("prune",),
    ("incidents",),
    ("intervene",),
    ("proposals",),
    ("confirm",),
    ("doctor",),
    ("verify-history",),
    ("check",),
    ("play",),
)
CHINESE = re.compile(r"[\u3400-\u9fff]")


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_in_english_has_no_chinese_word(bihuan: Bihuan, command: tuple[str, ...]):
    outcome = bihuan(*command, "--lang", "en", "--help")
    assert outcome.status == 0
    assert outcome.output.startswith("Usage: bihuan")
    assert not CHINESE.search(outcome.output)


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_is_chinese_unless_asked_otherwise(bihuan: Bihuan, command: tuple[str, ...]):
    outcome = bihuan(*command, "--help")
    assert outcome.status == 0
    assert outcome.output.startswith("用法：bihuan")
    # Every option is explained, and in Chinese.
    for line in re.findall(r"^  --.*(?:\n {4,}.*)*", outcome.output, re.MULTILINE):
        assert CHINESE.search(line), line


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("fly",), "没有这个命令"),
        (("check",), "缺少参数 FILE"),
        (("check", "--jsn", "a.bpmn"), "没有选项 --jsn"),
        (("serve", "--port", "many"), "--port 的值应是整数"),
        (("serve", "--lang", "fr"), "--lang 的值不能用，可选：zh, en"),
        (("doctor", "--database", "://"), "数据库地址写得不对"),
    ],
)
def test_a_wrong_call_ends_with_2_and_says_what_is_wrong(bihuan: Bihuan, arguments, sentence: str):
    outcome = bihuan(*arguments)
    assert outcome.status == 2
    assert sentence in outcome.told
    assert outcome.output == ""
    assert "Traceback" not in outcome.told


def test_the_machine_s_language_counts_where_none_is_named(bihuan: Bihuan, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LANG", "en_GB.UTF-8")
    assert bihuan("fly").told.startswith("There is no such command.")


def test_the_version_is_that_of_the_package(bihuan: Bihuan):
    from importlib.metadata import version

    assert bihuan("--version").output == f"bihuan {version('bihuan')}\n"


def test_the_installed_command_runs():
    run = subprocess.run(
        [sys.executable, "-m", "web.cli", "fly", "--lang", "en"], capture_output=True, text=True, check=False
    )
    assert (run.returncode, run.stdout) == (2, "")
    assert "Traceback" not in run.stderr


def test_a_failure_inside_is_one_sentence(bihuan: Bihuan, monkeypatch: pytest.MonkeyPatch):
    from web.commands import examining

    def fail(*_arguments: object) -> None:
        raise ValueError("broken\non two lines")

    monkeypatch.setattr(examining, "_read", fail)
    outcome = bihuan("check", "a.bpmn")
    assert outcome.status == 2
    assert "程序内部出错：ValueError" in outcome.told
    assert "Traceback" not in outcome.told

"""Every code that the engine can raise has a sentence in both languages, and each sentence finds its parameters."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import engine
from engine import Conflict, messages
from engine.sentences import CATALOGUE, REMEDIES

ROOM = Path(engine.__file__).parent
#: Where the engine names codes of its own.
RAISED = re.compile(
    r"(?:BihuanError|NotFound|Forbidden|Conflict|Refused|ExecutionError|DoctorFinding|_Stop|finding)"
    r'\(\s*(?:[\w.]+, )?"([a-z]+\.[a-z_]+)"'
)


def test_every_code_that_is_raised_has_a_sentence() -> None:
    sources = [
        path
        for folder in ("", "commands", "tasks", "jobs", "migrations")
        for path in (ROOM / folder).glob("*.py")
    ]
    raised = {code for path in sources for code in RAISED.findall(path.read_text(encoding="utf-8"))}
    assert len(raised) > 50
    missing = {code for code in raised if messages.sentence(code, {}, "en") == code}
    assert missing == set()


def test_sentences_have_the_same_parameters_in_both_languages() -> None:
    for code, by_language in CATALOGUE.items():
        asked = [set(re.findall(r"{(\w+)}", by_language[language])) for language in ("zh", "en")]
        assert asked[0] == asked[1], code


def test_languages_are_never_mixed() -> None:
    han = re.compile(r"[一-鿿]")
    for code, by_language in {
        **CATALOGUE,
        **{f"{code} (remedy)": one for code, one in REMEDIES.items()},
    }.items():
        assert han.search(by_language["zh"]), code
        assert not han.search(by_language["en"]), code


def test_times_are_told_in_beijing_and_a_missing_parameter_hides_nothing() -> None:
    error = Conflict(
        "item.completed", step="初审", by="王", at=datetime(2026, 3, 2, 1, 5, tzinfo=UTC), outcome="同意"
    )
    assert error.message("zh").startswith("“初审”已由王于2026年3月2日 09:05办理（同意）")
    assert "2026-03-02 09:05" in str(error)
    assert "（未知）" in messages.sentence("item.completed", {"step": "x"}, "zh")
    assert "“1.5”" in messages.sentence("task.bad_priority", {"element": "x", "value": Decimal("1.50")}, "en")


def test_another_room_adds_its_own() -> None:
    messages.register({"test.room": {"zh": "测试{n}", "en": "test {n}"}})
    assert messages.sentence("test.room", {"n": 3}, "zh") == "测试3"
    assert messages.sentence("no.such_code", {}, "zh") == "no.such_code"

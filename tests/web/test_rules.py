"""docs/rules.md has every rule of the five reports and every check once, and what it names is there: files, functions,
pages and tests."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

from budget.quality.model import sentences
from tests.web.conftest import Site
from workflows.profiles.settings import SETTINGS

ROOT = Path(__file__).resolve().parents[2]
#: How many rules each report names; their ids are numbered from 1.
REPORTS: Mapping[str, int] = {"S1": 25, "S2": 31, "S3": 28, "S4": 28, "S5": 30}
DONE, PARTLY, OPEN, NARRATIVE = "已满足", "部分", "未满足", "叙述"
#: How severe a sentence of a check is, as the table says it.
SEVERITIES = {"BLOCK": "阻断", "WARN": "提示", "INFO": "告知"}


@cache
def rows(id: str) -> Sequence[tuple[str, ...]]:
    """Return the rows whose id has a shape: id, what it is, state or severity, where, tests."""
    row = re.compile(rf"^\| ({id}) \| (.+?) \| (.+?) \| (.+?) \| ?(.*?) ?\|$", re.MULTILINE)
    return row.findall((ROOT / "docs" / "rules.md").read_text("utf-8"))


def rules() -> Sequence[tuple[str, ...]]:
    """Return the rules of the reports."""
    return rows(r"S\d-\d\d")


def checks() -> Sequence[tuple[str, ...]]:
    """Return the checks of data quality."""
    return rows(r"DQ\d\d")


def defined(path: str, name: str) -> bool:
    """Whether a file of the repository defines a function, in a class or not."""
    file = ROOT / path
    return file.is_file() and bool(re.search(rf"^ *def {re.escape(name)}\(", _text(path), re.MULTILINE))


@cache
def _text(path: str) -> str:
    return (ROOT / path).read_text("utf-8")


def quoted(text: str) -> Sequence[str]:
    return re.findall(r"`([^`]+)`", text)


def test_every_rule_of_the_reports_is_there_once_with_one_of_four_states() -> None:
    wanted = {f"{report}-{number:02d}" for report, most in REPORTS.items() for number in range(1, most + 1)}
    assert len(wanted) == 142
    assert Counter(row[0] for row in rules()) == Counter(wanted)
    assert {row[2] for row in rules()} <= {DONE, PARTLY, OPEN, NARRATIVE}
    for id, _, state, where, tests in rules():
        assert tests or state == NARRATIVE, id
        assert quoted(where) or state != DONE or "DQ" in where or "D0" in where or "：" in where, id


def test_the_counts_at_the_top_are_those_of_the_rows() -> None:
    told = re.findall(r"(已满足|部分|未满足|叙述) (\d+) 条", (ROOT / "docs" / "rules.md").read_text("utf-8"))
    counted = Counter(row[2] for row in rules())
    assert {state: int(number) for state, number in told} == {
        state: counted[state] for state in (DONE, PARTLY, OPEN, NARRATIVE)
    }


def test_every_test_that_is_named_exists() -> None:
    named = [(id, one) for id, *_, tests in (*rules(), *checks()) for one in quoted(tests)]
    assert [one for one in named if not defined(*one[1].split("::"))] == []


def test_every_check_is_there_once_as_severe_as_its_sentences_with_what_checks_it_and_a_test() -> None:
    severe: dict[str, set[str]] = defaultdict(set)
    for sentence in sentences().values():
        severe[sentence["code"]].add(SEVERITIES[sentence["severity"]])
    assert [row[0] for row in checks()] == [f"DQ{number:02d}" for number in range(1, 41)]
    assert {row[0]: set(row[2].split("、")) for row in checks()} == {
        row[0]: severe[row[0]] for row in checks()
    }
    for id, _, _, where, tests in checks():
        assert quoted(where), id
        assert quoted(tests), id
        for one in quoted(where):
            path, _, name = one.partition("::")
            assert defined(path, name) if name else (ROOT / path).is_file(), (id, one)


def test_every_file_setting_and_page_that_is_named_exists(site: Site) -> None:
    addresses = site.app.url_map.bind("localhost")
    groups = {name.partition(".")[0] for name in SETTINGS}
    missing = []
    for id, _, _, where, _ in rules():
        for named in quoted(where):
            if named.startswith("/"):
                try:
                    addresses.match(named, "GET")
                except RequestRedirect:
                    continue
                except (NotFound, MethodNotAllowed):
                    missing.append((id, named))
            elif "/" in named:
                if not (ROOT / named).exists():
                    missing.append((id, named))
            elif named not in SETTINGS and not (named.endswith(".*") and named[:-2] in groups):
                missing.append((id, named))
    assert missing == []


def test_registers_and_books_that_are_named_are_there(site: Site) -> None:
    """An address of a register or a book is served for any name, so the names are looked at too."""
    from budget.books import BOOKS
    from web.registers import registers

    with site.app.test_request_context():
        known = {"registers": set(registers()), "books": set(BOOKS)}
    named = {
        tuple(one.strip("/").split("/"))
        for *_, where, _ in rules()
        for one in quoted(where)
        if one.startswith(("/registers/", "/books/"))
    }
    assert named
    assert {path for path in named if path[1] not in known[path[0]]} == set()

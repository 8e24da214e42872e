"""The search: Chinese words of any length, numbers by a part, who finds what, and that it follows what is saved."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, event, insert, text

from engine import InboxQuery, StartRequest, tables
from engine.search import match, refresh
from engine.search.highlight import excerpt, marked
from engine.search.rows import ROWS
from engine.search.words import name_words, terms, words
from tests.engine.office import CHIEFS, Office, process, task

if TYPE_CHECKING:
    from engine import SteppedClock

CASE = process(
    task("fill", outcomes="提交", document="goal"),
    task(
        "review",
        CHIEFS,
        outcomes="同意",
        document="verdict",
        audience="=[role(&quot;chief&quot;, &quot;S1&quot;)]",
    ),
    "s -> fill -> review -> e",
    subject="=title",
    unit="=unit",
    reference="=no",
    inputs="title, unit, no",
    retention="P10Y",
)


def start(office: Office, title: str = "路灯改造", unit: str = "城管局", no: str = "XJ-2026-0137") -> int:
    """Start a case and let the search know of it."""
    office.engine.deploy({"p.bpmn": CASE}, actor="user:root")
    variables = {"title": title, "unit": unit, "no": no}
    started = office.engine.start("p", actor=office.who("li"), variables=variables)
    office.engine.index()
    return started.instance_id


def found(office: Office, person: str, text: str, **more: Any) -> list[int]:
    """Return the cases that a person finds."""
    page = office.engine.search(office.who(person), InboxQuery(text=text, **more))
    return [row.instance_id for row in page.rows]


def save(office: Office, person: str = "li", **answers: Any) -> None:
    office.do(person, answers=answers)
    office.engine.index()


class TestWords:
    def test_chinese_gives_characters_and_pairs(self) -> None:
        assert list(words("路灯改")) == ["路", "灯", "改", "路灯", "灯改"]

    def test_width_and_case_make_no_difference(self) -> None:
        assert set(words("ＡＢＣ１２３")) == set(words("abc123")) == {"abc123"}

    def test_punctuation_and_scripts_part_words(self) -> None:
        assert set(words("第3季度, LED灯")) == {"第", "3", "季", "度", "季度", "led", "灯"}

    def test_a_name_is_found_from_any_place_in_its_numbers(self) -> None:
        assert {"0137", "137", "37", "7"} <= set(name_words("XJ-0137"))

    def test_what_has_no_letter_asks_for_nothing(self) -> None:
        assert terms("％ — 、 _ '\"") == ()


class TestHighlight:
    def test_what_was_sought_is_marked_where_it_stands(self) -> None:
        assert marked("ＬＥＤ路灯", terms("led")) == [("ＬＥＤ", True), ("路灯", False)]

    def test_neighbouring_marks_are_one(self) -> None:
        assert marked("路灯改造", terms("路灯 改")) == [("路灯改", True), ("造", False)]

    def test_an_excerpt_is_the_piece_around_the_words(self) -> None:
        pieces = excerpt("前" * 100 + "路灯" + "后" * 100, terms("路灯"))
        assert pieces is not None
        assert ("路灯", True) in pieces
        assert sum(len(piece) for piece, _ in pieces) < 90
        assert excerpt("没有", terms("路灯")) is None


def test_words_of_one_to_four_characters_and_parts_of_numbers_are_found(office: Office) -> None:
    case = start(office)
    for wanted in (
        *("路", "路灯", "路灯改", "路灯改造", "灯", "城管", "城管局 路灯"),
        *("0137", "137", "xj", "ＸＪ-2026", "2026-01", "j-2026-0137"),
    ):
        assert found(office, "li", wanted) == [case], wanted


def test_what_is_not_there_is_not_found(office: Office) -> None:
    start(office)
    for wanted in ("路改", "造灯", "灯路", "路灯 教育", "0138", "2027", "", " ", "%", "' OR 1=1", '"', "*"):
        assert found(office, "li", wanted) == [], wanted


def test_the_text_of_documents_is_found_and_shown_where_it_stands(office: Office) -> None:
    case = start(office)
    save(
        office, summary="更换沥青路面并新装路灯", rows=[{"_row": "r0secret", "name": "里程", "target": 12.5}]
    )
    for wanted in ("沥青", "路面", "里程", "12.5", "沥青 城管局"):
        assert found(office, "li", wanted) == [case], wanted
    for hidden in ("summary", "r0secret"):
        assert found(office, "li", hidden) == []
    (row,) = office.engine.search(office.who("li"), InboxQuery(text="沥青")).rows
    assert [(one.title, "".join(piece for piece, _ in one.pieces)) for one in row.excerpts] == [
        ("fill", "更换沥青路面并新装路灯")
    ]
    assert row.ties == ["done", "started"]


def test_only_the_newest_version_of_a_document_is_found(office: Office) -> None:
    source = process(
        task("fill", outcomes="提交", document="goal"), "exclusiveGateway again", "s -> fill -> again",
        'again -> fill: goal.n = 1', "again -> e: default",
    )  # fmt: skip
    case = office.run(source, {})
    save(office, n=1, text="旧的说法")
    assert found(office, "li", "旧的") == [case]
    save(office, n=2, text="新的说法")
    assert found(office, "li", "旧的") == []
    assert found(office, "li", "新的说法") == [case]


class TestWhoFindsWhat:
    def test_who_has_nothing_to_do_with_a_case_does_not_find_it(self, office: Office) -> None:
        start(office)
        assert found(office, "sun", "路灯") == []
        assert found(office, "root", "路灯") == []

    def test_who_joins_finds_it_from_then_on(self, office: Office) -> None:
        case = start(office)
        assert found(office, "wang", "路灯") == []
        save(office, summary="沥青")
        assert found(office, "wang", "沥青") == [case]
        (row,) = office.engine.search(office.who("wang"), InboxQuery(text="路灯")).rows
        assert row.mine == office.row("wang").item_id

    def test_what_has_just_come_is_found_in_the_inbox_before_the_search_knows_whose_it_is(
        self, office: Office
    ) -> None:
        start(office)
        office.do("li", answers={"summary": "沥青"})
        rows = office.engine.inbox(office.who("wang"), InboxQuery(text="路灯")).rows
        assert [row.subject for row in rows] == ["路灯改造"]
        assert found(office, "wang", "路灯") == []

    def test_a_copy_lets_somebody_find_it_without_another_change(self, office: Office) -> None:
        case = start(office)
        office.engine.copy(case, actor=office.who("li"), to=["user:qian"])
        assert found(office, "qian", "路灯") == []
        assert office.engine.index() == 1
        assert found(office, "qian", "路灯") == [case]

    def test_words_that_somebody_may_not_read_find_nothing(self, office: Office) -> None:
        case = start(office)
        save(office, summary="沥青")
        save(office, "wang", reason="证据不足")
        assert found(office, "wang", "证据不足") == [case]
        assert found(office, "li", "证据不足") == []
        assert found(office, "li", "证据") == []
        assert office.engine.done(office.who("li"), InboxQuery(text="证据")).rows == []
        assert len(office.engine.done(office.who("wang"), InboxQuery(text="证据")).rows) == 1

    def test_an_operator_finds_cases_but_nothing_in_documents(self, office: Office) -> None:
        case = start(office)
        save(office, summary="沥青")
        assert found(office, "wu", "路灯") == [case]
        assert found(office, "wu", "沥青") == []

    def test_a_substitute_finds_what_the_other_finds(self, office: Office, clock: SteppedClock) -> None:
        case = start(office)
        today = clock.now().date()
        office.engine.substitutions.create("li", "sun", today, today, processes=["p"], actor=office.who("li"))
        assert found(office, "sun", "路灯") == [case]
        office.engine.substitutions.create(
            "wang", "qian", today, today, processes=["other"], actor=office.who("wang")
        )
        save(office, summary="沥青")
        assert found(office, "qian", "沥青") == []


def test_common_words_are_found_page_by_page_in_ones_own_cases(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(match, "FEW", 5)
    monkeypatch.setattr(match, "LOOKS", (4, 8))
    office.engine.deploy({"p.bpmn": CASE}, actor="user:root")
    requests = [StartRequest({"title": f"道路{n}", "unit": "u", "no": str(n)}) for n in range(40)]
    office.engine.start_many("p", requests, actor="system")
    office.engine.index()
    pages, cursor = [], None
    while True:
        page = office.engine.search(office.who("li"), InboxQuery(text="道路", limit=7, cursor=cursor))
        pages.append([row.subject for row in page.rows])
        cursor = page.next_cursor
        if cursor is None:
            break
    assert [subject for page in pages for subject in page] == [f"道路{n}" for n in reversed(range(40))]
    assert max(map(len, pages)) == 7
    assert found(office, "sun", "道路") == []
    narrowed = InboxQuery(text="道路", reference="31")
    assert [row.reference for row in office.engine.inbox(office.who("li"), narrowed).rows] == ["31"]
    assert office.engine.inbox(office.who("li"), InboxQuery(text="道路")).counts.all == 40


class TestFollowing:
    def test_what_changed_meanwhile_is_left_for_the_next_time(
        self, office: Office, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        case = start(office)
        office.do("li", answers={"summary": "沥青"})
        gather = refresh.gather

        def while_it_reads(*arguments: Any) -> Any:
            monkeypatch.setattr(refresh, "gather", gather)
            said = gather(*arguments)
            thread = threading.Thread(
                target=office.do, args=("wang",), kwargs={"answers": {"reason": "证据"}}
            )
            thread.start()
            thread.join()
            return said

        monkeypatch.setattr(refresh, "gather", while_it_reads)
        assert office.engine.index() == 0
        assert found(office, "wang", "证据") == []
        assert office.engine.index() == 1
        assert found(office, "wang", "证据") == [case]

    def test_a_completion_sends_no_statement_for_the_search(self, office: Office) -> None:
        start(office)
        row = office.row("li")
        seen: list[str] = []
        event.listen(
            office.engine.database.engine, "before_cursor_execute", lambda _c, _k, sql, *_: seen.append(sql)
        )
        office.engine.complete(
            row.item_id, actor=office.who("li"), version=row.version, outcome="提交", answers={"a": "b"}
        )
        assert [sql for sql in seen if "search_" in sql] == []

    def test_a_pruned_case_keeps_its_name_only(self, office: Office, clock: SteppedClock) -> None:
        case = start(office)
        save(office, summary="沥青")
        save(office, "wang", reason="证据")
        wu = office.who("wu")
        office.engine.archive(case, actor=wu)
        clock.advance(ten_years())
        office.engine.prune(actor=wu)
        office.engine.index()
        assert found(office, "li", "沥青") == []
        assert found(office, "li", "路灯") == [case]

    def test_a_draft_is_not_found(self, office: Office) -> None:
        start(office)
        row = office.row("li")
        office.engine.save_draft(
            row.item_id, actor=office.who("li"), answers={"a": "草稿内容"}, based_on=None
        )
        office.engine.index()
        assert found(office, "li", "草稿内容") == []

    def test_reindexing_says_everything_anew(self, office: Office) -> None:
        case = start(office)
        with office.engine.database.write() as unit:
            unit.execute(delete(tables.search_readers))
        assert found(office, "li", "路灯") == []
        told: list[tuple[int, int]] = []
        assert office.engine.reindex(lambda done, total: told.append((done, total))) == 1
        assert told == [(1, 1)]
        assert found(office, "li", "路灯") == [case]


def ten_years() -> Any:
    return timedelta(days=3_700)


def test_the_doctor_finds_what_the_search_says_wrongly(broken_office: Office) -> None:
    office = broken_office
    case = start(office)
    assert office.engine.doctor() == []
    with office.engine.database.write() as unit:
        unit.execute(insert(tables.search_readers), {"principal": "user:sun", "row_id": case * ROWS})
        unit.execute(insert(tables.search_readers), {"principal": "user:sun", "row_id": 99 * ROWS})
    assert [(one.rule, one.instance) for one in office.engine.doctor()] == [
        ("search.wrong", case),
        ("search.wrong", 99),
    ]
    office.engine.reindex()
    assert office.engine.doctor() == []


@pytest.mark.postgres
@pytest.mark.parametrize("backend", ["postgres"])
def test_postgresql_plans_a_search_for_its_words_and_nothing_else(office: Office) -> None:
    """After some uses it would take a general plan, which looks through everything where many rows have the words."""
    start(office)
    modes = text("SHOW plan_cache_mode")
    with office.engine.database.read() as unit:
        match.sought(unit, office.who("li"), "路灯")
        assert unit.execute(modes).scalar_one() == "force_custom_plan"
    with office.engine.database.read() as unit:
        assert unit.execute(modes).scalar_one() == "auto"

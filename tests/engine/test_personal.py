"""Preferences and saved filters: one's own, and those shared with a role by somebody who holds it."""

from __future__ import annotations

import pytest

from engine import Forbidden, NotFound, Refused
from tests.engine.office import Office

CHIEFS = "role:chief@S1"


def filters(office: Office, person: str) -> list[tuple[str, str, bool]]:
    found = office.engine.personal(office.who(person)).filters
    return [(one.name, one.query, one.shared) for one in found]


def test_a_preference_is_the_persons_own_and_can_be_changed_and_forgotten(office: Office) -> None:
    li = office.who("li")
    office.engine.prefer("list:inbox", {"columns": ["amount"], "rows": 50}, actor=li)
    office.engine.prefer("list:inbox", {"columns": ["due"], "rows": 20}, actor=li)
    office.engine.prefer("other", 1, actor=li)
    assert office.engine.personal(li).preferences == {
        "list:inbox": {"columns": ["due"], "rows": 20},
        "other": 1,
    }
    assert office.engine.personal(office.who("liu")).preferences == {}
    office.engine.prefer("other", None, actor=li)
    assert "other" not in office.engine.personal(li).preferences
    with pytest.raises(Refused):
        office.engine.prefer("big", "x" * 20_000, actor=li)


def test_a_filter_saved_again_under_its_name_replaces_the_former(office: Office) -> None:
    li = office.who("li")
    first = office.engine.save_filter("inbox", "  今天 ", "due=today", actor=li)
    assert office.engine.save_filter("inbox", "今天", "due=week", actor=li) == first
    office.engine.save_filter("done", "今天", "", actor=li)
    assert filters(office, "li") == [("今天", "due=week", False), ("今天", "", False)]
    assert filters(office, "liu") == []


def test_one_that_is_shared_is_everybodys_who_holds_the_role(office: Office) -> None:
    office.engine.save_filter("inbox", "大额", "amount_from=100", actor=office.who("wang"), role=CHIEFS)
    assert filters(office, "zhou") == [("大额", "amount_from=100", True)]
    assert filters(office, "li") == []
    with pytest.raises(Forbidden):
        office.engine.save_filter("inbox", "别人的", "", actor=office.who("li"), role=CHIEFS)
    with pytest.raises(Forbidden):
        office.engine.save_filter("inbox", "所有负责人", "", actor=office.who("wang"), role="role:chief")
    with pytest.raises(Forbidden):
        office.engine.save_filter("inbox", "冒名", "", actor=office.who("wang"), role="user:zhou")


def test_only_who_saved_a_shared_one_changes_it_until_they_leave_the_post(office: Office) -> None:
    wang, zhou = office.who("wang"), office.who("zhou")
    shared = office.engine.save_filter("inbox", "大额", "a=1", actor=wang, role=CHIEFS)
    with pytest.raises(Forbidden, match="王"):
        office.engine.rename_filter(shared, "我的", actor=zhou)
    with pytest.raises(Forbidden):
        office.engine.delete_filter(shared, actor=zhou)
    with pytest.raises(Forbidden):
        office.engine.save_filter("inbox", "大额", "a=2", actor=zhou, role=CHIEFS)
    office.engine.rename_filter(shared, "百万以上", actor=wang)
    assert [name for name, *_ in filters(office, "zhou")] == ["百万以上"]
    with pytest.raises(NotFound):
        office.engine.delete_filter(shared, actor=office.who("li"))
    with office.engine.database.write() as unit:
        unit.connection.exec_driver_sql("DELETE FROM posts WHERE person = 'wang'")
    office.engine.delete_filter(shared, actor=zhou)
    assert filters(office, "zhou") == []
    office.sound()


def test_names_are_needed_and_taken_only_once(office: Office) -> None:
    li = office.who("li")
    first = office.engine.save_filter("inbox", "一", "", actor=li)
    office.engine.save_filter("inbox", "二", "", actor=li)
    for name in ("", "  ", "长" * 101, "二"):
        with pytest.raises(Refused):
            office.engine.rename_filter(first, name, actor=li)
    office.engine.rename_filter(first, "一", actor=li)
    with pytest.raises(Refused):
        office.engine.save_filter("inbox", "三", "x" * 2_001, actor=li)


def test_there_are_fifty_of_an_owner_at_most(office: Office) -> None:
    li = office.who("li")
    for number in range(50):
        office.engine.save_filter("inbox", f"筛选{number}", "", actor=li)
    with pytest.raises(Refused):
        office.engine.save_filter("inbox", "再一个", "", actor=li)
    office.engine.save_filter("inbox", "筛选7", "due=today", actor=li)


def test_a_default_is_one_that_the_person_has(office: Office) -> None:
    shared = office.engine.save_filter("inbox", "大额", "a=1", actor=office.who("wang"), role=CHIEFS)
    office.engine.prefer_filter("inbox", shared, actor=office.who("zhou"))
    assert office.engine.personal(office.who("zhou")).preferences == {"default:inbox": shared}
    with pytest.raises(NotFound):
        office.engine.prefer_filter("inbox", shared, actor=office.who("li"))
    office.engine.prefer_filter("inbox", None, actor=office.who("zhou"))
    assert office.engine.personal(office.who("zhou")).preferences == {}


def test_history_tells_who_shared_changed_and_took_out_what(office: Office) -> None:
    wang = office.who("wang")
    shared = office.engine.save_filter("inbox", "大额", "a=1", actor=wang, role=CHIEFS)
    office.engine.rename_filter(shared, "小额", actor=wang)
    office.engine.delete_filter(shared, actor=wang)
    office.engine.record_export("inbox", "due=today", 17, actor=wang)
    with office.engine.database.read() as unit:
        rows = unit.connection.exec_driver_sql(
            "SELECT chain, kind, actor FROM events WHERE chain IN ('filters', 'exports') ORDER BY chain, seq"
        ).all()
    assert [tuple(row) for row in rows] == [
        ("exports", "list.exported", "user:wang"),
        ("filters", "filter.saved", "user:wang"),
        ("filters", "filter.renamed", "user:wang"),
        ("filters", "filter.deleted", "user:wang"),
    ]
    office.sound()

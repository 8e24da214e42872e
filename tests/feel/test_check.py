"""What is said of an expression before it runs."""

from __future__ import annotations

import pytest

from engine import feel
from engine.feel.types import BOOLEAN, DATE, NUMBER, STRING

ROW = feel.Type("context", members={"amount": NUMBER, "name": STRING})
TYPES = {
    "score": NUMBER,
    "name": STRING,
    "due": DATE,
    "done": BOOLEAN,
    "goal": feel.Type("context", members={"annual_amount": NUMBER, "rows": feel.Type("list", ROW)}),
}


def codes(text: str, **more: object) -> list[tuple[str, int, int]]:
    """Return code, line and column of what is found."""
    return [(p.code, p.line, p.column) for p in feel.check(text, **more)]  # type: ignore[arg-type]


def test_a_sound_expression_is_clean() -> None:
    text = 'if score >= 85 and goal.annual_amount > 100 then "优" else name'
    assert feel.check(text, list(TYPES), types=TYPES) == []


def test_every_unknown_name_is_found_with_its_place() -> None:
    assert codes("达成率 > 1 and\n  达成 率 < 2", names=["达成率"]) == [("feel.unknown_name", 2, 3)]


def test_names_bound_inside_are_known() -> None:
    text = "for r in goal.rows return {a: r.amount, b: a + 1, f: function(x) x + a}"
    assert feel.check(text, ["goal"]) == []


def test_an_unknown_function_is_an_error_even_where_names_are_not_known() -> None:
    assert codes("workdays(1)") == [("feel.unknown_function", 1, 1)]
    assert codes("working days(1, 2)", functions=["working days"]) == []


def test_names_in_a_filter_may_be_members_of_its_items() -> None:
    assert codes("goal.rows[amuont > 5]", names=["goal"]) == []
    assert codes("goal.rows[amuont > 5]", names=["goal"], members=["amount"]) == [
        ("feel.unknown_member", 1, 11)
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('score = "85"', "feel.type_conflict"),
        ("name > 5", "feel.type_conflict"),
        ("name + 1", "feel.type_conflict"),
        ("due < 5", "feel.type_conflict"),
        ("score and done", "feel.type_conflict"),
        ("name between 1 and 5", "feel.type_conflict"),
        ("goal.anual_amount > 5", "feel.unknown_member"),
        ("sum(goal.rows.amuont)", "feel.unknown_member"),
        ("count(name) = name", "feel.type_conflict"),
        ("if string(score) > 5 then 1 else 2", "feel.type_conflict"),
        ("if score then 1 else 2", "feel.type_conflict"),
        ("goal.rows[amuont > 5]", "feel.unknown_member"),
        ("goal.rows[item.amuont > 5]", "feel.unknown_member"),
        ("goal.rows[amount > 5][1].nmae", "feel.unknown_member"),
        ("goal.rows[name > 5]", "feel.type_conflict"),
        ("for r in goal.rows return r.amuont", "feel.unknown_member"),
        ("some r in goal.rows satisfies r.name > 5", "feel.type_conflict"),
        ("every r in goal.rows satisfies r.amount", "feel.type_conflict"),
        ("{total: sum(goal.rows.amount), half: totl / 2}.half", "feel.unknown_name"),
        ("due.yaer", "feel.unknown_member"),
        ("name.length", "feel.unknown_member"),
        ("substring(score, 1)", "feel.argument_conflict"),
        ("day of week(name)", "feel.argument_conflict"),
        ("function(n: number) n + name", "feel.type_conflict"),
        ("upper case(substring(name, name))", "feel.argument_conflict"),
        ("(if done then score else null) > name", "feel.type_conflict"),
    ],
)
def test_what_can_not_work_is_found(text: str, code: str) -> None:
    assert [problem.code for problem in feel.check(text, list(TYPES), types=TYPES)] == [code]


@pytest.mark.parametrize(
    ("text", "place", "suggestion"),
    [
        ("goal.anual_amount > 5", (1, 6), "annual_amount"),
        ("1 +\n  scroe", (2, 3), "score"),
        ("goal.rows[amuont > 5]", (1, 11), "amount"),
        ("strng(score)", (1, 1), "string"),
        ("xyz", (1, 1), ""),
    ],
)
def test_a_misspelt_name_is_told_with_its_place_and_what_was_meant(
    text: str, place: tuple[int, int], suggestion: str
) -> None:
    (problem,) = feel.check(text, list(TYPES), types=TYPES)
    assert (problem.line, problem.column) == place
    assert problem.params["suggestion"] == suggestion
    for language in ("zh", "en"):
        assert suggestion in problem.remedy(language)
        assert problem.remedy(language)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("score between name and 5", "feel.type_conflict"),
    ],
)
def test_types_that_can_not_meet_are_found(text: str, code: str) -> None:
    assert [problem.code for problem in feel.check(text, list(TYPES), types=TYPES)] == [code]


@pytest.mark.parametrize(
    "text",
    [
        'due + @"P1D" > today()',
        '@"P1D" * 2',
        "due - due",
        "[score, name]",
        "score = null",
        "unknown = name",
        "-score",
        "goal.rows[amount > score].name",
        "goal.rows[unknown.amuont > 5]",
        "unknown[amuont > 5]",
        "goal.rows[item.amount > 5 and ? = 1]",
        "sort(goal.rows, function(a, b) a.amount > b.amount)",
        "for i in 1..3 return partial[-1] + i",
        "count(goal.rows[1].name)",
        "max(due, today())",
        "string join(goal.rows.name, name)",
        "due.weekday",
        'date and time(due, time("10:00:00"))',
    ],
)
def test_types_that_may_meet_are_left_alone(text: str) -> None:
    assert feel.check(text, [*TYPES, "unknown"], types=TYPES) == []


def test_the_sentences_speak_both_languages() -> None:
    (problem,) = feel.check('score = "85"', types=TYPES)
    assert problem.message("zh") == "“=”不能用于数字和字符串"
    assert problem.message("en") == "“=” can't be applied to number and string"


def test_types_that_contain_themselves_are_compared_only_so_far() -> None:
    one: dict[str, feel.Type] = {}
    other: dict[str, feel.Type] = {}
    for members in (one, other):
        members["next"] = feel.Type("context", members=members)
    types = {"a": feel.Type("context", members=one), "b": feel.Type("context", members=other), "c": BOOLEAN}
    assert feel.check("(if c then a else b).next.next", list(types), types=types) == []
    assert [p.code for p in feel.check("[a, b][1].nxt", list(types), types=types)] == ["feel.unknown_member"]


@pytest.mark.parametrize("text", ["score ＞ 1", "max(score，1)", "score＝1"])
def test_symbols_in_full_width_are_told(text: str) -> None:
    (problem,) = feel.check(text, list(TYPES))
    assert problem.code == "feel.unknown_name"
    assert "半角" in problem.remedy("zh")

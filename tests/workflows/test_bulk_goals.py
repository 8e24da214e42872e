"""A unit submits its finished drafts at once, and its head signs them at once, confirming once what each form asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from engine.commands.bulk import Wish
from engine.errors import Refused
from tests.workflows.county import County, open_county, start

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.commands.bulk_records import BulkLine
    from engine.engine import Engine

pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
SIGN = "同意"


@pytest.fixture
def county(engine: Engine) -> County:
    """Three goals of the unit: two are filled in, the third is a draft with nothing in it."""
    county = open_county(engine)
    instances = [county.instance, *(start(county, number) for number in (2, 3))]
    for number, instance in enumerate(instances):
        county.instance = instance
        task = county.task("li")
        answers = county.form() if number < 2 else dict(task.answers) | {"overview": "还没有写完"}
        engine.save_draft(
            task.item_id, actor=county.who("li"), answers=answers, based_on=task.document_version
        )
    return county


def many(county: County, person: str, wish: Wish) -> Sequence[BulkLine]:
    rows = [(row.item_id, row.version) for row in county.engine.inbox(county.who(person)).rows]
    return county.engine.do_many(sorted(rows), wish, actor=county.who(person))


def test_finished_drafts_are_submitted_and_signed_together_and_each_keeps_its_own_record(
    county: County,
) -> None:
    lines = many(county, "li", Wish("complete", "提交"))
    assert [line.state for line in lines] == ["done", "done", "refused"]
    assert lines[2].code == "answers.invalid"

    items = [(row.item_id, row.version) for row in county.engine.inbox(county.who("zhao")).rows]
    assert len(items) == 2
    run = county.engine.choose_bulk(items, actor=county.who("zhao"))
    previewed = county.engine.preview_bulk(run, actor=county.who("zhao"), wish=Wish("complete", SIGN))
    assert [one.refusal for one in previewed] == [None, None]
    assert {key for one in previewed for key in one.confirmations} == {"truthful"}
    with pytest.raises(Refused) as refused:
        county.engine.confirm_bulk(
            run, actor=county.who("zhao"), wish=Wish("complete", SIGN), ticked=[item for item, _ in items]
        )
    assert refused.value.code == "bulk.confirm_first"
    wish = Wish("complete", SIGN, confirmed=("truthful", "unknown"))
    signed = many(county, "zhao", wish)
    assert [line.state for line in signed] == ["done", "done"]
    for line in signed:
        county.instance = line.instance_id or 0
        (shown,) = [one for one in county.task("wang").shows if one.name == "sign"]
        assert (shown.body["truthful"], shown.body["signer"], "unknown" in shown.body) == (
            True,
            "赵局长",
            False,
        )


def test_a_tick_that_an_outcome_does_not_need_is_not_asked_for(county: County) -> None:
    many(county, "li", Wish("complete", "提交"))
    lines = many(county, "zhao", Wish("complete", "退回补正", "请核对目标"))
    assert {line.code for line in lines} == {"bulk.own_opinion"}

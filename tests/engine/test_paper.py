"""线下签批: a clerk registers what a leader signed on paper, and the record never says that it was the leader's own act."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from engine import BihuanError
from tests.engine.office import CHIEFS, Office, process, task
from tests.engine.test_attachments import PDF

SIGNED = process(
    task("sign", CHIEFS, outcomes="同意,不同意", paper="=&quot;li&quot;"),
    task("after"),
    "s -> sign -> after -> e",
)


@pytest.fixture
def paper(office: Office) -> Office:
    """An office whose county allows it, with a case that waits for the chiefs."""
    office.engine.set_setting("paper_signing", True, "user:root")
    office.run(SIGNED, {})
    return office


def register(office: Office, person: str, **more: Any) -> Any:
    row = office.row("wang")
    given = {
        "outcome": "同意",
        "signer": "局长 赵",
        "signed_on": office.engine.clock.now().date(),
        "name": "签批件.pdf",
        "scan": PDF,
        **more,
    }
    return office.engine.register_signature(
        row.item_id, actor=office.who(person), version=row.version, **given
    )


def test_the_case_goes_on_and_the_record_names_both(paper: Office) -> None:
    row = paper.row("wang")
    register(paper, "li", opinion="同意，请抓紧")
    assert paper.rows("wang") == []
    view = paper.view(row.instance_id)
    (told,) = [one for one in view.timeline if one.kind == "item.completed"]
    assert (told.actor, told.outcome, told.data["paper"]["signer"]) == ("user:li", "同意", "局长 赵")
    assert [one.name for one in view.attachments] == ["签批件.pdf"]


@pytest.mark.parametrize(
    ("person", "more", "code"),
    [
        ("liu", {}, "item.unknown"),
        ("wang", {}, "paper.not_clerk"),
        ("root", {}, "admin.no_business"),
        ("li", {"signer": " "}, "paper.no_signer"),
        ("li", {"signed_on": date(2020, 1, 1)}, "paper.bad_date"),
        ("li", {"name": "签批件.exe", "scan": b"MZ\x90\x00\x00"}, "attachment.type"),
    ],
)
def test_not_by_anybody_and_not_anything(paper: Office, person: str, more: Any, code: str) -> None:
    with pytest.raises(BihuanError) as caught:
        register(paper, person, **more)
    assert caught.value.code == code
    assert len(paper.rows("wang")) == 1


def test_nothing_is_signed_on_paper_before_its_day(paper: Office) -> None:
    tomorrow = paper.engine.clock.now().date() + timedelta(days=2)
    with pytest.raises(BihuanError) as caught:
        register(paper, "li", signed_on=tomorrow)
    assert caught.value.code == "paper.bad_date"


def test_where_the_county_does_not_allow_it_there_is_none(office: Office) -> None:
    office.run(SIGNED, {})
    with pytest.raises(BihuanError) as caught:
        register(office, "li")
    assert caught.value.code == "paper.not_here"

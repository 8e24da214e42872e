"""A secret case takes in no content by any door."""

from __future__ import annotations

import pytest

from engine.errors import Refused
from tests.web.conftest import Site

CLERK = "renwubu.jingban"


def test_a_secret_case_takes_neither_files_nor_comments(site: Site) -> None:
    actor = site.engine.actor(CLERK)
    (row,) = site.engine.inbox(actor).rows
    with pytest.raises(Refused) as refused:
        site.engine.attach(row.item_id, actor=actor, name="a.txt", stream=b"content")
    assert refused.value.code == "case.secret"
    with pytest.raises(Refused) as refused:
        site.engine.comment(row.instance_id, actor=actor, text="content", mentions=())
    assert refused.value.code == "case.secret"
    seen = site.engine.instance(row.instance_id, actor)
    assert seen.attachments == []

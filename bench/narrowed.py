"""The inbox narrowed by filters and by words, and the search, over the open tasks that :mod:`bench.inbox` has filled in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import text

from bench.counties import County
from bench.measure import Report, Series, quantile
from engine.database import Unit
from engine.identity import Actor
from engine.tasks.query import InboxQuery

#: Every case has the common words; one of so many has the others.
RARE = 5_000
COMMON = "绩效 效目 目标 绩 效 目 标 公路 路养 养护 公 路 养 护 2027"
BUDGET_MS = 50.0

_WORDS = {
    "sqlite": "INSERT INTO search_words (rowid, words) SELECT id * 1024, :common || ' n' || id || "
    "CASE WHEN id % :rare = 0 THEN ' 沥青 沥 青' ELSE '' END FROM instances WHERE id >= :first",
    "postgresql": "INSERT INTO search_words (row_id, words) SELECT id * 1024, array_to_tsvector(string_to_array("
    ":common || ' n' || id || CASE WHEN id % :rare = 0 THEN ' 沥青 沥 青' ELSE '' END, ' ')) "
    "FROM instances WHERE id >= :first",
}
_READERS = (
    "INSERT INTO search_readers (principal, row_id) SELECT 'role:section_staff@S' || CAST(id % :posts AS VARCHAR(9)), "
    "id * 1024 FROM instances WHERE id >= :first"
)


def fill(unit: Unit, first: int, posts: int) -> None:
    """Give the search the words of the instances from ``first`` on, each readable by one of ``posts``."""
    unit.execute(text(_WORDS[unit.dialect]), {"common": COMMON, "rare": RARE, "first": first})
    unit.execute(text(_READERS), {"posts": posts, "first": first})


def ask(report: Report, place: County, size: int, actors: Sequence[Actor], times: int) -> None:
    """Measure each way of narrowing; the cases with the rare word are spread over all people."""
    engine = place.engine
    inbox: Callable[[Actor, InboxQuery], Any] = engine.inbox
    for name, query, seek in (
        ("filter that one in 50 matches: unit", InboxQuery(unit="unit 7"), inbox),
        ("filter that few match: code", InboxQuery(reference="999"), inbox),
        ("filter that nothing matches: amount", InboxQuery(amount_from=10**12), inbox),
        ("inbox, words that all have", InboxQuery(text="公路养护"), inbox),
        ("inbox, words that one in 5,000 has", InboxQuery(text="沥青"), inbox),
        ("search, words that all have", InboxQuery(text="绩效目标"), engine.search),
        ("search, words that one in 5,000 has", InboxQuery(text="沥青"), engine.search),
        ("search, a word of one character", InboxQuery(text="养"), engine.search),
        ("search, words that nobody has", InboxQuery(text="地铁"), engine.search),
    ):
        for actor in actors[:3]:
            seek(actor, query)
        series = Series()
        with series.running():
            for number in range(times):
                actor = actors[number % len(actors)]
                series.once(lambda actor=actor, seek=seek, query=query: seek(actor, query))
        report.add(name, place.label, open=size, **series.figures())
        p95 = 1000 * quantile(series.seconds, 0.95)
        report.budget(f"{place.label}, {size:,} open: {name}, p95", p95, BUDGET_MS, unit="ms")

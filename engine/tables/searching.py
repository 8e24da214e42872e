"""Who may find what: the search's rows of words, and the principals that each is for.

The words themselves are in ``search_words``, which each database keeps in its own way (see :mod:`engine.search.store`).
"""

from __future__ import annotations

from sqlalchemy import Column, Index, String, Table

from engine.tables.base import Id, metadata

#: ``row_id`` is the instance's id times 1,024, plus the number of its row of words (see :mod:`engine.search.rows`).
search_readers = Table(
    "search_readers",
    metadata,
    Column("principal", String(120), primary_key=True),
    Column("row_id", Id, primary_key=True, autoincrement=False),
    Index(None, "row_id"),
    sqlite_with_rowid=False,
)

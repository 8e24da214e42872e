"""Writes people and organisations as a workbook that can be imported again, and the empty one with examples."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from budget import units
from engine.admin.listing import PeopleQuery
from engine.engine import Engine
from engine.identity import Actor
from web.exchange.columns import ORGS, PEOPLE, POSTS, SECRECY, SHEETS, STATES, SheetOf
from web.xlsx import Sheet

Words = Mapping[str, Mapping[str, str]]
_NOTES = (
    "第一行是列名，不要改；每行一条，空行跳过。",
    "代码和账号是唯一的依据：系统里没有的会新增，有的会修改，文件里没写的不动。",
    "日期写成 2026-01-31；止日当天仍有效，空着表示长期。",
    "办公电话、邮箱、手机号和涉密留空的，原来的不变；改涉密标识只是提出申请，须另一位管理员在“待确认”里确认。",
    "上传后先试算，逐行说明会怎样；确认后才真正写入。",
)


def filled(engine: Engine, actor: Actor, words: Words) -> list[Sheet]:
    """Return the county's organisations, people and posts as sheets."""
    with engine.database.read() as unit, Session(unit.connection) as session:
        facts = units.facts(session)
    orgs = [
        (
            org.code,
            org.name,
            words["kinds"].get(org.kind, org.kind),
            org.parent,
            facts[org.code].section if org.code in facts else None,
            org.valid_from,
            org.valid_to,
            org.phone,
            SECRECY["yes" if facts[org.code].secret else "no"] if org.code in facts else None,
        )
        for org in (row.org for row in engine.admin.organisations(actor))
    ]
    people: list[Sequence[Any]] = []
    posts: list[Sequence[Any]] = []
    after: str | None = ""
    while after is not None:
        page = engine.admin.people(actor, PeopleQuery(after=after, limit=500))
        for person in page.rows:
            state = STATES["no" if person.state == "closed" else "yes"]
            people.append((person.id, person.name, state, person.phone, person.email, person.mobile))
            posts += [
                (person.id, _role(post.role, words["roles"]), post.org, post.valid_from, post.valid_to)
                for post in person.posts
            ]
        after = page.next
    return [_sheet(ORGS, orgs), _sheet(PEOPLE, people), _sheet(POSTS, posts)]


def template() -> list[Sheet]:
    """Return the workbook to fill in: examples, and how it is done on a sheet of its own."""
    guide = Sheet("说明", ("怎样填写",), [(note,) for note in _NOTES], (80,))
    return [*(_sheet(sheet, sheet.examples) for sheet in SHEETS), guide]


def _sheet(sheet: SheetOf, rows: Sequence[Sequence[Any]]) -> Sheet:
    headings = [column.heading for column in sheet.columns]
    return Sheet(sheet.title, headings, rows, [column.width for column in sheet.columns])


def _role(code: str, words: Mapping[str, str]) -> str:
    """Return a role's word; its code where two roles share the word."""
    word = words.get(code, code)
    return code if list(words.values()).count(word) != 1 else word

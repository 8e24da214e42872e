"""The sheets of a workbook of people and organisations: their columns, in Chinese as the county writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from engine.admin import exchange


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the value's name in the engine, its heading, whether it is a date, a word of a list, and must be filled."""

    name: str
    heading: str
    needed: bool = False
    date: bool = False
    words: str = ""
    width: int = 16


@dataclass(frozen=True, slots=True)
class SheetOf:
    """A sheet: its title, what its rows are, its columns, and the lines that an empty one shows as examples."""

    title: str
    kind: str
    columns: Sequence[Column]
    examples: Sequence[Sequence[str]]


ORGS = SheetOf(
    "单位与科室",
    exchange.ORG,
    (
        Column("code", "代码", needed=True),
        Column("name", "名称", needed=True, width=30),
        Column("kind", "类别", words="kinds"),
        Column("parent", "隶属代码"),
        Column("section", "归口股室代码"),
        Column("first", "起日", date=True),
        Column("last", "止日", date=True),
        Column("phone", "办公电话"),
        Column("secret", "涉密", words="secrecy"),
    ),
    (
        ("S91", "示例股", "财政局股室", "BUREAU", "", "", "", "0939-1234567", ""),
        ("901001", "县示例局", "预算单位", "", "S91", "2026-01-01", "", "", "不涉密"),
    ),
)
PEOPLE = SheetOf(
    "人员",
    exchange.PERSON,
    (
        Column("id", "账号", needed=True, width=24),
        Column("name", "姓名", needed=True),
        Column("active", "状态", words="states"),
        Column("phone", "办公电话"),
        Column("email", "电子邮箱", width=24),
        Column("mobile", "手机号"),
    ),
    (
        ("shiliju.jingban", "张三", "启用", "0939-1234567 转 8", "zhangsan@example.com", ""),
        ("shiliju.fuzeren", "李四", "", "", "", ""),
    ),
)
POSTS = SheetOf(
    "岗位",
    exchange.POST,
    (
        Column("person", "账号", needed=True, width=24),
        Column("role", "角色", needed=True, words="roles", width=20),
        Column("org", "单位代码", needed=True),
        Column("first", "起日", date=True),
        Column("last", "止日", date=True),
    ),
    (
        ("shiliju.jingban", "绩效经办人", "901001", "", ""),
        ("shiliju.fuzeren", "单位负责人", "901001", "2026-01-01", "2026-12-31"),
    ),
)
SHEETS = (ORGS, PEOPLE, POSTS)
STATES: Mapping[str, str] = {"yes": "启用", "no": "停用"}
#: What a cell says of whether a unit is secret; changing that takes a second administrator.
SECRECY: Mapping[str, str] = {"yes": "涉密", "no": "不涉密"}
#: What is accepted besides the headings above.
ALIASES: Mapping[str, str] = {
    "归口科室代码": "归口股室代码",
    "归口处室代码": "归口股室代码",
    "机构代码": "代码",
    "人员账号": "账号",
}

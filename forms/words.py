"""The words of the form widgets, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping

_WORDS: Mapping[str, tuple[str, str]] = {
    "required": ("必填", "required"),
    "choose": ("请选择", "Choose"),
    "yes": ("是", "Yes"),
    "no": ("否", "No"),
    "empty": ("未填写", "Not filled in"),
    "problems": (
        "有 {count} 处需要改正，点击可跳到该处",
        "{count} places need correction; click to go there",
    ),
    "hints": ("有 {count} 处提醒", "{count} things to note"),
    "old": ("上次为", "before"),
    "old_empty": ("上次未填写", "was empty before"),
    "changed": ("有改动", "changed"),
    "row": ("第 {number} 行", "Row {number}"),
    "number": ("序号", "No."),
    "actions": ("操作", "Actions"),
    "rows": ("共 {count} 行", "{count} rows"),
    "can_paste": ("可从 Excel 直接粘贴", "paste from Excel works"),
    "row_added": ("新增行", "new row"),
    "row_removed": ("已删除的行", "removed row"),
    "add_row": ("添加一行", "Add a row"),
    "insert_row": ("在下方插入", "Insert below"),
    "remove_row": ("删除本行", "Remove this row"),
    "move_up": ("上移", "Move up"),
    "move_down": ("下移", "Move down"),
    "undo": ("撤销", "Undo"),
    "total": ("合计", "Total"),
    "no_rows": (
        "还没有内容。点“添加一行”，或从 Excel 复制后粘贴到这里。",
        "Nothing yet. Add a row, or paste from Excel.",
    ),
    "no_rows_readonly": ("没有内容", "Nothing"),
    "table_keys": (
        "回车到下一行，方向键在单元格间移动，Alt+↑↓ 移动行，Ctrl+回车插入行",
        "Enter goes down, arrows move between cells, Alt+↑↓ moves the row, Ctrl+Enter inserts a row",
    ),
    "upload": ("上传文件", "Upload a file"),
    "remove_file": ("移除“{name}”", "Remove “{name}”"),
    "unknown_file": ("附件 {id}", "Attachment {id}"),
    "pin": ("提意见", "Comment"),
    "pin_here": ("对{field}提意见", "Comment on {field}"),
    "more_columns": ("显示其余 {count} 列", "Show {count} more columns"),
    "pin_text": ("意见（写清问题和修改要求）", "Opinion (what is wrong and what is asked)"),
    "pin_about": ("意见针对", "About"),
    "whole_row": ("整行", "The whole row"),
    "pin_remove": ("取消这条意见", "Drop this opinion"),
    "pin_open": ("待答复", "open"),
    "pin_changed": ("已改", "changed"),
    "pin_explained": ("说明", "explained"),
    "pin_reply": ("答复", "Reply"),
    "pin_reply_text": ("补充说明", "What was done, or why not"),
    "pin_by": ("{name} 的意见", "Opinion of {name}"),
    "pin_opinion": ("意见", "Opinion"),
    "list_item": ("第 {number} 项", "Item {number}"),
    "unit_万元": ("万元", "×10,000 yuan"),
    "unit_元": ("元", "yuan"),
    "comma": ("、", ", "),
    "colon": ("：", ": "),
}


def word(key: str, language: str, **params: object) -> str:
    """Return the word ``key`` in ``language`` (``zh`` or ``en``)."""
    zh, en = _WORDS[key]
    return (en if language == "en" else zh).format(**params)


def known(key: str) -> bool:
    """Whether there is a word ``key``."""
    return key in _WORDS

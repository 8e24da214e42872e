"""What process design says, in Chinese and English."""

from __future__ import annotations

from collections.abc import Mapping

_SENTENCES: tuple[tuple[str, str, str], ...] = (
    ("design.only", "只有流程设计人员可以这样做", "Only a process designer may do this"),
    ("design.no_deployment", "没有第 {deployment} 次部署", "There is no deployment {deployment}"),
    ("design.no_file", "没有文件“{file}”", "There is no file “{file}”"),
    ("design.no_draft", "没有这份草稿，可能已被删除", "There is no such draft; it may have been dropped"),
    ("design.no_revision", "这份草稿没有第 {revision} 次保存", "The draft has no revision {revision}"),
    (
        "design.bad_name",
        "文件名“{file}”不能用：只能是文字、数字、点、横线和下划线，以 .bpmn、.dmn 或 .form 结尾",
        "The file name “{file}” can't be used: letters, digits, dots, dashes and underscores, then .bpmn, .dmn or .form",
    ),
    (
        "design.bad_id",
        "标识“{id}”不能用：以字母或下划线开头，只含字母、数字、横线和下划线，最多100个字符",
        "The id “{id}” can't be used: it begins with a letter or an underscore and has letters, digits, dashes and "
        "underscores only, 100 at most",
    ),
    ("design.taken", "已经有文件“{file}”", "There is a file “{file}” already"),
    (
        "design.open_already",
        "“{file}”已经有一份草稿，{by}最后在{at}保存，请在那份草稿上修改",
        "There is a draft of “{file}” already, last saved by {by} on {at}; go on with that one",
    ),
    (
        "design.changed",
        "{by}在{at}保存了“{file}”的另一个版本（第 {revision} 次保存），您的修改没有保存，请先比较",
        "{by} saved another version of “{file}” on {at} (revision {revision}); yours was not saved, compare them first",
    ),
    (
        "design.closed",
        "“{file}”的这份草稿已经部署或删除，不能再修改",
        "This draft of “{file}” has been deployed or dropped and can't be changed any more",
    ),
    ("design.not_text", "文件不是可读的文本", "The file is no readable text"),
    (
        "design.too_large",
        "文件太大：{size} MB，最多 {limit} MB",
        "The file is too large: {size} MB, {limit} MB at most",
    ),
)

CATALOGUE: Mapping[str, Mapping[str, str]] = {code: {"zh": zh, "en": en} for code, zh, en in _SENTENCES}

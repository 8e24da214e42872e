"""The sentences of this room: what is wrong with a form file or with an answer, and what to do."""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter
from typing import Any

from engine.plugins import Finding

#: code → (Chinese, English, remedy in Chinese, remedy in English). ``{field}`` is a field's label with its
#: row.
_CATALOGUE: Mapping[str, tuple[str, str, str, str]] = {
    # files
    "form.not_json": (
        "表单文件不是有效的 JSON，第 {line} 行第 {column} 列有误",
        "The form file is not valid JSON: line {line}, column {column} is wrong",
        "请用表单设计器重新导出该文件",
        "Export the file from the form editor again",
    ),
    "form.not_utf8": (
        "表单文件不是 UTF-8 编码",
        "The form file is not encoded in UTF-8",
        "请以 UTF-8 编码另存",
        "Save it in UTF-8",
    ),
    "form.json_too_deep": (
        "表单文件的 JSON 嵌套过深",
        "The JSON of the form file is nested too deep",
        "请用表单设计器重新导出该文件",
        "Export the file from the form editor again",
    ),
    "form.bad_component": (
        "“{component}”中第 {number} 项不是组件",
        "Item {number} of “{component}” is no component",
        "请删去该项，再用表单设计器添加组件",
        "Remove the item and add components in the form editor",
    ),
    "form.file_too_large": (
        "表单文件有 {size} 字节，超过上限 {limit} 字节",
        "The form file has {size} bytes, more than the {limit} allowed",
        "请删去用不到的内容，或拆成几张表单",
        "Remove what is not used, or split the form",
    ),
    "form.not_a_form": (
        "文件不是 form-js 表单：缺少 components 列表",
        "The file is no form-js form: it has no list of components",
        "请用表单设计器新建表单",
        "Create the form in the form editor",
    ),
    "form.other_id": (
        "表单自己的编号是“{own}”，流程要的是“{asked}”",
        "The form's own id is “{own}”, the process asks for “{asked}”",
        "请把两处改成同一个编号",
        "Make the two the same",
    ),
    "form.too_many_components": (
        "表单有 {count} 个组件，超过上限 {limit} 个",
        "The form has {count} components, more than the {limit} allowed",
        "请拆成几张表单",
        "Split the form",
    ),
    "form.too_deep": (
        "组件“{component}”嵌套过深，最多 {limit} 层",
        "The component “{component}” is nested too deep, {limit} levels at most",
        "请减少分组的层数",
        "Use fewer nested groups",
    ),
    "form.newer_schema": (
        "表单的 schemaVersion 是 {version}，本系统按 {known} 读取，较新的设置可能不起作用",
        "The form's schemaVersion is {version}, it is read as {known}: newer settings may have no effect",
        "请用 form-js 1.23 保存表单",
        "Save the form with form-js 1.23",
    ),
    "form.unknown_type": (
        "组件“{component}”的类型“{type}”不受支持",
        "The component “{component}” has the type “{type}”, which is not supported",
        "请改用受支持的组件：{known}",
        "Use a supported component: {known}",
    ),
    "form.wrong_type": (
        "组件“{component}”的“{setting}”应为{expected_zh}",
        "“{setting}” of the component “{component}” must be {expected_en}",
        "请在表单设计器中改正该设置",
        "Correct the setting in the form editor",
    ),
    "form.missing_key": (
        "组件“{component}”没有 key（字段名），填写的内容无处保存",
        "The component “{component}” has no key, so that its answer can't be kept",
        "请为它填写 key",
        "Give it a key",
    ),
    "form.bad_key": (
        "组件“{component}”的 key“{key}”不能用作字段名",
        "The key “{key}” of the component “{component}” can't be used",
        "请只用文字、数字和下划线，不以数字开头；用“.”分层",
        "Use letters, digits and underscores, not a digit first; “.” separates levels",
    ),
    "form.duplicate_key": (
        "字段名“{key}”被组件“{component}”和“{other}”同时使用",
        "The key “{key}” is used by the components “{component}” and “{other}”",
        "请改其中一个的 key",
        "Change one of the keys",
    ),
    "form.duplicate_id": (
        "组件编号“{component}”重复",
        "The component id “{component}” is used twice",
        "请删除其中一个后重新添加",
        "Delete one of them and add it again",
    ),
    "form.duplicate_member": (
        "JSON 对象中“{key}”出现了两次",
        "The JSON object has the member “{key}” twice",
        "请删去其中一个",
        "Remove one of them",
    ),
    "form.bad_expression": (
        "组件“{component}”的“{setting}”中，FEEL 表达式有误：{reason_zh}",
        "The FEEL expression in “{setting}” of the component “{component}” is wrong: {reason_en}",
        "请改正表达式“{text}”",
        "Correct the expression “{text}”",
    ),
    "form.unknown_name": (
        "组件“{component}”的表达式用到了“{name}”（第 {row} 行第 {place} 列），表单和流程里都没有这个名字：{text}",
        "An expression of the component “{component}” uses “{name}” (line {row}, column {place}), "
        "which neither the form nor the process gives: {text}",
        "{meant_zh}请检查拼写，或在流程里给出这个变量",
        "{meant_en}Check the spelling, or have the process give this variable",
    ),
    "form.unknown_member": (
        "组件“{component}”的表达式用到了“{name}”（第 {row} 行第 {place} 列），没有这个字段：{text}",
        "An expression of the component “{component}” uses “{name}” (line {row}, column {place}), "
        "which is no field: {text}",
        "{meant_zh}请检查拼写",
        "{meant_en}Check the spelling",
    ),
    "form.types": (
        "组件“{component}”的表达式类型不符（第 {row} 行第 {place} 列）：{reason_zh}（{text}）",
        "The types in an expression of the component “{component}” don't meet (line {row}, column {place}): "
        "{reason_en} ({text})",
        "先转换类型，例如 number(…)、string(…)、date(…)",
        "Convert one of them first, for example by number(…), string(…) or date(…)",
    ),
    "form.template_block": (
        "组件“{component}”的“{setting}”使用了模板语句“{text}”，不受支持",
        "“{setting}” of the component “{component}” uses “{text}”, which is not supported",
        "请改用以“=”开头的 FEEL 表达式",
        "Use a FEEL expression that begins with “=”",
    ),
    "form.bad_pattern": (
        "组件“{component}”的校验规则(pattern)不是有效的正则表达式：{pattern}",
        "The pattern of the component “{component}” is no valid regular expression: {pattern}",
        "请改正该规则；不支持回溯引用和环视",
        "Correct it; back-references and look-around are not supported",
    ),
    "form.bad_bounds": (
        "组件“{component}”的最小值大于最大值",
        "The component “{component}” has a minimum above its maximum",
        "请改正最小值或最大值",
        "Correct one of the two",
    ),
    "form.no_options": (
        "组件“{component}”没有可选项",
        "The component “{component}” has no options",
        "请填写 values、valuesKey 或 valuesExpression",
        "Give values, valuesKey or valuesExpression",
    ),
    "form.duplicate_option": (
        "组件“{component}”的选项值“{value}”重复",
        "The component “{component}” has the option value “{value}” twice",
        "请改其中一个选项的值",
        "Change one of the two",
    ),
    "form.nested_list": (
        "组件“{component}”是列表中的列表，不受支持",
        "The component “{component}” is a list inside a list, which is not supported",
        "请把内层列表改为独立的表，用编号与外层对应",
        "Make the inner list a table of its own that refers to the outer one by a number",
    ),
    "form.table_column": (
        "表格“{table}”的列不能是“{type}”组件“{component}”",
        "The table “{table}” can't have the “{type}” component “{component}” as a column",
        "请移出表格，或去掉表格的 widget 属性",
        "Move it out of the table, or remove the table's property widget",
    ),
    "form.cycle": (
        "字段的计算互相依赖，成了环：{fields}",
        "The fields' expressions depend on each other in a circle: {fields}",
        "请改写其中一个表达式",
        "Rewrite one of the expressions",
    ),
    "form.button_ignored": (
        "按钮“{component}”不会显示：办理按钮由页面提供",
        "The button “{component}” is not shown: the page provides the buttons",
        "可以删去这个按钮",
        "The button can be removed",
    ),
    # answers
    "answer.required": ("{field}还没有填写", "{field} is not filled in", "请填写", "Fill it in"),
    "answer.choose": ("{field}还没有选择", "{field} is not chosen", "请选择一项", "Choose one"),
    "answer.must_agree": ("{field}还没有勾选", "{field} is not ticked", "请勾选", "Tick it"),
    "answer.no_rows": (
        "{field}还没有任何一行",
        "{field} has no row",
        "请至少添加一行",
        "Add at least one row",
    ),
    "answer.no_file": ("{field}还没有上传文件", "{field} has no file", "请上传文件", "Upload a file"),
    "answer.not_a_number": (
        "{field}不是数字",
        "{field} is not a number",
        "请只填数字，例如 1200.5 或 1,200.50",
        "Enter digits only, for example 1200.5 or 1,200.50",
    ),
    "answer.number_too_large": (
        "{field}的数字过大",
        "{field} is too large a number",
        "整数部分最多 {digits} 位，请检查单位是否填错",
        "At most {digits} digits before the point; check the unit",
    ),
    "answer.too_many_decimals": (
        "{field}最多保留 {digits} 位小数",
        "{field} takes at most {digits} decimal places",
        "请四舍五入后填写",
        "Round it",
    ),
    "answer.not_integer": (
        "{field}应为整数",
        "{field} must be a whole number",
        "请去掉小数",
        "Remove the decimals",
    ),
    "answer.not_a_step": (
        "{field}应为 {step} 的倍数",
        "{field} must be a multiple of {step}",
        "最接近的是 {below} 和 {above}",
        "The nearest are {below} and {above}",
    ),
    "answer.below_min": (
        "{field}不能小于 {limit}",
        "{field} must not be below {limit}",
        "请改大",
        "Enter more",
    ),
    "answer.above_max": (
        "{field}不能大于 {limit}",
        "{field} must not be above {limit}",
        "请改小",
        "Enter less",
    ),
    "answer.too_short": (
        "{field}只有 {length} 个字，至少要 {limit} 个字",
        "{field} has {length} characters, at least {limit} are needed",
        "请补充内容",
        "Write more",
    ),
    "answer.too_long": (
        "{field}有 {length} 个字，最多 {limit} 个字",
        "{field} has {length} characters, at most {limit} are allowed",
        "请删减，详细内容可作为附件上传",
        "Shorten it; details can be attached as a file",
    ),
    "answer.control_character": (
        "{field}的第 {position} 个字符是看不见的控制字符",
        "Character {position} of {field} is an invisible control character",
        "请删去后重新输入，粘贴时选“只保留文本”",
        "Delete it and type again; paste as plain text",
    ),
    "answer.pattern": ("{field}的格式不对", "{field} has the wrong form", "{hint_zh}", "{hint_en}"),
    "answer.email": (
        "{field}不是有效的电子邮箱",
        "{field} is no valid e-mail address",
        "请按 name@example.com 的样子填写",
        "Write it like name@example.com",
    ),
    "answer.phone": (
        "{field}不是有效的电话号码",
        "{field} is no valid telephone number",
        "请填 11 位手机号，或带区号的座机号，例如 0991-1234567",
        "Enter digits with the area code, for example 0991-1234567",
    ),
    "answer.not_a_date": (
        "{field}不是有效的日期",
        "{field} is no valid date",
        "请按 2026-01-31 的样子填写",
        "Write it like 2026-01-31",
    ),
    "answer.not_a_time": (
        "{field}不是有效的时间",
        "{field} is no valid time",
        "请按 09:30 的样子填写",
        "Write it like 09:30",
    ),
    "answer.not_an_option": (
        "{field}的“{value}”不在可选范围内",
        "“{value}” is not among the options of {field}",
        "请重新选择",
        "Choose again",
    ),
    "answer.too_many_rows": (
        "{field}有 {count} 行，最多 {limit} 行",
        "{field} has {count} rows, at most {limit} are allowed",
        "请删去多余的行，或合并相近的内容",
        "Remove rows, or merge similar ones",
    ),
    "answer.too_few_rows": (
        "{field}只有 {count} 行，至少 {limit} 行",
        "{field} has {count} rows, at least {limit} are needed",
        "请添加行",
        "Add rows",
    ),
    "answer.wrong_shape": (
        "{field}的内容无法识别",
        "The content of {field} can't be read",
        "请刷新页面后重新填写",
        "Reload the page and fill it in again",
    ),
    "answer.computed_differs": (
        "{field}是自动计算的，提交的值“{value}”与计算结果“{computed}”不一致",
        "{field} is computed; the submitted value “{value}” differs from the result “{computed}”",
        "请刷新页面后重新提交",
        "Reload the page and submit again",
    ),
}


def codes() -> tuple[str, ...]:
    """Return every stable code of this room."""
    return tuple(_CATALOGUE)


def placeholders(template: str) -> frozenset[str]:
    """Return the names that a sentence's template asks for."""
    return frozenset(name for _, name, _, _ in Formatter().parse(template) if name)


def finding(
    code: str,
    *,
    severity: str = "error",
    element: str | None = None,
    field: str | None = None,
    titles: tuple[str, str] | None = None,
    **params: Any,
) -> Finding:
    """Make the finding ``code``; ``titles`` are a field's names in Chinese and English for ``{field}``."""
    zh, en, remedy_zh, remedy_en = _CATALOGUE[code]
    in_zh, in_en = dict(params), dict(params)
    if titles is not None:
        in_zh["field"], in_en["field"] = titles
    return Finding(
        severity=severity,
        code=code,
        message={"zh": zh.format(**in_zh), "en": en.format(**in_en)},
        remedy={"zh": remedy_zh.format(**in_zh), "en": remedy_en.format(**in_en)},
        element=element,
        line=params.get("line"),
        column=params.get("column"),
        field=field,
    )

"""The sentences of FEEL's and DMN's errors and warnings in Chinese and English."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

CATALOGUE: dict[str, dict[str, str]] = {
    "feel.syntax.at": {"zh": "（第 {line} 行第 {column} 列）", "en": " (line {line}, column {column})"},
    "feel.syntax.unexpected": {
        "zh": "这里不应出现“{found}”，应为{expected}",
        "en": "unexpected “{found}”, expected {expected}",
    },
    "feel.syntax.end": {
        "zh": "表达式不完整，缺少{expected}",
        "en": "the expression is incomplete, expected {expected}",
    },
    "feel.syntax.character": {
        "zh": "字符“{found}”不能用在表达式里；名称可用汉字、字母、数字、下划线、空格和全角括号",
        "en": "the character “{found}” can't be used in an expression or a name",
    },
    "feel.syntax.string": {"zh": "字符串缺少右引号", "en": "the string has no closing quote"},
    "feel.syntax.comment": {"zh": "注释缺少结尾 */", "en": "the comment has no closing */"},
    "feel.syntax.at_literal": {
        "zh": "@“{text}”不是日期、时间或时长",
        "en": "@“{text}” is no date, time or duration",
    },
    "feel.syntax.name": {"zh": "“{name}”不能作为名称", "en": "“{name}” can't be a name"},
    "feel.syntax.duplicate_key": {"zh": "键“{name}”重复", "en": "the key “{name}” is given twice"},
    "feel.syntax.empty": {"zh": "表达式是空的", "en": "the expression is empty"},
    "feel.syntax.type": {"zh": "不认识的类型“{name}”", "en": "unknown type “{name}”"},
    "feel.unknown_name": {"zh": "名称“{name}”未定义", "en": "the name “{name}” is not defined"},
    "feel.unknown_member": {
        "zh": "“{name}”不是已知的字段",
        "en": "“{name}” is no known field",
    },
    "feel.unknown_function": {"zh": "没有函数“{name}”", "en": "there is no function “{name}”"},
    "feel.type_conflict": {
        "zh": "“{operation}”不能用于{left}和{right}",
        "en": "“{operation}” can't be applied to {left} and {right}",
    },
    "feel.argument_conflict": {
        "zh": "函数“{operation}”不能用于{left}",
        "en": "“{operation}” can't be applied to a {left}",
    },
    "feel.no_clock": {
        "zh": "没有提供时钟，不能取当前时间",
        "en": "no clock was given, so there is no current time",
    },
    "feel.no_zone": {"zh": "没有时区“{zone}”", "en": "there is no zone “{zone}”"},
    "feel.limit.source": {
        "zh": "表达式过长（{size} 字节，最多 {limit}）",
        "en": "the expression is too long ({size} bytes, at most {limit})",
    },
    "feel.limit.nesting": {
        "zh": "表达式嵌套过深（最多 {limit} 层）",
        "en": "the expression is nested too deeply (at most {limit} levels)",
    },
    "feel.limit.steps": {
        "zh": "计算量过大，超过 {limit} 步",
        "en": "the evaluation is too large, more than {limit} steps",
    },
    "feel.limit.time": {"zh": "计算超过 {limit} 秒", "en": "the evaluation took more than {limit} seconds"},
    "feel.limit.depth": {
        "zh": "函数调用或数据嵌套过深（最多 {limit} 层）",
        "en": "calls or data are nested too deeply (at most {limit} levels)",
    },
    "feel.limit.number": {
        "zh": "数字超出范围（指数最大 6144）",
        "en": "the number is out of range (the largest exponent is 6144)",
    },
    "feel.limit.size": {"zh": "数据过大", "en": "the data is too large"},
    "feel.limit.regex": {"zh": "正则表达式过大", "en": "the regular expression is too large"},
    "feel.python_type": {
        "zh": "数据类型“{type}”不能用于表达式",
        "en": "a value of type “{type}” can't be used in an expression",
    },
    "feel.not_json": {"zh": "{type}不能保存为数据", "en": "a {type} can't be stored as data"},
    "feel.function_failed": {
        "zh": "函数“{name}”出错：{reason}",
        "en": "the function “{name}” failed: {reason}",
    },
    "feel.null.operand": {
        "zh": "“{operation}”不能用于{left}和{right}，结果为空",
        "en": "“{operation}” can't be applied to {left} and {right}; the result is null",
    },
    "feel.null.division": {"zh": "除数为零，结果为空", "en": "division by zero; the result is null"},
    "feel.null.number": {"zh": "没有这样的数，结果为空", "en": "there is no such number; the result is null"},
    "feel.null.call": {
        "zh": "{type}不是函数，不能调用",
        "en": "a {type} is not a function and can't be called",
    },
    "feel.null.arguments": {
        "zh": "函数“{name}”的参数不合适，结果为空",
        "en": "the arguments of “{name}” don't fit; the result is null",
    },
    "feel.null.result": {
        "zh": "函数“{name}”的结果不是{type}，结果为空",
        "en": "the result of “{name}” is no {type}; the result is null",
    },
    "feel.null.value": {
        "zh": "函数“{name}”不能处理“{value}”，结果为空",
        "en": "“{name}” can't use “{value}”; the result is null",
    },
    "feel.null.condition": {
        "zh": "条件不是布尔值，而是{type}",
        "en": "the condition is a {type}, not a boolean",
    },
    "feel.null.filter": {"zh": "过滤条件不是布尔值或数字", "en": "the filter is neither boolean nor number"},
    "feel.null.index": {"zh": "列表没有第 {index} 项", "en": "the list has no item {index}"},
    "feel.null.iteration": {"zh": "不能遍历{type}", "en": "a {type} can't be iterated over"},
    "feel.null.member": {"zh": "{type}没有“{name}”", "en": "a {type} has no “{name}”"},
    "feel.null.name": {
        "zh": "名称“{name}”未定义，按空值处理",
        "en": "the name “{name}” is not defined and is null",
    },
    "feel.null.range": {"zh": "区间的两端不能比较", "en": "the ends of the range can't be compared"},
    "feel.null.external": {"zh": "不支持外部函数", "en": "external functions are not supported"},
    "feel.null.regex": {
        "zh": "正则表达式“{pattern}”无法使用",
        "en": "the regular expression “{pattern}” can't be used",
    },
}

TYPE_NAMES: dict[str, dict[str, str]] = {
    "null": {"zh": "空值", "en": "null"},
    "number": {"zh": "数字", "en": "number"},
    "string": {"zh": "字符串", "en": "string"},
    "boolean": {"zh": "布尔值", "en": "boolean"},
    "date": {"zh": "日期", "en": "date"},
    "time": {"zh": "时间", "en": "time"},
    "date and time": {"zh": "日期时间", "en": "date and time"},
    "days and time duration": {"zh": "天时时长", "en": "days and time duration"},
    "years and months duration": {"zh": "年月时长", "en": "years and months duration"},
    "list": {"zh": "列表", "en": "list"},
    "context": {"zh": "上下文", "en": "context"},
    "range": {"zh": "区间", "en": "range"},
    "function": {"zh": "函数", "en": "function"},
    "Any": {"zh": "任意类型", "en": "any type"},
}

EXPECTED: dict[str, dict[str, str]] = {
    "expression": {"zh": "表达式", "en": "an expression"},
    "name": {"zh": "名称", "en": "a name"},
    "type": {"zh": "类型", "en": "a type"},
    "operator": {"zh": "运算符或结尾", "en": "an operator or the end"},
    "end": {"zh": "结尾", "en": "the end"},
}


REMEDIES: dict[str, dict[str, str]] = {
    "feel.meant": {"zh": "是不是想写“{suggestion}”？", "en": "Did you mean “{suggestion}”?"},
    "feel.wide": {
        "zh": "其中有全角符号，被当成了名称的一部分；运算符和逗号要用半角",
        "en": "It holds full-width symbols, which count as a part of the name; write operators and commas in half width",
    },
    "feel.unknown_name": {
        "zh": "检查拼写，或先声明这个名称",
        "en": "Check the spelling, or declare the name",
    },
    "feel.unknown_member": {
        "zh": "检查拼写，或在表单、数据类型里加上这个字段",
        "en": "Check the spelling, or add the field to the form or the type",
    },
    "feel.unknown_function": {"zh": "检查函数名的拼写", "en": "Check the spelling of the function"},
    "feel.type_conflict": {
        "zh": "先转换类型，例如 number(…)、string(…)、date(…)",
        "en": "Convert one of them first, for example by number(…), string(…) or date(…)",
    },
    "feel.argument_conflict": {
        "zh": "先转换类型，例如 number(…)、string(…)、date(…)",
        "en": "Convert it first, for example by number(…), string(…) or date(…)",
    },
}
"""What to do about a finding; ``feel.meant`` goes before the others where a similar name is known."""

WIDE = frozenset("＞＜＝！＋－＊／，；：")
"""Operators and separators that a Chinese keyboard gives in full width: in FEEL they are letters of a name."""


def remedy(code: str, params: Mapping[str, Any], language: str = "zh") -> str:
    """Return what to do about ``code``: the name that was probably meant, else general advice, else nothing."""
    if not WIDE.isdisjoint(str(params.get("name", ""))):
        code = "feel.wide"
    elif params.get("suggestion"):
        code = "feel.meant"
    chosen = REMEDIES.get(code)
    return "" if chosen is None else chosen[language].format_map(defaultdict(lambda: "…", params))


def register(
    catalogue: Mapping[str, Mapping[str, str]], remedies: Mapping[str, Mapping[str, str]] | None = None
) -> None:
    """Add the sentences of a package built on FEEL, and what to do about them, so that its errors speak the same way."""
    CATALOGUE.update({code: dict(by_language) for code, by_language in catalogue.items()})
    REMEDIES.update({code: dict(by_language) for code, by_language in (remedies or {}).items()})


def sentence(code: str, params: Mapping[str, Any], language: str = "zh") -> str:
    """Return the sentence of ``code`` with ``params``; an unknown code is returned as it is.

    Parameters named ``left``, ``right``, ``type`` that hold a FEEL type's name, and ``expected``, are translated; a
    parameter with texts by language (see :func:`both`) speaks the same language.
    """
    template = CATALOGUE.get(code, {}).get(language)
    if template is None:
        return code
    shown: dict[str, Any] = {}
    for key, value in params.items():
        if key in ("left", "right", "type") and value in TYPE_NAMES:
            value = TYPE_NAMES[value][language]
        elif key == "expected":
            value = EXPECTED[value][language] if value in EXPECTED else f"“{value}”"
        elif isinstance(value, Mapping) and language in value:
            value = value[language]
        text = str(value)
        shown[key] = text if len(text) <= 120 else text[:117] + "…"
    return template.format_map(defaultdict(lambda: "…", shown))


def both(error: Exception) -> dict[str, str] | str:
    """Return the sentences of an error by language, to be a parameter of another one; a foreign error's text."""
    message = getattr(error, "message", None)
    return {"zh": message("zh"), "en": message("en")} if callable(message) else str(error)

"""What can go wrong with a decision model, with its sentences in Chinese and English."""

from __future__ import annotations

from typing import Any

from engine.feel.errors import FeelError
from engine.feel.messages import register

register(
    {
        "dmn.xml": {"zh": "不是有效的 XML：{reason}", "en": "this is no valid XML: {reason}"},
        "dmn.size": {
            "zh": "文件过大（最多 {limit} 字节）",
            "en": "the file is too large (at most {limit} bytes)",
        },
        "dmn.doctype": {"zh": "文件不得含有 DOCTYPE", "en": "the file must not have a DOCTYPE"},
        "dmn.not_dmn": {
            "zh": "不是 DMN 1.1 至 1.6 的文件（根元素为“{root}”）",
            "en": "this is no DMN 1.1 to 1.6 file (its root is “{root}”)",
        },
        "dmn.import": {
            "zh": "找不到导入的模型“{namespace}”",
            "en": "the imported model “{namespace}” was not given",
        },
        "dmn.import_type": {
            "zh": "只能导入 DMN 模型，不能导入“{kind}”",
            "en": "only DMN models can be imported, not “{kind}”",
        },
        "dmn.import_cycle": {"zh": "模型互相导入", "en": "the models import one another"},
        "dmn.reference": {"zh": "引用“{href}”不存在", "en": "the reference “{href}” leads nowhere"},
        "dmn.unknown_decision": {"zh": "没有决策“{name}”", "en": "there is no decision “{name}”"},
        "dmn.cycle": {"zh": "决策“{name}”依赖自身", "en": "the decision “{name}” depends on itself"},
        "dmn.expression": {
            "zh": "“{name}”的表达式有误：{reason}",
            "en": "an expression of “{name}” is wrong: {reason}",
        },
        "dmn.no_logic": {"zh": "决策“{name}”没有内容", "en": "the decision “{name}” has no logic"},
        "dmn.language": {
            "zh": "表达式语言“{language}”不受支持，只支持 FEEL",
            "en": "the expression language “{language}” is not supported, only FEEL is",
        },
        "dmn.hit_policy": {"zh": "不认识的命中策略“{policy}”", "en": "unknown hit policy “{policy}”"},
        "dmn.aggregator": {"zh": "不认识的汇总方式“{aggregator}”", "en": "unknown aggregator “{aggregator}”"},
        "dmn.aggregate_outputs": {
            "zh": "汇总（{policy}）只能有一个输出列",
            "en": "an aggregation ({policy}) can have one output column only",
        },
        "dmn.priority_values": {
            "zh": "命中策略 {policy} 需要输出列列出取值的顺序",
            "en": "the hit policy {policy} needs output values in their order",
        },
        "dmn.rule_size": {
            "zh": "第 {rule} 条规则的单元格数与列数不符",
            "en": "rule {rule} does not have one cell for each column",
        },
        "dmn.type": {"zh": "不认识的类型“{name}”", "en": "unknown type “{name}”"},
        "dmn.input.missing": {"zh": "没有给出输入“{name}”", "en": "the input “{name}” was not given"},
        "dmn.input.type": {"zh": "输入“{name}”不符合类型 {type}", "en": "the input “{name}” is no {type}"},
        "dmn.input.value": {
            "zh": "输入“{name}”的值“{value}”不在允许的取值内",
            "en": "the value “{value}” of the input “{name}” is not one of those allowed",
        },
        "dmn.output.type": {
            "zh": "“{name}”的结果不符合类型 {type}",
            "en": "the result of “{name}” is no {type}",
        },
        "dmn.output.value": {
            "zh": "“{name}”的结果“{value}”不在允许的取值内",
            "en": "the result “{value}” of “{name}” is not one of those allowed",
        },
        "dmn.unique": {
            "zh": "唯一命中的表有多条规则命中：{rules}",
            "en": "several rules of a unique table match: {rules}",
        },
        "dmn.any": {
            "zh": "任意命中的表有多条规则命中而结果不同：{rules}",
            "en": "several rules of an “any” table match with different results: {rules}",
        },
        "dmn.no_rule": {"zh": "没有规则命中", "en": "no rule matches"},
        "dmn.aggregate_values": {"zh": "输出不能汇总", "en": "the outputs can't be aggregated"},
        "dmn.overlap": {
            "zh": "“{name}”的规则 {rules} 同时命中，例如 {example}",
            "en": "the rules {rules} of “{name}” match together, for example for {example}",
        },
        "dmn.not_required": {
            "zh": "“{owner}”使用了“{name}”，但没有从它画出信息需求的连线",
            "en": "“{owner}” uses “{name}” but has no information requirement from it",
        },
        "dmn.gap": {"zh": "“{name}”没有规则覆盖 {example}", "en": "no rule of “{name}” covers {example}"},
        "dmn.duplicate_id": {"zh": "标识“{name}”重复", "en": "the id “{name}” is used twice"},
    },
    {
        "dmn.xml": {"zh": "请用建模工具重新保存该文件", "en": "Save the file again with a modelling tool"},
        "dmn.size": {"zh": "拆成几个文件", "en": "Divide it into several files"},
        "dmn.doctype": {"zh": "删去 DOCTYPE 声明", "en": "Remove the DOCTYPE declaration"},
        "dmn.not_dmn": {"zh": "请导出为 DMN 文件", "en": "Export it as a DMN file"},
        "dmn.import": {
            "zh": "把被导入的文件一起交上来，或删去导入",
            "en": "Hand in the imported file with it, or remove the import",
        },
        "dmn.import_type": {"zh": "删去该导入", "en": "Remove the import"},
        "dmn.import_cycle": {"zh": "只留一个方向的导入", "en": "Keep the import in one direction only"},
        "dmn.reference": {
            "zh": "重新画出信息需求的连线，或删去它",
            "en": "Draw the requirement again, or remove it",
        },
        "dmn.cycle": {
            "zh": "删去其中一条信息需求的连线，使决策不再绕回自身",
            "en": "Remove one of the requirements, so that no way leads back to the decision",
        },
        "dmn.expression": {"zh": "改正表达式", "en": "Correct the expression"},
        "dmn.no_logic": {
            "zh": "填写决策表或表达式，或删去该决策",
            "en": "Give it a table or an expression, or remove it",
        },
        "dmn.language": {"zh": "改用 FEEL 书写", "en": "Write it in FEEL"},
        "dmn.hit_policy": {
            "zh": "选择一种命中策略，例如 UNIQUE 或 FIRST",
            "en": "Choose a hit policy, for example UNIQUE or FIRST",
        },
        "dmn.aggregator": {"zh": "选择 SUM、MIN、MAX 或 COUNT", "en": "Choose SUM, MIN, MAX or COUNT"},
        "dmn.aggregate_outputs": {
            "zh": "只留一个输出列，或去掉汇总",
            "en": "Keep one output column, or remove the aggregation",
        },
        "dmn.priority_values": {
            "zh": "在输出列上按优先次序列出取值",
            "en": "List the output's values in the order of their priority",
        },
        "dmn.rule_size": {
            "zh": "让每条规则在每一列都有一个单元格",
            "en": "Give each rule one cell for each column",
        },
        "dmn.type": {
            "zh": "选择 FEEL 的类型，或在文件里定义它",
            "en": "Choose a type of FEEL, or define it in the file",
        },
        "dmn.overlap": {
            "zh": "改正其中一条规则的条件，或把命中策略改为 FIRST",
            "en": "Correct one rule's conditions, or make the hit policy FIRST",
        },
        "dmn.not_required": {
            "zh": "从“{name}”画一条信息需求的连线到“{owner}”",
            "en": "Draw an information requirement from “{name}” to “{owner}”",
        },
        "dmn.gap": {
            "zh": "加一条规则，或给输出列写默认值",
            "en": "Add a rule, or give the output a default",
        },
        "dmn.duplicate_id": {"zh": "给其中一个换一个标识", "en": "Give one of them another id"},
    },
)


class DmnError(FeelError):
    """A decision model can't be read or evaluated; ``element`` (an id or name) and ``line`` say where."""

    def __init__(
        self, code: str, /, *, element: str | None = None, line: int | None = None, **params: Any
    ) -> None:
        super().__init__(code, **params)
        self.element = element
        self.line = line

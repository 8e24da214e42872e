"""What a letter's draft begins with: the wording of its kind, filled with what is known of its case.

The wording that comes with the package stands here; a county writes its own into the Word template of the kind. Both are
filled in a sandbox that shows what it is given and does nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import StrictUndefined, TemplateError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from budget.letters import LetterKind

_APPROVAL = """\
你单位报送的{{ about }}{{ year }}年度绩效目标收悉。经审核，予以批复。
{% if goal_count %}本次批复绩效目标{{ goal_count }}个，资金{{ amount }}万元\
{% if goal_number %}，目标编号{{ goal_number }}{% endif %}。
{% endif %}{% if goal %}年度总体目标：{{ goal }}
{% endif %}请严格按照批复的绩效目标组织实施，年中监控、年终自评以批复的目标为依据，不得自行调整。\
{% if indicators or goals %}批复的目标和指标见附件。{% endif %}"""

_EVALUATION = """\
根据年度预算绩效管理工作安排，决定对{{ about }}开展{{ year }}年度重点绩效评价。
{% if evaluator %}评价由{{ evaluator }}实施{% if leader %}，主评人{{ leader }}{% endif %}\
{% if methods %}，采用{{ methods }}{% endif %}{% if deadline %}，报告初稿于{{ deadline }}前完成{% endif %}。
{% endif %}{% if amount %}该项目年度资金{{ amount }}万元。
{% endif %}请指定联系人，按要求提供资料，配合做好现场评价。"""

_RECTIFICATION = """\
经核查，{{ about }}存在以下问题：
{% for one in problems %}{{ one.no }}. {{ one.text }}{% if one.suggestion %}建议：{{ one.suggestion }}{% endif %}
{% endfor %}{% if not problems and light %}\
{{ checkpoint }}运行监控为{{ light }}灯，执行率{{ rate }}%，计划进度{{ planned_rate }}%。
{% endif %}{% if requirement %}整改要求：{{ requirement }}
{% endif %}请于{{ deadline or '规定期限' }}前整改到位，报送整改报告。"""

_PAYMENT = """\
{% if hold %}因{{ about }}{{ hold_reason }}，决定自{{ hold_since }}起{{ hold }}其资金\
{% else %}因{{ about }}在绩效监控中发现重大偏差，决定暂缓（停止）拨付其资金{% endif %}\
{% if amount %}，涉及年度资金{{ amount }}万元{% endif %}。
{% if light %}{{ checkpoint }}运行监控为{{ light }}灯，截至{{ as_of }}已执行{{ executed }}万元，执行率{{ rate }}%。
{% endif %}问题整改到位、经核验销号后恢复拨付。"""

_BULLETIN = """\
现将{{ about }}{{ year }}年度预算绩效管理工作情况通报如下：
一、基本情况
{% if called %}应报事项{{ called }}项，按时报送{{ reported }}项，逾期{{ late }}项。{% endif %}
二、存在的问题
{% for one in overdue %}{{ one.what }}“{{ one.subject }}”应于{{ one.due }}前报送，逾期。
{% endfor %}{% for one in problems %}{{ one.no }}. {{ one.text }}
{% endfor %}三、工作要求
请查明原因，按期补报，杜绝再次逾期。"""

_MONITORING = """\
现将{{ about }}绩效运行监控情况报告如下：
一、监控工作开展情况
{% if light %}{{ checkpoint }}监控数据截至{{ as_of }}，年度资金{{ amount }}万元，已执行{{ executed }}万元，\
执行率{{ rate }}%，计划进度{{ planned_rate }}%，偏差{{ deviation }}%，预警为{{ light }}灯。{% endif %}
二、发现的问题
{{ statement }}
三、处理建议
{% if measure %}按规定处理：{{ measure }}。{% endif %}{{ measures }}"""

_MINUTES = """\
{% if meeting %}{{ held_on }}，{{ chair }}{% if place %}在{{ place }}{% endif %}\
主持召开{{ meeting }}（{{ meeting_title }}），议定如下：
{% for one in decisions %}{{ one.no }}. {{ one.subject }}{% if one.unit %}（{{ one.unit }}）{% endif %}：\
{{ one.decision or '未决定' }}。{{ one.remark }}
{% endfor %}{% if attendees %}参加人员：{{ attendees }}{% endif %}\
{% else %}会议研究了{{ about }}有关事项，议定如下：
一、{% endif %}"""

#: The wording that comes with the package, a paragraph a line, by kind.
WORDINGS: Mapping[LetterKind, str] = {
    LetterKind.APPROVAL: _APPROVAL,
    LetterKind.EVALUATION: _EVALUATION,
    LetterKind.RECTIFICATION: _RECTIFICATION,
    LetterKind.PAYMENT: _PAYMENT,
    LetterKind.BULLETIN: _BULLETIN,
    LetterKind.MONITORING: _MONITORING,
    LetterKind.MINUTES: _MINUTES,
}
#: What may be done with a field before it is shown; others can make a few characters into a gigabyte.
_FILTERS = frozenset({"default", "d", "first", "join", "last", "length", "replace", "trim"})


class Sandbox(ImmutableSandboxedEnvironment):
    """Shows fields, walks over lists, compares; it can neither reckon nor call what texts and numbers can do."""

    intercepted_binops = frozenset({"*", "**", "//", "%", "+", "-", "/"})

    def __init__(self, *, autoescape: bool) -> None:
        super().__init__(undefined=StrictUndefined, autoescape=autoescape)
        self.globals.clear()
        self.filters = {name: self.filters[name] for name in _FILTERS}

    def call_binop(self, _context: Any, operator: str, _left: Any, _right: Any) -> Any:
        """Refuse every operator between two values."""
        raise SecurityError(f"operator {operator}")

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Whether ``obj.attr`` may be read: what a loop tells, but nothing of texts, numbers and lists."""
        return not isinstance(obj, str | int | float | list | tuple | dict) and super().is_safe_attribute(
            obj, attr, value
        )


class WordingError(ValueError):
    """A wording can't be filled; the text says why, in English."""


def filled(wording: str, facts: Mapping[str, Any]) -> str:
    """Return a wording with what is known put in, a paragraph a line, without empty ones; raises :class:`WordingError`."""
    try:
        said = Sandbox(autoescape=False).from_string(wording).render(dict(facts))
    except (TemplateError, TypeError, LookupError) as error:
        raise WordingError(str(error)) from error
    return "\n".join(line.strip() for line in said.splitlines() if line.strip())

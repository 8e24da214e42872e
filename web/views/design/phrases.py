"""The sentences that the designer's scripts show, in the page's language."""

from __future__ import annotations

from flask_babel import gettext

from web import wording


def _common() -> dict[str, str]:
    return {
        "network": gettext("网络不通，请稍后再试。内容没有丢失。"),
        "failed": gettext("没有办成，请稍后再试（{status}）。"),
        "no_diagram": gettext(
            "文件里没有图形（BPMNDI），编辑器画不出来。请在原来的工具里带图形导出，再导入。"
        ),
        "not_opened": gettext("这个文件在编辑器里打不开，请下载后查看。"),
        "rule": gettext("第 {number} 条规则"),
        "opened": gettext("第 {revision} 稿，{who} {time} 保存"),
        "saving": gettext("正在保存…"),
        "saved": gettext("已保存 {time}，第 {revision} 稿"),
        "remedy": gettext("怎样改：{remedy}"),
    }


def compare_phrases() -> dict[str, str]:
    """Return the sentences of two versions beside each other."""
    return {
        **_common(),
        "differences": gettext("有 {count} 处不同"),
        "differences_none": gettext("没有不同"),
        "nothing": gettext("（空）"),
        "added": gettext("增加"),
        "removed": gettext("删除"),
        "changed": gettext("有改动"),
        "moved": gettext("移位"),
        "impact_running": gettext("{process}：在办 {cases} 件"),
        "impact_at": gettext("第 {version} 版停在“{name}”的 {cases} 件"),
        "impact_lost": gettext("新版里没有对应的步骤"),
        "replay": gettext("用近一年办结的事项重走一遍"),
        "replaying": gettext("正在重走…"),
        "replayed": gettext(
            "共 {total} 件：{same} 件一样，{other_way} 件走法不同，{other_end} 件结果不同，"
            "{other_people} 件换了人办，{longer} 件时间更长，{stopped} 件走不下去"
        ),
        "replay_parts": gettext("在“{at}”分开"),
        "replay_end": gettext("结果不同"),
        "replay_longer": gettext("时间更长"),
        "replay_people": gettext("“{at}”由{before}换成{after}"),
        "property_name": gettext("名称"),
        "property_documentation": gettext("文字说明"),
        "property_condition": gettext("条件"),
        "property_default": gettext("默认走向"),
        "property_text": gettext("内容"),
    }


def trial_phrases() -> dict[str, str]:
    """Return the sentences of a trial."""
    return {
        **_common(),
        "trial_over": gettext("流程已经走完。"),
        "trial_stands": gettext("流程停在这里，没有什么在等。"),
        "trial_wrong": gettext("这一步没有办成，填写的内容没有通过检查："),
        "trial_starter": gettext("发起人"),
        "trial_nobody": gettext("县里现在没有人可以办这一步（{who}），试运行里由系统代办。"),
        "trial_return": gettext("退回到"),
        "trial_give_back": gettext("退回"),
        "trial_values": gettext("带来的结果，一行一个，例如 score = 86"),
        "trial_job": gettext("{name}：等系统外办完（{type}）"),
        "trial_message": gettext("{at}：等消息“{name}”"),
        "trial_arrives": gettext("消息来了"),
        "trial_timer": gettext("{name}：等到 {at}"),
        "trial_until": gettext("到这个时间"),
        "trial_due": gettext("期限 {due}"),
        "trial_because": gettext("为什么是他们：{why}"),
        "trial_apart": gettext("须不同于：{steps}"),
        "trial_by": gettext("由谁办"),
        "trial_opinion": gettext("意见"),
        "trial_done": gettext("办完"),
        "trial_rules": gettext("“{name}”命中第 {rules} 条"),
        "case_kept": gettext("已存为测试用例“{name}”。"),
        "case_passed": gettext("通过"),
        "case_failed": gettext("不符"),
        "cases_none": gettext("这个流程还没有测试用例。"),
    }


def step_phrases() -> dict[str, str]:
    """Return the sentences of the list of steps."""
    return {
        **_common(),
        "steps_incomplete": gettext("“{what}”没有填完整或看不懂，还没有保存"),
        "property_condition": gettext("条件"),
        "steps_name": gettext("名称"),
        "steps_approver": gettext("谁来办"),
        "steps_deadline": gettext("期限"),
        "steps_signing": gettext("怎样签署"),
        "steps_return": gettext("可以退回到"),
        "steps_form": gettext("表单"),
        "steps_role": gettext("岗位"),
        "steps_at": gettext("哪个单位或科室"),
        "steps_add": gettext("再加一个岗位"),
        "steps_remove": gettext("去掉"),
        "steps_initiator": gettext("发起人"),
        "steps_no_form": gettext("没有表单"),
        "steps_amount": gettext("天数、规则或变量"),
        "steps_default": gettext("其他条件都不成立时走这里。"),
        "place_project_unit": gettext("项目的单位"),
        "place_project_section": gettext("项目的归口业务%(section)s室", section=wording.section()),
        "place_project_department": gettext("项目的主管部门"),
        "place_unit_code": gettext("本单位"),
        "place_unit_section": gettext("单位的归口业务%(section)s室", section=wording.section()),
        "deadline_none": gettext("没有期限"),
        "deadline_days": gettext("工作日数"),
        "deadline_setting": gettext("按本县规则"),
        "deadline_at": gettext("按变量里的时间"),
        "signing_one": gettext("一个人办"),
        "signing_all": gettext("会签（全部同意）"),
        "signing_any": gettext("或签（一人同意）"),
        "signing_in": gettext("依次签"),
        "signing_ratio": gettext("票决（按比例）"),
        "return_previous": gettext("前一步"),
        "return_initiator": gettext("发起人"),
        "return_any": gettext("任意一步"),
        "condition_field": gettext("比较什么"),
        "condition_operator": gettext("怎样比较"),
        "condition_value": gettext("与什么比较"),
    }


def editor_phrases() -> dict[str, str]:
    """Return the sentences by the name that the editor's scripts know them by."""
    return {
        **_common(),
        # Keeping what is typed
        "unsaved": gettext("有未保存的修改"),
        "save_failed": gettext("暂时保存不到服务器，内容已留在本机，稍后自动重试"),
        "restore": gettext("{time} 在这台电脑上修改过，没有保存到服务器。"),
        "restore_use": gettext("恢复这份内容"),
        "restore_drop": gettext("不要了"),
        "conflict": gettext("别人保存了另一稿"),
        "conflict_advice": gettext("两份都没有丢：他保存的在历史里，您这里的还在这个页面上。"),
        "take_theirs": gettext("改用他保存的"),
        "keep_mine": gettext("用我这里的再存一稿"),
        "newer": gettext("{who} {time} 保存了新的一稿，请刷新页面。"),
        "editors": gettext("{names}也打开着这份草稿"),
        # History
        "history": gettext("历史"),
        "restored": gettext("恢复自第 {revision} 稿"),
        "restore_revision": gettext("恢复这一稿"),
        "now": gettext("现在的"),
        "close": gettext("关闭"),
        "preview": gettext("预览"),
        # Checks
        "findings": gettext("{errors} 个错误，{warnings} 个提示（检查用时 {seconds} 秒）"),
        "findings_none": gettext("检查通过，没有发现问题（用时 {seconds} 秒）"),
        "cases_running": gettext("正在走 {count} 个测试用例…"),
        "cases_passed": gettext("{count} 个测试用例都通过"),
        "cases_failed": gettext("{count} 个测试用例里有 {failed} 个不符"),
        "converted": gettext("这是 {engine} 的流程图：转换了 {changed} 处，{kept} 处不能转换"),
        "convert_changed": gettext("已转换"),
        "convert_dropped": gettext("已去掉"),
        "convert_kept": gettext("不能转换"),
        "error": gettext("须改正"),
        "warning": gettext("请留意"),
        "info": gettext("供参考"),
        "play_path": gettext("在图上播放经过"),
        "play_pause": gettext("暂停"),
        "play_again": gettext("播放"),
        "play_stop": gettext("结束播放"),
        "play_place": gettext("第 {at} 步，共 {all} 步：{name}"),
        "step_back": gettext("上一步"),
        "step_on": gettext("下一步"),
    }

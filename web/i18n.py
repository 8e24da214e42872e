"""The page's language: Chinese unless the reader chose English, and the strings that scripts show."""

from __future__ import annotations

from functools import lru_cache
from gettext import NullTranslations
from typing import Any

from babel import Locale
from flask import Flask, g, request
from flask_babel import Babel, Domain, get_babel, get_locale, gettext
from markupsafe import Markup

LANGUAGES = ("zh", "en")
COOKIE = "bihuan-language"


def chosen() -> str:
    """Return the language that the reader chose, ``zh`` when none was."""
    language = request.cookies.get(COOKIE, "zh")
    return language if language in LANGUAGES else "zh"


def script_strings() -> dict[str, str]:
    """Return the sentences that the pages' scripts show, by the name that the scripts know them by."""
    return _script_strings(chosen())


@lru_cache(maxsize=len(LANGUAGES))
def _script_strings(_language: str) -> dict[str, str]:
    """Return them in the request's language, which is the one that is named; they are the same on every page."""
    return {
        "saved": gettext("已保存 {time}"),
        "saving": gettext("正在保存…"),
        "unsaved": gettext("有未保存的修改"),
        "save_failed": gettext("暂时保存不到服务器，内容已留在本机，稍后自动重试"),
        "session_ended": gettext("登录已结束，您填写的内容已留在本机。"),
        "sign_in_again": gettext("重新登录"),
        "idle_soon": gettext("您有一段时间没有操作，2 分钟后将自动退出登录。"),
        "idle_stay": gettext("继续使用"),
        "restore_title": gettext("恢复未保存的内容：{time} 在这台电脑上填写，没有交到服务器"),
        "restore_use": gettext("恢复这份内容"),
        "restore_drop": gettext("不要了"),
        "restore_compare": gettext("与页面上不同的地方："),
        "restore_more": gettext("……另有 {count} 处"),
        "rival_compare": gettext("两份都没有丢，选定之前不会互相覆盖。划去的是另一窗口的，后面是这里的："),
        "rival_here": gettext("保留这里的"),
        "rival_there": gettext("改用另一窗口的"),
        "too_long": gettext("最多 {most} 个字，现在多出 {over} 个。没有截断，请删减后再提交。"),
        "sign_out_unsaved": gettext("还有内容没有交到服务器"),
        "sign_out_loses": gettext("现在退出登录，这台电脑上留着的这些内容会一并清除。"),
        "sign_out_yes": gettext("仍然退出"),
        "restore_empty": gettext("（空）"),
        "network": gettext("网络不通，请稍后再试。内容没有丢失。"),
        "failed": gettext("没有办成，请稍后再试（{status}）。"),
        "opinion_needed": gettext("选择“{outcome}”须填写意见。"),
        "pins_needed": gettext("选择“{outcome}”须至少有一条逐条意见。"),
        "confirm": gettext("确认{outcome}？"),
        "confirm_yes": gettext("确认"),
        "confirm_no": gettext("取消"),
        "confirm_reject": gettext("该事项将按“{outcome}”办理，下一步的人办理以后就不能撤回了。"),
        "stray_click": gettext("上一项已经办完，这一下没有算在这一项上。"),
        "working": gettext("正在办理…"),
        "upload_progress": gettext("正在上传 {name}…"),
        "upload_too_large": gettext("{name} 超过 {limit} MB，不能上传。"),
        "diagram_failed": gettext("流程图没有加载成功，请刷新页面再试。"),
        "diagram_not_yet": gettext("尚未到达"),
        "sections": gettext("表单各部分"),
        "section_done": gettext("必填项已填完"),
        "section_missing": gettext("还有 {count} 个必填项"),
        "section_wrong": gettext("有 {count} 处需要改正"),
        "preview_page": gettext("第 {page} 页，共 {pages} 页"),
        "preview_pages": gettext("共 {count} 页"),
        "preview_more": gettext("后面还有 {count} 页，请下载后查看。"),
        "preview_download": gettext("下载"),
        "preview_before": gettext("上一个附件"),
        "preview_after": gettext("下一个附件"),
        "preview_close": gettext("关闭"),
        "preview_loading": gettext("正在打开…"),
        "preview_failed": gettext("这个文件打不开预览，请下载后查看。"),
        "mention_list": gettext("可以提醒的人"),
        "mention_found": gettext("找到 {count} 人，用上下键选择，回车确认"),
        "mention_none": gettext("没有找到能看这件事项的人"),
        "end_of_list": gettext("已到列表末尾"),
        "copied": gettext("已复制，可以粘贴了。"),
        "copy_failed": gettext("没有复制成功，请选中后按 Ctrl+C。"),
        "bell_unread": gettext("消息，{count} 条未读"),
        "bulk_none": gettext("勾选事项后可以一起办。"),
        "bulk_picked": gettext("已选 {count} 项，合计 {sum} 万元"),
        "bulk_picked_elsewhere": gettext("已选 {count} 项（其中 {elsewhere} 项不在本页），合计 {sum} 万元"),
        "bulk_cleared": gettext("换了筛选条件，原来选中的 {count} 项已清除。"),
        "bulk_changed": gettext("选中的事项有变化，已取消选中，请再看一看。"),
        "bulk_sum": gettext("{count} 项，合计 {sum} 万元"),
        "arrived": gettext("有 {count} 项新到，点击显示"),
        "list_changed": gettext("列表有更新，点击显示"),
        "open_gone": gettext("您打开的事项：{fate}"),
        # Choosing people
        "picker_hint": gettext("输入姓名、单位或岗位"),
        "picker_chosen": gettext("已选的人员"),
        "picker_none": gettext("没有找到符合条件的人员"),
        "picker_found": gettext("找到 {count} 个，用上下键选择"),
        "picker_needed": gettext("请从列表里选一个人"),
        "picker_drop": gettext("去掉{name}"),
    }


class _Sentences(Domain):
    """The sentences of the page's language: a page has some three hundred, so they are looked for once."""

    def get_translations(self) -> NullTranslations:
        """Return them; they change only where another language is forced."""
        locale = get_locale()
        kept: tuple[Locale | None, NullTranslations] | None = g.get("sentences")
        if kept is None or kept[0] is not locale:
            kept = g.sentences = (locale, super().get_translations())
        return kept[1]


def install(app: Flask) -> None:
    """Give ``app`` its two languages."""
    Babel(app, locale_selector=chosen)
    sentences = _Sentences()
    get_babel(app).instance.domain_instance = sentences
    env: Any = app.jinja_env
    env.install_gettext_callables(
        lambda said: sentences.get_translations().gettext(said),
        lambda one, many, count: sentences.get_translations().ngettext(one, many, count),
        newstyle=True,
    )

    def said(sentence: str, /, **values: Any) -> Markup:
        """Return a sentence in the page's language, its places filled in; a page of a list has a hundred of them."""
        found = Markup(sentences.get_translations().gettext(sentence))
        return found % values if values or "%" in found else found

    env.globals["_"] = said

"""What happens in the office reaches those who want to know, once, and says no more than it may."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from engine import tables
from engine.notify.channels.mail import compose
from engine.notify.kinds import DIGEST, NEVER, NOW
from engine.notify.ports import Message
from engine.plugins import hookimpl, load_plugins
from tests.engine.office import CHIEFS, FILL_AND_REVIEW, process, task
from tests.notify.conftest import KEY, PASSWORD, Post

if TYPE_CHECKING:
    from engine import SteppedClock


def test_a_new_task_reaches_its_candidates_by_mail_once(post: Post) -> None:
    post.open_mail()
    post.reach("wang")
    post.work()
    post.office.run(FILL_AND_REVIEW)
    post.office.do("li")
    post.work()
    post.work()
    (mail,) = post.mail.mails
    assert mail["To"] == "王 <wang@example.gov.cn>"
    assert mail["From"] == "测试县财政局 <czj@example.gov.cn>"
    assert mail["Subject"] == "新待办：路灯改造（review）"
    text = mail.get_body(("plain",)).get_content()
    html = mail.get_body(("html",)).get_content()
    assert "新待办：路灯改造（review）" in text
    assert "<p>新待办：路灯改造（review）</p>" in html
    assert mail["Message-ID"].endswith("@example.gov.cn>")
    assert post.states() == ["sent"]


def test_headers_with_chinese_are_encoded_words() -> None:
    message = Message(
        "1", "王", "wang@example.gov.cn", "", "新待办\n第二行", ["正文"], datetime(2026, 3, 2, tzinfo=UTC)
    )
    raw = compose("测试县财政局 <czj@example.gov.cn>", message).as_bytes()
    head = raw.split(b"\r\n\r\n")[0]
    assert head.isascii()
    assert b"Subject: =?utf-8?" in head
    assert b"From: =?utf-8?" in head


def test_who_chose_nothing_is_not_told_and_nothing_is_written(post: Post) -> None:
    post.open_mail()
    post.work()
    post.office.run(FILL_AND_REVIEW)
    post.work()
    assert post.states() == []
    assert post.mail.mails == []


@pytest.mark.parametrize(
    ("how", "email", "told"), [(NOW, True, 1), (DIGEST, True, 0), (NEVER, True, 0), (NOW, False, 0)]
)
def test_a_person_is_told_at_once_only_when_they_chose_so_and_can_be_reached(
    post: Post, how: str, email: bool, told: int
) -> None:
    post.open_mail()
    post.reach("wang", how=how)
    if not email:
        post.engine.set_contact("wang", "email", "", actor="system")
    post.work()
    post.office.run(FILL_AND_REVIEW)
    post.office.do("li")
    post.work()
    assert len(post.mail.mails) == told


def test_a_channel_tells_only_its_audience(post: Post) -> None:
    post.open_mail(audience=["org:S1"])
    post.reach("wang")
    post.engine.set_contact("liu", "email", "liu@example.gov.cn", actor="system")
    assert [one.name for one in post.engine.my_channels(post.office.who("wang"))] == ["mail"]
    assert post.engine.my_channels(post.office.who("liu")) == []
    post.engine.choose(post.office.who("liu"), {("mail", "task"): NOW})
    post.work()
    post.office.run(FILL_AND_REVIEW)
    post.office.do("li")
    post.work()
    assert post.mail.receivers == [["wang@example.gov.cn"]]


def test_what_was_before_a_channel_was_opened_is_no_news(post: Post) -> None:
    post.office.run(FILL_AND_REVIEW)
    post.open_mail()
    post.reach("li")
    post.work()
    assert post.mail.mails == []


def test_a_task_that_is_done_before_it_is_told_is_not_told(post: Post) -> None:
    post.open_mail()
    post.reach("li")
    post.work()
    post.office.run(FILL_AND_REVIEW)
    post.engine.run_telling()
    post.office.do("li")
    post.work()
    assert post.mail.mails == []
    assert post.states() == ["dropped"]


def test_what_came_back_is_told_as_returned(post: Post, clock: SteppedClock) -> None:
    post.open_mail()
    post.reach("li")
    post.work()
    post.office.run(FILL_AND_REVIEW)
    post.office.do("li")
    clock.advance(timedelta(minutes=1))
    post.office.do("wang", "退回补正", opinion="请补充")
    post.work()
    assert [mail["Subject"] for mail in post.mail.mails] == ["退回给您：路灯改造（fill）"]
    post.reach("wang")
    clock.advance(timedelta(minutes=1))
    post.office.do("li")
    post.work()
    assert post.mail.mails[-1]["Subject"] == "新待办：路灯改造（review）"


def test_many_tasks_at_once_are_one_message(post: Post) -> None:
    post.open_mail()
    post.reach("li")
    post.work()
    for _ in range(6):
        post.office.run(FILL_AND_REVIEW)
    post.work()
    (mail,) = post.mail.mails
    assert mail["Subject"] == "您有 6 项新待办"
    assert "6. 路灯改造（fill）" in mail.get_body(("plain",)).get_content()


def test_urging_passing_on_copying_and_mentioning_are_told_with_who_and_what(post: Post) -> None:
    office, engine = post.office, post.engine
    post.open_mail()
    instance = office.run(FILL_AND_REVIEW)
    office.do("li")
    for person in ("wang", "zhou", "sun"):
        post.reach(person)
    post.work()
    post.mail.mails.clear()
    row = office.rows("wang")[0]
    engine.urge(row.item_id, actor=office.who("li"), text="请今天办结")
    engine.copy(instance, actor=office.who("li"), to=["sun"], text="供参考")
    engine.comment(instance, actor=office.who("li"), text="数字已核对", mentions=["sun"])
    row = office.rows("wang")[0]
    version = engine.claim(row.item_id, actor=office.who("wang"), version=row.version)
    engine.transfer(row.item_id, actor=office.who("wang"), version=version, to="zhou", reason="我出差")
    post.work()
    told = {(mail["To"].addresses[0].username, mail["Subject"]) for mail in post.mail.mails}
    assert told == {
        ("wang", "李催办：路灯改造（review）"),
        ("zhou", "李催办：路灯改造（review）"),
        ("sun", "李抄送给您：路灯改造"),
        ("sun", "李在评论中提到您：路灯改造"),
        ("zhou", "王交您办理：路灯改造（review）"),
    }
    urged = next(mail for mail in post.mail.mails if "催办" in mail["Subject"])
    assert "李：请今天办结" in urged.get_body(("plain",)).get_content()


def test_withdrawals_and_extensions_are_told_to_those_who_answer_and_then_to_those_who_asked(
    post: Post, clock: SteppedClock
) -> None:
    due = '<zeebe:taskSchedule dueDate="P10D"/>'
    source = process(
        task("fill", outcomes="提交"),
        task(
            "review",
            extra=due,
            deadline_owner="=role(&quot;chief&quot;, &quot;S1&quot;)",
            outcomes="同意",
            who='<zeebe:assignmentDefinition candidateGroups="=role(&quot;staff&quot;, &quot;S1&quot;)"/>',
        ),
        "s -> fill -> review -> e",
        subject="=title",
        inputs="title",
    )
    office, engine = post.office, post.engine
    post.open_mail()
    office.run(source)
    done = office.row("li").item_id
    office.do("li")
    for person in ("li", "wang", "qian"):
        post.reach(person)
    post.work()
    post.mail.mails.clear()
    row = office.row("qian")
    asked = engine.extend(
        row.item_id,
        actor=office.who("qian"),
        version=row.version,
        due=clock.now() + timedelta(days=20),
        reason="材料多",
    )
    engine.save_draft(row.item_id, actor=office.who("qian"), answers={}, based_on=None, opinion="正在看")
    engine.ask_withdrawal(done, actor=office.who("li"), reason="填错了")
    post.work()
    engine.decide_extension(asked, actor=office.who("wang"), grant=True)
    row = office.row("qian")
    engine.answer_withdrawal(
        row.item_id, actor=office.who("qian"), version=row.version, asked=done, grant=False, reason="已经看完"
    )
    post.work()
    told = {(mail["To"].addresses[0].username, mail["Subject"]) for mail in post.mail.mails}
    assert ("wang", "钱申请延期：路灯改造（review）") in told
    assert ("qian", "王同意延期：路灯改造（review）") in told
    assert ("qian", "李申请撤回：路灯改造（review）") in told
    assert ("li", "钱不同意撤回：路灯改造（fill）") in told


def test_operators_are_told_of_incidents(post: Post) -> None:
    broken = process(
        task("fill"),
        task("review", CHIEFS),
        "exclusiveGateway gate",
        "s -> fill -> gate",
        "gate -> review: amont > 5",
        "gate -> e: default",
        "review -> e",
        subject="=title",
    )
    post.open_mail()
    post.reach("wu")
    post.work()
    post.office.run(broken)
    post.office.do("li")
    post.work()
    assert [mail["Subject"] for mail in post.mail.mails] == ["流程异常：路灯改造（p，gate）"]


def test_a_substitute_is_told_too(post: Post, clock: SteppedClock) -> None:
    today = clock.now().date()
    post.open_mail()
    post.reach("qian")
    post.engine.substitutions.create("wang", "qian", today, today, actor=post.office.who("wang"))
    post.work()
    post.office.run(FILL_AND_REVIEW)
    post.office.do("li")
    post.work()
    assert [mail["Subject"] for mail in post.mail.mails] == ["新待办：路灯改造（review）"]


def test_deadlines_that_pass_are_told_once(post: Post, clock: SteppedClock) -> None:
    due = '<zeebe:taskSchedule dueDate="PT2H"/>'
    source = process(
        task("fill", extra=due, outcomes="提交"), "s -> fill -> e", subject="=title", inputs="title"
    )
    post.open_mail()
    post.reach("li", kinds=["overdue"])
    post.work()
    post.office.run(source)
    post.work()
    for _ in range(4):
        clock.advance(timedelta(hours=1))
        post.work()
    assert [mail["Subject"] for mail in post.mail.mails] == ["已超期：路灯改造（fill）"]


class Secret:
    """Calls everything secret."""

    @hookimpl
    def bihuan_secret_cases(self, session: Any, instances: Any) -> set[int]:
        assert session is not None
        return set(instances)


def test_nothing_of_a_secret_case_leaves_or_is_kept_for_leaving(post: Post) -> None:
    post.engine.plugins = post.engine.ports.plugins = load_plugins(Secret())
    post.open_mail()
    post.reach("wang")
    post.reach("sun")
    post.work()
    instance = post.office.run(FILL_AND_REVIEW, {"title": "绝密工程"})
    post.office.do("li")
    post.engine.copy(instance, actor=post.office.who("li"), to=["sun"], text="绝密工程的清单")
    post.work()
    assert sorted(mail["Subject"] for mail in post.mail.mails) == ["您收到一项抄送", "您有一项待办"]
    for mail in post.mail.mails:
        assert "绝密" not in mail.as_string()
        assert "绝密" not in mail.get_body(("plain",)).get_content()
        assert "绝密" not in mail.get_body(("html",)).get_content()
    with post.engine.database.read() as unit:
        kept = unit.execute(select(tables.outbox.c.body)).scalars().all()
    assert kept
    assert not any("绝密" in body for body in kept)


def test_sms_says_no_more_than_that_something_waits(post: Post) -> None:
    post.open_sms({"headers": "Content-Type: application/json\nAuthorization: Bearer {key}"})
    post.reach("wang", "sms")
    post.work()
    post.office.run(FILL_AND_REVIEW, {"title": '带“引号"和\n换行'})
    post.office.do("li")
    post.work()
    (request,) = post.http.requests
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    said = json.loads(request.body)
    assert said["mobile"] == "13800000001"
    assert said["content"] == "您有一项待办 请登录系统查看。"
    assert len(said["messageId"]) == 32


def test_an_administrator_may_let_sms_tell_the_subject_and_it_stays_valid_json(post: Post) -> None:
    post.open_sms(discreet=False)
    post.reach("wang", "sms")
    post.work()
    post.office.run(FILL_AND_REVIEW, {"title": '带"引号{key}"\\'})
    post.office.do("li")
    post.work()
    assert '带"引号{key}"\\' in json.loads(post.http.requests[0].body)["content"]


def test_sms_waits_for_the_end_of_the_quiet_hours(post: Post, clock: SteppedClock) -> None:
    post.open_sms(quiet=["21:00", "08:00"])
    post.reach("wang", "sms")
    post.work()
    post.office.run(FILL_AND_REVIEW)
    clock.set(datetime(2026, 3, 2, 14, tzinfo=UTC))  # ten in the evening in Beijing
    post.office.do("li")
    post.work()
    assert post.http.requests == []
    clock.set(datetime(2026, 3, 2, 23, 59, tzinfo=UTC))
    post.work()
    assert post.http.requests == []
    clock.set(datetime(2026, 3, 3, 0, 1, tzinfo=UTC))
    post.work()
    assert len(post.http.requests) == 1


def test_no_secret_is_in_settings_history_or_views(post: Post) -> None:
    post.open_mail()
    post.open_sms()
    with post.engine.database.read() as unit:
        events = unit.execute(select(tables.events.c.body)).scalars().all()
        settings = unit.execute(select(tables.settings.c.value)).scalars().all()
    shown = repr(post.engine.channels("system"))
    for text in [*events, *settings, shown]:
        assert PASSWORD not in (text or "")
        assert KEY not in (text or "")
    assert post.engine.channels("system")[0].secrets["password"] is not None

"""Once on each working day: what is overdue, due soon and new, in one message; what comes near, to who wants it at once."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert

from engine import tables
from engine.calendar import ZONE
from engine.commands.bulk import Wish
from engine.notify.kinds import DIGEST, NOW
from engine.notify.telling import after_quiet
from engine.plugins import load_plugins
from tests.engine.office import CHIEFS, FILL_AND_REVIEW, process, task
from tests.notify.conftest import Post
from tests.notify.test_telling import Secret

if TYPE_CHECKING:
    from engine import SteppedClock


def due_in(span: str) -> bytes:
    """Return a process whose only step is due after a span."""
    due = f'<zeebe:taskSchedule dueDate="{span}"/>'
    return process(
        task("fill", extra=due, outcomes="提交"), "s -> fill -> e", subject="=title", inputs="title"
    )


def mark_days(post: Post, **days: bool) -> None:
    """Say which days are worked, as ``d0307=True``."""
    rows = [
        {"day": date(2026, int(name[1:3]), int(name[3:])), "working": working, "name": None}
        for name, working in days.items()
    ]
    post.engine.database.retry(lambda unit: unit.execute(insert(tables.working_days), rows))
    post.engine.ports.forget_working_days()


def through(post: Post, clock: SteppedClock, days: int) -> list[str]:
    """Let days pass, hour by hour; return on which days and at what hour a digest went out, in Beijing."""
    sent = []
    for _ in range(days * 24):
        clock.advance(timedelta(hours=1))
        before = len(post.mail.mails)
        post.work()
        if len(post.mail.mails) > before:
            sent.append(f"{clock.now() + timedelta(hours=8):%m-%d %H}")
    return sent


def test_digests_go_out_on_working_days_only_make_up_days_among_them(post: Post, clock: SteppedClock) -> None:
    post.open_mail()
    mark_days(post, d0307=True, d0309=False)  # a Saturday worked, the Monday after it free
    post.reach("li", how=DIGEST)
    post.office.run(due_in("P20D"))
    post.engine.set_telling({"digest_at": "08:30", "near_days": 60}, actor="system")
    clock.set(datetime(2026, 3, 4, 12, tzinfo=UTC))  # Wednesday evening
    post.work()
    post.mail.mails.clear()
    assert through(post, clock, 7) == ["03-05 09", "03-06 09", "03-07 09", "03-10 09", "03-11 09"]


def test_a_digest_lists_what_is_overdue_due_soon_and_new_each_once(post: Post, clock: SteppedClock) -> None:
    post.open_mail()
    post.reach("li", how=DIGEST)
    clock.set(datetime(2026, 3, 3, 2, tzinfo=UTC))  # Tuesday, after that day's digest
    post.work()
    clock.advance(timedelta(minutes=1))
    for title, span in (("已经晚了", "PT1H"), ("快到期", "P2D"), ("还早", "P30D")):
        post.engine.deploy({"p.bpmn": due_in(span)}, actor="user:root")
        post.engine.start("p", actor=post.office.who("sun"), variables={"title": title})
    (started, *_) = (row.instance_id for row in post.office.rows("li"))
    post.engine.copy(started, actor=post.office.who("sun"), to=["li"], text="请看")
    clock.set(datetime(2026, 3, 4, 1, tzinfo=UTC))
    post.work()
    (mail,) = post.mail.mails
    assert mail["Subject"] == "今日事项汇总：超期 1 项，近期到期 1 项，新到 1 项，消息 1 条"
    text = mail.get_body(("plain",)).get_content()
    late, near, new, notes = (
        text.index(head) for head in ("已超期（1 项）", "近期到期（1 项）", "新到（1 项）", "消息（1 条）")
    )
    assert late < text.index("已经晚了") < near < text.index("快到期") < new < text.index("还早") < notes
    assert text.count("快到期") == 1


def test_who_has_nothing_waiting_gets_no_digest(post: Post, clock: SteppedClock) -> None:
    post.open_mail()
    post.reach("zhou", how=DIGEST)
    assert through(post, clock, 2) == []


def test_a_digest_that_was_missed_goes_out_later_on_the_day_and_once(post: Post, clock: SteppedClock) -> None:
    post.open_mail()
    post.reach("li", how=DIGEST)
    post.office.run(due_in("P1D"))
    clock.set(datetime(2026, 3, 3, 7, tzinfo=UTC))  # the server was down until three in the afternoon
    post.work()
    post.work()
    assert len(post.mail.mails) == 1


def test_the_county_chooses_the_hour(post: Post, clock: SteppedClock) -> None:
    post.open_mail()
    post.engine.set_telling(
        {"digest_at": "14:00", "sender": "测试县财政局", "url": "http://czj.local"}, actor="system"
    )
    post.reach("li", how=DIGEST)
    post.office.run(due_in("P1D"))
    clock.set(datetime(2026, 3, 3, 5, 59, tzinfo=UTC))
    post.work()
    assert post.mail.mails == []
    clock.set(datetime(2026, 3, 3, 6, tzinfo=UTC))
    post.work()
    assert post.mail.mails[0]["Subject"].startswith("【测试县财政局】今日事项汇总")
    assert "http://czj.local/" in post.mail.mails[0].get_body(("plain",)).get_content()


def test_deadlines_that_come_near_are_told_at_once_on_the_morning_of_a_working_day(
    post: Post, clock: SteppedClock
) -> None:
    post.open_mail()
    mark_days(post, d0309=False)
    post.reach("li", kinds=["near"])
    post.work()
    post.office.run(due_in("P8DT8H"))  # Tuesday the tenth: three working days after Wednesday the fourth
    assert through(post, clock, 8) == ["03-04 09"]
    assert post.mail.mails[0]["Subject"] == "即将到期：路灯改造（fill）"


def test_a_default_of_the_county_holds_for_those_who_chose_nothing(post: Post) -> None:
    post.open_mail()
    post.engine.set_telling({"defaults": {"mail": {"task": NOW}}}, actor="system")
    for person in ("wang", "zhou"):
        post.engine.set_contact(person, "email", f"{person}@example.gov.cn", actor="system")
    post.engine.choose(post.office.who("zhou"), {("mail", "task"): "never"})
    post.work()
    post.office.run(FILL_AND_REVIEW)
    post.office.do("li")
    post.work()
    assert post.mail.receivers == [["wang@example.gov.cn"]]


@pytest.mark.parametrize(
    ("now", "until"),
    [
        ("2026-03-02T20:59", "2026-03-02T20:59"),
        ("2026-03-02T21:00", "2026-03-03T08:00"),
        ("2026-03-03T03:00", "2026-03-03T08:00"),
        ("2026-03-03T08:00", "2026-03-03T08:00"),
    ],
)
def test_quiet_hours_may_go_over_midnight(now: str, until: str) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=ZONE)
    assert after_quiet((time(21), time(8)), moment) == datetime.fromisoformat(until).replace(tzinfo=ZONE)


def test_a_case_that_becomes_secret_before_its_message_is_sent_is_not_told(post: Post) -> None:
    post.open_mail()
    post.reach("wang")
    post.work()
    post.office.run(FILL_AND_REVIEW, {"title": "后来定密的工程"})
    post.office.do("li")
    post.engine.run_telling()
    post.engine.plugins = post.engine.ports.plugins = load_plugins(Secret())
    post.work()
    (mail,) = post.mail.mails
    assert mail["Subject"] == "您有一项待办"
    assert "工程" not in mail.get_body(("plain",)).get_content()


def test_the_bell_of_many_candidates_counts_an_item_once(post: Post) -> None:
    source = process(
        task("review", CHIEFS, outcomes="同意"), "s -> review -> e", subject="=title", inputs="title"
    )
    post.office.run(source)
    assert post.engine.unread(post.office.who("wang")) == 1
    row = post.office.row("wang")
    version = post.engine.claim(row.item_id, actor=post.office.who("wang"), version=row.version)
    post.engine.transfer(row.item_id, actor=post.office.who("wang"), version=version, to="zhou")
    assert post.engine.unread(post.office.who("zhou")) == 1
    (told,) = post.engine.told(post.office.who("zhou")).rows
    assert told.sentence("zh") == "王交您办理：路灯改造（review）"
    assert post.engine.unread(post.office.who("wang")) == 0


def test_a_bulk_run_that_is_done_rings_the_bell_of_whoever_asked_for_it(post: Post) -> None:
    for _ in range(2):
        post.office.run(FILL_AND_REVIEW)
    for row in post.office.rows("li"):
        post.engine.complete(row.item_id, actor=post.office.who("li"), version=row.version, outcome="提交")
    wang = post.office.who("wang")
    wanted = [(row.item_id, row.version) for row in post.office.rows("wang")]
    run = post.engine.choose_bulk(wanted, actor=wang)
    wish = Wish("complete", "同意", "同意")
    post.engine.confirm_bulk(run, actor=wang, wish=wish, ticked=[item for item, _ in wanted])
    post.engine.run_bulks()
    (told,) = post.engine.told(wang).rows
    assert (told.sentence("zh"), told.path) == ("批量办理完成：办成 2 项，未办成 0 项", f"/bulk/{run}")


def test_what_somebody_hands_over_is_told_to_who_takes_it(post: Post) -> None:
    post.office.run(FILL_AND_REVIEW)
    row = post.office.row("li")
    post.engine.claim(row.item_id, actor=post.office.who("li"), version=row.version)
    post.engine.hand_over("li", ["liu"], actor=post.office.who("li"), reason="调离")
    (told,) = post.engine.told(post.office.who("liu")).rows
    assert told.sentence("zh") == "李交您办理：路灯改造（fill）"
    assert told.news.text == "调离"


def test_long_work_that_is_done_is_told_with_a_way_to_its_results(post: Post) -> None:
    post.open_mail()
    post.engine.set_telling({"url": "http://czj.local"}, actor="system")
    post.reach("wang", kinds=["finished"])
    post.work()
    post.engine.announce("wang", "tell.several.task", {"count": 3}, link="/bulk/7")
    post.work()
    (told,) = post.engine.told(post.office.who("wang")).rows
    assert (told.sentence("zh"), told.path) == ("您有 3 项新待办", "/bulk/7")
    assert told.note_id is not None
    assert post.engine.open_note(told.note_id, actor=post.office.who("wang")) == "/bulk/7"
    assert post.engine.unread(post.office.who("wang")) == 0
    assert "http://czj.local/bulk/7" in post.mail.mails[0].get_body(("plain",)).get_content()

"""The outbox is emptied once: what fails is tried again with rests, what is unclear isn't repeated where that would harm."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

from engine.engine import Engine
from engine.errors import BihuanError, Forbidden
from engine.notify.channels import DingTalk, Feishu, WeCom
from engine.notify.gate import Gate
from engine.notify.ports import Message, Undelivered
from tests.engine.office import FILL_AND_REVIEW
from tests.notify.conftest import Post

if TYPE_CHECKING:
    from engine import SteppedClock

AT = datetime(2026, 3, 2, 1, tzinfo=UTC)


def tell_wang(post: Post) -> None:
    """Let a task come to somebody who wants to know at once."""
    post.work()
    post.office.run(FILL_AND_REVIEW)
    post.office.do("li")
    post.engine.run_telling()


def failures(post: Post) -> list[str | None]:
    return [one.error for one in post.engine.deliveries("system", states=("failed",))]


def test_a_server_error_is_tried_again_with_longer_rests_and_then_given_up(
    post: Post, clock: SteppedClock
) -> None:
    post.open_sms()
    post.reach("wang", "sms")
    post.http.status, post.http.answer = 503, b"busy"
    tell_wang(post)
    tries = []
    for minute in range(90):
        before = len(post.http.requests)
        post.engine.run_deliveries()
        if len(post.http.requests) > before:
            tries.append(minute)
        clock.advance(timedelta(minutes=1))
    assert tries == [0, 1, 2, 4, 8, 16]
    assert failures(post) == ["503 busy"]
    post.http.status = 200
    (failed,) = post.engine.deliveries("system")
    post.engine.send_again(failed.id, actor=post.office.who("root"))
    post.engine.run_deliveries()
    assert post.states() == ["sent"]


def test_a_refusal_is_final_and_says_nothing_of_key_and_number(post: Post) -> None:
    post.open_sms({"headers": "X-Key: {key}"})
    post.reach("wang", "sms")
    post.http.status, post.http.answer = 403, b"key the gateway's key may not write to 13800000001"
    tell_wang(post)
    post.engine.run_deliveries()
    assert failures(post) == ["403 key *** may not write to ***"]


def test_an_answer_of_success_may_be_asked_for(post: Post) -> None:
    post.open_sms({"expects": '"code":0'})
    post.reach("wang", "sms")
    post.http.answer = b'{"code":7}'
    tell_wang(post)
    post.engine.run_deliveries()
    assert failures(post) == ['{"code":7}']


def test_a_redirect_is_not_followed(post: Post) -> None:
    post.open_sms()
    post.reach("wang", "sms")
    post.http.status = 302
    tell_wang(post)
    post.engine.run_deliveries()
    assert [one.path for one in post.http.requests] == ["/send"]
    assert post.states() == ["failed"]


@pytest.mark.parametrize(("idempotent", "state"), [(False, "failed"), (True, "open")])
def test_an_answer_that_does_not_come_is_repeated_only_where_the_gateway_knows_ids(
    post: Post, idempotent: bool, state: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.notify.gate.TIMEOUT", 0.2)
    monkeypatch.setattr(Gate.__init__, "__kwdefaults__", {"timeout": 0.2})
    post.open_sms({"idempotent": idempotent})
    post.reach("wang", "sms")
    post.http.delay = 0.6
    tell_wang(post)
    post.engine.run_deliveries()
    assert post.states() == [state]


def test_a_refused_connection_is_tried_again(post: Post) -> None:
    post.open_sms({"url": "http://127.0.0.1:9/"})
    post.engine.allow_hosts(["127.0.0.1:9"])
    post.reach("wang", "sms")
    tell_wang(post)
    post.engine.run_deliveries()
    assert post.states() == ["open"]


def test_only_hosts_that_the_operator_allows_are_spoken_to(post: Post) -> None:
    post.open_sms()
    post.engine.allow_hosts([])
    post.reach("wang", "sms")
    tell_wang(post)
    post.engine.run_deliveries()
    assert post.http.requests == []
    assert failures(post) == [f"{post.http.host} is not among the allowed hosts"]
    gate = Gate(["sms.example.cn", "mail.example.cn:587"])
    allowed = [("sms.example.cn", 8080), ("mail.example.cn", 587), ("qyapi.weixin.qq.com", 443)]
    denied = [
        ("mail.example.cn", 25),
        ("qyapi.weixin.qq.com", 80),
        ("169.254.169.254", 80),
        ("localhost", 22),
    ]
    assert all(gate.allows(host, port) for host, port in allowed)
    assert not any(gate.allows(host, port) for host, port in denied)
    for url in (
        "file:///etc/passwd",
        "ftp://sms.example.cn/",
        "//sms.example.cn",
        "http://[",
        "http://x:99999/",
    ):
        with pytest.raises(Undelivered):
            gate.http("GET", url)


def test_a_mailbox_that_is_refused_is_final_and_a_busy_server_is_not(post: Post, clock: SteppedClock) -> None:
    post.open_mail()
    post.reach("wang")
    post.mail.answer = "451 try again"
    tell_wang(post)
    post.engine.run_deliveries()
    assert post.states() == ["open"]
    post.mail.answer = "550 no such mailbox"
    clock.advance(timedelta(minutes=1))
    post.engine.run_deliveries()
    assert failures(post) == ["550 no such mailbox"]


def test_a_wrong_password_is_tried_again_and_not_told(post: Post) -> None:
    post.open_mail()
    options = post.engine.channels("system")[0].configured.options
    said = {"type": "mail", "on": True, "options": options}
    post.engine.save_channel("mail", said, actor="system", secrets={"password": "wrong one"})
    post.reach("wang")
    tell_wang(post)
    post.engine.run_deliveries()
    (waiting,) = post.engine.deliveries("system", states=("open",))
    assert waiting.error == "the server refuses the account (535)"


def _die_while_sending(home: Any, now: datetime, ready: Any) -> None:
    from engine.calendar import SteppedClock
    from engine.database import Database

    url, code = home
    engine = Engine(Database(url, code), clock=SteppedClock(now))
    ready.set()
    engine.run_deliveries()


@pytest.mark.long
@pytest.mark.parametrize(("channel", "state", "messages"), [("sms", "failed", 1), ("mail", "sent", 2)])
def test_a_worker_killed_between_sending_and_marking_leaves_no_doubt_unsaid(
    post: Post, clock: SteppedClock, channel: str, state: str, messages: int
) -> None:
    post.open_mail()
    post.open_sms()
    post.reach("wang", channel)
    tell_wang(post)
    post.http.delay = post.mail.delay = 30.0
    database = post.engine.database
    context = multiprocessing.get_context("spawn")
    ready = context.Event()
    home = (database.url.render_as_string(hide_password=False), database.code)
    worker = context.Process(target=_die_while_sending, args=(home, clock.now(), ready))
    worker.start()
    assert ready.wait(60)
    _until(lambda: "sending" in post.states() and (channel == "mail" or len(post.http.requests) == 1))
    time.sleep(0.5)
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGKILL)
    worker.join()
    post.http.delay = post.mail.delay = 0.0
    post.engine.run_deliveries()
    assert post.states() == ["sending"]  # the lease of the dead holds
    clock.advance(timedelta(minutes=3))
    post.engine.run_deliveries()
    assert post.states() == [state]
    if channel == "sms":
        assert len(post.http.requests) == messages
    else:
        assert len({mail["Message-ID"] for mail in post.mail.mails}) == 1


def _until(condition: Any) -> None:
    end = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_two_workers_send_a_message_once(post: Post) -> None:
    import threading

    post.open_mail()
    post.reach("wang")
    tell_wang(post)
    threads = [threading.Thread(target=post.engine.run_deliveries) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(post.mail.mails) == 1


MESSAGE = Message("id1", "王", "", "13800000001", "标题", ["第一段", "第二段"], AT, "http://x/tasks/1")


def test_wecom_gets_a_text_with_the_mobile_to_point_to() -> None:
    options = {"url": "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=K", "at": True}
    url, body = WeCom().request(options, MESSAGE)
    assert url == options["url"]
    content = "标题\n第一段\n第二段\nhttp://x/tasks/1"
    assert body == {"msgtype": "text", "text": {"content": content, "mentioned_mobile_list": ["13800000001"]}}


def test_dingtalk_is_signed_over_time_and_secret_in_the_address() -> None:
    options = {"url": "https://oapi.dingtalk.com/robot/send?access_token=T", "secret": "SECabc", "at": True}
    url, body = DingTalk().request(options, MESSAGE)
    query = parse_qs(urlsplit(url).query)
    assert query["timestamp"] == ["1772413200000"]
    # openssl: printf '1772413200000\nSECabc' | openssl dgst -sha256 -hmac SECabc -binary | base64
    assert query["sign"] == [_openssl("SECabc", "1772413200000\nSECabc")]
    assert body["at"] == {"isAtAll": False, "atMobiles": ["13800000001"]}
    assert body["text"]["content"].startswith("@13800000001 标题")


def test_feishu_is_signed_in_the_body_with_nothing_signed_under_time_and_secret() -> None:
    options = {"url": "https://open.feishu.cn/open-apis/bot/v2/hook/H", "secret": "s"}
    _, body = Feishu().request(options, MESSAGE)
    assert body["timestamp"] == "1772413200"
    assert body["sign"] == _openssl("1772413200\ns", "")
    assert body["msg_type"] == "text"
    assert body["content"]["text"].endswith("第二段\nhttp://x/tasks/1")


def _openssl(key: str, text: str) -> str:
    """Sign as the services' own documents show it, independently of ours."""
    import base64
    import subprocess

    command = [
        "openssl",
        "dgst",
        "-sha256",
        "-mac",
        "HMAC",
        "-macopt",
        f"hexkey:{key.encode().hex()}",
        "-binary",
    ]
    done = subprocess.run(command, input=text.encode(), capture_output=True, check=True)
    return base64.b64encode(done.stdout).decode()


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (b'{"errcode": 0, "errmsg": "ok"}', "sent"),
        (b'{"errcode": 93000, "errmsg": "invalid webhook url"}', "failed"),
        (b'{"errcode": 45009, "errmsg": "api freq out of limit"}', "open"),
        (b"<html>", "open"),
    ],
)
def test_a_robot_tells_in_its_answer_how_it_went(post: Post, answer: bytes, state: str) -> None:
    said = {"type": "wecom", "on": True, "options": {"at": True}}
    secrets = {"url": f"{post.http.url}/cgi-bin/webhook/send?key=K"}
    post.engine.save_channel("wecom", said, actor="system", secrets=secrets)
    post.engine.allow_hosts([post.http.host])
    post.reach("wang", "wecom")
    post.http.answer = answer
    tell_wang(post)
    post.engine.run_deliveries()
    assert post.states() == [state]
    assert (
        json.loads(post.http.requests[0].body)["text"]["content"]
        == "您有一项待办\n您有一项待办\n请登录系统查看。"
    )


def test_an_administrator_tries_a_channel_and_sees_what_came_of_it(post: Post) -> None:
    root = post.office.who("root")
    post.open_mail()
    with pytest.raises(BihuanError, match="no e-mail address to send a test to"):
        post.engine.try_channel("mail", actor=root)
    post.engine.set_contact("root", "email", "root@example.gov.cn", actor=root)
    assert post.engine.try_channel("mail", actor=root) is None
    assert post.mail.mails[0]["Subject"] == "试发"
    post.mail.answer = "554 no"
    assert post.engine.try_channel("mail", actor=root) == "554 no"


def test_only_administrators_see_and_change_channels(post: Post) -> None:
    wang = post.office.who("wang")
    for attempt in (
        lambda: post.engine.channels(wang),
        lambda: post.engine.save_channel("x", {"type": "mail"}, actor=wang),
        lambda: post.engine.remove_channel("mail", actor=wang),
        lambda: post.engine.try_channel("mail", actor=wang),
        lambda: post.engine.deliveries(wang),
        lambda: post.engine.send_again(1, actor=wang),
        lambda: post.engine.set_telling({}, actor=wang),
        lambda: post.engine.set_contact("li", "email", "x@example.cn", actor=wang),
    ):
        with pytest.raises(Forbidden):
            attempt()


def test_a_removed_channel_drops_what_waits_and_forgets_its_secrets(post: Post) -> None:
    post.open_mail()
    post.reach("wang")
    tell_wang(post)
    post.engine.remove_channel("mail", actor="system")
    post.engine.run_deliveries()
    assert post.states() == ["dropped"]
    post.open_mail()
    post.engine.save_channel(
        "mail2", {"type": "mail", "options": {"host": "h", "sender": "a@b.cn"}}, actor="system"
    )
    assert post.engine.channels("system")[1].secrets == {"password": None}


def test_secrets_may_stand_in_the_environment_or_in_a_file_and_nothing_else_can_be_read(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from engine.notify.configuration import resolved

    (tmp_path / "smtp").write_text("from the file\n")
    monkeypatch.setenv("BIHUAN_SECRETS", str(tmp_path))
    monkeypatch.setenv("BIHUAN_SECRET_SMTP", "from the environment")
    assert resolved("file:smtp") == "from the file"
    assert resolved("env:BIHUAN_SECRET_SMTP") == "from the environment"
    assert resolved("plain:text") == "plain:text"
    for wrong in ("env:PATH", "env:BIHUAN_SECRETS", "file:../smtp", "file:/etc/passwd", "file:other"):
        with pytest.raises(BihuanError):
            resolved(wrong)

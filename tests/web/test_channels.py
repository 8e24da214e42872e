"""通知渠道: administrators open channels, try them and see what failed; what is secret is never shown again."""

from __future__ import annotations

import re
from datetime import timedelta

from tests.services.mail import HttpReceiver, MailServer
from tests.web.conftest import Site, texts

ADMIN, CLERK, HEAD = "admin", "jiaotongju.jingban", "jiaotongju.fuzeren"
SECRET = "no one may see this"


def mail_form(server: MailServer, **more: str) -> dict[str, str]:
    """Return what an administrator types."""
    return {
        "type": "mail",
        "_name": "mail",
        "_on": "1",
        "host": "127.0.0.1",
        "port": str(server.port),
        "security": "none",
        "user": "",
        "password": SECRET,
        "sender": "青岚县财政局 <czj@example.gov.cn>",
        **more,
    }


def test_an_administrator_opens_a_channel_tries_it_and_sees_the_result(site: Site) -> None:
    with MailServer() as server:
        admin = site.browser(ADMIN)
        assert "还没有渠道" in admin.get("/admin/channels/").text
        page = admin.get("/admin/channels/new?type=mail")
        assert page.status_code == 200
        answer = admin.post("/admin/channels/new", mail_form(server, host=""))
        assert answer.status_code == 422
        assert "邮件服务器" in texts(answer.text)
        answer = admin.post("/admin/channels/new", mail_form(server))
        assert answer.location == "/admin/channels/mail"
        answer = admin.post("/admin/channels/mail/test")
        assert "还没有设置邮箱" in texts(answer.text)
        site.engine.set_contact(ADMIN, "email", "admin@example.gov.cn", actor="system")
        answer = admin.post("/admin/channels/mail/test")
        assert "is not among the allowed hosts" in texts(answer.text)
        site.engine.allow_hosts([f"127.0.0.1:{server.port}"])
        answer = admin.post("/admin/channels/mail/test")
        assert answer.status_code == 302
        assert server.mails[0]["Subject"] == "试发"


def test_a_port_that_there_is_not_is_told_when_the_channel_is_tried(site: Site) -> None:
    with MailServer() as server:
        admin = site.browser(ADMIN)
        admin.get("/admin/channels/new?type=mail")
        admin.post("/admin/channels/new", mail_form(server, port="99999999"))
        site.engine.set_contact(ADMIN, "email", "admin@example.gov.cn", actor="system")
        site.engine.allow_hosts(["127.0.0.1"])
        answer = admin.post("/admin/channels/mail/test")
    assert answer.status_code == 422
    assert "没有发出去" in texts(answer.text)


def test_a_secret_is_written_kept_when_left_empty_forgotten_on_demand_and_never_shown(site: Site) -> None:
    with MailServer() as server:
        admin = site.browser(ADMIN)
        admin.get("/admin/channels/new?type=mail")
        admin.post("/admin/channels/new", mail_form(server))
        page = admin.get("/admin/channels/mail").text
        assert SECRET not in page
        assert "已设置，不改请留空" in page
        admin.post("/admin/channels/mail", mail_form(server, password=""))
        assert site.engine.channels("system")[0].secrets["password"] is not None
        refused = admin.post("/admin/channels/mail", mail_form(server, sender="", password="another secret"))
        assert refused.status_code == 422
        assert "another secret" not in refused.text
        admin.post("/admin/channels/mail", mail_form(server, password="", _forget="password"))
        assert site.engine.channels("system")[0].secrets["password"] is None


def test_what_failed_is_listed_and_can_be_sent_again(site: Site) -> None:
    with HttpReceiver(status=403, answer=b"no") as gateway:
        said = {"type": "sms", "on": True, "options": {"url": gateway.url}}
        site.engine.save_channel("sms", said, actor="system", secrets={"key": "k"})
        site.engine.allow_hosts([gateway.host])
        site.engine.set_contact(HEAD, "mobile", "138 0000 0002", actor="system")
        site.engine.choose(site.engine.actor(HEAD), {("sms", "copy"): "now"})
        site.engine.run_telling()
        site.clock.advance(timedelta(minutes=1))
        actor = site.engine.actor(CLERK)
        instance = site.engine.task(site.waiting(CLERK, "fill_goal"), actor).instance_id
        site.engine.copy(instance, actor=actor, to=[HEAD])
        site.engine.run_telling()
        site.engine.run_deliveries()
        admin = site.browser(ADMIN)
        page = admin.get("/admin/channels/").text
        assert "403 no" in texts(page)
        assert "13800000002" not in page
        number = re.search(r"/admin/channels/messages/(\d+)/again", page)
        assert number is not None
        gateway.status = 200
        admin.post(number[0])
        site.engine.run_deliveries()
        assert "没有。" in texts(admin.get("/admin/channels/").text)
        assert site.engine.channels("system")[0].sent == 1


def test_general_settings_are_kept_and_what_is_wrong_is_said(site: Site) -> None:
    admin = site.browser(ADMIN)
    admin.get("/admin/channels/")
    form = {"digest_at": "09:00", "near_days": "5", "sender": "青岚县财政局", "url": "http://10.0.0.8:8000/"}
    assert admin.post("/admin/channels/", form).status_code == 302
    general = site.engine.telling_settings()
    assert (f"{general.digest_at:%H:%M}", general.near_days, general.url) == (
        "09:00",
        5,
        "http://10.0.0.8:8000",
    )
    for wrong in ({"digest_at": "later"}, {"near_days": "-1"}, {"url": "javascript:alert(1)"}):
        assert admin.post("/admin/channels/", {**form, **wrong}).status_code == 422
    assert site.engine.telling_settings() == general


def test_a_channel_that_is_removed_is_gone_and_only_administrators_come_here(site: Site) -> None:
    with MailServer() as server:
        admin = site.browser(ADMIN)
        admin.get("/admin/channels/new?type=mail")
        admin.post("/admin/channels/new", mail_form(server))
        clerk = site.browser(CLERK)
        assert clerk.get("/admin/channels/mail").status_code == 403
        assert clerk.post("/admin/channels/mail/remove").status_code == 403
        admin.post("/admin/channels/mail/remove")
        assert admin.get("/admin/channels/mail").status_code == 404

"""The command ``bihuan channel``: mail, SMS and robots of a county, and the hosts that they may speak to."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec

from engine.values import dump_json
from web.commands.counties import at_home
from web.commands.operating import in_county, one_county
from web.commands.speech import Command, Group, option, say, spoken, tell

_SENTENCES = {
    "line": {
        "zh": "{name}（{type}）{state}，已发 {sent}，等待 {waiting}，失败 {failed}",
        "en": "{name} ({type}) {state}, {sent} sent, {waiting} waiting, {failed} failed",
    },
    "on": {"zh": "启用", "en": "on"},
    "off": {"zh": "停用", "en": "off"},
    "none": {"zh": "还没有渠道。", "en": "There are no channels yet."},
    "hosts": {"zh": "允许连接：{hosts}", "en": "May be connected to: {hosts}"},
    "saved": {"zh": "渠道 {name} 已保存。", "en": "Channel {name} is saved."},
    "contact": {"zh": "已设置 {person} 的地址。", "en": "The addresses of {person} are set."},
    "bad_file": {
        "zh": "{file} 不是渠道的 JSON 文件：{reason}",
        "en": "{file} is no JSON of a channel: {reason}",
    },
}


@click.group(
    cls=Group, texts={"zh": "通知渠道：邮件、短信、群机器人。", "en": "Channels: mail, SMS, robots."}
)
@spoken
def channel() -> None:
    """Commands about channels."""


@channel.command(
    name="list", cls=Command, texts={"zh": "列出渠道和允许连接的主机。", "en": "List channels and hosts."}
)
@at_home
@in_county
@spoken
def list_channels(folder: str, database_url: str | None, county: str | None) -> int:
    """Write the channels; never a secret."""
    engine = one_county(folder, database_url, county)
    found = engine.channels("system")
    if not found:
        tell(_SENTENCES["none"])
    for one in found:
        state = say(_SENTENCES["on" if one.configured.on else "off"])
        counts = {"sent": one.sent, "waiting": one.waiting, "failed": one.failed}
        name, type = one.configured.name, one.configured.channel.type
        click.echo(say(_SENTENCES["line"], name=name, type=type, state=state, **counts))
    click.echo(say(_SENTENCES["hosts"], hosts=" ".join(engine.allowed_hosts()) or "-"))
    return 0


@channel.command(
    cls=Command,
    texts={
        "zh": "允许渠道连接这些主机（主机 或 主机:端口）；--only 只留这些。",
        "en": "Let channels connect to hosts (host or host:port); --only forgets all others.",
    },
)
@click.argument("hosts", nargs=-1, metavar="HOST...")
@option("--only", is_flag=True, zh="以前允许的不再允许。", en="Allow no others any more.")
@at_home
@in_county
@spoken
def allow(
    hosts: tuple[str, ...], only: bool, folder: str, database_url: str | None, county: str | None
) -> int:
    """Change the allowed hosts."""
    engine = one_county(folder, database_url, county)
    engine.allow_hosts([*hosts, *([] if only else engine.allowed_hosts())])
    tell(_SENTENCES["hosts"], hosts=" ".join(engine.allowed_hosts()) or "-")
    return 0


@channel.command(
    cls=Command,
    texts={
        "zh": "从 JSON 文件保存一个渠道：type、on、discreet、quiet、audience、options、secrets。",
        "en": "Save a channel from a JSON file: type, on, discreet, quiet, audience, options, secrets.",
    },
)
@click.argument("name")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@at_home
@in_county
@spoken
def save(name: str, file: Path, folder: str, database_url: str | None, county: str | None) -> int:
    """Save a channel."""
    said: Any = None
    try:
        said = msgspec.json.decode(file.read_bytes())
    except msgspec.DecodeError as error:
        raise click.ClickException(say(_SENTENCES["bad_file"], file=file, reason=error)) from None
    if not isinstance(said, dict) or not isinstance(said.get("options", {}), dict):
        raise click.ClickException(say(_SENTENCES["bad_file"], file=file, reason=dump_json(said)[:60]))
    secrets = {option: str(value) for option, value in (said.pop("secrets", None) or {}).items()}
    one_county(folder, database_url, county).save_channel(name, said, actor="system", secrets=secrets)
    tell(_SENTENCES["saved"], name=name)
    return 0


@channel.command(
    cls=Command,
    texts={
        "zh": "设置一个人的邮箱和手机（空文字是删除）。",
        "en": "Set a person's addresses (an empty text removes one).",
    },
)
@click.argument("person")
@option("--email", metavar="TEXT", zh="邮箱。", en="The e-mail address.")
@option("--mobile", metavar="TEXT", zh="手机号。", en="The mobile number.")
@at_home
@in_county
@spoken
def contact(
    person: str,
    email: str | None,
    mobile: str | None,
    folder: str,
    database_url: str | None,
    county: str | None,
) -> int:
    """Set where a person is reached."""
    engine = one_county(folder, database_url, county)
    for kind, address in (("email", email), ("mobile", mobile)):
        if address is not None:
            engine.set_contact(person, kind, address, actor="system")
    tell(_SENTENCES["contact"], person=person)
    return 0

"""The commands about accounts on the server itself: the first administrator, and a way in when nobody has one."""

from __future__ import annotations

import click

from engine.identity import ADMIN
from engine.passwords import first_password
from web.commands.counties import at_home
from web.commands.operating import in_county, one_county
from web.commands.speech import Command, Group, spoken, tell

#: Where administrators have their posts.
SYSTEM = "SYSTEM"
_SENTENCES = {
    "made": {
        "zh": "已建立系统管理员 {person}（{name}），初始密码只显示这一次：",
        "en": "Made the administrator {person} ({name}); the first password is shown only now:",
    },
    "reset": {
        "zh": "已重置 {person} 的密码，只显示这一次：",
        "en": "{person} has a new first password, shown only now:",
    },
}


@click.group(cls=Group, texts={"zh": "服务器上的账号管理。", "en": "Accounts, from the server itself."})
@spoken
def account() -> None:
    """Commands about accounts."""


@account.command(
    cls=Command,
    texts={
        "zh": "建立一个系统管理员（新县的第一个，或补一个）。",
        "en": "Make an administrator: the first of a new county, or another.",
    },
)
@click.argument("person", metavar="PERSON")
@click.argument("name", metavar="NAME")
@at_home
@in_county
@spoken
def admin(person: str, name: str, folder: str, database_url: str | None, county: str | None) -> int:
    """Create the account with the role of administrator, and write its first password to standard output."""
    engine = one_county(folder, database_url, county)
    if SYSTEM not in {org.code for org in engine.people.orgs()}:
        engine.people.add_org(SYSTEM, "系统管理", "system")
    password = first_password()
    engine.people.create_person(person, name, password)
    engine.people.add_post(person, ADMIN, SYSTEM)
    tell(_SENTENCES["made"], person=person, name=name)
    click.echo(password)
    return 0


@account.command(
    cls=Command,
    texts={
        "zh": "重置一个账号的密码并解除锁定（只剩一位管理员、没有第二人可确认时）。",
        "en": "Give an account a new first password and unlock it, where no second administrator can confirm.",
    },
)
@click.argument("person", metavar="PERSON")
@at_home
@in_county
@spoken
def reset(person: str, folder: str, database_url: str | None, county: str | None) -> int:
    """Reset the password, end the person's sessions, and write the first password to standard output."""
    engine = one_county(folder, database_url, county)
    password = first_password()
    engine.people.reset_password(person, password, actor="system")
    engine.sessions.end_others(person, None, "password")
    tell(_SENTENCES["reset"], person=person)
    click.echo(password)
    return 0

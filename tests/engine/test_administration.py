"""People, organisations and posts in the hands of administrators: who may what, and what the record says of it."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest

from engine import BihuanError, Conflict, Forbidden, NotFound, Organisation, Refused
from engine.admin.approvals import LASTS
from engine.admin.listing import PeopleQuery
from engine.admin.logs import LogQuery
from engine.admin.rights import PARTS, Right
from engine.admin.sessions import Place
from tests.engine.office import Office

pytestmark = pytest.mark.quick_on_sqlite

if TYPE_CHECKING:
    from engine import Actor, Engine, SteppedClock

WHY = "人事变动"


@pytest.fixture
def root(office: Office) -> Actor:
    """The administrator, beside a second one."""
    office.engine.people.create_person("root2", "副管理员")
    office.engine.people.add_post("root2", "admin", "SYSTEM")
    return office.who("root")


@pytest.fixture
def separated(office: Office, root: Actor) -> Office:
    """An office whose administration is in three hands."""
    for person, role in (("xi", "sys_admin"), ("an", "sec_admin"), ("shen", "audit_admin")):
        office.engine.people.create_person(person, person)
        office.engine.people.add_post(person, role, "SYSTEM")
    asked = office.engine.admin.ask("separate", "county", "三员分立", actor=root, params={"on": True})
    office.engine.admin.confirm(asked, actor=office.who("root2"))
    return office


def events(office: Office, kind: str) -> list[dict[str, object]]:
    """The bodies of the administration's events of a kind, the newest first, as the whole administrator reads them."""
    page = office.engine.admin.administered(office.who("root"), LogQuery(kind=kind))
    return [dict(row.body) for row in page.rows]


def test_an_account_is_made_with_a_first_password_that_must_be_changed(office: Office, root: Actor) -> None:
    first = office.engine.admin.create_person("zhao", "  赵  一 ", actor=root)
    assert first is not None
    assert office.engine.people.authenticate("zhao", first).name == "赵 一"
    assert office.engine.people.must_change_password("zhao")
    assert events(office, "person.created")[0] == {"person": "zhao", "name": "赵 一"}
    with pytest.raises(Conflict):
        office.engine.admin.create_person("zhao", "又一个", actor=root)
    for id, name in (("赵 二", "赵二"), ("zhao2", " "), ("zhao2", "字" * 61), ("zhao2", "a\x00b")):
        with pytest.raises(BihuanError):
            office.engine.admin.create_person(id, name, actor=root)


def test_what_was_changed_is_told_with_the_old_value_and_the_new_one(office: Office, root: Actor) -> None:
    admin = office.engine.admin
    assert admin.rename_person("li", "李新", actor=root)
    assert not admin.rename_person("li", "李新", actor=root)
    assert events(office, "person.changed") == [{"person": "li", "changes": {"name": ["李", "李新"]}}]
    assert admin.change_org(Organisation("U1", "一中", "unit", "S1"), actor=root)
    (changed,) = events(office, "org.changed")
    assert changed["changes"] == {"name": ["机构U1", "一中"], "kind": ["", "unit"], "parent": [None, "S1"]}
    (row,) = admin.administered(root, LogQuery(kind="person", text="李新")).rows
    assert row.actor == "user:root"


def test_an_organisation_is_made_once_with_a_parent_that_is_there(office: Office, root: Actor) -> None:
    admin = office.engine.admin
    admin.create_org(Organisation("U7", "七中", "unit", "S1", date(2026, 3, 3)), actor=root)
    assert events(office, "org.created")[0] == {
        "org": "U7",
        "name": "七中",
        "kind": "unit",
        "parent": "S1",
        "valid_from": "2026-03-03",
        "valid_to": None,
    }
    (row,) = [row for row in admin.organisations(root) if row.org.code == "U7"]
    assert (row.depth, row.state) == (1, "coming")
    for org, code in (
        (Organisation("U7", "又一个", "", None), "org.exists"),
        (Organisation("U 8", "八中", "", None), "org.bad_code"),
        (Organisation("U8", "八中", "no kind", None), "org.bad_kind"),
        (Organisation("U8", "八中", "", "nowhere"), "org.unknown"),
        (Organisation("U8", " ", "", None), "person.bad_name"),
    ):
        with pytest.raises(BihuanError) as caught:
            admin.create_org(org, actor=root)
        assert caught.value.code == code


def test_a_closed_account_is_out_at_once_and_can_be_opened_again(office: Office, root: Actor) -> None:
    admin, sessions = office.engine.admin, office.engine.sessions
    token = sessions.begin("li", Place("10.0.0.1", "browser"))
    admin.close_person("li", WHY, actor=root)
    assert sessions.find(token) is None
    with pytest.raises(Forbidden):
        office.who("li")
    assert office.engine.people.members("clerk", "U1") == ["user:liu"]
    with pytest.raises(Conflict):
        admin.close_person("li", WHY, actor=root)
    admin.reopen_person("li", WHY, actor=root)
    assert "role:clerk@U1" in office.who("li").principals
    with pytest.raises(BihuanError) as caught:
        admin.close_person("li", "  ", actor=root)
    assert caught.value.code == "operation.no_reason"


def test_a_post_is_held_on_its_days_and_ends_by_itself(
    office: Office, root: Actor, clock: SteppedClock
) -> None:
    admin = office.engine.admin
    post = admin.grant("sun", "chief", "S1", actor=root, first=date(2026, 3, 3), last=date(2026, 3, 4))
    assert "role:chief@S1" not in office.who("sun").principals
    clock.advance(timedelta(days=1))
    assert "role:chief@S1" in office.who("sun").principals
    assert admin.change_post(
        post, actor=office.who("root"), first=date(2026, 3, 3), last=date(2026, 3, 2 + 1)
    )
    clock.advance(timedelta(days=1))
    assert "role:chief@S1" not in office.who("sun").principals
    assert [one.state for one in admin.person("sun", office.who("root")).posts] == ["held", "over"]
    assert events(office, "post.changed")[0]["changes"] == {"valid_to": ["2026-03-04", "2026-03-03"]}


def test_what_does_not_go_together_is_refused(office: Office, root: Actor) -> None:
    admin = office.engine.admin
    for person, role, org, code in (
        ("li", "clerk", "U1", "post.exists"),
        ("li", "admin", "SYSTEM", "post.mixed"),
        ("root2", "clerk", "U1", "post.mixed"),
        ("root2", "operator", "SYSTEM", "post.mixed"),
        ("root", "clerk", "U1", "admin.own_posts"),
        ("li", "Chief!", "U1", "post.bad_role"),
        ("li", "auditor", "U1", "post.auditor"),
        ("li", "chief", "U9", "org.unknown"),
        ("nobody", "chief", "U1", "person.unknown"),
    ):
        with pytest.raises(BihuanError) as caught:
            admin.grant(person, role, org, actor=root)
        assert caught.value.code == code, (person, role)
    with pytest.raises(BihuanError) as caught:
        admin.grant("li", "chief", "S1", actor=root, first=date(2026, 3, 3), last=date(2026, 3, 2))
    assert caught.value.code == "dates.order"
    with pytest.raises(Refused) as refused:
        admin.change_org(Organisation("S1", "机构S1", "", "S1"), actor=root)
    assert refused.value.code == "org.circle"


def test_the_last_administrator_stays(office: Office, root: Actor) -> None:
    admin = office.engine.admin
    second = office.who("root2")
    with pytest.raises(Forbidden):
        admin.close_person("root", WHY, actor=root)
    admin.close_person("root", WHY, actor=second)
    with pytest.raises(Refused) as caught:
        admin.change_org(Organisation("SYSTEM", "系统", "", None, None, date(2026, 3, 1)), actor=second)
    assert caught.value.code == "admin.last"
    (mine,) = [post.id for post in admin.person("root2", second).posts]
    with pytest.raises(Forbidden):
        admin.change_post(mine, actor=second, first=None, last=date(2026, 3, 1))


def test_the_list_of_people_is_narrowed_and_paged(office: Office, root: Actor) -> None:
    admin = office.engine.admin

    def ids(**narrowed: object) -> list[str]:
        return [row.id for row in admin.people(root, PeopleQuery(**narrowed)).rows]  # type: ignore[arg-type]

    assert ids(text="李") == ["li"]
    assert ids(text="%") == []
    assert ids(org="S1") == ["qian", "wang", "zhou"]
    assert ids(role="clerk", org="U2") == ["sun"]
    admin.close_person("sun", WHY, actor=root)
    assert ids(state="closed") == ["sun"]
    first = admin.people(root, PeopleQuery(limit=4))
    rest = admin.people(root, PeopleQuery(limit=100, after=first.next or ""))
    assert len(first.rows) == 4
    assert len(first.rows) + len(rest.rows) == first.total == 12


def test_a_new_first_password_takes_two_administrators(office: Office, root: Actor) -> None:
    admin, sessions = office.engine.admin, office.engine.sessions
    token = sessions.begin("li", Place())
    asked = admin.ask("reset_password", "li", "忘记密码", actor=root)
    with pytest.raises(Conflict) as twice:
        admin.ask("reset_password", "li", "忘记密码", actor=root)
    assert twice.value.code == "approval.asked_already"
    with pytest.raises(Forbidden) as alone:
        admin.confirm(asked, actor=root)
    assert alone.value.code == "proposal.same_person"
    assert sessions.find(token) is not None
    first = admin.confirm(asked, actor=office.who("root2"))
    assert first is not None
    assert office.engine.people.authenticate("li", first).person == "li"
    assert office.engine.people.must_change_password("li")
    assert sessions.find(token) is None
    with pytest.raises(Conflict):
        admin.confirm(asked, actor=office.who("root2"))
    assert first not in str(events(office, "approval"))
    (seen, _), *_ = admin.approvals(root)
    assert (seen.state, seen.decided_by) == ("confirmed", "user:root2")


def test_unlocking_takes_two_and_only_where_something_is_locked(office: Office, root: Actor) -> None:
    admin, people = office.engine.admin, office.engine.people
    people.reset_password("li", "a-good-password", actor="system")
    with pytest.raises(Conflict) as caught:
        admin.ask("unlock", "li", WHY, actor=root)
    assert caught.value.code == "person.not_locked"
    for _ in range(5):
        with pytest.raises(Forbidden):
            people.authenticate("li", "wrong")
    assert admin.person("li", root).state == "locked"
    admin.confirm(admin.ask("unlock", "li", WHY, actor=root), actor=office.who("root2"))
    assert people.authenticate("li", "a-good-password").person == "li"


def test_a_request_is_worth_nothing_after_a_day_and_can_be_declined(
    office: Office, root: Actor, clock: SteppedClock
) -> None:
    admin = office.engine.admin
    old = admin.ask("reset_password", "li", WHY, actor=root)
    clock.advance(LASTS)
    with pytest.raises(Conflict) as caught:
        admin.confirm(old, actor=office.who("root2"))
    assert caught.value.code == "approval.expired"
    new = admin.ask("reset_password", "li", WHY, actor=root)
    admin.decline(new, "本人已想起", actor=office.who("root2"))
    assert {one.state for one, _ in admin.approvals(root)} == {"expired", "declined"}
    with pytest.raises(Conflict):
        admin.confirm(new, actor=office.who("root2"))


def test_separation_needs_three_people_and_two_to_decide(office: Office, root: Actor) -> None:
    admin, people = office.engine.admin, office.engine.people
    with pytest.raises(Refused) as caught:
        admin.ask("separate", "county", WHY, actor=root, params={"on": True})
    assert caught.value.code == "admin.part_missing"
    people.create_person("xi", "系")
    for role in PARTS:
        people.add_post("xi", role, "SYSTEM")
    with pytest.raises(Refused) as caught:
        admin.ask("separate", "county", WHY, actor=root, params={"on": True})
    assert caught.value.code == "admin.parts_joined"
    assert not admin.separated()


def test_separated_rights_are_three_peoples_and_the_whole_administrator_has_none(separated: Office) -> None:
    admin, who = separated.engine.admin, separated.who
    assert admin.rights(who("root")) == frozenset()
    assert admin.rights(who("xi")) == {Right.ACCOUNTS, Right.SETTINGS}
    attempts = {
        "accounts": lambda actor: admin.create_person(f"new-{actor.person}", "新", actor=actor),
        "grants": lambda actor: admin.grant("qian", "helper", "U1", actor=actor, last=date(2026, 3, 2)),
        "security": lambda actor: admin.change_setting("logs", {"months": "24"}, actor=actor),
        "logs": lambda actor: admin.administered(actor),
    }
    allowed = {"xi": {"accounts"}, "an": {"grants", "security"}, "shen": {"logs"}, "root": set(), "li": set()}
    for person, rights in allowed.items():
        for right, attempt in attempts.items():
            if right in rights:
                attempt(who(person))
                continue
            with pytest.raises(Forbidden) as caught:
                attempt(who(person))
            assert caught.value.code == f"admin.right.{right}", person
    asked = admin.ask("reset_password", "li", WHY, actor=who("xi"))
    with pytest.raises(Forbidden):
        admin.confirm(asked, actor=who("shen"))
    assert admin.confirm(asked, actor=who("an"))
    with pytest.raises(Refused) as refused:
        admin.grant("xi", "audit_admin", "SYSTEM", actor=who("an"))
    assert refused.value.code == "admin.parts_joined"
    with pytest.raises(Refused) as refused:
        admin.close_person("shen", WHY, actor=who("xi"))
    assert refused.value.code == "admin.last"


def test_settings_have_limits_and_keep_their_old_value(office: Office, root: Actor) -> None:
    admin = office.engine.admin
    assert admin.change_setting("sessions", {"idle_minutes": "20", "hours": "8"}, actor=root)
    assert not admin.change_setting("sessions", {"idle_minutes": "20", "hours": "8"}, actor=root)
    for key, typed in (
        ("logs", {"months": "5"}),
        ("logs", {"months": "many"}),
        ("passwords", {"length": "7", "kinds": "1", "failures": "5", "lock_minutes": "15"}),
        ("sessions", {"idle_minutes": "0", "hours": "8"}),
        ("oidc", {"enabled": "1", "issuer": "http://evil.example", "client_id": "x"}),
    ):
        with pytest.raises(BihuanError):
            admin.change_setting(key, typed, actor=root)
    with pytest.raises(NotFound):
        admin.change_setting("demo", {}, actor=root)
    assert events(office, "setting")[0] == {
        "key": "sessions",
        "value": {"idle_minutes": 20, "hours": 8},
        "before": None,
    }


def test_sessions_are_ended_by_the_server(office: Office, clock: SteppedClock) -> None:
    sessions = office.engine.sessions
    first, second = sessions.begin("li", Place("a", "b")), sessions.begin("li", Place("c", "d"), "oidc")
    mine = sessions.find(first)
    assert mine is not None
    assert (mine.person, mine.address) == ("li", "a")
    clock.advance(timedelta(minutes=6))
    assert sessions.find(second) is not None
    assert [one.how for one in sessions.of("li", clock.now() - timedelta(minutes=1))] == ["oidc"]
    with pytest.raises(NotFound):
        sessions.end_one(mine.id, "liu")
    sessions.end_one(mine.id, "li")
    assert sessions.find(first) is None
    assert sessions.end_others("li", None) == 1
    assert sessions.find(second) is None
    assert sessions.find("") is None


def test_logs_are_kept_for_their_months_and_the_record_for_ever(
    root: Actor, clock: SteppedClock, engine: Engine
) -> None:
    admin, sessions = engine.admin, engine.sessions
    sessions.turned_away("ghost", "wrong", Place("10.1.1.1", "x" * 500))
    admin.change_setting("logs", {"months": "6"}, actor=root)
    clock.advance(timedelta(days=180))
    sessions.begin("li", Place())
    assert admin.sweep() == 0
    clock.advance(timedelta(days=5))
    before = len(admin.administered(root, LogQuery(limit=500)).rows)
    engine.run_due()
    assert [row.what for row in admin.sign_ins(root).rows] == ["in"]
    assert len(admin.administered(root, LogQuery(limit=500)).rows) == before + 1
    assert admin.sweep() == 0


def test_every_page_of_the_record_follows_the_one_before(office: Office, root: Actor) -> None:
    admin = office.engine.admin
    whole = admin.administered(root, LogQuery(limit=500)).rows
    found, before = [], ""
    while True:
        page = admin.administered(root, LogQuery(limit=4, before=before))
        found += page.rows
        if page.next is None:
            break
        before = page.next
    assert [(row.chain, row.seq) for row in found] == [(row.chain, row.seq) for row in whole]

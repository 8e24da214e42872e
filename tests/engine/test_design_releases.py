"""Releases: two people, at once or at a date, running cases moved or left, and the way back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest

from engine import Conflict, Forbidden, NotFound, Refused, SteppedClock, hookimpl
from engine.design.designing import Designing
from engine.design.releases import FINISH, MIGRATE, Wish
from tests.engine.office import CHIEFS, FILL_AND_REVIEW, Office, process, task
from tests.engine.test_design_drafts import CALLED, CALLER

LONGER = process(
    task("fill", outcomes="提交"),
    task("review", CHIEFS, outcomes="同意,退回补正", rejects="退回补正"),
    task("final", CHIEFS),
    "exclusiveGateway gate",
    "s -> fill -> review -> gate",
    'gate -> fill: outcome = "退回补正"',
    "gate -> final: default",
    "final -> e",
    subject="=title",
    inputs="title",
)
WISH = Wish("加一道终审")


#: As LONGER, without the step at which new cases wait.
WITHOUT_FILL = process(task("review", CHIEFS), "s -> review -> e", subject="=title", inputs="title")


class Alone:
    """A county in which one person is enough."""

    @hookimpl
    def bihuan_design_review(self, session: object) -> bool:
        return session is None


def changed(
    office: Office, content: bytes = LONGER, name: str = "p.bpmn", person: str = "hu"
) -> tuple[int, int]:
    """Begin a draft of a file, save a content and return the draft's id and revision."""
    draft = office.engine.design.begin(name, office.who(person))
    return draft, office.engine.design.save(draft, content, 1, office.who(person)).revision


def test_a_second_person_approves_and_cases_in_progress_move_or_finish(office: Office) -> None:
    design, hu, he = office.engine.design, office.who("hu"), office.who("he")
    case = office.run(FILL_AND_REVIEW)
    draft, revision = changed(office)
    with pytest.raises(Conflict):
        design.release({draft: 1}, WISH, hu)
    with pytest.raises(Refused):
        design.release({draft: revision}, Wish(" "), hu)
    asked = design.release({draft: revision}, Wish("加一道终审", running=MIGRATE), hu)
    assert (asked.state, design.releases(he)) == ("review", [asked])
    assert ["加一道终审" in row.sentence("zh") for row in office.engine.told(he).rows] == [True]
    with pytest.raises(Conflict, match="release"):
        design.release({draft: revision}, WISH, he)
    with pytest.raises(Forbidden):
        design.decide(asked.id, True, "", hu)
    typed_on = design.save(draft, LONGER + b"\n", revision, hu)
    done = design.decide(asked.id, True, "可以", he)
    assert done.state == "deployed"
    assert done.outcome["deployments"][0]["processes"] == {"p": 2}
    assert done.migrations is not None
    office.engine.run_migrations()
    (run,) = design.migrations_of(done, hu)
    assert (run.done, run.refused) == (1, 0)
    assert office.view(case).definition_version == 2
    still = design.draft(draft, hu)
    assert (still.draft.state, still.draft.revision, still.up_to_date) == ("open", typed_on.revision, True)
    again = design.release({draft: typed_on.revision}, WISH, hu)
    with pytest.raises(Refused):
        design.decide(again.id, False, "", he)
    declined = design.decide(again.id, False, "空行不用部署", he)
    assert (declined.state, declined.opinion) == ("declined", "空行不用部署")
    with pytest.raises(Conflict):
        design.decide(again.id, True, "", he)
    back = design.roll_back("p", Wish("终审办不过来", origin="rollback"), hu)
    assert back.state == "deployed"
    assert back.outcome["deployments"][0]["processes"] == {"p": 3}
    assert office.view(case).definition_version == 2
    assert not design.draft(draft, hu).up_to_date
    with pytest.raises(Conflict, match="deployed"):
        design.release({draft: typed_on.revision}, WISH, hu)
    design.take_over(draft, typed_on.revision, hu)
    assert design.release({draft: typed_on.revision}, WISH, hu).state == "review"
    started = office.engine.start("p", actor="system", variables={"title": "新"}).instance_id
    assert office.view(started).definition_version == 3


def test_a_release_waits_for_its_date_and_may_be_taken_back(office: Office, clock: SteppedClock) -> None:
    design, hu, he = office.engine.design, office.who("hu"), office.who("he")
    office.run(FILL_AND_REVIEW)
    draft, revision = changed(office)
    monday = clock.now() + timedelta(days=3)
    with pytest.raises(Refused):
        design.release({draft: revision}, Wish("改", clock.now()), hu)
    asked = design.release({draft: revision}, Wish("下周起用", monday), hu)
    assert design.decide(asked.id, True, "", he).state == "approved"
    assert design.run_due() == 0
    with pytest.raises(Forbidden):
        design.withdraw(asked.id, office.who("zheng"))
    assert design.withdraw(asked.id, hu).state == "withdrawn"
    second = design.release({draft: revision}, Wish("下周起用", monday), hu)
    design.decide(second.id, True, "", he)
    clock.set(monday)
    assert office.engine.run_routines() == 1
    assert office.engine.run_routines() == 0
    assert design.released(second.id, hu).state == "deployed"
    assert design.listing(hu).drafts == []


class Overtaken(Designing):
    """The designing of a process that looks at a release just before another one carries it out."""

    other: Designing

    def must_pass(self, files: Mapping[str, bytes]) -> None:
        super().must_pass(files)
        assert self.other.run_due() == 1


def test_of_two_processes_that_come_to_a_release_at_once_one_carries_it_out(
    office: Office, clock: SteppedClock
) -> None:
    design, hu, he = office.engine.design, office.who("hu"), office.who("he")
    office.run(FILL_AND_REVIEW)
    draft, revision = changed(office)
    later = Wish("下周起用", clock.now() + timedelta(days=3), running=MIGRATE)
    asked = design.release({draft: revision}, later, hu)
    design.decide(asked.id, True, "", he)
    clock.advance(timedelta(days=4))
    slow = Overtaken(office.engine.database, clock, office.engine.ports)
    slow.other = design
    assert slow.run_due() == 1
    found = design.released(asked.id, hu)
    assert (found.state, len(found.migrations or ())) == ("deployed", 1)
    assert design.listing(hu).processes[0].versions[0].version == 2


def test_what_can_no_longer_be_deployed_at_its_date_says_why(office: Office, clock: SteppedClock) -> None:
    design, hu, he = office.engine.design, office.who("hu"), office.who("he")
    office.run(FILL_AND_REVIEW)
    draft, revision = changed(office)
    asked = design.release({draft: revision}, Wish("改", clock.now() + timedelta(days=1)), hu)
    design.decide(asked.id, True, "", he)
    office.engine.deploy({"p.bpmn": process(task("fill"), "s -> fill -> e")}, actor="user:root")
    clock.advance(timedelta(days=2))
    office.engine.run_routines()
    failed = design.released(asked.id, hu)
    assert failed.state == "failed"
    assert failed.outcome["error"]["code"] == "release.outdated"
    assert len(office.engine.told(hu).rows) == 2  # approved, failed


def test_what_uses_a_changed_file_goes_with_it_and_unsound_drafts_are_refused(office: Office) -> None:
    design, hu, he = office.engine.design, office.who("hu"), office.who("he")
    office.engine.deploy({"c.bpmn": CALLER, "q.bpmn": CALLED}, actor="user:root")
    draft, revision = changed(office, CALLED.replace(b"<zeebe:userTask/>", b"<zeebe:userTask />"), "q.bpmn")
    done = design.decide(design.release({draft: revision}, WISH, hu).id, True, "", he)
    assert done.outcome["deployments"][0]["processes"] == {"c": 2, "q": 2}
    broken, number = changed(office, CALLER.replace(b'processId="q"', b'processId="lost"'), "c.bpmn")
    with pytest.raises(Refused) as refused:
        design.release({broken: number}, WISH, hu)
    assert any(one.blocks for one in refused.value.findings)
    lonely = design.begin_blank("form", "lonely", "没人用", hu)
    with pytest.raises(Refused, match="lonely"):
        design.release({lonely: 1}, WISH, hu)
    with pytest.raises(Refused):
        design.release({}, WISH, hu)


def test_where_one_person_is_enough_it_is_deployed_at_once(office: Office) -> None:
    office.engine.plugins.register(Alone())
    design, hu = office.engine.design, office.who("hu")
    office.run(FILL_AND_REVIEW)
    done = design.release_files({"p.bpmn": LONGER}, Wish("从文件夹部署", running=FINISH, origin="files"), hu)
    assert (done.state, done.migrations) == ("deployed", None)
    with pytest.raises(Refused):
        design.release_files({"p.bpmn": LONGER}, WISH, hu)


def test_a_migration_is_rehearsed_on_the_real_cases_and_nothing_of_it_stays(office: Office) -> None:
    design, hu, he = office.engine.design, office.who("hu"), office.who("he")
    gone_on = office.run(FILL_AND_REVIEW)
    office.do("li", "提交")
    waits = office.run(FILL_AND_REVIEW)
    before = [office.view(case) for case in (waits, gone_on)]
    draft, revision = changed(office, WITHOUT_FILL)
    with pytest.raises(Conflict):
        design.rehearse({draft: 1}, hu)
    (found,) = design.rehearse({draft: revision}, hu)
    assert (found.process_id, found.source, found.running, found.tried, found.well) == ("p", 1, 2, 2, 1)
    assert dict(found.moves) == {("review", "review"): 1}
    assert [fate.instance_id for fate in found.refused] == [waits]
    assert [office.view(case) for case in (waits, gone_on)] == before
    assert design.listing(hu).processes[0].versions[0].version == 1
    asked = design.release({draft: revision}, Wish("少一步", running=MIGRATE), hu)
    done = design.decide(asked.id, True, "", he)
    office.engine.run_migrations()
    (run,) = design.migrations_of(done, hu)
    assert (run.done, run.refused) == (1, 1)  # as it was rehearsed
    assert [fate.instance_id for fate in design.left_behind(done, hu)[run.id]] == [waits]
    with pytest.raises(NotFound):
        design.undo_migration(done.id, run.id + 1, hu)
    with pytest.raises(Forbidden):
        design.undo_migration(done.id, run.id, office.who("li"))
    assert design.undo_migration(done.id, run.id, he) == 1
    office.engine.run_migrations()
    assert design.migrations_of(done, hu)[0].undone == 1
    assert office.view(gone_on).definition_version == 1
    office.do("wang", "同意")

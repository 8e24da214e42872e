"""Documents, opinions and pinned opinions: who may read them, who must answer them, what may change where they point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pytest

from engine import Conflict, Engine, Finding, InvalidAnswers, NewPin, NotFound, Refused, Reply, hookimpl
from engine.plugins import AnswersRequest, load_plugins
from tests.engine.office import CHIEFS, Office, process, task

pytestmark = pytest.mark.quick_on_sqlite

if TYPE_CHECKING:
    from engine import Database, SteppedClock

FORM = b'{"type":"default","id":"paper","schemaVersion":19,"components":[{"type":"textfield","key":"name","id":"f1"}]}'
UNIT, SECTION = "=[org(&quot;U1&quot;)]", "=[org(&quot;S1&quot;)]"
BACK_AND_FORTH = (
    "exclusiveGateway gate",
    "s -> fill -> review -> gate",
    'gate -> fill: outcome = "退回"',
    "gate -> e: default",
)
PINNED = process(
    task("fill", document="goal", outcomes="提交", audience="=[org(&quot;U1&quot;), org(&quot;S1&quot;)]"),
    task(
        "review",
        CHIEFS,
        outcomes="同意,退回",
        rejects="退回",
        needs_pins="退回",
        pins="goal",
        shows="goal",
        without_form="退回",
        opinion_audience=SECTION,
    ),
    *BACK_AND_FORTH,
)
ONLY_PINNED = process(
    task("first", document="goal"),
    task("review", CHIEFS, outcomes="退回,同意", pins="goal"),
    task("mend", document="goal", editable="pinned"),
    "s -> first -> review -> mend -> e",
)
GOAL = {"title": "甲", "total": 3, "rows": [{"_row": "r1", "n": 1, "m": 1}, {"_row": "r2", "n": 2, "m": 2}]}


class Plugin:
    """Refuses what is secret, checks one field, and says that the total is computed."""

    @hookimpl
    def bihuan_may_store(self, request: AnswersRequest) -> Finding | None:
        if request.answers.get("secret") is True:
            return Finding("error", "test.secret", {"zh": "涉密", "en": "secret"}, field="secret")
        return None

    @hookimpl
    def bihuan_check_answers(self, request: AnswersRequest) -> Sequence[Finding]:
        if request.answers.get("title") == "":
            return [Finding("error", "test.empty", {"zh": "空", "en": "empty"}, field="title")]
        if request.answers.get("title") == "奇怪":
            return [Finding("warning", "test.odd", {"zh": "奇怪", "en": "odd"}, field="title")]
        return []

    @hookimpl
    def bihuan_form_computed(self, form_id: str, source: bytes) -> Sequence[str]:  # noqa: ARG002
        return ["total"]


@pytest.fixture
def engine(database: Database, clock: SteppedClock) -> Engine:
    return Engine(database, plugins=load_plugins(Plugin(), entry_points=False), clock=clock)


def with_form(source: bytes) -> bytes:
    """Let every user task use the form ``paper``."""
    return source.replace(b"<zeebe:userTask/>", b'<zeebe:userTask/><zeebe:formDefinition formId="paper"/>')


def page(office: Office, person: str) -> Any:
    return office.engine.task(office.row(person).item_id, office.who(person))


class TestPins:
    """An opinion is pinned to a place, and whoever gets it back answers it."""

    def returned(self, office: Office) -> int:
        instance = office.run(PINNED, {})
        office.do("li", answers=GOAL)
        office.do("wang", "退回", opinion="请改", pins=[NewPin("goal", "rows.n", "r1", "偏低")])
        return instance

    def test_a_return_without_a_pin_is_refused_where_the_file_asks_for_one(self, office: Office) -> None:
        office.run(PINNED, {})
        office.do("li", answers=GOAL)
        with pytest.raises(InvalidAnswers) as caught:
            office.do("wang", "退回", opinion="请改")
        assert [one.code for one in caught.value.findings] == ["pins.needed"]

    def test_each_open_pin_must_be_answered(self, office: Office) -> None:
        self.returned(office)
        (pin,) = page(office, "li").pins
        assert (pin.text, pin.author_name, pin.state) == ("偏低", "王", "open")
        with pytest.raises(InvalidAnswers) as caught:
            office.do("li", answers=GOAL)
        assert [(one.code, one.field) for one in caught.value.findings] == [
            ("pins.unanswered", f"replies.{pin.id}")
        ]
        with pytest.raises(InvalidAnswers) as caught:
            office.do("li", answers=GOAL, replies={pin.id: Reply("explained", " ")})
        assert [one.code for one in caught.value.findings] == ["pins.no_explanation"]
        office.do("li", answers=GOAL, replies={pin.id: Reply("explained", "本来如此")})

    def test_the_second_round_shows_the_answer_and_the_version_before(self, office: Office) -> None:
        self.returned(office)
        (pin,) = page(office, "li").pins
        changed = GOAL | {"rows": [{"_row": "r1", "n": 5, "m": 1}, GOAL["rows"][1]]}  # type: ignore[index]
        office.do("li", answers=changed, replies={pin.id: Reply("changed", "已改")})
        seen = page(office, "wang")
        (answered,) = seen.pins
        assert (answered.state, answered.reply_kind, answered.reply_text) == ("answered", "changed", "已改")
        (shown,) = seen.shows
        assert (shown.body["rows"][0]["n"], shown.previous["rows"][0]["n"]) == (5, 1)

    def test_a_pin_that_its_step_has_seen_answered_is_closed(self, office: Office) -> None:
        instance = self.returned(office)
        (pin,) = page(office, "li").pins
        office.do("li", answers=GOAL, replies={pin.id: Reply("explained", "本来如此")})
        office.do("wang", "同意")
        assert [one.state for one in office.view(instance).pins] == ["closed"]

    def test_pins_go_only_where_the_file_says(self, office: Office) -> None:
        office.run(PINNED, {})
        with pytest.raises(Refused):
            office.do("li", answers=GOAL, pins=[NewPin("goal", "title", None, "x")])

    def test_an_empty_pin_is_refused_at_its_place(self, office: Office) -> None:
        office.run(PINNED, {})
        office.do("li", answers=GOAL)
        with pytest.raises(InvalidAnswers) as caught:
            office.do("wang", "退回", opinion="x", pins=[NewPin("goal", "title", None, " ")])
        assert [one.field for one in caught.value.findings] == ["pins.0"]


class TestOnlyWhatIsPinnedMayChange:
    """``editable: pinned``."""

    def mending(self, office: Office, *pins: NewPin) -> Any:
        office.run(with_form(ONLY_PINNED), {}, paper_form=FORM)
        office.do("li", answers=GOAL)
        office.do("wang", "退回", pins=pins)
        seen = page(office, "li")
        return {pin.id: Reply("changed") for pin in seen.pins}

    @pytest.mark.parametrize(
        ("change", "refused"),
        [
            ({"title": "乙"}, ["title"]),
            ({"rows": [{"_row": "r1", "n": 9, "m": 1}, {"_row": "r2", "n": 2, "m": 2}]}, []),
            ({"rows": [{"_row": "r1", "n": 1, "m": 9}, {"_row": "r2", "n": 2, "m": 2}]}, ["rows.0.m"]),
            ({"rows": [{"_row": "r1", "n": 1, "m": 1}, {"_row": "r2", "n": 9, "m": 2}]}, ["rows.1.n"]),
            ({"rows": [{"_row": "r1", "n": 1, "m": 1}]}, ["rows"]),
            ({"rows": [{"_row": "r2", "n": 2, "m": 2}, {"_row": "r1", "n": 1, "m": 1}]}, ["rows"]),
            ({"rows": [*GOAL["rows"], {"_row": "r3", "n": 3}]}, ["rows.2"]),  # type: ignore[misc]
            ({"total": 99}, []),
            ({"added": "x"}, ["added"]),
            ({}, []),
        ],
    )
    def test_a_cell_opens_that_cell_only(
        self, office: Office, change: Mapping[str, Any], refused: list[str]
    ) -> None:
        replies = self.mending(office, NewPin("goal", "rows.n", "r1", "偏低"))
        if not refused:
            office.do("li", answers=GOAL | change, replies=replies)
            return
        with pytest.raises(InvalidAnswers) as caught:
            office.do("li", answers=GOAL | change, replies=replies)
        assert [one.field for one in caught.value.findings] == refused

    def test_a_pinned_row_may_be_changed_and_removed(self, office: Office) -> None:
        replies = self.mending(office, NewPin("goal", "rows", "r1", "删去"))
        office.do("li", answers=GOAL | {"rows": [GOAL["rows"][1]]}, replies=replies)  # type: ignore[index]

    def test_a_pinned_table_is_open_as_a_whole(self, office: Office) -> None:
        replies = self.mending(office, NewPin("goal", "rows", None, "重做"))
        office.do("li", answers=GOAL | {"rows": [{"_row": "r9", "n": 0}]}, replies=replies)


class TestAudiences:
    """What one may see is decided at the record."""

    def test_an_opinion_is_read_by_its_audience_and_its_author(self, office: Office) -> None:
        instance = office.run(PINNED, {})
        office.do("li", answers=GOAL, opinion="给大家")
        office.do("wang", "同意", opinion="内部意见")
        told = {
            person: [entry.opinion for entry in office.view(instance, person).timeline if entry.outcome]
            for person in ("li", "wang", "zhou")
        }
        assert told == {
            "li": ["给大家", None],
            "wang": ["给大家", "内部意见"],
            "zhou": ["给大家", "内部意见"],
        }

    def test_a_document_outside_its_audience_is_not_there(self, office: Office) -> None:
        source = process(
            task("fill", document="goal"),
            task("review", CHIEFS, document="scores", audience=SECTION),
            task("last", shows="goal,scores"),
            "s -> fill -> review -> last -> e",
        )
        instance = office.run(source, {})
        office.do("li", answers={"n": 1})
        office.do("wang", answers={"points": 7})
        seen = page(office, "li")
        assert [one.name for one in seen.shows] == ["goal"]
        assert "scores" not in seen.variables
        assert [one.name for one in office.view(instance).documents] == ["goal"]
        assert [one.name for one in office.view(instance, "wang").documents] == ["goal", "scores"]

    def test_who_is_only_in_an_audience_reads_that_and_nothing_else(self, office: Office) -> None:
        source = process(
            task("fill", document="goal"),
            task("sign", document="sign", audience="=[org(&quot;U2&quot;)]"),
            task("more", document="more"),
            "s -> fill -> sign -> more -> e",
        )
        instance = office.run(source, {})
        office.do("li", answers={"n": 1}, opinion="只给参与的人")
        with pytest.raises(NotFound):
            office.view(instance, "sun")
        office.do("liu", answers={"n": 2})
        seen = office.view(instance, "sun")
        assert [one.name for one in seen.documents] == ["sign"]
        assert [entry.opinion for entry in seen.timeline if entry.kind == "item.completed"][:1] == [None]

    def test_the_administrator_sees_no_business(self, office: Office) -> None:
        instance = office.run(PINNED, {})
        for look in (
            lambda: office.view(instance, "root"),
            lambda: office.engine.task(office.row("li").item_id, office.who("root")),
        ):
            with pytest.raises(NotFound):
                look()


class TestAnswers:
    """What plug-ins say of answers."""

    def ready(self, office: Office) -> None:
        office.run(with_form(process(task("fill", document="goal"), "s -> fill -> e")), {}, paper_form=FORM)

    def test_findings_that_block_name_the_field_and_warnings_are_recorded(self, office: Office) -> None:
        self.ready(office)
        with pytest.raises(InvalidAnswers) as caught:
            office.do("li", answers={"title": ""})
        assert [one.field for one in caught.value.findings] == ["title"]
        instance = office.do("li", answers={"title": "奇怪"}).instance_id
        (entry,) = [one for one in office.view(instance).timeline if one.kind == "item.completed"]
        assert entry.data["warnings"] == [{"code": "test.odd", "field": "title"}]

    @pytest.mark.parametrize("way", ["save", "complete"])
    def test_secret_content_is_refused_and_what_was_typed_before_is_erased(
        self, office: Office, way: str
    ) -> None:
        self.ready(office)
        row = office.row("li")
        for person in ("li", "liu"):
            office.engine.save_draft(
                row.item_id, actor=office.who(person), answers={"title": "a"}, based_on=None
            )
        li, secret = office.who("li"), {"secret": True, "title": "x"}
        ways = {
            "save": lambda: office.engine.save_draft(row.item_id, actor=li, answers=secret, based_on=None),
            "complete": lambda: office.do("li", answers=secret),
        }
        with pytest.raises(InvalidAnswers) as caught:
            ways[way]()
        assert [one.code for one in caught.value.findings] == ["test.secret"]
        for person in ("li", "liu"):
            assert office.engine.task(row.item_id, office.who(person)).draft_saved_at is None

    def test_a_document_that_changed_meanwhile_is_a_conflict(self, office: Office) -> None:
        both = process(
            task("left", document="goal"),
            task("right", CHIEFS, document="goal"),
            "parallelGateway fork",
            "parallelGateway join",
            "s -> fork -> left -> join -> e",
            "fork -> right -> join",
        )
        office.run(both, {})
        office.do("wang", answers={"n": 1})
        with pytest.raises(Conflict) as caught:
            office.do("li", answers={"n": 2}, document_version=0)
        assert caught.value.code == "document.changed"
        assert "王" in caught.value.message("zh")
        office.do("li", answers={"n": 2}, document_version=1)


class Filling(Plugin):
    """Adds the total to what is submitted."""

    @hookimpl
    def bihuan_fill_answers(self, request: AnswersRequest) -> Mapping[str, Any]:
        return {**request.answers, "total": sum(row["n"] for row in request.answers["rows"])}


def test_what_is_kept_holds_what_the_form_adds_in_the_document_and_in_the_variables(
    database: Database, clock: SteppedClock
) -> None:
    office = Office.open(Engine(database, plugins=load_plugins(Filling(), entry_points=False), clock=clock))
    both = with_form(
        process(
            task("first", document="goal"),
            task("second"),
            task("third"),
            "s -> first -> second -> third -> e",
        )
    )
    instance = office.run(both, {}, paper_form=FORM)
    office.do("li", answers={"rows": [{"n": 1}, {"n": 2}]})
    (document,) = office.view(instance).documents
    assert document.body == {"rows": [{"n": 1}, {"n": 2}], "total": 3}
    office.do("li", answers={"rows": [{"n": 5}]})
    assert page(office, "li").variables["total"] == 5
    office.sound()


class TestVersions:
    """Every version of a document can be read by whom its own audience names."""

    def test_all_versions_are_listed_and_each_is_compared_with_the_one_before(self, office: Office) -> None:
        instance = office.run(PINNED, {})
        office.do("li", answers={"title": "甲"})
        office.do("wang", "退回", opinion="请改", pins=[NewPin("goal", "title", None, "太短")])
        (pin,) = page(office, "li").pins
        office.do("li", answers={"title": "甲乙"}, replies={pin.id: Reply("changed", "已改")})
        listed = office.engine.document_versions(instance, office.who("wang"))
        assert [(one.name, one.version, one.newest) for one in listed] == [
            ("goal", 1, False),
            ("goal", 2, True),
        ]
        first, second = (
            office.engine.document_version(instance, one.id, office.who("wang")) for one in listed
        )
        assert (first.body, first.previous) == ({"title": "甲"}, None)
        assert (second.body, second.previous) == ({"title": "甲乙"}, {"title": "甲"})
        assert "李" in first.author_name

    def test_who_may_not_read_a_version_does_not_learn_that_there_is_one(self, office: Office) -> None:
        source = process(
            task("fill", document="goal", audience=UNIT), task("review", CHIEFS), "s -> fill -> review -> e"
        )
        instance = office.run(source, {})
        office.do("li", answers=GOAL)
        (mine,) = office.engine.document_versions(instance, office.who("li"))
        assert office.engine.document_versions(instance, office.who("wang")) == []
        with pytest.raises(NotFound):
            office.engine.document_version(instance, mine.id, office.who("wang"))
        other = office.engine.start("p", actor=office.who("li"), variables={}).instance_id
        with pytest.raises(NotFound):
            office.engine.document_version(other, mine.id, office.who("li"))

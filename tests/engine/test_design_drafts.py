"""Drafts of files: nothing saved is lost, nobody writes over what they haven't seen, and a check sees the surroundings."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine import Conflict, Forbidden, NotFound, Refused, tables
from engine.design import blanks
from engine.design.comparing import compare
from engine.plugins import load_plugins
from engine.values import dump_json
from tests.engine.office import FILL_AND_REVIEW, Office, process, task

CALLED = process(task("check"), "s -> check -> e", id="q")
CALLER = process(
    "callActivity call | <bpmn:extensionElements>"
    '<zeebe:calledElement processId="q" propagateAllChildVariables="false"/></bpmn:extensionElements>',
    "s -> call -> e",
    id="c",
)
DECISION = blanks.blank("dmn", "grade", "定级")[1]


def test_a_draft_goes_through_its_revisions_and_back(office: Office) -> None:
    design, hu, he = office.engine.design, office.who("hu"), office.who("he")
    office.run(FILL_AND_REVIEW)
    draft = design.begin("p.bpmn", hu)
    with pytest.raises(Conflict) as second:
        design.begin("p.bpmn", he)
    assert second.value.params["draft"] == draft
    assert "胡" in second.value.message()
    begun = design.draft(draft, hu)
    assert begun.content == FILL_AND_REVIEW
    assert begun.up_to_date
    changed = FILL_AND_REVIEW + b"\n"
    assert design.save(draft, changed, 1, hu).revision == 2
    assert design.save(draft, changed, 2, hu).revision == 2  # nothing new
    with pytest.raises(Conflict) as late:
        design.save(draft, b"<other/>", 1, he)
    assert late.value.params["revision"] == 2
    assert "胡" in late.value.message()
    assert design.revision(draft, 2, he)[1] == changed
    assert design.restore(draft, 1, 2, he).revision == 3
    assert [(one.number, one.restored) for one in design.revisions(draft, hu)] == [
        (3, 1),
        (2, None),
        (1, None),
    ]
    assert design.draft(draft, hu).content == FILL_AND_REVIEW
    office.engine.deploy({"p.bpmn": process(task("fill"), "s -> fill -> e")}, actor="user:root")
    assert not design.draft(draft, hu).up_to_date
    with pytest.raises(Conflict):
        design.drop(draft, 2, hu)
    design.drop(draft, 3, hu)
    with pytest.raises(Conflict):
        design.save(draft, b"<late/>", 3, hu)
    assert design.begin("p.bpmn", he) != draft


def test_two_people_on_one_draft_know_of_each_other(office: Office) -> None:
    design = office.engine.design
    draft = design.begin_blank("bpmn", "leave", "请假", office.who("hu"))
    assert design.here(draft, office.who("hu")) == []
    assert [one.person for one in design.draft(draft, office.who("he")).editors] == ["user:hu"]
    design.leave(draft, office.who("hu"))
    assert design.here(draft, office.who("he")) == []
    assert [one.person for one in design.here(draft, office.who("hu"))] == ["user:he"]


def test_what_a_designer_begins_with_is_sound(office: Office) -> None:
    design, hu = office.engine.design, office.who("hu")
    for kind in ("bpmn", "dmn", "form"):
        draft = design.begin_blank(kind, f"new_{kind}", "“新”的<一份>&", hu)
        assert design.check(draft, hu).verdict == "accepted", kind
        assert design.drop(draft, 1, hu) is None
    with pytest.raises(Refused):
        design.begin_blank("bpmn", "请假", "", hu)
    with pytest.raises(Refused):
        design.bring("../x.bpmn", b"<x/>", hu)
    office.run(FILL_AND_REVIEW)
    with pytest.raises(Conflict):
        design.begin_blank("bpmn", "p", "", hu)


def test_a_file_in_another_encoding_is_read_and_what_is_no_text_refused(office: Office) -> None:
    design, hu = office.engine.design, office.who("hu")
    text = '<?xml version="1.0" encoding="gb18030"?><!-- 说明 --><a>填报</a>'
    draft = design.bring("old.bpmn", text.encode("gb18030"), hu)
    assert design.draft(draft, hu).content.decode() == text.replace("gb18030", "UTF-8")
    plain = b'<?xml version="1.0" encoding="GBK"?><a/>'
    read = design.draft(design.bring("plain.bpmn", plain, hu), hu).content
    assert read == plain.replace(b"GBK", b"UTF-8")  # else what is typed into it would be read as GBK
    wide = '<?xml version="1.0" encoding="UTF-16"?><a>填报</a>'.encode("utf-16")
    assert "填报" in design.draft(design.bring("wide.bpmn", wide, hu), hu).content.decode()
    with pytest.raises(Refused):
        design.bring("bad.form", b"\xff\xfe\xfa", hu)


def test_a_check_sees_what_the_draft_calls_and_what_it_breaks(office: Office) -> None:
    design, hu = office.engine.design, office.who("hu")
    office.engine.deploy({"c.bpmn": CALLER, "q.bpmn": CALLED}, actor="user:root")
    draft = design.begin("c.bpmn", hu)
    assert design.check(draft, hu).verdict == "accepted"
    lost = design.check(draft, hu, content=CALLER.replace(b'processId="q"', b'processId="gone"'))
    assert lost.verdict == "refused"
    assert [one.element for one in lost.findings["c.bpmn"] if one.blocks] == ["call"]
    new = design.begin_blank("bpmn", "gone", "新的", hu)
    assert (
        design.check(draft, hu, content=CALLER.replace(b'processId="q"', b'processId="gone"')).verdict
        == "accepted"
    )
    called = design.begin("q.bpmn", hu)
    renamed = CALLED.replace(b'process id="q"', b'process id="other"').replace(
        b'bpmnElement="q"', b'bpmnElement="other"'
    )
    broken = design.check(called, hu, content=renamed)
    assert broken.verdict == "refused"
    assert list(broken.broken) == ["c.bpmn"]
    kept = design.save(draft, CALLER.replace(b'processId="q"', b'processId="gone"'), 1, hu)
    assert design.check(called, hu, content=renamed, beside=[kept.id, new]).verdict == "accepted"


def test_what_is_in_use_is_listed_with_versions_and_running_cases(office: Office) -> None:
    design, hu = office.engine.design, office.who("hu")
    office.run(FILL_AND_REVIEW, grade_dmn=DECISION)
    again = FILL_AND_REVIEW.replace(b"<zeebe:userTask/>", b"<zeebe:userTask />", 1)
    office.engine.deploy({"p.bpmn": again, "grade.dmn": DECISION}, actor="user:wu")
    found = design.listing(hu)
    (row,) = found.processes
    assert [(one.version, one.running, one.deployed_by) for one in row.versions] == [
        (2, 0, "user:wu"),
        (1, 1, "user:root"),
    ]
    assert found.homes == {"p": "p.bpmn"}
    files = {one.name: one for one in found.files}
    assert [one.number for one in files["p.bpmn"].versions] == [2, 1]
    assert [one.number for one in files["grade.dmn"].versions] == [1]
    old = row.versions[1].deployment_id
    assert design.deployed_files(old, hu) == {"p.bpmn": FILL_AND_REVIEW, "grade.dmn": DECISION}
    draft = design.begin("p.bpmn", hu, deployment_id=old)
    assert not design.draft(draft, hu).up_to_date
    with pytest.raises(NotFound):
        design.begin("other.bpmn", hu)


def test_only_designers_design(office: Office) -> None:
    for person in ("li", "wang", "root", "wu"):
        with pytest.raises(Forbidden):
            office.engine.design.listing(office.who(person))
        with pytest.raises(Forbidden):
            office.engine.design.begin_blank("form", "x", "", office.who(person))
    with office.engine.database.read() as unit:
        assert unit.execute(select(tables.design_drafts)).all() == []


def test_the_plugins_know_who_needs_a_file() -> None:
    from engine.folder import Folder

    folder = Folder({"c.bpmn": CALLER, "q.bpmn": CALLED}, load_plugins(entry_points=False))
    assert folder.needing("q.bpmn") == ["c.bpmn"]
    assert folder.needing("c.bpmn") == []
    assert set(folder.belonging("c.bpmn")) == {"c.bpmn", "q.bpmn"}


def test_columns_of_two_tables_that_have_one_name_are_compared_each_with_its_own() -> None:
    def form(first: str, second: str) -> bytes:
        tables = [
            {
                "type": "dynamiclist",
                "path": path,
                "components": [{"type": "textfield", "key": "name", "label": label}],
            }
            for path, label in (("indicators", first), ("stages", second))
        ]
        return dump_json({"id": "f", "type": "default", "components": tables}).encode()

    (found,) = compare("f.form", form("指标", "阶段"), form("指标名称", "阶段"))
    assert (found.element, found.properties) == ("indicators.name", {"label": ("指标", "指标名称")})

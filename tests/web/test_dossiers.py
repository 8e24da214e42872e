"""Dossiers of a case and of a project are for those who keep the files, and never of what is secret."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta

from python_calamine import CalamineWorkbook
from sqlalchemy import func, select

from budget.tables import Case, Project
from engine import tables
from tests.web.conftest import Site
from workflows import archiving, profiles


def test_who_keeps_the_files_takes_the_dossier_of_a_case_and_of_a_project(site: Site) -> None:
    with site.engine.database.read() as unit:
        query = (
            select(Case.project_id, func.min(Case.instance_id), func.count())
            .join(Project, Project.id == Case.project_id)
            .where(Project.secret_flag.is_(False))
            .group_by(Case.project_id)
            .order_by(func.count().desc(), Case.project_id)
        )
        project, case, count = unit.execute(query).first() or (0, 0, 0)
    keeper, clerk = site.browser("jixiao.guzhang"), site.browser("jiaotongju.jingban")
    paths = (f"/instances/{case}/dossier", f"/projects/{project}/dossier")
    for path in paths:
        assert clerk.post(path).status_code == 404
    for page in (f"/instances/{case}", f"/projects/{project}"):
        assert "生成卷宗" in keeper.get(page).text
    for path, cases in zip(paths, (1, count), strict=True):
        asked = keeper.post(path)
        assert "正在后台生成" in keeper.get(asked.location).text
        assert site.engine.run_errands() == 1
        number = int(asked.location.rpartition("/")[2])
        made = site.engine.errand(number, site.engine.actor("jixiao.guzhang"))
        assert (made.parts_done, made.parts) == (cases, cases)
        assert "卷宗" in keeper.get("/sheets").text
        answer = keeper.get(f"{asked.location}/file")
        assert answer.mimetype == "application/zip"
        with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
            manifest = json.loads(archive.read("manifest.json"))
            assert len(manifest["cases"]) == cases
            assert {"目录.txt", "verify.py"} <= set(archive.namelist())
        assert clerk.get(f"{asked.location}/file").status_code == 404
    asked = keeper.post(paths[1])
    with site.engine.database.write() as unit, unit.savepoint() as session:
        session.get_one(Project, project).secret_flag = True
    assert site.engine.run_errands() == 1
    assert keeper.get(f"{asked.location}/file").status_code == 404, "what became secret meanwhile isn't made"
    for path in paths:
        assert keeper.post(path).status_code == 404


def test_two_operators_archive_what_ended_and_get_the_list_of_it(site: Site) -> None:
    first, second = site.browser("yunwei1"), site.engine.actor("yunwei2")
    with site.engine.database.read() as unit:
        ended = unit.execute(
            select(func.count()).select_from(tables.instances).where(tables.instances.c.state == "ended")
        ).scalar_one()
    assert ended
    day = (site.clock.now() + timedelta(days=2)).date().isoformat()
    page = first.get(f"/operate/archives?before={day}").text
    assert "长期" in page
    assert "30 年" in page
    first.post("/operate/archives", {"before": day, "reason": ""})
    first.post("/operate/archives", {"before": day, "reason": "年度归档"})
    with site.engine.database.read() as unit:
        assert unit.execute(select(func.count()).select_from(tables.archives)).scalar_one() == 0
    (proposal,) = site.engine.proposals(second)
    assert site.engine.run_errands() == 0, "it waits for a second person"
    site.engine.confirm(proposal.id, actor=second)
    assert site.engine.run_errands() == 1
    with site.engine.database.read() as unit:
        assert unit.execute(select(func.count()).select_from(tables.archives)).scalar_one() == ended
    (errand,) = site.engine.errands(site.engine.actor("yunwei1"))
    assert errand.parts_done == errand.parts == ended
    answer = first.get(f"/sheets/{errand.id}/file")
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.data))
    assert len(book.get_sheet_by_index(0).to_python()) >= ended + 1
    assert "没有要归档的" in first.get(f"/operate/archives?before={day}").text
    assert site.browser("jixiao.guzhang").get("/operate/archives").status_code == 403


def test_the_county_says_how_long_a_business_is_kept() -> None:
    profile = profiles.load("qapqal")
    assert archiving.retention(profile, "goal_declaration") == "P30Y"
    assert archiving.retention(profile, "annual_report") == "", "for ever"
    assert archiving.retention(profile, "treasury_notice") == "P10Y"
    assert archiving.retention(profile, "a_countys_own") is None, "its file says it"

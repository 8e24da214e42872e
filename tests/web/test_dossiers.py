"""Dossiers of a case and of a project are for those who keep the files, and never of what is secret."""

from __future__ import annotations

import io
import json
import zipfile

from sqlalchemy import func, select

from budget.tables import Case, Project
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
    for path in (f"/instances/{case}/dossier.zip", f"/projects/{project}/dossier.zip"):
        assert clerk.get(path).status_code == 404
    assert "下载卷宗" in keeper.get(f"/instances/{case}").text
    assert "下载卷宗" in keeper.get(f"/projects/{project}").text
    answer = keeper.get(f"/projects/{project}/dossier.zip")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        assert len(manifest["cases"]) == count
        assert {"目录.txt", "verify.py"} <= set(archive.namelist())
    assert keeper.get(f"/instances/{case}/dossier.zip").status_code == 200
    with site.engine.database.write() as unit, unit.savepoint() as session:
        session.get_one(Project, project).secret_flag = True
    for path in (f"/instances/{case}/dossier.zip", f"/projects/{project}/dossier.zip"):
        assert keeper.get(path).status_code == 404


def test_the_county_says_how_long_a_business_is_kept() -> None:
    profile = profiles.load("qapqal")
    assert archiving.retention(profile, "goal_declaration") == "P30Y"
    assert archiving.retention(profile, "annual_report") == "", "for ever"
    assert archiving.retention(profile, "treasury_notice") == "P10Y"
    assert archiving.retention(profile, "a_countys_own") is None, "its file says it"

"""重点评价选题: the performance section picks candidates and begins the year's selection; nobody else sees the page."""

from __future__ import annotations

import re

from tests.web.conftest import Site

SELECTION = "/key-evaluations/selection"
CHIEF = "jixiao.guzhang"


class TestTheSelection:
    def test_candidates_are_picked_and_the_selection_begins(self, site: Site) -> None:
        chief = site.browser(CHIEF)
        page = chief.get(SELECTION).text
        boxes = re.findall(r'name="project" value="(\d+)"', page)
        assert len(boxes) > 3
        assert chief.post(SELECTION, {"year": "2026"}).status_code == 422
        answer = chief.post(SELECTION, {"year": "2026", "project": boxes[:2]})
        assert answer.status_code == 303
        again = chief.get(SELECTION).text
        assert "本年度的选题正在办理" in again
        assert 'name="project"' not in again
        assert chief.post(SELECTION, {"year": "2026", "project": boxes[2:3]}).status_code == 409

    def test_the_filters_stand_in_the_address(self, site: Site) -> None:
        chief = site.browser(CHIEF)
        every = chief.get(SELECTION).text
        name = re.findall(r'class="title" lang="zh">([^<]+)<', every)[0]
        narrowed = chief.get(f"{SELECTION}?text={name}").text
        assert name in narrowed
        assert narrowed.count('name="project"') < every.count('name="project"')
        assert chief.get(f"{SELECTION}?year=2020").text.count('name="project"') == 0

    def test_leaders_read_and_do_not_choose(self, site: Site) -> None:
        leader = site.browser("fenguan")
        page = leader.get(SELECTION)
        assert page.status_code == 200
        assert 'name="project"' not in page.text
        assert leader.post(SELECTION, {"year": "2026", "project": "1"}).status_code == 403


class TestTheServices:
    """机构服务记录: what a third party did for a project keeps it out of its evaluation."""

    SERVICES = "/key-evaluations/services"

    def test_advice_is_recorded_and_shown(self, site: Site) -> None:
        chief = site.browser(CHIEF)
        code = re.findall(r"· (\d{4}-[\w-]+)<", chief.get(SELECTION).text)[0]
        chief.get(self.SERVICES)
        said = {"agency": "A01", "code": code, "kind": "CONSULT", "day": "2026-01-15", "note": "编制申报材料"}
        assert chief.post(self.SERVICES, said).status_code == 303
        page = chief.get(self.SERVICES).text
        assert code in page
        assert "编制申报材料" in page

    def test_what_is_wrong_is_said(self, site: Site) -> None:
        chief = site.browser(CHIEF)
        chief.get(self.SERVICES)
        said = {"agency": "A01", "code": "2026-000", "kind": "CONSULT", "day": "2026-01-15"}
        assert "没有编码为“2026-000”的非涉密项目" in chief.post(self.SERVICES, said).text
        assert chief.post(self.SERVICES, said | {"day": ""}).status_code == 422
        assert chief.post(self.SERVICES, said | {"day": "2030-01-15"}).status_code == 422
        assert chief.post(self.SERVICES, said | {"kind": "OTHER"}).status_code == 400

    def test_leaders_read_and_do_not_record(self, site: Site) -> None:
        leader = site.browser("fenguan")
        assert leader.get(self.SERVICES).status_code == 200
        assert leader.post(self.SERVICES, {}).status_code == 403

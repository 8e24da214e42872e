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

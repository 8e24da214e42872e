"""Every route for a stranger, the wrong role, the wrong unit and the right person."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest
from sqlalchemy import select

from budget.tables import Goal
from tests.web.admin_routes import ADMIN_ROUTES, PARTS
from tests.web.conftest import Site, on_both

RIGHT = "jiaotongju.jingban"
#: A clerk of another unit, whom nothing of this instance concerns.
OTHER_UNIT = "shangwuju.jingban"
#: Takes part in the instance later, but does not hold the clerk's item.
OTHER_ROLE = "jiaotongju.fuzeren"
ADMIN = "admin"


@dataclass(frozen=True)
class Route:
    """An address and the statuses for: stranger, other unit, other role, administrator, right person."""

    rule: str
    method: str
    stranger: int
    other_unit: int
    other_role: int
    admin: int
    right: int


GET, POST, PUT, DELETE = "GET", "POST", "PUT", "DELETE"
ROUTES = [
    Route("/", GET, 302, 200, 200, 200, 200),
    Route("/inbox", GET, 302, 200, 200, 200, 200),
    Route("/done", GET, 302, 200, 200, 200, 200),
    Route("/started", GET, 302, 200, 200, 200, 200),
    Route("/copies", GET, 302, 200, 200, 200, 200),
    Route("/copies/read", POST, 302, 404, 404, 404, 303),
    Route("/notes/<int:note_id>", GET, 302, 404, 404, 404, 302),
    Route("/drafts", GET, 302, 200, 200, 200, 200),
    Route("/drafts/<int:item_id>/discard", POST, 302, 303, 303, 303, 303),
    Route("/followed", GET, 302, 200, 200, 200, 200),
    Route("/followed/<int:instance_id>/unfollow", POST, 302, 404, 303, 403, 303),
    Route("/search", GET, 302, 200, 200, 200, 200),
    Route("/urge/<int:item_id>", POST, 302, 404, 303, 404, 303),
    Route("/changes", GET, 302, 200, 200, 200, 200),
    Route("/lists/<name>/changes", GET, 302, 200, 200, 200, 200),
    Route("/lists/<name>.xlsx", GET, 302, 200, 200, 200, 200),
    Route("/lists/<name>/columns", POST, 302, 303, 303, 303, 303),
    Route("/lists/<name>/filters", POST, 302, 303, 303, 303, 303),
    Route(
        "/lists/<name>/filters/<int:filter_id>/<any(rename,delete,default,no_default):operation>",
        POST,
        302,
        404,
        404,
        404,
        303,
    ),
    Route("/goals", GET, 302, 200, 200, 403, 200),
    Route("/goals/progress", GET, 302, 200, 200, 403, 200),
    Route("/tasks/<int:item_id>/reference", GET, 302, 404, 404, 404, 200),
    Route("/tasks/<int:item_id>/reference", POST, 302, 404, 404, 404, 303),
    Route("/tasks/<int:item_id>/reference/last-year", POST, 302, 404, 404, 404, 303),
    Route("/campaigns/", GET, 302, 200, 200, 403, 200),
    Route("/years", GET, 302, 403, 403, 403, 403),
    Route("/years", POST, 302, 403, 403, 403, 403),
    Route("/years/<int:year>/corrections", POST, 302, 403, 403, 403, 403),
    Route("/year", POST, 302, 404, 404, 404, 404),
    Route("/campaigns/", POST, 302, 403, 403, 403, 403),
    Route("/campaigns/<int:campaign>", GET, 302, 404, 404, 403, 404),
    Route("/campaigns/<int:campaign>/urge", POST, 302, 403, 403, 403, 403),
    Route("/campaigns/<int:campaign>/extend", POST, 302, 403, 403, 403, 403),
    Route("/campaigns/<int:campaign>/results/<int:errand>", GET, 302, 404, 404, 403, 404),
    Route("/campaigns/<int:campaign>/export", GET, 302, 404, 404, 403, 404),
    Route("/campaigns/<int:campaign>/bulletin", GET, 302, 404, 404, 403, 404),
    Route("/campaigns/plan", GET, 302, 403, 403, 403, 403),
    Route("/campaigns/plan", POST, 302, 403, 403, 403, 403),
    Route("/projects/<int:project_id>", GET, 302, 404, 200, 403, 200),
    Route("/instances/<int:instance_id>/dossier", POST, 302, 404, 404, 404, 404),
    Route("/projects/<int:project_id>/dossier", POST, 302, 404, 404, 404, 404),
    Route("/meetings", GET, 302, 403, 403, 403, 403),
    Route("/meetings", POST, 302, 403, 403, 403, 403),
    Route("/meetings/<int:meeting_id>", GET, 302, 404, 404, 404, 404),
    Route("/meetings/<int:meeting_id>.pdf", GET, 302, 404, 404, 404, 404),
    Route("/meetings/<int:meeting_id>/agenda", POST, 302, 404, 404, 404, 404),
    Route("/meetings/<int:meeting_id>/decisions", POST, 302, 404, 404, 404, 404),
    Route("/meetings/<int:meeting_id>/items/<int:item_id>", GET, 302, 404, 404, 404, 404),
    Route("/meetings/<int:meeting_id>/items/<int:item_id>", POST, 302, 404, 404, 404, 404),
    Route("/meetings/<int:meeting_id>/minutes", POST, 302, 404, 404, 404, 404),
    Route("/meetings/<int:meeting_id>/minutes/<int:instance_id>", POST, 302, 404, 404, 404, 404),
    Route("/meetings/<int:meeting_id>/hold", POST, 302, 404, 404, 404, 404),
    Route("/meetings/<int:meeting_id>/minutes", GET, 302, 404, 404, 404, 404),
    Route("/letters", GET, 302, 403, 403, 403, 403),
    Route("/letters", POST, 302, 403, 403, 403, 403),
    Route("/letters/<int:instance_id>.<any(docx,pdf):ending>", GET, 302, 404, 404, 404, 404),
    Route("/admin/letters", GET, 302, 403, 403, 200, 403),
    Route("/admin/letters/<kind>", POST, 302, 403, 403, 404, 403),
    Route("/admin/letters/<kind>/<int:version>.docx", GET, 302, 403, 403, 404, 403),
    Route("/admin/letters/<kind>/<int:version>.pdf", GET, 302, 403, 403, 404, 403),
    Route("/publications/<int:instance_id>", GET, 302, 404, 404, 404, 404),
    Route("/publications/<int:instance_id>.zip", GET, 302, 404, 404, 404, 404),
    Route("/publications/campaigns/<int:campaign>.zip", GET, 302, 403, 403, 403, 403),
    Route("/publications/<int:instance_id>/correction", POST, 302, 403, 403, 403, 403),
    Route("/public/", GET, 200, 200, 200, 200, 200),
    Route("/public/<int:instance_id>", GET, 404, 404, 404, 404, 404),
    Route("/public/<int:instance_id>/objection", GET, 404, 404, 404, 404, 404),
    Route("/public/<int:instance_id>/objection", POST, 404, 404, 404, 404, 404),
    Route("/public/objections/<receipt>", GET, 404, 404, 404, 404, 404),
    Route("/public/<int:instance_id>.<any(docx,xlsx):ending>", GET, 404, 404, 404, 404, 404),
    Route("/annual-reports", GET, 302, 403, 403, 403, 403),
    Route("/annual-reports", POST, 302, 403, 403, 403, 403),
    Route("/annual-reports/<int:instance_id>.docx", GET, 302, 403, 403, 403, 403),
    Route("/annual-reports/<int:instance_id>.xlsx", GET, 302, 403, 403, 403, 403),
    Route("/projects/new", GET, 302, 403, 403, 403, 403),
    Route("/projects/new", POST, 302, 403, 403, 403, 403),
    Route("/adjustments", GET, 302, 200, 403, 403, 200),
    Route("/adjustments/<int:project_id>", POST, 302, 404, 404, 404, 303),
    Route("/begin", GET, 302, 200, 403, 403, 200),
    Route("/begin/<process>", GET, 302, 200, 404, 404, 200),
    Route("/begin/<process>", POST, 302, 422, 404, 404, 422),
    Route("/policies", GET, 302, 200, 200, 403, 200),
    Route("/policies", POST, 302, 403, 403, 403, 403),
    Route("/policies/<int:number>/evaluate", POST, 302, 404, 404, 404, 404),
    Route("/project-import", GET, 302, 403, 403, 403, 403),
    Route("/project-import", POST, 302, 403, 403, 403, 403),
    Route("/project-import/apply", POST, 302, 403, 403, 403, 403),
    Route("/project-import/<any(template,projects):what>.xlsx", GET, 302, 403, 403, 403, 403),
    Route("/dashboard", GET, 302, 200, 200, 403, 200),
    Route("/key-evaluations/selection", GET, 302, 403, 403, 403, 403),
    Route("/key-evaluations/selection", POST, 302, 403, 403, 403, 403),
    Route("/goal-workbook", GET, 302, 200, 403, 403, 200),
    Route("/goal-workbook.xlsx", GET, 302, 200, 403, 403, 200),
    Route("/goal-workbook", POST, 302, 422, 403, 403, 422),
    Route("/goal-workbook/apply", POST, 302, 422, 403, 403, 422),
    Route("/samples", GET, 302, 200, 200, 403, 200),
    Route("/library", GET, 302, 200, 200, 403, 200),
    Route("/library", POST, 302, 403, 403, 403, 403),
    Route("/library/<int:number>/retire", POST, 302, 403, 403, 403, 403),
    Route("/books/", GET, 302, 200, 200, 403, 200),
    Route("/books/<name>", GET, 302, 404, 404, 404, 404),
    Route("/books/<name>", POST, 302, 404, 404, 404, 404),
    Route("/books/<name>.xlsx", GET, 302, 404, 404, 404, 404),
    Route("/books/<name>/<int:number>/strike", POST, 302, 404, 404, 404, 404),
    Route("/books/unit_score/propose", POST, 302, 403, 403, 403, 403),
    Route("/books/<any(expert,agency):name>/draw", POST, 302, 403, 403, 403, 403),
    Route("/integration", GET, 302, 403, 403, 403, 403),
    Route("/integration", POST, 302, 403, 403, 403, 403),
    Route("/integration/codes", POST, 302, 403, 403, 403, 403),
    Route("/integration/goals.json", GET, 302, 403, 403, 403, 403),
    Route("/accountability", GET, 302, 403, 403, 403, 403),
    Route("/accountability", POST, 302, 403, 403, 403, 403),
    Route("/goal-approvals", GET, 302, 403, 403, 403, 403),
    Route("/goal-approvals", POST, 302, 403, 403, 403, 403),
    Route("/key-evaluations/services", GET, 302, 403, 403, 403, 403),
    Route("/key-evaluations/services", POST, 302, 403, 403, 403, 403),
    Route("/expert-relations", GET, 302, 403, 403, 403, 403),
    Route("/expert-relations", POST, 302, 403, 403, 403, 403),
    Route("/expert-relations/<int:number>/end", POST, 302, 403, 403, 403, 403),
    Route("/registers", GET, 302, 200, 200, 403, 200),
    Route("/registers/<register>", GET, 302, 200, 200, 403, 200),
    Route("/registers/<register>.xlsx", GET, 302, 200, 200, 403, 200),
    Route("/password", GET, 302, 200, 200, 200, 200),
    Route("/password", POST, 302, 422, 422, 422, 422),
    Route("/sign-in", GET, 200, 302, 302, 302, 302),
    Route("/sign-in", POST, 403, 403, 403, 403, 403),
    Route("/sign-out", POST, 302, 302, 302, 302, 302),
    Route("/sessions", GET, 302, 200, 200, 200, 200),
    Route("/sessions/<int:number>/end", POST, 302, 404, 404, 404, 404),
    Route("/sessions/end-others", POST, 302, 302, 302, 302, 302),
    Route("/audit", GET, 302, 403, 403, 403, 403),
    Route("/sign-in/oidc", GET, 404, 404, 404, 404, 404),
    Route("/sign-in/oidc/callback", GET, 404, 404, 404, 404, 404),
    Route("/stay", POST, 302, 204, 204, 204, 204),
    Route("/post", POST, 302, 303, 303, 303, 303),
    Route("/handover", GET, 302, 200, 200, 200, 200),
    Route("/handover", POST, 302, 422, 422, 422, 422),
    Route("/substitutions", GET, 302, 200, 200, 200, 200),
    Route("/substitutions", POST, 302, 422, 422, 422, 422),
    Route("/substitutions/<int:substitution_id>/end", POST, 302, 404, 303, 303, 303),
    Route("/language", POST, 302, 302, 302, 302, 302),
    Route("/tasks/<int:item_id>/operations/<name>", GET, 302, 404, 200, 404, 200),
    Route("/tasks/<int:item_id>/operations/<name>", POST, 302, 404, 403, 404, 303),
    Route("/instances/<int:instance_id>/operations/<name>", GET, 302, 404, 200, 404, 200),
    Route("/instances/<int:instance_id>/operations/<name>", POST, 302, 404, 303, 404, 303),
    Route("/deadlines", GET, 302, 200, 200, 200, 200),
    Route("/deadlines", POST, 302, 400, 400, 400, 400),
    Route("/people", GET, 302, 200, 200, 200, 200),
    Route("/messages/", GET, 302, 200, 200, 200, 200),
    Route("/messages/count", GET, 302, 200, 200, 200, 200),
    Route("/messages/<int:note_id>", GET, 302, 404, 404, 404, 302),
    Route("/messages/read", POST, 302, 302, 302, 302, 302),
    Route("/messages/settings", GET, 302, 200, 200, 200, 200),
    Route("/messages/settings", POST, 302, 302, 302, 302, 302),
    Route("/messages/settings/<any(email,mobile):kind>", POST, 302, 422, 422, 422, 422),
    Route("/messages/settings/<any(email,mobile):kind>/confirm", POST, 302, 422, 422, 422, 422),
    Route("/messages/settings/<any(email,mobile):kind>/remove", POST, 302, 302, 302, 302, 302),
    Route("/healthz", GET, 200, 200, 200, 200, 200),
    Route("/tasks/<int:item_id>", GET, 302, 404, 200, 404, 200),
    Route("/tasks/<int:item_id>/complete", POST, 302, 404, 403, 404, 422),
    Route("/tasks/<int:item_id>/hand-in", POST, 302, 404, 403, 404, 403),
    Route("/tasks/<int:item_id>/claim", POST, 302, 404, 403, 404, 303),
    Route("/tasks/<int:item_id>/unclaim", POST, 302, 404, 403, 404, 303),
    Route("/tasks/<int:item_id>/assign", POST, 302, 404, 403, 404, 403),
    Route("/office/", GET, 302, 404, 200, 404, 404),
    Route("/office/phones", POST, 302, 404, 404, 404, 404),
    Route("/office/phrases", POST, 302, 404, 404, 404, 404),
    Route("/tasks/<int:item_id>/draft", POST, 302, 404, 403, 404, 200),
    Route("/tasks/<int:item_id>/draft/take", POST, 302, 404, 404, 404, 404),
    Route("/tasks/<int:item_id>/form", POST, 302, 404, 200, 404, 200),
    Route("/tasks/<int:item_id>/attachments", POST, 302, 400, 400, 400, 400),
    Route("/instances/<int:instance_id>", GET, 302, 404, 200, 404, 200),
    Route("/instances/<int:instance_id>/documents/<int:document_id>", GET, 302, 404, 200, 404, 200),
    Route("/instances/<int:instance_id>/comments", POST, 302, 404, 422, 404, 422),
    Route("/instances/<int:instance_id>/comments/<int:number>/strike", POST, 302, 404, 404, 404, 404),
    Route("/instances/<int:instance_id>/sheet", POST, 302, 404, 303, 403, 303),
    Route("/phrases", GET, 302, 200, 200, 200, 200),
    Route("/phrases", POST, 302, 400, 400, 400, 400),
    Route("/sheets", GET, 302, 200, 200, 200, 200),
    Route("/sheets/<int:errand>", GET, 302, 404, 404, 404, 200),
    Route("/sheets/<int:errand>/file", GET, 302, 404, 404, 404, 200),
    Route("/instances/<int:instance_id>/related", GET, 302, 404, 200, 404, 200),
    Route("/instances/<int:instance_id>/diagram", GET, 302, 404, 200, 404, 200),
    Route("/attachments/<int:attachment_id>", GET, 302, 404, 200, 404, 200),
]
#: Execution figures: for those who import them; tests/web/test_execution.py asks as one.
ROUTES += [
    Route("/monitoring/scatter", GET, 302, 200, 200, 403, 200),
    Route("/execution", GET, 302, 403, 403, 403, 403),
    Route("/execution", POST, 302, 403, 403, 403, 403),
    Route("/execution/apply", POST, 302, 403, 403, 403, 403),
    Route("/execution/template.xlsx", GET, 302, 403, 403, 403, 403),
    Route("/execution/tokens", POST, 302, 403, 403, 403, 403),
    Route("/execution/tokens/revoke", POST, 302, 403, 403, 403, 403),
    Route("/api/v1/execution", POST, 401, 403, 403, 403, 403),
]
ROUTES += [Route(rule, method, 302, 403, 403, status, 403) for rule, method, status in ADMIN_ROUTES]
#: After these somebody must sign in again.
SIGNS_OUT = {"/sign-out"}
#: What only operators may ask for; tests/web/test_operate.py asks as one.
OPERATORS_ONLY = [
    ("/operate/", GET),
    ("/operate/processes/<process_id>", GET),
    ("/operate/processes/<process_id>/heat", GET),
    ("/operate/processes/<process_id>/log.<any(xes,csv):kind>", GET),
    ("/operate/processes/<process_id>/<any(suspend,resume):operation>", POST),
    ("/operate/processes/<process_id>/migrate", GET),
    ("/operate/processes/<process_id>/migrate", POST),
    ("/operate/archives", GET),
    ("/operate/archives", POST),
    ("/operate/cases", GET),
    ("/operate/cases/<int:instance_id>", GET),
    ("/operate/cases/<int:instance_id>/jump", GET),
    (
        "/operate/cases/<int:instance_id>/<any(suspend,resume,terminate,jump,skip,set_variables):operation>",
        POST,
    ),
    ("/operate/incidents", GET),
    ("/operate/incidents/retry", POST),
    ("/operate/incidents/<int:incident_id>/retry", POST),
    ("/operate/proposals", GET),
    ("/operate/proposals/<int:proposal_id>/confirm", POST),
    ("/operate/proposals/<int:proposal_id>/decline", POST),
    ("/operate/migrations", GET),
    ("/operate/migrations/<int:migration_id>", GET),
    ("/operate/migrations/<int:migration_id>/undo", POST),
    ("/operate/migrations/<int:migration_id>/export.xlsx", GET),
]
#: What only designers may ask for; tests/web/test_design_*.py ask as one.
DESIGNERS_ONLY = [
    ("/design/", GET),
    ("/design/templates.json", GET),
    ("/design/compare", GET),
    ("/design/compared", GET),
    ("/design/releases", GET),
    ("/design/releases", POST),
    ("/design/releases/new", GET),
    ("/design/releases/rehearse", POST),
    ("/design/releases/<int:release_id>/migrations/<int:migration_id>/undo", POST),
    ("/design/releases/<int:release_id>", GET),
    ("/design/releases/<int:release_id>/decide", POST),
    ("/design/releases/<int:release_id>/withdraw", POST),
    ("/design/processes/<process_id>", GET),
    ("/design/processes/<process_id>/heat", GET),
    ("/design/processes/<process_id>/log.<any(xes,csv):kind>", GET),
    ("/design/processes/<process_id>/cases/<int:case_id>/remove", POST),
    ("/design/processes/<process_id>/roll-back", POST),
    ("/design/drafts", POST),
    ("/design/preview", POST),
    ("/design/drafts/<int:draft_id>", GET),
    ("/design/drafts/<int:draft_id>/drop", POST),
    ("/design/drafts/<int:draft_id>/try", GET),
    ("/design/drafts/<int:draft_id>/steps", GET),
    ("/design/api/files", GET),
    ("/design/api/deployments/<int:deployment_id>.zip", GET),
    ("/design/api/deployments/<int:deployment_id>/files/<name>", GET),
    ("/design/api/drafts", POST),
    ("/design/api/drafts/<int:draft_id>", GET),
    ("/design/api/drafts/<int:draft_id>", PUT),
    ("/design/api/drafts/<int:draft_id>", DELETE),
    ("/design/api/drafts/<int:draft_id>/revisions", GET),
    ("/design/api/drafts/<int:draft_id>/revisions/<int:number>", GET),
    ("/design/api/drafts/<int:draft_id>/restore", POST),
    ("/design/api/drafts/<int:draft_id>/here", POST),
    ("/design/api/drafts/<int:draft_id>/check", POST),
    ("/design/api/drafts/<int:draft_id>/take-over", POST),
    ("/design/api/releases", GET),
    ("/design/api/releases", POST),
    ("/design/api/releases/<int:release_id>", GET),
    ("/design/api/releases/<int:release_id>/files/<name>", GET),
    ("/design/api/releases/<int:release_id>/decide", POST),
    ("/design/api/releases/<int:release_id>/withdraw", POST),
    ("/design/api/processes/<process_id>/roll-back", POST),
    ("/design/api/drafts/<int:draft_id>/known", GET),
    ("/design/api/drafts/<int:draft_id>/known", POST),
    ("/design/api/drafts/<int:draft_id>/steps", GET),
    ("/design/api/steps", POST),
    ("/design/api/compare", POST),
    ("/design/api/convert", POST),
    ("/design/api/drafts/<int:draft_id>/impact", POST),
    ("/design/api/drafts/<int:draft_id>/replay", POST),
    ("/design/api/processes/<process_id>/bottlenecks", GET),
    ("/design/api/drafts/<int:draft_id>/subjects", GET),
    ("/design/api/drafts/<int:draft_id>/try", POST),
    ("/design/api/drafts/<int:draft_id>/cases", POST),
    ("/design/api/drafts/<int:draft_id>/cases/run", POST),
    ("/design/api/processes/<process_id>/cases", GET),
    ("/design/api/cases/<int:case_id>", DELETE),
]
ROUTES += [
    Route(rule, method, 302, 403, 403, 403, 403) for rule, method in (*OPERATORS_ONLY, *DESIGNERS_ONLY)
]
#: A list that the clerk chose: their own, and nobody else's.
ROUTES += [
    Route("/bulk", GET, 302, 200, 200, 403, 200),
    Route("/bulk/choose", POST, 302, 303, 303, 403, 303),
    Route("/bulk/<int:run>", GET, 302, 404, 404, 404, 200),
    Route("/bulk/<int:run>/confirm", POST, 302, 404, 404, 404, 422),
    Route("/bulk/<int:run>/stop", POST, 302, 404, 404, 404, 303),
    Route("/bulk/<int:run>/retry", POST, 302, 404, 404, 404, 303),
    Route("/bulk/<int:run>/export.xlsx", GET, 302, 404, 404, 404, 422),
]
PEOPLE = {
    "stranger": None,
    "other_unit": OTHER_UNIT,
    "other_role": OTHER_ROLE,
    "admin": ADMIN,
    "right": RIGHT,
}


def test_the_matrix_names_every_route(site: Site) -> None:
    known = {(route.rule, route.method) for route in ROUTES}
    for rule in site.app.url_map.iter_rules():
        for method in (rule.methods or set()) & {GET, POST, PUT, "PATCH", DELETE}:
            if rule.endpoint != "static":
                assert (rule.rule, method) in known


@on_both
@pytest.mark.parametrize("who", PEOPLE)
def test_each_route_answers_each_kind_of_person_as_it_should(site: Site, who: str) -> None:
    person, browser = PEOPLE[who], None
    for route in ROUTES:
        if browser is None:
            browser = site.browser(person) if person else site.anonymous()
        browser.get("/sign-in")
        address = _filled(site, route.rule)
        item = site.waiting(RIGHT, "fill_goal")
        version = site.engine.task(item, site.engine.actor(RIGHT)).version
        data = {
            "_version": str(version),
            "_to": "user:nobody",
            "note": str(_note(site)),
            "_outcome": "提交",
            "account": "x",
            "password": "y",
        }
        if route.method in (PUT, DELETE):
            answer = browser.client.open(
                address, method=route.method, headers={"X-CSRFToken": browser.token}, json={}
            )
        else:
            answer = browser.get(address) if route.method == GET else browser.post(address, data)
        assert answer.status_code == getattr(route, who), f"{who} {route.method} {address}"
        if person is None and answer.status_code == 302 and route.rule not in ("/language",):
            assert answer.location.startswith("/sign-in"), address
        if route.rule in SIGNS_OUT:
            browser = None


def _filled(site: Site, rule: str) -> str:
    """Put the numbers of the clerk's first open goal, and of a file attached to it, into an address."""
    if rule.startswith("/admin/"):
        for part, value in PARTS.items():
            rule = rule.replace(part, value)
    rule = rule.replace("<int:version>", "1").replace("<int:number>", "999999")
    rule = rule.replace("<register>", "monitoring").replace("<process>", "disbursement")
    rule = rule.replace("<int:campaign>", "999999").replace("<int:year>", "2026")
    rule = rule.replace("<int:meeting_id>", "999999").replace("<int:version>", "1")
    rule = rule.replace("<process_id>", "goal_declaration").replace("<int:policy>", "999999")
    rule = rule.replace("operations/<name>", f"operations/{'acknowledge' if '/tasks/' in rule else 'follow'}")
    rule = re.sub(r"<any\((\w+)[^>]*>", r"\1", rule)
    rule = re.sub(
        r"<int:(?:incident|proposal|migration|draft|deployment|release|case|meeting)_id>", "1", rule
    )
    item = site.waiting(RIGHT, "fill_goal")
    actor = site.engine.actor(RIGHT)
    if "attachment_id" in rule:
        attached = site.engine.attach(item, actor=actor, name="说明.txt", stream="一份说明".encode())
        return rule.replace("<int:attachment_id>", str(attached.id))
    if "substitution_id" in rule:
        today = site.clock.now().date()
        created = site.engine.substitutions.create(RIGHT, "jingjian.guzhang", today, today, actor=actor)
        return rule.replace("<int:substitution_id>", str(created))
    if "<int:run>" in rule:
        run = site.engine.choose_bulk([(item, 1)], actor=actor, request_key=rule)
        return rule.replace("<int:run>", str(run))
    instance = site.engine.task(item, actor).instance_id
    if "errand" in rule:
        errand = site.engine.ask_errand("sheet", instance, actor=actor)
        site.engine.run_errands(limit=9)
        return rule.replace("<int:errand>", str(errand))
    rule = rule.replace("<int:note_id>", str(_note(site))).replace("<name>", "done")
    if "filter_id" in rule:
        saved = site.engine.save_filter("done", "我的", "sort=oldest", actor=actor)
        rule = rule.replace("<int:filter_id>", str(saved))
    rule = rule.replace("<int:number>", "1")
    if "document_id" in rule:
        newest = site.engine.document_versions(instance, actor)[-1]
        rule = rule.replace("<int:document_id>", str(newest.id))
    if "project_id" in rule:
        with site.engine.database.read() as unit:
            row = unit.execute(select(Goal.project_id).where(Goal.instance_id == instance)).scalar_one()
        rule = rule.replace("<int:project_id>", str(row))
    return re.sub(r"<int:instance_id>", str(instance), rule.replace("<int:item_id>", str(item)))


def _note(site: Site) -> int:
    """Return a copy that was sent to the clerk alone; there is one from now on."""
    engine, clerk = site.engine, site.engine.actor(RIGHT)
    found = engine.copies(clerk).rows
    if not found:
        instance = engine.task(site.waiting(RIGHT, "fill_goal"), clerk).instance_id
        engine.copy(instance, actor=engine.actor(OTHER_ROLE), to=[RIGHT])
        found = engine.copies(clerk).rows
    return int(found[0].note_id)


def test_what_a_person_may_not_use_is_not_shown(site: Site) -> None:
    assert 'href="/goals"' in site.browser(RIGHT).get("/inbox").text
    assert 'href="/goals"' not in site.browser(ADMIN).get("/inbox").text

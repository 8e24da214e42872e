"""The routes of administration, which nobody but administrators may use: rule, method, what the administrator gets."""

from __future__ import annotations

GET, POST = "GET", "POST"
#: With the empty forms that the matrix posts.
ADMIN_ROUTES = [
    ("/admin/", GET, 302),
    ("/admin/people/", GET, 200),
    ("/admin/people/new", GET, 200),
    ("/admin/people/new", POST, 422),
    ("/admin/people/<id>", GET, 200),
    ("/admin/people/<id>/name", POST, 422),
    ("/admin/people/<id>/close", POST, 422),
    ("/admin/people/<id>/reopen", POST, 409),
    ("/admin/people/<id>/posts", POST, 422),
    ("/admin/people/<id>/posts/<int:post>", POST, 404),
    ("/admin/people/<id>/ask/<kind>", POST, 404),
    ("/admin/units/", GET, 200),
    ("/admin/units/new", GET, 200),
    ("/admin/units/new", POST, 422),
    ("/admin/units/<code>", GET, 200),
    ("/admin/units/<code>", POST, 422),
    ("/admin/units/<code>/secret", POST, 409),
    ("/admin/roles/", GET, 200),
    ("/admin/exchange/", GET, 200),
    ("/admin/exchange/", POST, 422),
    ("/admin/exchange/export", GET, 200),
    ("/admin/exchange/template", GET, 200),
    ("/admin/exchange/<int:number>", GET, 404),
    ("/admin/exchange/<int:number>/apply", POST, 404),
    ("/admin/approvals/", GET, 200),
    ("/admin/approvals/<int:number>/confirm", POST, 404),
    ("/admin/approvals/<int:number>/decline", POST, 404),
    ("/admin/approvals/separate", POST, 400),
    ("/admin/settings/", GET, 200),
    ("/admin/settings/<key>", POST, 422),
    ("/admin/logs/", GET, 200),
    ("/admin/logs/sign-ins", GET, 200),
    ("/admin/logs/reads", GET, 200),
    ("/admin/logs/export/<any(administered, sign_ins, reads):name>", GET, 200),
]
#: What stands for the parts of these rules.
PARTS = {
    "<id>": "shangwuju.jingban",
    "<code>": "101001",
    "<kind>": "nothing",
    "<key>": "sessions",
    "<int:post>": "999999",
    "<int:number>": "999999",
    "<any(administered, sign_ins, reads):name>": "administered",
}

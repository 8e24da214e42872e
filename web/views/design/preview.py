"""The form that is being designed, drawn by the server as users will see it."""

from __future__ import annotations

from typing import Any

from flask import jsonify, request

import forms
from web import context
from web.views.design.base import blueprint


@blueprint.post("/preview")
def preview() -> Any:
    """Return the HTML of a form's content, empty as at the first step; what can't be read is refused with the reason."""
    try:
        form = forms.read(request.get_data())
    except forms.FormError as error:
        return jsonify(message=" ".join(context.said(one.message) for one in error.findings[:3])), 422
    view = forms.view(form, {}, {}, context.environment())
    return jsonify(html=str(forms.render(view, context.language())))

"""Forms: reads form-js ``.form`` files, draws them for a page, and checks and completes their answers.

``read`` gives the :class:`Form` of a file. ``decode`` turns what a page posted into answers, ``compute``
completes them, ``check`` says what is wrong with them, ``view`` and ``render`` draw them, ``refresh`` draws
what follows from a change.
"""

from forms.checking import check
from forms.decoding import decode
from forms.evaluation import compute
from forms.model import Field, Form, Option
from forms.pins import PinView, decode_pins, editable_of
from forms.reader import FormError, read
from forms.rendering import affected, loader, refresh, render, render_fragments
from forms.schema import schema
from forms.viewing import FormView, view

__all__ = [
    "Field",
    "Form",
    "FormError",
    "FormView",
    "Option",
    "PinView",
    "affected",
    "check",
    "compute",
    "decode",
    "decode_pins",
    "editable_of",
    "loader",
    "read",
    "refresh",
    "render",
    "render_fragments",
    "schema",
    "view",
]

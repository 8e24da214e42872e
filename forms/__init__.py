"""Forms: reads form-js ``.form`` files, draws them for a page, and checks and completes their answers.

``read`` gives the :class:`Form` of a file. ``decode`` turns what a page posted into answers, ``compute``
completes them, ``check`` says what is wrong with them, ``view`` and ``render`` draw them, ``refresh`` draws
what follows from a change.
"""

from forms.checking import check
from forms.decoding import decode
from forms.evaluation import compute
from forms.model import Field, Form, Option
from forms.reader import FormError, read
from forms.schema import schema
from forms.viewing import FormView, PinView, editable_of, view

__all__ = [
    "Field",
    "Form",
    "FormError",
    "FormView",
    "Option",
    "PinView",
    "check",
    "compute",
    "decode",
    "editable_of",
    "read",
    "schema",
    "view",
]

"""Forms that a BPMN file carries inside a process (``zeebe:userTaskForm``), as the modeler's embedded forms do."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import msgspec
from lxml import etree

from engine.bpmn.extensions import Extensions
from engine.bpmn.xml import BPMN, ZEEBE, text_of

#: What the ``formKey`` of a user task begins with when it names a form of its own file.
PREFIX = "camunda-forms:bpmn:"


def embedded_form(extensions: Extensions) -> str | None:
    """Return the id of the embedded form that a user task names, None where it names none."""
    key = extensions.attribute("formDefinition", "formKey") or ""
    return key.removeprefix(PREFIX) or None if key.startswith(PREFIX) else None


def embedded_forms(process: etree._Element) -> Mapping[str, bytes]:
    """Return the forms of a process by id, each as the ``.form`` file that it would be.

    A form inside a file is known by the id of its element, so that id takes the place of the one inside the form. What
    can't be read stays as it is, and the check of forms says so.
    """
    container = process.find(f"{{{BPMN}}}extensionElements")
    found: dict[str, bytes] = {}
    for form in () if container is None else container.iterfind(f"{{{ZEEBE}}}userTaskForm"):
        identifier, text = (form.get("id") or "").strip(), text_of(form)
        if not identifier:
            continue
        try:
            content = msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError):
            content = None
        is_form = isinstance(content, dict)
        found[identifier] = msgspec.json.encode({**content, "id": identifier}) if is_form else text.encode()
    return MappingProxyType(found)

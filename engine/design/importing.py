"""Brings diagrams of Flowable, Activiti and Camunda 7 along: what they say in their own attributes is said in ours.

What was changed is told at the element, and what can't be: that stays as it was written, so that the checks refuse it there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from lxml import etree

from engine.bpmn.extensions import HARMLESS
from engine.bpmn.xml import BPMN, ZEEBE, local_name, namespace, parse
from engine.design.juel import is_expression, translate
from engine.errors import Refused
from engine.feel.text import quote

#: The engines whose files are converted, by the namespace of their attributes.
ENGINES = {
    "http://camunda.org/schema/1.0/bpmn": "Camunda 7",
    "http://flowable.org/bpmn": "Flowable",
    "http://activiti.org/bpmn": "Activiti",
}
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_MODELER = "http://camunda.org/schema/modeler/1.0"
#: What else says how an engine works inside, and means nothing here.
_INNER = HARMLESS | {"async", "autoStoreVariables", "useLocalScopeForResultVariable", "category"}
#: What of another engine's elements in the file is told with them, so that one can be found among several.
_TOLD = ("event", "class", "delegateExpression", "expression", "name", "id", "businessKey")
#: What else of a diagram holds an expression, by the local name of its element.
_EXPRESSIONS = frozenset(
    [
        "conditionExpression",
        "completionCondition",
        "loopCardinality",
        "timeDate",
        "timeDuration",
        "timeCycle",
        "condition",
    ]
)
_REPEATED = {"collection": "inputCollection", "elementVariable": "inputElement"}


@dataclass(frozen=True, slots=True)
class Note:
    """What became of something: ``convert.changed``, ``convert.dropped`` or ``convert.kept``, at which element, what it was,
    and what it is now.
    """

    code: str
    element: str
    what: str
    now: str = ""


@dataclass(slots=True)
class Converted:
    """A converted file, the engine that it was of (None where nothing had to be), and what became of what."""

    content: bytes
    engine: str | None = None
    notes: list[Note] = field(default_factory=list)

    @property
    def told(self) -> dict[str, Any] | None:
        """What a draft keeps of it: the engine and the notes; None where nothing had to be converted."""
        return (
            None
            if self.engine is None
            else {"engine": self.engine, "notes": [asdict(one) for one in self.notes]}
        )


def convert(source: bytes) -> Converted:
    """Return a BPMN file in our dialect; one that is already is returned as it is. Raises :class:`Refused`."""
    document, findings = parse(source)
    if document is None:
        raise Refused("steps.unreadable", tuple(findings))
    engine = next((ENGINES[uri] for uri in document.root.nsmap.values() if uri in ENGINES), None)
    if engine is None:
        return Converted(source)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_blank_text=True)
    root = _our_root(etree.fromstring(source, parser))
    converting = _Converting()
    for node in list(root.iter()):
        if isinstance(node.tag, str) and namespace(node) == BPMN:
            converting.node(node)
    etree.cleanup_namespaces(root, keep_ns_prefixes=["zeebe", "modeler"])
    text = etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True)
    return Converted(text, engine, converting.notes)


def _our_root(old: Any) -> Any:
    """Return the root with our namespaces, and as a diagram for the modeler that knows them."""
    root = etree.Element(old.tag, nsmap={**old.nsmap, "zeebe": ZEEBE, "modeler": _MODELER})
    root.attrib.update(old.attrib)
    root.set(f"{{{_MODELER}}}executionPlatform", "Camunda Cloud")
    root.set(f"{{{_MODELER}}}executionPlatformVersion", "8.8.0")
    root.extend(list(old))
    return root


class _Converting:
    """Goes through the elements of one file."""

    def __init__(self) -> None:
        self.notes: list[Note] = []

    def node(self, node: Any) -> None:
        kind = local_name(node)
        if kind in _EXPRESSIONS and node.text and is_expression(node.text):
            self._text(node)
        foreign = {
            etree.QName(name).localname: value
            for name, value in node.attrib.items()
            if etree.QName(name).namespace in ENGINES
        }
        if kind == "userTask":
            self._extension(node, "userTask")
        elif kind == "callActivity" and node.get("calledElement"):
            self._called(node)
        elif kind == "process" and node.get("isExecutable") is None:
            node.set("isExecutable", "true")
        if kind == "scriptTask":
            self._script(node, foreign)
        for name, value in foreign.items():
            rule = _RULES.get((kind, name))
            if name in _INNER or (rule is not None and rule(self, node, value, foreign)):
                self._take(node, name)
                if name in _INNER:
                    self._note("dropped", node, f"{name}={value}")
            else:
                self._note("kept", node, f"{name}={value}")
        extensions = node.find(f"{{{BPMN}}}extensionElements")
        for child in list(extensions) if extensions is not None else ():
            if isinstance(child.tag, str) and namespace(child) in ENGINES:
                self._child(node, extensions, child)
                if child.getparent() is None and not len(extensions):
                    node.remove(extensions)

    def assignment(self, node: Any, value: str, attribute: str) -> bool:
        """Say who a user task is for; roles and people are lists with commas in both dialects."""
        written = translate(value)
        if written is None:
            return False
        self._extension(node, "assignmentDefinition").set(attribute, written)
        return self._changed(node, f"{attribute}={value}", written)

    def schedule(self, node: Any, value: str, attribute: str) -> bool:
        """Say when a user task is due."""
        written = translate(value)
        if written is None:
            return False
        self._extension(node, "taskSchedule").set(attribute, written)
        return self._changed(node, f"{attribute}={value}", written)

    def priority(self, node: Any, value: str, _foreign: Mapping[str, str]) -> bool:
        """Say how urgent a user task is."""
        written = translate(value)
        if written is None:
            return False
        self._extension(node, "priorityDefinition").set("priority", written)
        return self._changed(node, f"priority={value}", written)

    def form(self, node: Any, value: str, _foreign: Mapping[str, str]) -> bool:
        """Name the form of a user task: one inside the other engine's pages has to be drawn anew under this id."""
        if local_name(node) != "userTask" or is_expression(value):
            return False
        id = value.rpartition("/")[2].rpartition(":")[2].removesuffix(".html").removesuffix(".form")
        self._extension(node, "formDefinition").set("formId", id)
        return self._changed(node, f"form={value}", id)

    def starter(self, node: Any, value: str, _foreign: Mapping[str, str]) -> bool:
        """Keep who started it under the name that the diagram gives them."""
        mapping = self._extension(node, "ioMapping")
        etree.SubElement(mapping, f"{{{ZEEBE}}}output", {"source": "=initiator", "target": value})
        return self._changed(node, f"initiator={value}", f"{value} = initiator")

    def work(self, node: Any, value: str, foreign: Mapping[str, str]) -> bool:
        """Name the handler of a service task after what it called: a topic, a bean, a class, a method of a bean."""
        kind = foreign.get("topic") or value
        name = kind.strip().removeprefix("${").removeprefix("#{").removesuffix("}").split("(")[0]
        name = name.rpartition(".")[2] if "class" in foreign else name
        if not name or value == "dmn":
            return False
        definition = self._extension(node, "taskDefinition")
        if definition.get("type") == name:  # another attribute has said it
            return True
        definition.set("type", name)
        return self._changed(node, value, f"type={name}")

    def decision(self, node: Any, value: str, foreign: Mapping[str, str]) -> bool:
        """Name the decision of a business rule task and its result."""
        if is_expression(value):
            return False
        called = self._extension(node, "calledDecision")
        called.set("decisionId", value)
        called.set("resultVariable", foreign.get("resultVariable", value))
        return self._changed(node, f"decisionRef={value}", value)

    def repeated(self, node: Any, value: str, name: str) -> bool:
        """Say over what an activity repeats; a variable's name is an expression here."""
        written = value if name == "elementVariable" else _value(value)
        if written is None:
            return False
        self._extension(node, "loopCharacteristics").set(_REPEATED[name], written)
        return self._changed(node, f"{name}={value}", written)

    def _text(self, node: Any) -> None:
        written = translate(node.text)
        if written is None:
            self._note("kept", node, node.text.strip())
            return
        self._changed(node, node.text.strip(), written)
        node.text = written
        node.set(f"{{{_XSI}}}type", f"{node.prefix + ':' if node.prefix else ''}tFormalExpression")

    def _called(self, node: Any) -> None:
        process = node.get("calledElement")
        written = translate(process)
        if written is None:
            self._note("kept", node, f"calledElement={process}")
            return
        del node.attrib["calledElement"]
        called = self._extension(node, "calledElement")
        called.set("processId", written)
        called.set("propagateAllChildVariables", "false")
        self._changed(node, f"calledElement={process}", written)

    def _script(self, node: Any, foreign: Mapping[str, str]) -> None:
        """Convert a script that is one expression; one in a programming language is kept and told."""
        script = node.find(f"{{{BPMN}}}script")
        text = (script.text or "").strip() if script is not None else ""
        written = translate(text) if is_expression(text) else None
        if written is None or "resultVariable" not in foreign:
            if script is not None:
                self._note("kept", node, f"script ({node.get('scriptFormat') or '?'})")
            return
        ours = self._extension(node, "script")
        ours.set("expression", written)
        ours.set("resultVariable", foreign["resultVariable"])
        node.remove(script)
        node.attrib.pop("scriptFormat", None)
        self._changed(node, f"script {text}", f"{foreign['resultVariable']} {written}")

    def _child(self, node: Any, extensions: Any, child: Any) -> None:
        """Convert what is handed over, in and out; anything else of another engine is kept and told."""
        kind = local_name(child)
        if kind in ("in", "out") and local_name(node) == "callActivity":
            done = self._handed_over(node, child, kind)
        elif kind == "inputOutput":
            done = self._parameters(node, child)
        else:
            done = False
        if done:
            extensions.remove(child)
        else:
            told = [f"{name}={child.get(name)}" for name in _TOLD if child.get(name)]
            self._note("kept", node, " ".join([kind, *told]))

    def _handed_over(self, node: Any, child: Any, kind: str) -> bool:
        """Convert what a call activity gives to the process that it calls, or takes from it."""
        if child.get("variables") == "all":
            whose = "Parent" if kind == "in" else "Child"
            self._extension(node, "calledElement").set(f"propagateAll{whose}Variables", "true")
            return self._changed(node, f"{kind} variables=all", f"propagateAll{whose}Variables=true")
        source, target = child.get("source") or child.get("sourceExpression"), child.get("target")
        written = _value(source) if source else None
        if written is None or not target:
            return False
        self._bind(node, "input" if kind == "in" else "output", written, target)
        return self._changed(node, f"{kind} {source} → {target}", written)

    def _parameters(self, node: Any, child: Any) -> bool:
        """Convert the parameters of an activity, all or none of them: scripts, lists and maps are kept as they are."""
        found = []
        for one in child:
            kind = {"inputParameter": "input", "outputParameter": "output"}.get(local_name(one))
            text = (one.text or "").strip()
            written = translate(text) if is_expression(text) else f"={quote(text)}"
            if kind is None or len(one) or not one.get("name") or written is None:
                return False
            found.append((kind, written, one.get("name")))
        for kind, written, name in found:
            self._bind(node, kind, written, name)
            self._changed(node, f"{kind}Parameter {name}", written)
        return True

    def _bind(self, node: Any, kind: str, source: str, target: str) -> None:
        mapping = self._extension(node, "ioMapping")
        etree.SubElement(mapping, f"{{{ZEEBE}}}{kind}", {"source": source, "target": target})

    def _extension(self, node: Any, name: str) -> Any:
        inside = node.find(f"{{{BPMN}}}extensionElements")
        if inside is None:
            inside = etree.Element(f"{{{BPMN}}}extensionElements")
            node.insert(sum(local_name(one) == "documentation" for one in node), inside)
        found = inside.find(f"{{{ZEEBE}}}{name}")
        return etree.SubElement(inside, f"{{{ZEEBE}}}{name}") if found is None else found

    @staticmethod
    def _take(node: Any, name: str) -> None:
        for attribute in list(node.attrib):
            parsed = etree.QName(attribute)
            if parsed.localname == name and parsed.namespace in ENGINES:
                del node.attrib[attribute]

    def _changed(self, node: Any, what: str, now: str) -> bool:
        self._note("changed", node, what, now)
        return True

    def _note(self, code: str, node: Any, what: str, now: str = "") -> None:
        ids = [one.get("id") for one in (node, *node.iterancestors()) if one.get("id")]
        self.notes.append(Note(f"convert.{code}", ids[0] if ids else "", what, now))


_Rule = Callable[[_Converting, Any, str, Mapping[str, str]], bool]


def _value(text: str) -> str | None:
    """Return an expression, or the name of a variable, as FEEL."""
    return translate(text) if is_expression(text) else f"={text}"


def _named(method: Callable[[_Converting, Any, str, str], bool], name: str) -> _Rule:
    return lambda converting, node, value, _foreign: method(converting, node, value, name)


_RULES: dict[tuple[str, str], _Rule] = {
    ("startEvent", "initiator"): _Converting.starter,
    ("userTask", "assignee"): _named(_Converting.assignment, "assignee"),
    ("userTask", "candidateGroups"): _named(_Converting.assignment, "candidateGroups"),
    ("userTask", "candidateUsers"): _named(_Converting.assignment, "candidateUsers"),
    ("userTask", "dueDate"): _named(_Converting.schedule, "dueDate"),
    ("userTask", "followUpDate"): _named(_Converting.schedule, "followUpDate"),
    ("userTask", "priority"): _Converting.priority,
    ("userTask", "formKey"): _Converting.form,
    ("userTask", "formRef"): _Converting.form,
    ("userTask", "formRefBinding"): lambda *_: True,
    ("businessRuleTask", "decisionRef"): _Converting.decision,
    ("businessRuleTask", "resultVariable"): lambda _self, _node, _value, foreign: "decisionRef" in foreign,
    ("businessRuleTask", "mapDecisionResult"): lambda *_: True,
    ("businessRuleTask", "decisionRefBinding"): lambda *_: True,
    ("scriptTask", "resultVariable"): lambda _self, node, *_: node.find(f"{{{BPMN}}}script") is None,
    ("callActivity", "calledElementType"): lambda _self, _node, value, _foreign: value in ("key", "bpmn"),
    ("callActivity", "calledElementBinding"): lambda _self, _node, value, _foreign: value == "latest",
    ("multiInstanceLoopCharacteristics", "collection"): _named(_Converting.repeated, "collection"),
    ("multiInstanceLoopCharacteristics", "elementVariable"): _named(_Converting.repeated, "elementVariable"),
    **{
        (kind, name): _Converting.work
        for kind in ("serviceTask", "sendTask")
        for name in ("class", "delegateExpression", "expression", "topic", "type")
    },
}

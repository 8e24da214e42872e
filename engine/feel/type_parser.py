"""Parses types: ``list<string>``, ``context<a: number>``, ``function<number> -> string``, ``range<date>``."""

from __future__ import annotations

from engine.feel.nodes import TypeNode
from engine.feel.stream import Stream


def parse_type(stream: Stream) -> TypeNode:
    """Parse a type at the stream's place; names may be qualified (``model.tPerson``)."""
    stream.deeper()
    token = stream.token
    if token.kind == "keyword" and token.text == "function":
        stream.advance()
        node = _function(stream, token.start)
    else:
        name = _type_name(stream)
        node = _generic(stream, name, token.start)
    stream.depth -= 1
    return node


def _type_name(stream: Stream) -> str:
    token = stream.token
    if token.kind == "keyword" and token.text == "null":
        stream.advance()
        return "Null"
    if token.kind != "name":
        raise stream.unexpected("type")
    name = stream.name()
    while stream.accept("."):
        name += "." + stream.member()
    return name


def _generic(stream: Stream, name: str, start: int) -> TypeNode:
    if name in ("list", "range") and stream.accept("<"):
        element = parse_type(stream)
        stream.expect(">")
        return TypeNode(name, (element,), start=start)
    if name == "context" and stream.accept("<"):
        members: list[str] = []
        types: list[TypeNode] = []
        while not stream.at(">"):
            members.append(stream.declared_name(":"))
            stream.expect(":")
            types.append(parse_type(stream))
            if not stream.accept(","):
                break
        stream.expect(">")
        return TypeNode(name, tuple(types), tuple(members), start=start)
    return TypeNode(name, start=start)


def _function(stream: Stream, start: int) -> TypeNode:
    if not stream.accept("<"):
        return TypeNode("function", start=start)
    parameters: list[TypeNode] = []
    while not stream.at(">"):
        parameters.append(parse_type(stream))
        if not stream.accept(","):
            break
    stream.expect(">")
    result = parse_type(stream) if stream.accept("->") else None
    return TypeNode("function", tuple(parameters), result=result, start=start)

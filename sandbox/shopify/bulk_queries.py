"""What a bulk query may be, in the recorded words of the refusals, and its rows as lines of JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLList,
    GraphQLNonNull,
    GraphQLSchema,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    parse,
    visit,
)
from graphql.utilities import get_operation_ast

from sandbox.shopify import paging

Json = dict[str, Any]
MOST_CONNECTIONS = 5
DEEPEST = 2


class _Connections(Visitor):
    """Collects what the rules are about."""

    def __init__(self, info: TypeInfo) -> None:
        super().__init__()
        self.info = info
        self.count = self.depth = self.deepest = self.lists = 0
        self.with_nodes: list[str] = []
        self.without_id: list[str] = []
        self.in_list = False
        self.open: list[str] = []

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        kind = self.info.get_type()
        inner = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
        name = get_named_type(kind).name if kind else ""
        if name.endswith("Connection"):
            self._connection(node)
        elif isinstance(inner, GraphQLList) and node.name.value != "edges":
            self.lists += 1

    def leave_field(self, node: FieldNode, *_: Any) -> None:
        kind = self.info.get_type()
        inner = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
        if kind and get_named_type(kind).name.endswith("Connection"):
            self.depth -= 1
            self.open.pop()
        elif isinstance(inner, GraphQLList) and node.name.value != "edges":
            self.lists -= 1

    def _connection(self, node: FieldNode) -> None:
        self.count += 1
        self.in_list = self.in_list or bool(self.lists)
        self.deepest = max(self.deepest, self.depth)
        if any(name.value == "nodes" for name in _names(node)):
            self.with_nodes.append(node.name.value)
        selected = _row_fields(node)
        inner = any(_names_of(each, "edges") for each in selected)
        if inner and not any(each.name.value == "id" and not each.alias for each in selected):
            self.without_id.append(node.name.value)
        self.depth += 1
        self.open.append(node.name.value)


def _fields(node: FieldNode | OperationDefinitionNode) -> list[FieldNode]:
    chosen = node.selection_set.selections if node.selection_set else ()
    return [each for each in chosen if isinstance(each, FieldNode)]


def _names(node: FieldNode) -> list[Any]:
    return [each.name for each in _fields(node)]


def _names_of(node: FieldNode, name: str) -> bool:
    return any(each.value == name for each in _names(node))


def _row_fields(node: FieldNode) -> list[FieldNode]:
    return [
        field
        for edges in _fields(node)
        if edges.name.value == "edges"
        for inner in _fields(edges)
        if inner.name.value == "node"
        for field in _fields(inner)
    ]


def refusals(schema: GraphQLSchema, text: str) -> list[str]:
    """Why Shopify would not run this query in bulk; nothing when it would."""
    if len(text.encode()) > 65_535:
        return ["Query is too long (maximum is 65535 bytes)."]
    try:
        document = parse(text)
    except GraphQLError as error:
        what = "unexpected end of file" if not text.strip() else error.message.replace("Syntax Error: ", "")
        return [f"Invalid bulk query: syntax error, {what}"]
    operation = get_operation_ast(document)
    if operation is None or operation.operation.value != "query":
        return ["Invalid operation type. Only `query` operations are supported."]
    found = [
        f"Bulk queries cannot contain a top level `{field.name.value}` field."
        for field in _fields(operation)
        if field.name.value in ("node", "nodes")
    ]
    return found + _of_connections(schema, document)


def _of_connections(schema: GraphQLSchema, document: DocumentNode) -> list[str]:
    info = TypeInfo(schema)
    seen = _Connections(info)
    visit(document, TypeInfoVisitor(info, seen))
    found = []
    if not seen.count:
        found.append("Bulk queries must contain at least one connection.")
    if seen.count > MOST_CONNECTIONS:
        found.append(f"Bulk queries cannot contain more than {MOST_CONNECTIONS} connections.")
    if seen.deepest > DEEPEST:
        found.append(f"Bulk queries cannot contain connections with a nesting depth greater than {DEEPEST}.")
    if seen.with_nodes:
        first = seen.with_nodes[0]
        found.append(
            "All connection fields in a bulk query must select their contents using 'edges' > 'node', e.g: "
            f"'{first} {{ edges {{ node {{'. Selecting via 'nodes' is not supported. Invalid connection fields: "
            f"'{', '.join(seen.with_nodes)}'."
        )
    if seen.without_id:
        found.append(
            "The parent 'node' field for a nested connection must select the 'id' field without an alias and must be "
            f"of 'ID' return type. Connection fields without 'id': {', '.join(seen.without_id)}."
        )
    if seen.in_list:
        found.append(
            "Queries that contain a connection field within a list field are not currently supported."
        )
    return found


@contextmanager
def without_pages() -> Iterator[None]:
    """Connections come whole, whatever page is asked for, in this thread."""
    token = paging.WHOLE.set(True)
    try:
        yield
    finally:
        paging.WHOLE.reset(token)


def lines(data: Json) -> Iterator[tuple[str, bool]]:
    """The rows of an answer as lines of JSON without their ends, and whether each is one of the outermost."""
    for connection in data.values():
        for edge in (connection or {}).get("edges", ()):
            yield from _row(edge["node"], None)


def _row(node: Json, parent: str | None) -> Iterator[tuple[str, bool]]:
    own = {key: value for key, value in node.items() if not _is_connection(value)}
    if parent is not None:
        own["__parentId"] = parent
    yield json.dumps(own, ensure_ascii=False, separators=(",", ":")), parent is None
    for value in node.values():
        if _is_connection(value):
            for edge in value["edges"]:
                yield from _row(edge["node"], node["id"])


def _is_connection(value: Any) -> bool:
    return isinstance(value, dict) and "edges" in value

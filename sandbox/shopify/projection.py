"""A shortcut through graphql-core for plain data.

Most of an answer is money bags, addresses and line items that lie ready in the document. For a selection
whose fields need no resolver, this copies the wanted keys straight out of the document. Anything out of the
ordinary (a null where none may be, a directive, an argument) is left to graphql-core.
"""

from __future__ import annotations

from typing import Any, cast

from graphql import (
    ExecutionContext,
    FieldNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLUnionType,
    InlineFragmentNode,
    SelectionSetNode,
)
from graphql.type import is_leaf_type

Entry = tuple[str, str | None, bool, Any]
"""Response key, name in the document, never null, and how to copy: None for a leaf, else a Shape.

A name of None stands for `__typename`; the last part is then the answer itself."""


PLAIN = "plain_without_arguments"
"""Extension of a field whose resolver only matters when arguments are given."""


class _NotPlain(Exception):
    """The selection, or the data met, needs graphql-core."""


class Shape:
    """What to copy from an object: the entries for each concrete type, found by `__typename` when abstract."""

    __slots__ = ("by_type", "depth", "entries")

    def __init__(self, entries: list[Entry] | None, by_type: dict[str, list[Entry]], depth: int) -> None:
        self.entries = entries
        self.by_type = by_type
        self.depth = depth

    def copy(self, value: Any, depth: int = 0) -> Any:
        """The selected part of a document; lists are copied row by row."""
        if depth < self.depth:
            return [self.copy(row, depth + 1) for row in value]
        entries = self.entries
        if entries is None:
            entries = self.by_type.get(value.get("__typename"))
            if entries is None:
                raise _NotPlain
        out = {}
        for key, name, required, shape in entries:
            if name is None:
                out[key] = shape
                continue
            found = value.get(name)
            if found is None:
                if required:
                    raise _NotPlain
                out[key] = None
            elif shape is None:
                out[key] = found
            else:
                out[key] = shape.copy(found)
        return out


class PlainDataContext(ExecutionContext):
    """graphql-core's executor, with plain objects copied instead of resolved field by field."""

    def complete_object_value(
        self,
        return_type: GraphQLObjectType,
        field_nodes: list[FieldNode],
        info: GraphQLResolveInfo,
        path: Any,
        result: Any,
    ) -> Any:
        """Copy when the selection is plain; otherwise do what graphql-core does."""
        shapes: dict[Any, Shape | None] = self.context_value.shapes
        key = (return_type.name, *map(id, field_nodes))
        if key in shapes:
            shape = shapes[key]
        else:
            try:
                selections = [node.selection_set for node in field_nodes if node.selection_set]
                shape = self._shape(return_type, selections, 0)
            except _NotPlain:
                shape = None
            shapes[key] = shape
        if shape is not None and isinstance(result, dict) and not self.context_value.guarded:
            try:
                return shape.copy(result)
            except (_NotPlain, AttributeError, TypeError):
                return super().complete_object_value(return_type, field_nodes, info, path, result)
        return super().complete_object_value(return_type, field_nodes, info, path, result)

    def _shape(self, kind: Any, selections: list[SelectionSetNode], depth: int) -> Shape:
        if isinstance(kind, GraphQLObjectType):
            return Shape(self._entries(kind, selections), {}, depth)
        possible = self.schema.get_possible_types(kind)
        return Shape(None, {each.name: self._entries(each, selections) for each in possible}, depth)

    def _entries(self, kind: GraphQLObjectType, selections: list[SelectionSetNode]) -> list[Entry]:
        fields: dict[str, list[FieldNode]] = {}
        for selection in selections:
            self._gather(kind, selection, fields)
        return [self._entry(kind, key, nodes) for key, nodes in fields.items()]

    def _gather(
        self, kind: GraphQLObjectType, selection: SelectionSetNode, fields: dict[str, list[FieldNode]]
    ) -> None:
        for node in selection.selections:
            if node.directives:
                raise _NotPlain
            if isinstance(node, FieldNode):
                if node.arguments:
                    raise _NotPlain
                fields.setdefault(node.alias.value if node.alias else node.name.value, []).append(node)
                continue
            if isinstance(node, FragmentSpreadNode):
                fragment = self.fragments[node.name.value]
                condition, inner = fragment.type_condition.name.value, fragment.selection_set
            else:
                fragment_node = cast(InlineFragmentNode, node)
                named_type: Any = fragment_node.type_condition
                condition = named_type.name.value if named_type else kind.name
                inner = fragment_node.selection_set
            named = self.schema.type_map[condition]
            abstract = isinstance(named, (GraphQLInterfaceType, GraphQLUnionType))
            if named is kind or (abstract and self.schema.is_sub_type(named, kind)):  # type: ignore[arg-type]
                self._gather(kind, inner, fields)

    def _entry(self, kind: GraphQLObjectType, key: str, nodes: list[FieldNode]) -> Entry:
        name = nodes[0].name.value
        if name == "__typename":
            return key, None, True, kind.name
        definition = kind.fields[name]
        if definition.resolve is not None and not definition.extensions.get(PLAIN):
            raise _NotPlain
        inner, required, depth = definition.type, False, 0
        if isinstance(inner, GraphQLNonNull):
            inner, required = inner.of_type, True
        while isinstance(inner, (GraphQLList, GraphQLNonNull)):
            depth += isinstance(inner, GraphQLList)
            inner = inner.of_type
        if is_leaf_type(inner):
            return key, name, required, None
        selections = [node.selection_set for node in nodes if node.selection_set]
        return key, name, required, self._shape(inner, selections, depth)

"""What a query costs, before and after it runs.

The rules were fitted to recorded answers (2026-04): an object or a list of objects costs 1, value objects
nothing, a connection of n rows 2 + floor(2 ln n) times the cost of a row, a mutation 10 and the direct
objects of its payload nothing. Afterwards only the rows returned are charged, but for an empty page.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_named_type,
)
from graphql.execution.values import get_argument_values, get_directive_values
from graphql.type import (
    GraphQLIncludeDirective,
    GraphQLSkipDirective,
    SchemaMetaFieldDef,
    TypeMetaFieldDef,
    is_leaf_type,
)

MAX_QUERY_COST = 1000
FREE_TYPES = {
    "MoneyBag",
    "MoneyV2",
    "MailingAddress",
    "LocationAddress",
    "ShopAddress",
    "DiscountAllocation",
    "PageInfo",
}
FIXED_TYPES = {"Count": 10}
FIXED_FIELDS = {"customAttributes": 2}
MUTATIONS = {"orderCapture": 20, "refundCreate": 20}
MUTATION_COST = 10
_META = {"__schema": SchemaMetaFieldDef, "__type": TypeMetaFieldDef}


def rows_weight(count: int) -> int:
    """How many rows a page of `count` rows is charged as: floor(2 ln n), at least 1, none for 0."""
    return 0 if count <= 0 else max(1, math.floor(2 * math.log(count)))


@dataclass
class Plan:
    """The cost of one selected field: its own, and that of the objects selected below it.

    `rows` is the page size when the field is a connection; `variants` holds the children for each
    possible type when the field's type is abstract.
    """

    base: float = 0
    fixed: bool = False
    rows: int | None = None
    children: dict[str, Plan] = field(default_factory=dict)
    variants: list[dict[str, Plan]] = field(default_factory=list)

    def requested(self) -> float:
        """Points reserved before execution."""
        inner = max((_total(each) for each in self._choices()), default=0)
        if self.rows is None:
            return self.base + inner
        return self.base + rows_weight(self.rows) * inner

    def _choices(self) -> list[dict[str, Plan]]:
        return self.variants or [self.children]

    def actual(self, data: Any) -> float:
        """Points charged for the data returned."""
        if data is None or self.fixed:
            return self.base
        if self.rows is not None:
            return self.base + self._page(data)
        if isinstance(data, list):
            found = [self._inside(row) for row in data if row is not None]
            return self.base + (sum(found) / len(found) if found else 0)
        return self.base + self._inside(data)

    def _inside(self, data: Mapping[str, Any]) -> float:
        return max(
            (sum(plan.actual(data.get(key)) for key, plan in each.items()) for each in self._choices()),
            default=0,
        )

    def _page(self, data: Mapping[str, Any]) -> float:
        weight, rows = rows_weight(self.rows or 0), self.rows or 1
        total = 0.0
        for key, plan in self.children.items():
            returned = data.get(key)
            if not isinstance(returned, list):
                continue
            if not returned:
                return float(weight)
            total += weight * (len(returned) / rows) * plan.actual(returned)
        return total


def _total(children: Mapping[str, Plan]) -> float:
    return sum(plan.requested() for plan in children.values())


class CostModel:
    """Builds plans for operations over one schema."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self.schema = schema

    def plan(
        self,
        operation: OperationDefinitionNode,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: dict[str, Any],
    ) -> Plan:
        """The plan of a whole operation; `variables` are the coerced ones."""
        builder = _Builder(self.schema, fragments, variables)
        root = cast(GraphQLObjectType, self.schema.get_root_type(operation.operation))
        mutation = operation.operation.value == "mutation"
        return Plan(children=builder.children(root, [operation.selection_set], mutation_root=mutation))


def requested_cost(plan: Plan) -> int:
    """Requested points of an operation; never less than 1."""
    return max(1, math.floor(plan.requested()))


def actual_cost(plan: Plan, data: Any) -> int:
    """Charged points of an operation; never less than 1."""
    return max(1, math.ceil(plan.actual(data or {}) - 1e-9))


class _Builder:
    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: dict[str, Any],
    ) -> None:
        self.schema, self.fragments, self.variables = schema, fragments, variables

    def children(
        self, parent: GraphQLObjectType, selections: Iterable[SelectionSetNode], mutation_root: bool = False
    ) -> dict[str, Plan]:
        fields: dict[str, list[FieldNode]] = {}
        for selection in selections:
            self._collect(parent, selection, fields)
        plans = {}
        for key, nodes in fields.items():
            plan = self._field(parent, nodes, mutation_root)
            if plan is not None:
                plans[key] = plan
        return plans

    def _collect(
        self, parent: GraphQLObjectType, selection: SelectionSetNode, fields: dict[str, list[FieldNode]]
    ) -> None:
        for node in selection.selections:
            if not self._included(node):
                continue
            if isinstance(node, FieldNode):
                key = node.alias.value if node.alias else node.name.value
                fields.setdefault(key, []).append(node)
            elif isinstance(node, InlineFragmentNode):
                condition: Any = node.type_condition  # None for `... @include(if: x) {`
                if condition is None or self._applies(condition.name.value, parent):
                    self._collect(parent, node.selection_set, fields)
            elif isinstance(node, FragmentSpreadNode):
                fragment = self.fragments[node.name.value]
                if self._applies(fragment.type_condition.name.value, parent):
                    self._collect(parent, fragment.selection_set, fields)

    def _included(self, node: Any) -> bool:
        if not node.directives:
            return True
        skip = get_directive_values(GraphQLSkipDirective, node, self.variables)
        include = get_directive_values(GraphQLIncludeDirective, node, self.variables)
        return not (skip and skip["if"]) and not (include and not include["if"])

    def _applies(self, name: str, parent: GraphQLObjectType) -> bool:
        found = self.schema.type_map[name]
        if isinstance(found, (GraphQLInterfaceType, GraphQLUnionType)):
            return self.schema.is_sub_type(found, parent)
        return found is parent

    def _field(self, parent: GraphQLObjectType, nodes: list[FieldNode], mutation_root: bool) -> Plan | None:
        name = nodes[0].name.value
        if name == "__typename":
            return None
        definition = {"__schema": SchemaMetaFieldDef, "__type": TypeMetaFieldDef}.get(name) or parent.fields[
            name
        ]
        kind = get_named_type(definition.type)
        row = name in ("nodes", "node") and parent.name.endswith(("Connection", "Edge"))
        if is_leaf_type(kind) or name == "userErrors" or (kind.name in FREE_TYPES and not row):
            return None
        if name in FIXED_FIELDS or kind.name in FIXED_TYPES:
            return Plan(FIXED_FIELDS[name] if name in FIXED_FIELDS else FIXED_TYPES[kind.name], fixed=True)
        selections = [node.selection_set for node in nodes if node.selection_set]
        if mutation_root:
            return self._payload(kind, name, selections)
        if isinstance(kind, GraphQLObjectType) and kind.name.endswith("Connection"):
            arguments = get_argument_values(definition, nodes[0], self.variables)
            return self._connection(kind, arguments, selections)
        return self._object(kind, 1, selections)

    def _object(self, kind: Any, base: int, selections: list[SelectionSetNode]) -> Plan:
        if isinstance(kind, GraphQLObjectType):
            return Plan(base, children=self.children(kind, selections))
        possible = self.schema.get_possible_types(kind)
        return Plan(base, variants=[self.children(each, selections) for each in possible])

    def _payload(self, kind: Any, name: str, selections: list[SelectionSetNode]) -> Plan:
        plan = Plan(MUTATIONS.get(name, MUTATION_COST), children=self.children(kind, selections))
        for child in plan.children.values():
            if not child.fixed:
                child.base = 0
        return plan

    def _connection(
        self, kind: GraphQLObjectType, args: dict[str, Any], selections: list[SelectionSetNode]
    ) -> Plan:
        size = args.get("first")
        size = args.get("last") if size is None else size
        plan = Plan(2, rows=int(size) if isinstance(size, int) else 0)
        plan.children = self.children(kind, selections)
        for child in plan.children.values():
            if set(child.children) == {"node"}:
                child.base = 0
        return plan

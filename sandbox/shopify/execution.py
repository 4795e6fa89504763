"""Running a GraphQL request: parse and validate once, price it, execute it, shape the answer."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from graphql import (
    DocumentNode,
    ExecutionResult,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLResolveInfo,
    GraphQLSchema,
    MiddlewareManager,
    OperationDefinitionNode,
    build_schema,
    execute,
    get_named_type,
    parse,
    validate,
)
from graphql.execution.values import get_variable_values
from graphql.utilities import get_operation_ast

from sandbox.shopify import errors
from sandbox.shopify.bulk_queries import without_pages
from sandbox.shopify.cost import MAX_QUERY_COST, CostModel, Plan, actual_cost, requested_cost
from sandbox.shopify.projection import PlainDataContext, Shape
from sandbox.shopify.scopes import Alternatives, allowed, needed_by_document, needed_by_field
from sandbox.shopify.throttle import Bucket

Json = dict[str, Any]

SCHEMA_DIR = Path(__file__).parent / "schema"
_DOCUMENTS_KEPT = 500
_PLANS_KEPT = 200


def load_schema() -> GraphQLSchema:
    """The executable schema, from the .graphql files beside this module."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in sorted(SCHEMA_DIR.glob("*.graphql")))
    return build_schema(text)


@dataclass
class Prepared:
    """A parsed query with what was found out about it; kept for the next request with the same text."""

    document: DocumentNode
    errors: list[Json]
    scopes: set[Alternatives] = field(default_factory=set)
    shapes: dict[Any, Shape | None] = field(default_factory=dict)
    plans: OrderedDict[Any, Plan] = field(default_factory=OrderedDict)


@dataclass
class Context:
    """What resolvers know about the request: the store it is for, the token's scopes, the documents."""

    shop: Any
    scopes: frozenset[str]
    guarded: bool = False
    shapes: dict[Any, Shape | None] = field(default_factory=dict)
    warnings: list[Json] = field(default_factory=list)
    client_id: str = ""
    api_version: str = ""
    allow_loopback: bool = True
    base_url: str = ""
    export: Any = None


def plain_field(source: Any, info: GraphQLResolveInfo, **_: Any) -> Any:
    """The default resolver: the document's own key."""
    return source.get(info.field_name)


def _never_awaitable(_: Any) -> bool:
    return False


def _guard(next_: Any, source: Any, info: GraphQLResolveInfo, **args: Any) -> Any:
    """Middleware for tokens that lack a scope: deny field by field."""
    returned = get_named_type(info.return_type).name
    wanted = needed_by_field(info.parent_type.name, info.field_name, returned)
    if wanted and not allowed(info.context.scopes, wanted):
        raise errors.access_denied(info.field_name, wanted)
    return next_(source, info, **args)


class Engine:
    """Executes requests over one schema whose resolvers are attached."""

    def __init__(self, schema: GraphQLSchema) -> None:
        self.schema = schema
        self.costs = CostModel(schema)
        self._prepared: OrderedDict[str, Prepared] = OrderedDict()
        self._lock = threading.Lock()
        self._guard = MiddlewareManager(_guard)

    def prepare(self, text: str) -> Prepared:
        """Parse and validate a query text, or take it from the ones kept."""
        with self._lock:
            found = self._prepared.get(text)
            if found is not None:
                self._prepared.move_to_end(text)
                return found
        try:
            document = parse(text)
        except GraphQLError as error:
            return Prepared(DocumentNode(definitions=()), [errors.syntax_error(error)])
        invalid = validate(self.schema, document, max_errors=20)
        prepared = Prepared(document, [errors.validation_error(each, document) for each in invalid])
        if not invalid:
            prepared.scopes = needed_by_document(self.schema, document)
        with self._lock:
            self._prepared[text] = prepared
            while len(self._prepared) > _DOCUMENTS_KEPT:
                self._prepared.popitem(last=False)
        return prepared

    def run(self, request: Json, context: Context, bucket: Bucket, debug: bool = False) -> Json:  # noqa: PLR0911 - one return per way a request ends
        """The whole answer to a request body {query, variables, operationName}."""
        prepared = self.prepare(str(request.get("query") or ""))
        if prepared.errors:
            return {"errors": prepared.errors}
        operation = get_operation_ast(prepared.document, request.get("operationName"))
        if operation is None:
            return {
                "errors": [
                    {"message": "An operation name is required", "extensions": {"code": "BAD_REQUEST"}}
                ]
            }
        raw = request.get("variables") or {}
        coerced = get_variable_values(self.schema, operation.variable_definitions or (), raw, max_errors=5)
        if isinstance(coerced, list):
            return {"errors": [errors.variable_error(each, operation, raw) for each in coerced]}
        if too_long := _oversized(operation, raw):
            return {"errors": [too_long]}
        plan = self._plan(prepared, operation, coerced)
        cost = requested_cost(plan)
        if cost > MAX_QUERY_COST:
            return errors.too_expensive(cost, MAX_QUERY_COST)
        if not bucket.take(cost):
            return errors.throttled(cost, bucket.status())
        result = self._execute(prepared, operation, raw, context)
        spent = min(cost, actual_cost(plan, result.data)) if result.data is not None else cost
        bucket.give_back(cost - spent)
        return self._answer(result, context, cost, spent, bucket, _debug(plan) if debug else None)

    def export(self, text: str, context: Context) -> ExecutionResult:
        """The answer to a bulk query: every connection whole, without a price."""
        document = parse(text)
        wanted = needed_by_document(self.schema, document)
        guarded = replace(context, guarded=not all(allowed(context.scopes, each) for each in wanted))
        with without_pages():
            result = execute(
                self.schema, document, root_value={}, context_value=guarded, field_resolver=plain_field,
                middleware=self._guard if guarded.guarded else None, is_awaitable=_never_awaitable,
            )  # fmt: skip
        return cast(ExecutionResult, result)

    def _plan(self, prepared: Prepared, operation: OperationDefinitionNode, variables: Json) -> Plan:
        sizes = tuple(sorted((k, v) for k, v in variables.items() if isinstance(v, (int, bool))))
        key = (id(operation), sizes)
        with self._lock:
            plan = prepared.plans.get(key)
        if plan is None:
            named = {
                each.name.value: each
                for each in prepared.document.definitions
                if isinstance(each, FragmentDefinitionNode)
            }
            plan = self.costs.plan(operation, named, variables)
            with self._lock:
                prepared.plans[key] = plan
                while len(prepared.plans) > _PLANS_KEPT:
                    prepared.plans.popitem(last=False)
        return plan

    def _execute(
        self, prepared: Prepared, operation: OperationDefinitionNode, variables: Json, context: Context
    ) -> ExecutionResult:
        context.guarded = not all(allowed(context.scopes, wanted) for wanted in prepared.scopes)
        context.shapes = prepared.shapes
        result = execute(
            self.schema,
            prepared.document,
            root_value={},
            context_value=context,
            variable_values=variables,
            operation_name=operation.name.value if operation.name else None,
            field_resolver=plain_field,
            middleware=self._guard if context.guarded else None,
            execution_context_class=PlainDataContext,
            is_awaitable=_never_awaitable,
        )
        return cast(ExecutionResult, result)

    @staticmethod
    def _answer(  # noqa: PLR0917 - what an answer is made of
        result: ExecutionResult,
        context: Context,
        cost: int,
        spent: int,
        bucket: Bucket,
        debug: list[Json] | None,
    ) -> Json:
        answer: Json = {}
        if result.errors:
            answer["errors"] = [errors.execution_error(each) for each in result.errors]
        answer["data"] = result.data
        priced: Json = {
            "requestedQueryCost": cost,
            "actualQueryCost": spent,
            "throttleStatus": bucket.status(),
        }
        if debug is not None:
            priced["fields"] = debug
        answer["extensions"] = {"cost": priced}
        if context.warnings:
            answer["extensions"]["search"] = context.warnings
        return answer


def _debug(plan: Plan, path: tuple[str, ...] = ()) -> list[Json]:
    """The list behind the header Shopify-GraphQL-Cost-Debug: each charged field with its costs."""
    rows: list[Json] = []
    for each in plan.variants or [plan.children]:
        for key, child in each.items():
            inner = child.requested() - child.base
            rows.append(
                {
                    "path": [*path, key],
                    "definedCost": child.base,
                    "requestedTotalCost": child.requested(),
                    "requestedChildrenCost": inner or None,
                }
            )
            rows += _debug(child, (*path, key))
    return rows


def _oversized(operation: OperationDefinitionNode, variables: Json) -> Json | None:
    """The error for an input list of more than 250 items, if a variable holds one."""
    maximum = 250
    for name, value in variables.items():
        for path, size in _lists(value, [name]):
            if size > maximum:
                root = operation.selection_set.selections[0]
                first = getattr(getattr(root, "name", None), "value", "")
                return {
                    "message": f"The input array size of {size} is greater than the maximum allowed of {maximum}.",
                    "path": [first, *path],
                    "extensions": {"code": "MAX_INPUT_SIZE_EXCEEDED"},
                }
    return None


def _lists(value: Any, path: list[str]) -> list[tuple[list[str], int]]:
    found: list[tuple[list[str], int]] = []
    if isinstance(value, list):
        found.append((path, len(value)))
        for row in value[:1000]:
            found += _lists(row, path)
    elif isinstance(value, dict):
        for key, inner in value.items():
            found += _lists(inner, [*path, key])
    return found


def is_list_of(kind: Any) -> GraphQLNamedType | None:
    """The named type of a plain list field; None when the field is not a list."""
    if isinstance(kind, GraphQLNonNull):
        kind = kind.of_type
    return get_named_type(kind) if isinstance(kind, GraphQLList) else None

"""Stores with several shop records: every record knows all orders of the store, but each order counts once."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import reduce

from django.db.models import Case, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When

from shops.models import Shop
from shops.stores import stores
from syncflows.models import Sync
from syncflows.states import State

BELONGS_ELSEWHERE = ("NOT_WANTED", "WRITTEN_BY_OTHER_SHOP")
"""Causes by which a record says that an order is not its own."""
Groups = Sequence[Sequence[Shop]]
_RANK = Case(
    When(state=State.DONE, then=Value(0)),
    When(state=State.BLOCKED, then=Value(1)),
    When(~Q(state=State.SKIPPED), then=Value(2)),
    When(~Q(reason_code__in=BELONGS_ELSEWHERE), then=Value(3)),
    default=Value(4),
    output_field=IntegerField(),
)


def shared(shops: Iterable[Shop]) -> list[list[Shop]]:
    """The stores among these that have several records here."""
    return [group for group in stores(shops) if len(group) > 1]


def speaking(rows: QuerySet[Sync], groups: Groups) -> QuerySet[Sync]:
    """The rows that say where their order is: of the rows two records of a store have for one order, that of the record
    that has come further with it (written, blocked, on its way, left out by a rule or a person, left out as not its
    own), of equal ones the older."""
    return reduce(_without_doubles, groups, rows)


def _without_doubles(rows: QuerySet[Sync], group: Sequence[Shop]) -> QuerySet[Sync]:
    keys = [shop.pk for shop in group]
    better = (
        Sync.objects.filter(shop__in=keys, flow=OuterRef("flow"), source_id=OuterRef("source_id"))
        .alias(rank=_RANK)
        .filter(Q(rank__lt=OuterRef("own_rank")) | Q(rank=OuterRef("own_rank"), pk__lt=OuterRef("pk")))
    )
    return rows.alias(own_rank=_RANK).exclude(Q(shop__in=keys) & Q(Exists(better)))

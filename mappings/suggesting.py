"""What a Shopify value probably becomes: as other shops map it, or the record with the same or nearly the same name.

A suggestion is only ever offered to a person; no order is written by one.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from erps.models import ErpConnection, ReferenceKind, ReferenceRecord
from mappings.models import Behaviour, MapKind, TargetKind, ValueMapping
from shops.models import Shop

NEAR = 0.78
"""From this likeness (0 to 1) on a name is near enough to be worth a look."""
LEAD = 0.08
"""By so much the nearest name must be nearer than the next one."""
MOST = 3_000
"""Records compared at most: beyond, only the same name or code is looked for."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A record for a value, and why. `kind` is its kind of reference data."""

    kind: str
    id: str
    name: str
    why: str

    @property
    def choice(self) -> str:
        """The value of the choice in the form."""
        return f"{self.kind}:{self.id}"


def words_of(text: str) -> str:
    """How names are compared: letters and digits only, without case, accents and doubled spaces."""
    plain = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(char if char.isalnum() else " " for char in plain if not unicodedata.combining(char))
    return re.sub(r"\s+", " ", kept).strip()


def by_name(names: Sequence[str], records: Iterable[tuple[str, str, str, str]]) -> Suggestion | None:
    """The record (kind, id, name, code) that one of the names means; None when none or several do.

    `names` are the value and its words, the most telling first.
    """
    known = list(records)
    for name in names:
        wanted = words_of(name)
        same = [r for r in known if wanted and wanted in (words_of(r[2]), words_of(r[3]))]
        if len(same) == 1:
            return Suggestion(same[0][0], same[0][1], same[0][2], "the same name")
        if same:
            return None
    if len(known) > MOST:
        return None
    return next((found for name in names if (found := _nearest(name, known)) is not None), None)


def _nearest(name: str, known: Sequence[tuple[str, str, str, str]]) -> Suggestion | None:
    wanted = words_of(name)
    if not wanted:
        return None
    ranked = sorted(((_likeness(wanted, words_of(record[2])), record) for record in known), reverse=True)
    if not ranked or ranked[0][0] < NEAR or (len(ranked) > 1 and ranked[0][0] - ranked[1][0] < LEAD):
        return None
    kind, erp_id, shown, _ = ranked[0][1]
    return Suggestion(kind, erp_id, shown, "a name much like it")


def _likeness(one: str, other: str) -> float:
    """0 to 1: letter by letter, or 0.9 where all words of the one are among the other's."""
    first, second = set(one.split()), set(other.split())
    if first and second and (first <= second or second <= first):
        return 0.9
    return difflib.SequenceMatcher(None, one, other).ratio()


class Suggestions:
    """Suggestions for many values of one kind of map, from two queries and one more per connection.

    `kinds` says what reference data the map of a connection points at.
    """

    def __init__(
        self,
        kind: MapKind,
        shops: Iterable[Shop],
        values: Iterable[str],
        kinds: Callable[[ErpConnection], Sequence[ReferenceKind]],
    ) -> None:
        self._kinds = kinds
        self._connections = {shop.pk: shop.erp_connection for shop in shops}
        known = {connection.pk: connection for connection in self._connections.values() if connection}
        self._records = {pk: self._read(connection) for pk, connection in known.items()}
        self._elsewhere: dict[tuple[int, str], list[ValueMapping]] = {}
        wanted = {value.strip().casefold() for value in values}
        rows = ValueMapping.objects.filter(
            shop__erp_connection__in=known, kind=kind, behaviour=Behaviour.USE
        ).exclude(target_id="")
        for row in rows.select_related("shop"):
            key = row.source.strip().casefold()
            if key in wanted and key and row.shop.erp_connection_id is not None:
                self._elsewhere.setdefault((row.shop.erp_connection_id, key), []).append(row)

    def _read(self, connection: ErpConnection) -> list[tuple[str, str, str, str]]:
        rows = ReferenceRecord.objects.filter(
            connection=connection, kind__in=self._kinds(connection), is_inactive=False
        )
        return list(rows.values_list("kind", "erp_id", "name", "code"))

    def of(self, shop_id: int, names: Sequence[str]) -> Suggestion | None:
        """A record for a value of one shop; `names` are the value and, where it is an id, its words."""
        connection = self._connections.get(shop_id)
        if connection is None or not any(names):
            return None
        return self._as_elsewhere(shop_id, connection, names[0]) or by_name(
            [name for name in names if name], self._records[connection.pk]
        )

    def _as_elsewhere(self, shop_id: int, connection: ErpConnection, value: str) -> Suggestion | None:
        """As the other shops of the connection map the same value, if they all agree."""
        rows = self._elsewhere.get((connection.pk, value.strip().casefold()), [])
        found = {(row.target_id, row.target_kind): row for row in rows if row.shop_id != shop_id}
        if len(found) != 1:
            return None
        row = next(iter(found.values()))
        account = row.target_kind == TargetKind.ACCOUNT
        kind = ReferenceKind.ACCOUNT if account else self._kinds(connection)[0]
        return Suggestion(kind, row.target_id, row.target_label, f"as {row.shop} maps it")

"""Ids of the ERP and the names people know them by: checked, and found again by name in another account."""

from __future__ import annotations

from collections.abc import Sequence

from erps.models import ErpConnection, ReferenceKind, ReferenceRecord


class Names:
    """The cached reference data of one connection, read once."""

    def __init__(self, connection: ErpConnection | None) -> None:
        self.connection = connection
        self._rows: dict[tuple[str, str], str] | None = None

    def _known(self) -> dict[tuple[str, str], str]:
        if self._rows is None:
            rows = ReferenceRecord.objects.none()
            if self.connection is not None and self.connection.pk:
                rows = ReferenceRecord.objects.filter(connection=self.connection)
            self._rows = {
                (kind, erp_id): name for kind, erp_id, name in rows.values_list("kind", "erp_id", "name")
            }
        return self._rows

    def has(self, kinds: Sequence[ReferenceKind]) -> bool:
        """True when any record of these kinds is cached: without, nothing can be said."""
        return any(kind in kinds for kind, _ in self._known())

    def of(self, kinds: Sequence[ReferenceKind], erp_id: str) -> str:
        """The name of a record, "" when it is not cached."""
        return next((name for kind in kinds if (name := self._known().get((kind, erp_id)))), "")

    def ids(self, kinds: Sequence[ReferenceKind], name: str) -> list[str]:
        """Ids of the records of these kinds with exactly this name (without case and surrounding space)."""
        return [
            erp_id
            for (kind, erp_id), known in self._known().items()
            if kind in kinds and self.same(known, name)
        ]

    @staticmethod
    def same(one: str, other: str) -> bool:
        """Whether two names are the same to a person: without case and surrounding space."""
        return one.strip().casefold() == other.strip().casefold()

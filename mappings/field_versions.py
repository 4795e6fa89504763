"""What people do to field mappings: edit the draft, publish, publish an older version again. And what a batch reads."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser, User
from django.db import transaction
from django.db.models import Max

from common.clock import now
from erps.models import ErpConnection, ReferenceKind, ReferenceRecord
from mappings.context import MappingContext
from mappings.field_sets import FieldMapping, FieldMappingSet
from mappings.fields.catalogue import Level
from mappings.fields.engine import FieldMapper
from mappings.fields.rules import FieldRule
from mappings.fields.view import ViewSettings
from shops.models import Shop

Person = AbstractBaseUser | AnonymousUser | None
KIND_OF_LEVEL: dict[Level, ReferenceKind] = {
    Level.HEADER: ReferenceKind.ORDER_FIELD,
    Level.LINE: ReferenceKind.LINE_FIELD,
    Level.CUSTOMER: ReferenceKind.CUSTOMER_FIELD,
}
LEVEL_OF_KIND = {kind: level for level, kind in KIND_OF_LEVEL.items()}
_COPIED = [
    field.attname for field in FieldMapping._meta.concrete_fields if field.name not in ("id", "mapping_set")
]


class ChangedMeanwhile(Exception):
    """Somebody else saved or published the draft after it was opened; `draft` is how it is now (None: gone)."""

    def __init__(self, draft: FieldMappingSet | None) -> None:
        super().__init__("The draft was changed meanwhile.")
        self.draft = draft


def rules_in_use(shop: Shop) -> list[FieldRule]:
    """The rules of the version that counts, in their order; one query."""
    rows = FieldMapping.objects.filter(mapping_set__shop=shop, mapping_set__is_current=True)
    return [row.rule() for row in rows]


def mapper_for(context: MappingContext, rules: Sequence[FieldRule] | None = None) -> FieldMapper:
    """The field mappings of a shop for a batch: those in use, or the rules given (for a preview). Two queries at most,
    one for a shop without field mappings."""
    shop = context.shop
    found = rules_in_use(shop) if rules is None else list(rules)
    settings = ViewSettings(
        zone=shop.document_zone,
        money_policy=shop.money_policy,
        books=context.books,
        order_url=shop.admin_order_url("{id}"),
        locations=context.locations,
        markets=context.markets,
    )
    return FieldMapper(found, settings, context.row, gone_targets(context.connection, found))


def gone_targets(connection: ErpConnection, rules: Iterable[FieldRule]) -> frozenset[tuple[str, str]]:
    """(level, field in lower case) of targets the ERP does not show any more, by the last look at its fields."""
    wanted = {(rule.level, rule.target) for rule in rules}
    if not wanted:
        return frozenset()
    gone = ReferenceRecord.objects.filter(
        connection=connection,
        kind__in={KIND_OF_LEVEL[level] for level, _ in wanted},
        erp_id__in={target for _, target in wanted},
        is_inactive=True,
    )
    return frozenset(
        (LEVEL_OF_KIND[ReferenceKind(kind)].value, erp_id.lower())
        for kind, erp_id in gone.values_list("kind", "erp_id")
    )


def current_of(shop: Shop) -> FieldMappingSet | None:
    """The version that counts."""
    return FieldMappingSet.objects.filter(shop=shop, is_current=True).first()


def draft_of(shop: Shop) -> FieldMappingSet | None:
    """The draft, if there is one."""
    return FieldMappingSet.objects.filter(shop=shop, number=None).first()


@transaction.atomic
def start_draft(shop: Shop, person: Person) -> FieldMappingSet:
    """The shop's draft; a new one begins as a copy of the version in use."""
    Shop.objects.select_for_update().filter(pk=shop.pk).first()
    draft = draft_of(shop)
    if draft is not None:
        return draft
    current = current_of(shop)
    draft = FieldMappingSet.objects.create(shop=shop, changed_by=_user(person), changed_at=now())
    if current is not None:
        put_rows(draft, copies(current))
    return draft


def copies(version: FieldMappingSet) -> list[FieldMapping]:
    """New rows like those of a version, not stored."""
    return [FieldMapping(**{name: getattr(row, name) for name in _COPIED}) for row in version.rows.all()]


def put_rows(draft: FieldMappingSet, rows: Sequence[FieldMapping]) -> None:
    """Make these the rows of a draft."""
    draft.rows.all().delete()
    for position, row in enumerate(rows):
        row.pk, row.mapping_set, row.position = None, draft, position
    FieldMapping.objects.bulk_create(rows)


@transaction.atomic
def save_draft(
    draft: FieldMappingSet, revision: int, rows: Sequence[FieldMapping], person: Person
) -> FieldMappingSet:
    """Store the rows of a draft that was opened at a revision.

    Raises ChangedMeanwhile, and stores nothing, when somebody saved, published or threw it away since.
    """
    _claim(draft, revision, person)
    put_rows(draft, rows)
    draft.refresh_from_db()
    return draft


def _claim(draft: FieldMappingSet, revision: int, person: Person) -> None:
    """One UPDATE that must change one row."""
    mine = FieldMappingSet.objects.filter(pk=draft.pk, number=None, revision=revision)
    if not mine.update(revision=revision + 1, changed_by=_user(person), changed_at=now()):
        raise ChangedMeanwhile(FieldMappingSet.objects.filter(pk=draft.pk).first())


@transaction.atomic
def publish(draft: FieldMappingSet, revision: int, person: Person, reason: str) -> FieldMappingSet:
    """Give a draft its number and let it count from the next order on. Raises ChangedMeanwhile."""
    Shop.objects.select_for_update().filter(pk=draft.shop_id).first()
    _claim(draft, revision, person)
    return _put_into_use(draft, person, reason)


@transaction.atomic
def publish_again(version: FieldMappingSet, person: Person, reason: str) -> FieldMappingSet:
    """Publish a copy of an older version as the newest. The draft stays as it is."""
    Shop.objects.select_for_update().filter(pk=version.shop_id).first()
    again = FieldMappingSet.objects.create(
        shop=version.shop,
        number=_next_number(version.shop_id),
        copied_from=version.number,
        changed_by=_user(person),
        changed_at=now(),
    )
    put_rows(again, copies(version))
    return _put_into_use(again, person, reason)


@transaction.atomic
def publish_rows(shop: Shop, rows: Sequence[FieldMapping], person: Person, reason: str) -> FieldMappingSet:
    """Publish rows that came from elsewhere (a configuration file) as the newest version. The draft stays as it is."""
    Shop.objects.select_for_update().filter(pk=shop.pk).first()
    version = FieldMappingSet.objects.create(
        shop=shop, number=_next_number(shop.pk), changed_by=_user(person), changed_at=now()
    )
    put_rows(version, rows)
    return _put_into_use(version, person, reason)


def _put_into_use(version: FieldMappingSet, person: Person, reason: str) -> FieldMappingSet:
    FieldMappingSet.objects.filter(shop_id=version.shop_id, is_current=True).update(is_current=False)
    version.refresh_from_db()
    if version.number is None:
        version.number = _next_number(version.shop_id)
    version.is_current = True
    version.reason = reason.strip()
    version.published_by, version.published_at = _user(person), now()
    version.save()
    return version


def _next_number(shop_id: int) -> int:
    highest = FieldMappingSet.objects.filter(shop_id=shop_id).aggregate(highest=Max("number"))["highest"]
    return (highest or 0) + 1


def discard(draft: FieldMappingSet, revision: int) -> None:
    """Throw a draft away. Raises ChangedMeanwhile."""
    gone, _ = FieldMappingSet.objects.filter(pk=draft.pk, number=None, revision=revision).delete()
    if not gone:
        raise ChangedMeanwhile(FieldMappingSet.objects.filter(pk=draft.pk).first())


def _user(person: Person) -> User | None:
    return person if isinstance(person, User) else None


@dataclass(frozen=True, slots=True)
class RowChange:
    """One mapping that differs between two versions: `parts` are (label, before, after); `kind` is added, removed or
    changed."""

    name: str
    kind: str
    parts: tuple[tuple[str, str, str], ...]


def compare(before: Iterable[FieldMapping], after: Iterable[FieldMapping]) -> list[RowChange]:
    """What differs, mapping by mapping (known again by their keys) and part by part."""
    old, new = {row.key: row for row in before}, {row.key: row for row in after}
    changes = []
    for key in [*old, *(key for key in new if key not in old)]:
        was = old[key].words() if key in old else {}
        now_ = new[key].words() if key in new else {}
        parts = tuple(
            (label, was.get(label, ""), now_.get(label, ""))
            for label in (now_ or was)
            if was.get(label, "") != now_.get(label, "")
        )
        if parts:
            kind = "added" if not was else "removed" if not now_ else "changed"
            changes.append(RowChange((now_ or was)["Name"], kind, parts))
    order = [(row.key) for row in new.values() if row.key in old]
    if not changes and [key for key in old if key in new] != order:
        changes.append(RowChange("Order of the mappings", "changed", ()))
    return changes

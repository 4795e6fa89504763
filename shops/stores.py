"""Shop records of one store: two records may point at one Shopify store, each with rules and filters of its own."""

from __future__ import annotations

from collections.abc import Iterable

from shops.models import Shop


def names_of_store(shop: Shop) -> set[str]:
    """What a record's store is known by: its Shopify domain and the address its API is asked at. Records that share one
    of them are records of one store."""
    domain = shop.domain.strip().lower()
    return {domain, (shop.api_base_url or f"https://{domain}").rstrip("/").lower()}


def stores(shops: Iterable[Shop]) -> list[list[Shop]]:
    """The records grouped by store, in the order given; most groups hold one record."""
    groups: list[tuple[set[str], list[Shop]]] = []
    for shop in shops:
        names = names_of_store(shop)
        members = [shop]
        apart = []
        for known, found in groups:
            if known & names:
                names, members = names | known, [*found, *members]
            else:
                apart.append((known, found))
        groups = [*apart, (names, members)]
    return [members for _, members in groups]


def records_of_store(shop: Shop) -> list[Shop]:
    """All records of a shop's store, itself and those switched off included, by primary key; one query."""
    every = Shop.objects.only("pk", "key", "name", "domain", "api_base_url", "is_active", "iana_timezone")
    found = next(group for group in stores(every) if any(one.pk == shop.pk for one in group))
    return sorted(found, key=lambda one: one.pk)

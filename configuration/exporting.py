"""The configuration as it is now, as the content of a file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import models

from configuration.reading import VERSION
from configuration.references import Names
from configuration.sections import CHANNELS, CONNECTIONS, REST, SHOPS, Section
from configuration.values import plain
from erps.models import ErpConnection
from monitoring.models import Channel
from shops.models import Shop


def export(shops: Sequence[str] = ()) -> dict[str, Any]:
    """All connections and shops, or the shops named (by key) with their connections. No secret is in it: an entry
    with secrets names the environment variables they are taken from.

    Raises LookupError for a shop there is not.
    """
    wanted = Shop.objects.order_by("key")
    if shops:
        wanted = wanted.filter(key__in=shops)
        if missing := sorted(set(shops) - {shop.key for shop in wanted}):
            raise LookupError(f"There is no shop {', '.join(missing)}.")
    connections = ErpConnection.objects.order_by("key")
    if shops:
        connections = connections.filter(shops__in=wanted).distinct()
    content = {
        "version": VERSION,
        CONNECTIONS.name: _entries(CONNECTIONS, connections, None),
        SHOPS.name: _entries(SHOPS, wanted.select_related("erp_connection"), None),
    }
    channels = {} if shops else _entries(CHANNELS, Channel.objects.order_by("key"), Names(None))
    return {**content, CHANNELS.name: channels} if channels else content


def secret_name(section: str, key: str, field: str) -> str:
    """The environment variable a secret is taken from, unless the file names another one."""
    words = f"HUB_SECRET_{section}_{key}_{field}".upper()
    return "".join(char if char.isalnum() else "_" for char in words)


def entry_of(section: Section, row: models.Model, names: Names) -> dict[str, Any]:
    """One entry without its children: fields that have their default are left out."""
    entry: dict[str, Any] = {}
    for field in section.fields():
        value = getattr(row, field.attname)
        if value == (None if field.null and not field.has_default() else field.get_default()):
            continue
        entry[field.name] = plain(value)
        reference = section.references.get(field.name)
        if reference is not None and value:
            label = getattr(row, reference.label) if reference.label else ""
            name = label or names.of(reference.kinds(row, names.connection), str(value))
            entry[field.name] = {"id": str(value), "name": name} if name else str(value)
    for link, target in section.links.items():
        other = getattr(row, link)
        if other is not None:
            entry[link] = _key_of(target, other)
    secrets = {
        name: secret_name(section.name, _text(row, section.key), name)
        for name, wanted in section.secrets.items()
        if wanted(row) and getattr(row, name)
    }
    if secrets:
        entry["secrets"] = secrets
    return entry


def _entries(section: Section, rows: Iterable[models.Model], names: Names | None) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for row in rows:
        connection = row if isinstance(row, ErpConnection) else getattr(row, "erp_connection", None)
        known = names or Names(connection)
        entry = entry_of(section, row, known)
        for child in section.children:
            below = child.rows(row)
            if child.current is None:
                below.sort(key=lambda each: [str(getattr(each, name)) for name in child.key])
            inside = _entries(child, below, known)
            # An entry with nothing but defaults says so; a table without rows says nothing.
            if inside or (not child.key and below):
                entry[child.name] = inside
        if not section.key:
            return entry
        place = found
        *groups, last = (written_key(getattr(row, name)) for name in section.key)
        for group in groups:
            place = place.setdefault(group, {})
        place[last] = entry
    return found


def written_key(value: str) -> str:
    """A key as the file shows it."""
    return str(value) or REST


def _text(row: models.Model, key: Sequence[str]) -> str:
    return " ".join(str(getattr(row, name)) for name in key)


def _key_of(section_name: str, row: models.Model) -> str:
    section = {CONNECTIONS.name: CONNECTIONS, SHOPS.name: SHOPS}[section_name]
    return str(getattr(row, section.key[0]))

"""What a configuration file would change: every entry compared with what the hub has."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models

from configuration.errors import ConfigurationError, Problem
from configuration.exporting import written_key
from configuration.filling import Filling, unknown
from configuration.plans import CHANGE, CREATE, LEAVE, REMOVE, Change, FieldChange, Plan, Version
from configuration.reading import Mapped
from configuration.references import Names
from configuration.sections import REST, TOP, Section


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the file something stands, and what it stands in."""

    path: str
    line: int
    parent: models.Model | None = None
    names: Names | None = None

    def at(self, name: str, line: int) -> Place:
        """One level deeper, in the same parent."""
        return Place(f"{self.path}.{name}", line, self.parent, self.names)


class Planner:
    """Compares one file with the database. `by_name` finds ERP records again by their name where ids differ, `prune`
    removes rows of a shop's tables that the file does not have, `environment` is where secrets come from."""

    def __init__(
        self, *, by_name: bool = False, prune: bool = False, environment: Mapping[str, str] | None = None
    ) -> None:
        self.by_name, self.prune = by_name, prune
        self.environment = os.environ if environment is None else environment
        self.plan = Plan()
        self.problems: list[Problem] = []
        self._rows: dict[tuple[str, str], models.Model] = {}

    def read(self, content: Mapped) -> Plan:
        """The plan. Raises ConfigurationError with everything that is wrong; changes nothing."""
        known = [section.name for section in TOP]
        for name in content:
            if name not in ("version", *known):
                self._wrong(Place("", content.lines[name]), unknown(name, known))
        for section in TOP:
            if content.get(section.name) is not None:
                self._section(
                    section, content[section.name], Place(section.name, content.lines[section.name])
                )
        if self.problems:
            raise ConfigurationError(self.problems)
        return self.plan

    def _wrong(self, place: Place, message: str) -> None:
        self.problems.append(Problem(place.line, place.path, message))

    def _section(self, section: Section, found: Any, place: Place) -> None:
        if not isinstance(found, Mapped):
            self._wrong(place, "a group of entries is needed here.")
            return
        existing = {self._key(section, row): row for row in section.rows(place.parent)}
        version = None
        if section.current is not None and place.parent is not None:
            version = Version(section, place.parent, place.path)
            self.plan.versions.append(version)
        seen: set[tuple[str, ...]] = set()
        for key, entry, there in self._entries(section, found, place):
            if key in seen:
                self._wrong(there, "this entry is given twice.")
                continue
            seen.add(key)
            change = self._change(section, key, existing.get(key), there)
            self._entry(section, entry, change, there)
            if version is not None:
                version.rows.append(change.row)
        for key, row in existing.items():
            if key not in seen and section.key:
                removed = version is not None or (self.prune and section.removable)
                path = ".".join((place.path, *map(written_key, key)))
                self.plan.changes.append(
                    Change(REMOVE if removed else LEAVE, path, section, row, place.parent)
                )
        if version is not None:
            self._order(version, list(existing.values()))

    def _order(self, version: Version, before: list[models.Model]) -> None:
        """The order of a version's rows is part of it."""
        old, new = ([str(row) for row in rows] for rows in (before, version.rows))
        if old != new and sorted(old) == sorted(new):
            change = Change(CHANGE, version.path, version.section, version.rows[0], version.parent)
            change.fields.append(FieldChange("order", ", ".join(old), ", ".join(new)))
            self.plan.changes.append(change)

    def _key(self, section: Section, row: models.Model) -> tuple[str, ...]:
        return tuple(str(getattr(row, name)) for name in section.key)

    def _entries(
        self, section: Section, found: Mapped, place: Place
    ) -> Iterator[tuple[tuple[str, ...], Mapped, Place]]:
        """Keys, entries and their places, whatever the depth of the key."""
        level: list[tuple[tuple[str, ...], Any, Place]] = [((), found, place)]
        for _ in section.key:
            deeper = []
            for key, group, there in level:
                if not isinstance(group, Mapped):
                    self._wrong(there, "a group of entries is needed here.")
                    continue
                for name, inside in group.items():
                    text = "" if name == REST else name
                    deeper.append(((*key, text), inside, there.at(name, group.lines[name])))
            level = deeper
        for key, entry, there in level:
            if entry is None or isinstance(entry, Mapped):
                yield key, Mapped() if entry is None else entry, there
            else:
                self._wrong(there, "a group of settings is needed here.")

    def _change(
        self, section: Section, key: tuple[str, ...], row: models.Model | None, place: Place
    ) -> Change:
        action = CHANGE
        if row is None:
            action = CREATE
            row = section.model(**dict(zip(section.key, key, strict=True)))
            if place.parent is not None and section.current is None:
                setattr(row, section.parent, place.parent)
        change = Change(action, place.path, section, row, place.parent)
        self.plan.changes.append(change)
        return change

    def _entry(self, section: Section, entry: Mapped, change: Change, place: Place) -> None:
        filling = Filling(
            change, entry, place.line, self.problems, self.plan.notes, self.by_name, self.environment
        )
        filling.check_names()
        filling.links(self._linked)
        names = place.names
        if section in TOP:
            self._rows[section.name, str(getattr(change.row, section.key[0]))] = change.row
            names = Names(getattr(change.row, "erp_connection", None))
        filling.fields(names or Names(None))
        filling.secrets()
        if change.action == CHANGE and not change.fields:
            self.plan.changes.remove(change)
        for child in section.children:
            if child.name in entry:
                below = Place(f"{place.path}.{child.name}", entry.lines[child.name], change.row, names)
                self._section(child, entry[child.name], below)

    def _linked(self, section_name: str, key: str) -> models.Model | None:
        """An entry another one points at: of this file, else of the database."""
        section = next(each for each in TOP if each.name == section_name)
        return (
            self._rows.get((section_name, key))
            or section.model._default_manager.filter(**{section.key[0]: key}).first()
        )

"""A plan: what a configuration file would change, entry by entry."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from django.db import models

from configuration.sections import Section

CREATE, CHANGE, REMOVE, LEAVE = "create", "change", "remove", "leave"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field: what it is, what it becomes. Secrets are never shown."""

    name: str
    old: str
    new: str


@dataclass(slots=True)
class Change:
    """One entry: created, changed, removed, or left alone though the file does not name it. `row` holds the new
    values already, unsaved."""

    action: str
    path: str
    section: Section
    row: models.Model
    parent: models.Model | None
    fields: list[FieldChange] = field(default_factory=list)


@dataclass(slots=True)
class Version:
    """The rows a versioned section of one entry has in the file, in their order; `path` is the section's."""

    section: Section
    parent: models.Model
    path: str
    rows: list[models.Model] = field(default_factory=list)


@dataclass(slots=True)
class Plan:
    """All changes in the order they are applied, the versions to publish where any of their rows changed, and what
    people should know before."""

    changes: list[Change] = field(default_factory=list)
    versions: list[Version] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    @property
    def real(self) -> list[Change]:
        """The changes that do something."""
        return [change for change in self.changes if change.action != LEAVE]

    @property
    def fingerprint(self) -> str:
        """Twelve hex digits that name this plan: `apply --expect` refuses any other."""
        text = repr([(c.action, c.path, [(f.name, f.old, f.new) for f in c.fields]) for c in self.real])
        return hashlib.sha256(text.encode()).hexdigest()[:12]

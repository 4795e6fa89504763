"""Putting the values of one entry of the file into its row, and noting what differs."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.db import models

from configuration.errors import Problem
from configuration.exporting import secret_name
from configuration.plans import Change, FieldChange
from configuration.reading import Mapped
from configuration.references import Names
from configuration.values import ValueProblem, plain, typed
from shops.models import Shop

HIDDEN = "(not shown)"
Look = Callable[[str, str], models.Model | None]


def unknown(name: str, allowed: Sequence[str]) -> str:
    """The sentence about a name that is not known, with the nearest known one or all of them."""
    near = difflib.get_close_matches(name, allowed, 1)
    if near:
        return f"'{name}' is not known; did you mean '{near[0]}'?"
    return f"'{name}' is not known; there are: {', '.join(allowed)}."


@dataclass(slots=True)
class Filling:
    """One entry on its way into its row. `problems` and `notes` are the plan's own lists."""

    change: Change
    entry: Mapped
    line: int
    problems: list[Problem]
    notes: list[str]
    by_name: bool = False
    environment: Mapping[str, str] = field(default_factory=dict)

    def _wrong(self, name: str, message: str) -> None:
        first, _, second = name.partition(".")
        line, inside = self.entry.lines.get(first, self.line), self.entry.get(first)
        if second and isinstance(inside, Mapped):
            line = inside.lines.get(second, line)
        path = f"{self.change.path}.{name}" if name else self.change.path
        self.problems.append(Problem(line, path, message))

    def check_names(self) -> None:
        """Report what the section does not have."""
        allowed = self.change.section.names()
        for name in self.entry:
            if name not in allowed:
                self.problems.append(
                    Problem(self.entry.lines[name], self.change.path, unknown(name, allowed))
                )

    def links(self, look: Look) -> None:
        """Foreign keys to other entries; `look` finds one by section and key."""
        for link, target in self.change.section.links.items():
            old, key = getattr(self.change.row, link), self.entry.get(link)
            new = None if key is None else look(target, str(key))
            if key is not None and new is None:
                self._wrong(link, f"there is no '{key}' in {target}.")
                continue
            setattr(self.change.row, link, new)
            before, after = (str(getattr(each, "key", "")) for each in (old, new))
            if before != after:
                self.change.fields.append(FieldChange(link, before, after))

    def fields(self, names: Names) -> None:
        """Plain values first, then ids of the ERP: what those may point at depends on the others."""
        section = self.change.section
        for each in section.fields():
            if each.name not in section.references:
                self._plain(each)
        for each in section.fields():
            if each.name in section.references:
                self._reference(each, names)

    def _plain(self, each: models.Field[Any, Any]) -> None:
        new = None if each.null and not each.has_default() else each.get_default()
        if each.name in self.entry:
            try:
                new = typed(each, self.entry[each.name])
            except ValueProblem as problem:
                self._wrong(each.name, str(problem))
                return
        self._set(each.attname, each.name, new)

    def _set(self, attribute: str, name: str, new: Any) -> None:
        old = getattr(self.change.row, attribute)
        setattr(self.change.row, attribute, new)
        before, after = _shown(old), _shown(new)
        if before != after or (old is None) != (new is None):
            self.change.fields.append(FieldChange(name, before, after))

    def _reference(self, each: models.Field[Any, Any], names: Names) -> None:
        given = self.entry.get(each.name)
        erp_id, name = "", ""
        if isinstance(given, Mapped):
            if strange := sorted(set(given) - {"id", "name"}):
                self._wrong(each.name, unknown(strange[0], ["id", "name"]))
                return
            erp_id, name = (str(given.get(part) or "") for part in ("id", "name"))
        elif given is not None:
            erp_id = str(given)
        reference = self.change.section.references[each.name]
        if reference.label:
            self._set(reference.label, reference.label, name)
        if name:
            kinds = reference.kinds(self.change.row, names.connection)
            if names.has(kinds) and not names.same(names.of(kinds, erp_id), name):
                erp_id = self._by_name(
                    each.name, erp_id, name, (names.of(kinds, erp_id), names.ids(kinds, name))
                )
        self._set(each.attname, each.name, erp_id)

    def _by_name(self, field_name: str, erp_id: str, name: str, known: tuple[str, list[str]]) -> str:
        """The id for a name that is not the id's own in this account: found, or said."""
        here, ids = known
        if not self.by_name:
            there = f"'{here}'" if here else "nothing the hub knows"
            self.notes.append(
                f"{self.change.path}.{field_name}: the file means '{name}', but id {erp_id or '(none)'} is {there} in "
                "this account. --by-name finds the record by its name."
            )
            return erp_id
        if len(ids) == 1:
            return ids[0]
        found = f"{len(ids)} records have" if ids else "no record has"
        self._wrong(field_name, f"{found} the name '{name}' in this account.")
        return erp_id

    def secrets(self) -> None:
        """Secrets come from the environment, by the name of a variable (or its NAME_FILE)."""
        given, section = self.entry.get("secrets"), self.change.section
        if given is None or not section.secrets:
            return
        if not isinstance(given, Mapped):
            self._wrong("secrets", "a group of field: VARIABLE is needed here.")
            return
        for name, variable in given.items():
            if name not in section.secrets:
                self._wrong(f"secrets.{name}", unknown(name, list(section.secrets)))
            elif not isinstance(variable, str) or not variable.isidentifier() or not variable.isupper():
                example = secret_name(section.name, self.change.path.rpartition(".")[2], name)
                self._wrong(
                    f"secrets.{name}",
                    f"name an environment variable, e.g. {example}; never the secret itself.",
                )
            else:
                self._secret(name, variable)

    def _secret(self, name: str, variable: str) -> None:
        old, new = getattr(self.change.row, name), self.environment.get(variable, "")
        file = self.environment.get(f"{variable}_FILE", "")
        if not new and file:
            try:
                new = Path(file).read_text(encoding="utf-8").strip()
            except OSError as error:
                self._wrong(f"secrets.{name}", f"{variable}_FILE cannot be read: {error.strerror}.")
                return
        if not new:
            if not old:
                self._wrong(
                    f"secrets.{name}", f"the environment has no {variable}, and the hub has no value yet."
                )
        elif new != old:
            setattr(self.change.row, name, new)
            if isinstance(self.change.row, Shop) and name == "client_secret":
                self.change.row.keep_previous_secret(old)
            self.change.fields.append(FieldChange(name, HIDDEN if old else "", f"{HIDDEN} from {variable}"))


def _shown(value: Any) -> str:
    shown = plain(value)
    if shown is None:
        return ""
    return str(shown).lower() if isinstance(shown, bool) else str(shown)

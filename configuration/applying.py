"""Carrying out a plan: all of it or nothing, every entry validated as the admin would."""

from __future__ import annotations

from auditlog.context import set_actor
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from configuration.errors import ConfigurationError, Problem
from configuration.planning import Planner
from configuration.plans import LEAVE, REMOVE, Change, Plan, Version
from configuration.reading import Mapped
from mappings.field_sets import FieldMapping
from mappings.field_versions import publish_rows
from mappings.fields.engine import compile_rule
from shops.models import Shop


class PlanChangedError(Exception):
    """What would be changed is not what was reviewed."""


def apply(content: Mapped, planner: Planner, *, person: User | None = None, expect: str = "") -> Plan:
    """Plan and apply in one transaction; returns the plan that was carried out.

    `person` is named in the change history. Raises ConfigurationError with everything that is wrong, and
    PlanChangedError when `expect` names another plan; both leave everything as it was.
    """
    with transaction.atomic():
        plan = planner.read(content)
        if expect and expect != plan.fingerprint:
            raise PlanChangedError(
                f"The plan is {plan.fingerprint} now, not {expect}: something changed since it was reviewed."
            )
        if person is None:
            _carry_out(plan, None)
        else:
            with set_actor(person):
                _carry_out(plan, person)
    return plan


def _carry_out(plan: Plan, person: User | None) -> None:
    problems: list[Problem] = []
    changes = [change for change in plan.real if change.section.current is None]
    for change in changes:
        if change.action == REMOVE:
            change.row.delete()
    broken: set[int] = set()
    for change in changes:
        if change.action in (REMOVE, LEAVE):
            continue
        if id(change.parent) in broken:
            broken.add(id(change.row))
            continue
        found = _save(change)
        if found:
            problems.extend(found)
            broken.add(id(change.row))
    for version in plan.versions:
        if any(change.path.startswith(version.path) for change in plan.real if change.section.current):
            problems.extend(_publish(version, person))
    if problems:
        raise ConfigurationError(problems)


def _publish(version: Version, person: User | None) -> list[Problem]:
    """Field mappings become a new version in use; a rule that cannot run is refused."""
    rows = [row for row in version.rows if isinstance(row, FieldMapping)]
    problems: list[Problem] = []
    for row in rows:
        path = f"{version.path}.{row.name}"
        try:
            row.full_clean(exclude=["mapping_set"], validate_constraints=False)
        except ValidationError as error:
            problems.extend(
                Problem(0, f"{path}.{name}", " ".join(said)) for name, said in error.message_dict.items()
            )
            continue
        if broken := compile_rule(row.rule()).broken:
            problems.append(Problem(0, path, broken))
    if not problems and isinstance(version.parent, Shop):
        publish_rows(version.parent, rows, person, "From a configuration file")
    return problems


def _save(change: Change) -> list[Problem]:
    row = _adopted(change)
    for name in (*change.section.links, *((change.section.parent,) if change.section.parent else ())):
        setattr(row, name, getattr(row, name))  # the other row has its id by now
    try:
        row.full_clean()
        with transaction.atomic():
            row.save()
    except ValidationError as error:
        return [
            Problem(0, change.path if name == "__all__" else f"{change.path}.{name}", " ".join(messages))
            for name, messages in error.message_dict.items()
        ]
    except IntegrityError as error:
        return [Problem(0, change.path, f"the database refuses it: {error}")]
    return []


def _adopted(change: Change) -> models.Model:
    """The row to save. An entry there is one of per parent may have come into being with its parent."""
    if change.section.key or change.parent is None:
        return change.row
    made = type(change.row)._default_manager.filter(**{change.section.parent: change.parent}).first()
    if made is None:
        return change.row
    for each in change.section.fields():
        setattr(made, each.attname, getattr(change.row, each.attname))
    return made

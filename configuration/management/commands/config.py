"""`manage.py config export | plan | apply`: the configuration as a file that can be reviewed."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser

from configuration.applying import PlanChangedError, apply
from configuration.errors import ConfigurationError
from configuration.exporting import export
from configuration.planning import Planner
from configuration.plans import CREATE, LEAVE, REMOVE, Change, Plan
from configuration.reading import Mapped, read, write

SIGNS = {CREATE: "+", REMOVE: "-", LEAVE: "·"}
DIFFERENT = 2
"""Exit code of `plan` when something would be changed."""


class Command(BaseCommand):
    help = "Configuration as code: connections, shops, rules and mappings as YAML without secrets."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("step", choices=["export", "plan", "apply"])
        parser.add_argument(
            "file", nargs="?", default="-", help="the YAML file; - for standard input or output"
        )
        parser.add_argument(
            "--shop", action="append", default=[], help="export only this shop (may be repeated)"
        )
        parser.add_argument(
            "--by-name", action="store_true", help="find ERP records by name where ids differ"
        )
        parser.add_argument(
            "--prune", action="store_true", help="remove mapping rows and templates the file has not"
        )
        parser.add_argument("--json", action="store_true", help="plan as JSON")
        parser.add_argument("--yes", action="store_true", help="apply without asking")
        parser.add_argument(
            "--expect", default="", metavar="PLAN", help="apply only if the plan has this fingerprint"
        )
        parser.add_argument(
            "--as", dest="person", default="", metavar="USER", help="who is named in the history"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        step = {"export": self._export, "plan": self._plan, "apply": self._apply}[options["step"]]
        try:
            step(options)
        except ConfigurationError as error:
            listed = "\n".join(f"  {problem}" for problem in error.problems)
            raise CommandError(f"Nothing was changed. Please correct:\n{listed}") from error

    def _export(self, options: dict[str, Any]) -> None:
        try:
            text = write(export(options["shop"]))
        except LookupError as error:
            raise CommandError(str(error.args[0])) from error
        if options["file"] == "-":
            self.stdout.write(text, ending="")
        else:
            try:
                Path(options["file"]).write_text(text, encoding="utf-8")
            except OSError as error:
                raise CommandError(f"{options['file']} cannot be written: {error.strerror}.") from error
            self.stderr.write(f"Written to {options['file']}.")

    def _plan(self, options: dict[str, Any]) -> None:
        plan = self._planner(options).read(_content(options["file"]))
        if options["json"]:
            self.stdout.write(json.dumps(_as_json(plan), indent=2, ensure_ascii=False))
        else:
            self._show(plan)
        if plan.real:
            sys.exit(DIFFERENT)

    def _apply(self, options: dict[str, Any]) -> None:
        content = _content(options["file"])
        person = None
        if options["person"]:
            person = User.objects.filter(username=options["person"]).first()
            if person is None:
                raise CommandError(f"There is no user '{options['person']}'.")
        expect = options["expect"]
        if not options["yes"] and not expect:
            expect = self._confirmed(self._planner(options).read(content), options["file"])
            if not expect:
                return
        try:
            plan = apply(content, self._planner(options), person=person, expect=expect)
        except PlanChangedError as error:
            raise CommandError(f"{error} Nothing was changed.") from error
        self._show(plan)
        self.stdout.write(f"Applied: {_count(plan)}." if plan.real else "There was nothing to change.")

    def _confirmed(self, plan: Plan, file: str) -> str:
        """Show the plan and ask; the fingerprint of what was agreed to, or "" for no."""
        self._show(plan)
        if not plan.real:
            return ""
        if file == "-" or not sys.stdin.isatty():
            raise CommandError(
                f"Nobody can be asked here. Add --yes, or --expect {plan.fingerprint}. Nothing was changed."
            )
        answer = input(f"Apply {_count(plan)}? Type yes: ")
        if answer.strip().lower() != "yes":
            self.stdout.write("Nothing was changed.")
            return ""
        return plan.fingerprint

    def _planner(self, options: dict[str, Any]) -> Planner:
        return Planner(by_name=options["by_name"], prune=options["prune"])

    def _show(self, plan: Plan) -> None:
        for change in plan.changes:
            self._show_change(change)
        for note in plan.notes:
            self.stdout.write(f"! {note}")
        if not plan.real:
            self.stdout.write("Nothing to change.")
        else:
            self.stdout.write(f"Plan {plan.fingerprint}: {_count(plan)}.")

    def _show_change(self, change: Change) -> None:
        note = " (not in the file, left as it is)" if change.action == LEAVE else ""
        self.stdout.write(f"{SIGNS.get(change.action, '~')} {change.path}{note}")
        for each in change.fields:
            old = f"{each.old!r} → " if change.action != CREATE else ""
            self.stdout.write(f"    {each.name}: {old}{each.new!r}")


def _content(file: str) -> Mapped:
    if file == "-":
        return read(sys.stdin.read())
    try:
        return read(Path(file).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{file} cannot be read: {getattr(error, 'strerror', None) or error}.") from error


def _count(plan: Plan) -> str:
    actions = [change.action for change in plan.real]
    created, removed = actions.count(CREATE), actions.count(REMOVE)
    return f"{created} to create, {len(actions) - created - removed} to change, {removed} to remove"


def _as_json(plan: Plan) -> dict[str, Any]:
    return {
        "fingerprint": plan.fingerprint,
        "changes": [
            {
                "action": change.action,
                "path": change.path,
                "fields": {each.name: {"old": each.old, "new": each.new} for each in change.fields},
            }
            for change in plan.changes
        ],
        "notes": plan.notes,
    }

"""The check every minute: what is wrong now, compared with the alerts there are.

Any number of workers may check at once. A transition is one UPDATE that must change one row, and its deliveries are
made in the same transaction, so each happens once and none is lost between the two.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import structlog
from django.db import transaction
from django.db.models import Q

from common.clock import now
from monitoring.alerts.delivering import deliver
from monitoring.alerts.telling import escalate, remind, tell, tell_end
from monitoring.conditions.failing import FAILING
from monitoring.models import Alert, Channel, Event
from monitoring.registry import Condition, Finding, Severity, conditions
from monitoring.words import one_line

log = structlog.get_logger(__name__)
RECOVERS_AFTER = timedelta(minutes=5)
"""An alert is over when it was not found for this long."""
REOPENS_AFTER = timedelta(minutes=10)
"""After it was over, the same one is not told again before this."""


def every_minute() -> int:
    """What the worker runs every minute: check, then send what is due. Returns the number of open alerts."""
    count = check()
    deliver()
    return count


def tell_of_silence() -> bool:
    """Where no worker shows life nobody checks, so the page a monitor asks does it, once a minute at most. Returns
    whether it did."""
    lately = Alert.objects.filter(
        condition="worker", closed_at=None, seen_at__gt=now() - timedelta(minutes=1)
    )
    if lately.exists():
        return False
    every_minute()
    return True


def check(rules: Sequence[Condition] | None = None) -> int:
    """Compare what is found now with the alerts there are; returns how many are open. Sends nothing."""
    at = now()
    found, broken = _look(conditions() if rules is None else rules, at)
    channels = list(Channel.objects.filter(is_active=True).defer("secret", "address"))
    standing = {row.key: row for row in Alert.objects.filter(closed_at=None).select_related("shop")}
    _notice([(key, rule, one) for key, (rule, one) in found.items() if key not in standing], at)
    if found.keys() - standing.keys():
        standing = {row.key: row for row in Alert.objects.filter(closed_at=None).select_related("shop")}
    for key, row in standing.items():
        if key in found:
            _found(row, *found[key], at, channels)
        elif row.condition not in broken:
            _missed(row, at, channels)
    escalate(at, channels)
    remind(at, channels)
    return Alert.objects.filter(closed_at=None).exclude(opened_at=None).count()


def _look(rules: Iterable[Condition], at: datetime) -> tuple[dict[str, tuple[Condition, Finding]], set[str]]:
    """What every condition finds, by key, and the conditions that could not look. Those are a finding themselves, and
    their alerts stay as they are."""
    found: dict[str, tuple[Condition, Finding]] = {}
    broken: dict[str, str] = {}
    for rule in rules:
        try:
            some = list(rule.find(at))
        except Exception as error:  # one check that fails must not silence the others
            log.exception("condition_failed", condition=rule.code)
            broken[rule.code] = f"{type(error).__name__}: {error}"
            continue
        for one in some:
            found[key_of(rule, one)] = (rule, one)
    for code, why in broken.items():
        one = Finding(f"The check '{code}' could not be made: {one_line(why)}", subject=code)
        found[key_of(FAILING, one)] = (FAILING, one)
    return found, set(broken)


def key_of(rule: Condition, one: Finding) -> str:
    """What makes two findings the same alert: condition, shop and subject."""
    return f"{rule.code}|{one.shop.pk if one.shop else ''}|{one.subject[:120]}"


def _shown(rule: Condition, one: Finding) -> dict[str, object]:
    return {
        "sentence": one_line(one.sentence, 1000),
        "fix": one.fix or rule.fix,
        "url": one.url[:500],
        "count": one.count,
        "since": one.since,
    }


def _notice(new: Iterable[tuple[str, Condition, Finding]], at: datetime) -> None:
    """Rows for what was not known. Of two workers that find the same, one makes the row; in one order, so that neither
    waits for the other for ever."""
    rows = [
        Alert(
            key=key,
            condition=rule.code,
            subject=one.subject[:120],
            shop=one.shop,
            severity=one.severity or rule.severity,
            noticed_at=at,
            seen_at=at,
            **_shown(rule, one),
        )
        for key, rule, one in sorted(new, key=lambda each: each[0])
    ]
    Alert.objects.bulk_create(rows, ignore_conflicts=True)


def _found(row: Alert, rule: Condition, one: Finding, at: datetime, channels: Sequence[Channel]) -> None:
    """It lasts: its figures are kept up to date without a message; it opens when it is time, and may get worse."""
    shown = _shown(rule, one)
    Alert.objects.filter(pk=row.pk, closed_at=None).update(**shown, seen_at=at, missed_since=None)
    for name, value in shown.items():
        setattr(row, name, value)
    severity = one.severity or rule.severity
    if row.opened_at is None:
        if at >= _opens_at(row, rule):
            _open(row, severity, at, channels)
    elif severity > row.severity:
        _worsen(row, severity, at, channels)


def _opens_at(row: Alert, rule: Condition) -> datetime:
    last = Alert.objects.filter(key=row.key).exclude(closed_at=None).order_by("-closed_at").first()
    opens = row.noticed_at + rule.lasting
    return max(opens, last.closed_at + REOPENS_AFTER) if last and last.closed_at else opens


def _open(row: Alert, severity: Severity, at: datetime, channels: Sequence[Channel]) -> None:
    with transaction.atomic():
        mine = Alert.objects.filter(pk=row.pk, opened_at=None, closed_at=None)
        if mine.update(opened_at=at, severity=severity):
            row.opened_at, row.severity = at, severity
            tell(row, Event.OPENED, at, [c for c in channels if not c.after_minutes])


def _worsen(row: Alert, severity: Severity, at: datetime, channels: Sequence[Channel]) -> None:
    """It became graver: told once for each step, and what a person acknowledged was something lesser."""
    with transaction.atomic():
        mine = Alert.objects.filter(pk=row.pk, closed_at=None, severity__lt=severity)
        if mine.update(severity=severity, acknowledged_at=None, acknowledged_by=None, snoozed_until=None):
            row.severity = severity
            tell(row, Event.WORSE, at, [c for c in channels if not c.after_minutes], turn=int(severity))


def _missed(row: Alert, at: datetime, channels: Sequence[Channel]) -> None:
    """It is not found any more: what was never told is forgotten, the rest is over after some minutes."""
    if row.opened_at is None:
        Alert.objects.filter(pk=row.pk, opened_at=None).delete()
    elif row.missed_since is None:
        Alert.objects.filter(pk=row.pk, closed_at=None, missed_since=None).update(missed_since=at)
    elif at - row.missed_since >= RECOVERS_AFTER:
        with transaction.atomic():
            lasting = Q(missed_since=None) | Q(missed_since__gt=at - RECOVERS_AFTER)
            mine = Alert.objects.filter(pk=row.pk, closed_at=None).exclude(lasting)
            if mine.update(closed_at=at, snoozed_until=None):
                tell_end(row, at, channels)

"""What a message says. Everything that comes from an order is one harmless line by now; each body writes it in a way
its reader cannot take for markup."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from monitoring.models import Alert, Channel, Delivery, Event
from monitoring.registry import Severity
from monitoring.words import moment, one_line

SHOWN = 20
"""Alerts told in one message; the list has all."""


@dataclass(frozen=True, slots=True)
class Line:
    """One alert in a message."""

    event: Event
    severity: Severity
    title: str
    sentence: str
    fix: str
    link: str
    page: str
    at: str
    alert: Alert

    @property
    def head(self) -> str:
        """`Opened (critical): No worker is running`."""
        return f"{self.event.label} ({self.severity.label.lower()}): {self.title}"


@dataclass(frozen=True, slots=True)
class Message:
    """All that is due on a channel. `more` is how many alerts are not shown."""

    subject: str
    lines: tuple[Line, ...]
    more: int
    every: str

    @property
    def text(self) -> str:
        """The message as plain text."""
        parts = [_text(line) for line in self.lines]
        if self.more:
            parts.append(f"And {self.more:,} more: {self.every}")
        return "\n\n".join(parts)


def message(rows: Sequence[Delivery], channel: Channel) -> Message:
    """The message of some deliveries of one channel."""
    lines = tuple(_line(row, channel) for row in rows[:SHOWN])
    if len(rows) == 1:
        subject = f"{lines[0].head}. {lines[0].sentence}"
    else:
        gravest = max(row.severity for row in rows)
        over = sum(row.event == Event.RECOVERED for row in rows)
        label = Severity(gravest).label.lower()
        subject = f"{len(rows)} messages of alerts, {over} of them over; the gravest is {label}"
    every = absolute(reverse("admin:monitoring_alert_changelist"))
    return Message(one_line(f"[Integration Hub] {subject}", 180), lines, len(rows) - len(lines), every)


def _line(row: Delivery, channel: Channel) -> Line:
    alert = row.alert
    return Line(
        event=Event(row.event),
        severity=Severity(row.severity),
        title=alert.title,
        sentence=row.sentence,
        fix="" if row.event == Event.RECOVERED else alert.fix,
        link=absolute(alert.url) if alert.url else "",
        page=absolute(reverse("admin:monitoring_alert_change", args=[alert.pk])),
        at=moment(row.made_at, channel.time_zone),
        alert=alert,
    )


def absolute(path: str) -> str:
    """A page of the hub as people reach it from outside."""
    return f"{settings.HUB_PUBLIC_URL.rstrip('/')}{path}"


def _text(line: Line) -> str:
    parts = [line.head, line.sentence]
    if line.fix:
        parts.append(f"What to do: {line.fix}")
    if line.link and line.event != Event.RECOVERED:
        parts.append(f"Where: {line.link}")
    parts.append(f"Alert: {line.page}")
    parts.append(line.at)
    return "\n".join(parts)


def hub_body(told: Message, message_id: str, at: datetime) -> dict[str, Any]:
    """The hub's own JSON. `id` is the same when a message comes again, `sent_at` is inside what is signed."""
    return {
        "id": message_id,
        "sent_at": at.isoformat(),
        "subject": told.subject,
        "more": told.more,
        "alerts": [
            {
                "alert": line.alert.pk,
                "event": line.event.value,
                "condition": line.alert.condition,
                "severity": line.severity.label.lower(),
                "shop": line.alert.shop.key if line.alert.shop else None,
                "title": line.title,
                "sentence": line.sentence,
                "fix": line.fix,
                "count": line.alert.count,
                "since": line.alert.since.isoformat() if line.alert.since else None,
                "link": line.link,
                "page": line.page,
            }
            for line in told.lines
        ],
    }


def slack_body(told: Message) -> dict[str, Any]:
    """Slack's: plain text blocks, in which nothing is markup; `text` is what the notification shows, escaped."""
    shown = told.subject.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    blocks = [
        {"type": "section", "text": {"type": "plain_text", "text": _text(line)[:3000], "emoji": False}}
        for line in told.lines
    ]
    if told.more:
        more = f"And {told.more:,} more: {told.every}"
        blocks.append({"type": "section", "text": {"type": "plain_text", "text": more, "emoji": False}})
    return {"text": shown, "blocks": blocks}


def teams_body(told: Message) -> dict[str, Any]:
    """Teams': an adaptive card of text runs, in which nothing is markup."""
    texts = [told.subject, *(_text(line) for line in told.lines)]
    if told.more:
        texts.append(f"And {told.more:,} more: {told.every}")
    blocks = [
        {"type": "RichTextBlock", "separator": True, "inlines": [{"type": "TextRun", "text": text}]}
        for text in texts
    ]
    content = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": blocks,
    }
    card = {"contentType": "application/vnd.microsoft.card.adaptive", "content": content}
    return {"type": "message", "attachments": [card]}

"""Handing one message to a channel: by e-mail or by a signed webhook."""

from __future__ import annotations

import hashlib
import hmac
import json
import smtplib
from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import BadHeaderError, EmailMessage

from common.addresses import check_public_address
from common.errors import NeedsPerson, Retryable
from common.http import PublicClient
from common.secrets import SecretError
from monitoring.alerts import texts
from monitoring.models import Body, Channel, ChannelKind, Delivery


def send(channel: Channel, rows: Sequence[Delivery], message_id: str, at: datetime) -> None:
    """Send some deliveries of a channel as one message. Raises HubError when it was not taken."""
    told = texts.message(rows, channel)
    if channel.kind == ChannelKind.EMAIL:
        send_mail(channel, told.subject, told.text, message_id)
    else:
        send_hook(channel, _body(channel, told, message_id, at), message_id, at)


def _body(channel: Channel, told: texts.Message, message_id: str, at: datetime) -> dict[str, Any]:
    if channel.body == Body.SLACK:
        return texts.slack_body(told)
    if channel.body == Body.TEAMS:
        return texts.teams_body(told)
    return texts.hub_body(told, message_id, at)


def send_test(channel: Channel, message_id: str, at: datetime) -> None:
    """Send a message that says it is a test. Raises HubError when it was not taken."""
    subject = "[Integration Hub] Test message"
    text = f"This is a test of the alert channel {channel.key}. Nothing is wrong."
    if channel.kind == ChannelKind.EMAIL:
        send_mail(channel, subject, text, message_id)
        return
    told = texts.Message(f"{subject}. {text}", (), 0, "")
    send_hook(channel, _body(channel, told, message_id, at), message_id, at)


def send_mail(channel: Channel, subject: str, text: str, message_id: str) -> None:
    """One mail to all people of the channel. Raises NeedsPerson MAIL_NOT_SET_UP, Retryable MAIL_REFUSED."""
    if not settings.EMAIL_HOST:
        raise NeedsPerson("MAIL_NOT_SET_UP", "No mail can be sent: EMAIL_HOST is not set.")
    mail = EmailMessage(
        subject,
        text,
        to=channel.people(),
        headers={"Hub-Message": message_id, "Auto-Submitted": "auto-generated"},
    )
    try:
        mail.send()
    except (smtplib.SMTPException, OSError, BadHeaderError, UnicodeError) as error:
        raise Retryable(
            "MAIL_REFUSED",
            f"The mail server {settings.EMAIL_HOST} did not take the message ({type(error).__name__}).",
            detail=str(error)[:500],
        ) from error


def signature(secret: str, body: bytes) -> str:
    """What Hub-Signature says: `sha256=` and the HMAC-SHA256 of the body by the channel's secret, in hexadecimal."""
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


def send_hook(channel: Channel, content: dict[str, Any], message_id: str, at: datetime) -> None:
    """Post a body, signed when the channel has a secret. Raises HubError unless a 2xx answer came."""
    try:
        address, secret = channel.address, channel.secret
        check_public_address(address)
    except SecretError as error:
        raise NeedsPerson("CHANNEL_SECRET", str(error)) from error
    except ValidationError as error:
        raise NeedsPerson("CHANNEL_ADDRESS", error.messages[0]) from error
    body = json.dumps(content, separators=(",", ":")).encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "integration-hub",
        "Hub-Timestamp": str(int(at.timestamp())),
        "Hub-Message": message_id,
    }
    if secret:
        headers["Hub-Signature"] = signature(secret, body)
    answer = _client().send("POST", address, headers=headers, body=body)
    if not 200 <= answer.status < 300:
        raise Retryable(
            "CHANNEL_REFUSED", f"The receiver answered {answer.status}.", detail=answer.text[:500]
        )


@lru_cache(maxsize=1)
def _client() -> PublicClient:
    return PublicClient("The receiver", pool=4, connect_timeout=5, read_timeout=10)

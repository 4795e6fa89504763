"""The access token of a connection, shared by all workers through its row (encrypted at rest).

Sharing saves sign-ins; it is never what a request depends on. When the database is busy a worker goes on with a
token of its own, which is as good as the others.
"""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import OperationalError

from erps.models import ErpConnection

log = structlog.get_logger(__name__)


def load_token(connection_id: int) -> tuple[str, datetime] | None:
    """Token and its end (aware UTC), or None when there is none or the database is busy."""
    try:
        row = (
            ErpConnection.objects.filter(pk=connection_id)
            .values_list("access_token", "access_token_expires_at")
            .first()
        )
    except OperationalError as error:
        log.warning("token_not_read", connection=connection_id, detail=str(error))
        return None
    if row is None or not row[0] or row[1] is None:
        return None
    return row[0], row[1]


def save_token(connection_id: int, value: str, expires_at: datetime) -> None:
    """Store the token for the other workers. Two workers storing one each is harmless: both tokens are good."""
    try:
        ErpConnection.objects.filter(pk=connection_id).update(
            access_token=value, access_token_expires_at=expires_at
        )
    except OperationalError as error:
        log.warning("token_not_stored", connection=connection_id, detail=str(error))

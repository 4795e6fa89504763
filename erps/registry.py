"""Which adapter speaks to which ERP: the only module that knows the ERPs."""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping

from erps.models import ErpConnection, ErpKind, ReferenceKind, ReferenceRecord
from erps.netsuite.account import Account
from erps.netsuite.adapter import NetSuiteAdapter
from erps.netsuite.auth import Token
from erps.netsuite.metadata import Features
from erps.port import ErpAdapter
from erps.tokens import load_token, save_token

_adapters: dict[int, tuple[Account, Features | None, NetSuiteAdapter]] = {}
_lock = threading.Lock()


def _start_afresh() -> None:
    """After a fork the child makes adapters of its own: two processes on one socket would mix up their answers."""
    global _lock  # noqa: PLW0603 - the parent may have held it at the moment of the fork
    _lock = threading.Lock()
    _adapters.clear()


os.register_at_fork(after_in_child=_start_afresh)


class _SharedToken:
    """The connection's row as the place where all workers find the token."""

    def __init__(self, connection_id: int) -> None:
        self._connection_id = connection_id

    def load(self) -> Token | None:
        """The stored token."""
        stored = load_token(self._connection_id)
        return Token(*stored) if stored else None

    def save(self, token: Token) -> None:
        """Store a token for all workers."""
        save_token(self._connection_id, token.value, token.expires_at)


def adapter_for(connection: ErpConnection) -> ErpAdapter:
    """The adapter of a connection: one per process, made anew when address, credentials, fields or what
    the last connection test found have changed. Raises ValueError for an ERP without an adapter."""
    if connection.kind != ErpKind.NETSUITE:
        raise ValueError(f"There is no adapter for '{connection.kind}'.")
    account, features = Account.of(connection), Features.of(connection.capabilities)
    with _lock:
        known = _adapters.get(connection.pk)
        if known is not None and known[:2] == (account, features):
            return known[2]
        if known is not None:
            known[2].close()
        adapter = NetSuiteAdapter(
            account, _SharedToken(connection.pk), currencies=_currencies(connection), features=features
        )
        _adapters[connection.pk] = (account, features, adapter)
        return adapter


def _currencies(connection: ErpConnection) -> Mapping[str, str]:
    """ISO code to internal id, from the cached reference data."""
    rows = ReferenceRecord.objects.filter(
        connection=connection, kind=ReferenceKind.CURRENCY, is_inactive=False
    )
    return {code: erp_id for code, erp_id in rows.values_list("code", "erp_id") if code}


def forget(connection_id: int) -> None:
    """Drop the adapter of a connection, and with it what it learned of the account."""
    with _lock:
        known = _adapters.pop(connection_id, None)
    if known is not None:
        known[2].close()

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import connection as database

from erps.models import ErpConnection
from erps.tokens import load_token, save_token

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def connection(transactional_db: None) -> ErpConnection:
    return ErpConnection.objects.create(key="books", name="Demo books", account_id="1")


def test_a_token_is_kept_with_its_end(connection: ErpConnection) -> None:
    assert load_token(connection.pk) is None
    assert load_token(0) is None
    save_token(connection.pk, "x", NOON)
    assert load_token(connection.pk) == ("x", NOON)


def test_a_busy_database_is_not_the_end_of_a_request(connection: ErpConnection) -> None:
    def busy(*_: object) -> None:
        from django.db import OperationalError

        raise OperationalError("database is locked")

    with database.execute_wrapper(busy):
        assert load_token(connection.pk) is None
        save_token(connection.pk, "x", NOON)
    assert load_token(connection.pk) is None

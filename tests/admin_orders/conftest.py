"""People with different permissions, a shop with its connection."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from shops.models import Shop
from tests.factories import ALL_DEEDS, make_connection, make_person, make_shop


@pytest.fixture
def shop(db: None) -> Shop:
    return make_shop("demo", erp_connection=make_connection())


@pytest.fixture
def operator(db: None) -> User:
    return make_person("olga", *ALL_DEEDS)


@pytest.fixture
def auditor(db: None) -> User:
    return make_person("aude", "view_order")


@pytest.fixture
def outsider(db: None) -> User:
    return make_person("otto")


@pytest.fixture
def as_operator(operator: User) -> Client:
    client = Client()
    client.force_login(operator)
    return client


@pytest.fixture
def as_auditor(auditor: User) -> Client:
    client = Client()
    client.force_login(auditor)
    return client

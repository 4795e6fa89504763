"""One of several additional fees has a row of its own, by its name."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from mappings.proxies import AccountMapping
from shops.models import Shop
from tests.admin_setup.test_mappings import row

pytestmark = pytest.mark.django_db


def test_one_fee_may_have_a_row_under_its_name(boss: Client, shop: Shop) -> None:
    address = reverse("admin:mappings_accountmapping_add")
    post = row(shop, source="tip", fee_name="Bottle deposit", target="item:301", target_kind="record")
    answer = boss.post(address, post)
    assert "Only fees have names: choose Additional fee above" in answer.content.decode()
    assert not AccountMapping.objects.exists()
    boss.post(address, {**post, "source": "fee", "fee_name": " Bottle deposit "})
    stored = AccountMapping.objects.get()
    assert (stored.source, stored.source_label) == ("fee|Bottle deposit", "Additional fee: Bottle deposit")
    page = boss.get(reverse("admin:mappings_accountmapping_change", args=[stored.pk])).content.decode()
    assert 'value="Bottle deposit"' in page
    assert (
        "Additional fee: Bottle deposit"
        in boss.get(reverse("admin:mappings_accountmapping_changelist")).content.decode()
    )
    twin = boss.post(address, {**post, "source": "fee"}).content.decode()
    assert "has a row for &#x27;fee|Bottle deposit&#x27; already" in twin

"""The dry run of one order."""

from __future__ import annotations

from html import unescape

from django.test import Client

from shops.models import AuthKind, Shop
from syncflows.models import Attempt, Sync
from tests.factories import blocked, make_shop


def preview(client: Client, sync: Sync) -> str:
    answer = client.get(f"/admin/syncflows/order/{sync.pk}/preview/")
    assert answer.status_code == 200
    return " ".join(unescape(answer.content.decode()).split())


def test_what_would_stop_the_order_is_the_answer(as_auditor: Client, db: None) -> None:
    shop = make_shop("locked", auth_kind=AuthKind.STATIC, access_token="")
    sync = blocked(shop, 1)
    page = preview(as_auditor, sync)
    assert "Nothing was written." in page
    assert "What to do:" in page
    assert f"/admin/shops/shop/{shop.pk}/change/" in page
    sync.refresh_from_db()
    assert sync.state == "blocked"
    assert Attempt.objects.count() == 0


def test_no_such_order(as_auditor: Client, shop: Shop) -> None:
    assert as_auditor.get("/admin/syncflows/order/999/preview/").status_code == 404

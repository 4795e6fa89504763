"""A secret goes in and never comes out: not in a page, a change log, a history, an export or an error."""

from __future__ import annotations

from typing import Any

import pytest
from auditlog.models import LogEntry
from django.contrib.admin.models import LogEntry as PageHistory
from django.test import Client
from django.urls import reverse

from erps.models import ErpConnection
from shops.models import Shop

pytestmark = pytest.mark.django_db


def shop_form(shop: Shop, **changes: Any) -> dict[str, Any]:
    """What the browser posts when nothing but `changes` was touched."""
    return {
        "name": shop.name,
        "domain": shop.domain,
        "api_base_url": "",
        "is_active": "on",
        "auth_kind": shop.auth_kind,
        "client_id": shop.client_id,
        "client_secret": "",
        "access_token": "",
        "erp_connection": shop.erp_connection_id or "",
        "money_policy": shop.money_policy,
        "iana_timezone": "UTC",
        "accounting_timezone": "",
        **{
            f"{rows}-{number}_FORMS": "0"
            for rows in ("order_rules", "order_filter", "hold_rules")
            for number in ("TOTAL", "INITIAL")
        },
        "locations-TOTAL_FORMS": "0",
        "locations-INITIAL_FORMS": "0",
        "markets-TOTAL_FORMS": "0",
        "markets-INITIAL_FORMS": "0",
        **changes,
    }


def test_no_page_of_the_set_up_holds_a_secret(
    boss: Client, client_of: Any, shop: Shop, connection: ErpConnection, secrets: tuple[str, ...]
) -> None:
    paths = [
        reverse("admin:shops_shop_changelist"),
        reverse("admin:shops_shop_change", args=[shop.pk]),
        reverse("admin:shops_shop_history", args=[shop.pk]),
        reverse("admin:shops_shop_delete", args=[shop.pk]),
        reverse("admin:erps_erpconnection_changelist"),
        reverse("admin:erps_erpconnection_change", args=[connection.pk]),
        reverse("admin:erps_erpconnection_history", args=[connection.pk]),
    ]
    for client in (boss, client_of("auditor"), client_of("administrator"), client_of("finance")):
        for address in paths:
            page = client.get(address).content.decode()
            assert [secret for secret in secrets if secret in page] == [], address


def test_the_form_says_that_a_secret_is_stored(boss: Client, shop: Shop) -> None:
    page = boss.get(reverse("admin:shops_shop_change", args=[shop.pk])).content.decode()
    assert 'name="client_secret" id="id_client_secret" value=""' in page
    assert "Stored. Type a new one to replace it." in page
    assert 'name="client_secret_clear"' in page


def test_saving_without_typing_keeps_what_is_stored(boss: Client, shop: Shop) -> None:
    answer = boss.post(reverse("admin:shops_shop_change", args=[shop.pk]), shop_form(shop, name="Renamed"))
    assert answer.status_code == 302, answer.context["errors"]
    shop.refresh_from_db()
    assert shop.name == "Renamed"
    assert shop.client_secret == "CLIENT-SECRET-OF-THE-SHOP"
    assert shop.access_token == "ACCESS-TOKEN-OF-THE-SHOP"
    assert shop.refresh_token == "REFRESH-TOKEN-OF-THE-SHOP"


def test_typing_replaces_and_ticking_removes(boss: Client, shop: Shop) -> None:
    address = reverse("admin:shops_shop_change", args=[shop.pk])
    assert boss.post(address, shop_form(shop, client_secret="A-NEW-ONE ")).status_code == 302
    shop.refresh_from_db()
    assert shop.client_secret == "A-NEW-ONE"
    assert boss.post(address, shop_form(shop, access_token_clear="on")).status_code == 302
    shop.refresh_from_db()
    assert shop.access_token == ""
    assert shop.client_secret == "A-NEW-ONE"


def test_a_refused_form_does_not_send_a_typed_secret_back(boss: Client, shop: Shop) -> None:
    form = shop_form(shop, domain="nonsense", client_secret="TYPED-JUST-NOW")
    answer = boss.post(reverse("admin:shops_shop_change", args=[shop.pk]), form)
    assert answer.status_code == 200
    assert "TYPED-JUST-NOW" not in answer.content.decode()
    shop.refresh_from_db()
    assert shop.client_secret == "CLIENT-SECRET-OF-THE-SHOP"


def test_a_key_of_several_lines_is_stored_as_it_is(boss: Client, connection: ErpConnection) -> None:
    pem = "-----BEGIN PRIVATE KEY-----\nAAAA\nBBBB\n-----END PRIVATE KEY-----"
    form = {
        "name": "NetSuite",
        "kind": "netsuite",
        "account_id": "1234567",
        "is_active": "on",
        "auth_kind": "oauth2",
        "client_id": "client",
        "certificate_id": "certificate",
        "algorithm": "PS256",
        "private_key": pem,
        "tax_strategy": "tax_line",
        "shipping_as": "line",
        "concurrency_limit": "4",
    }
    address = reverse("admin:erps_erpconnection_change", args=[connection.pk])
    answer = boss.post(address, form)
    assert answer.status_code == 302, answer.context["errors"]
    connection.refresh_from_db()
    assert connection.private_key == pem
    assert connection.token_secret == "TOKEN-SECRET-OF-THE-CONNECTION"
    answer = boss.post(address, {**form, "private_key": "-----BEGIN CERTIFICATE-----\nAAAA"})
    assert "This is the certificate; the hub needs the key" in answer.content.decode()


def test_the_change_log_names_who_and_what_but_no_secret(
    boss: Client, shop: Shop, secrets: tuple[str, ...]
) -> None:
    form = shop_form(shop, name="Renamed", client_secret="A-NEW-ONE")
    boss.post(reverse("admin:shops_shop_change", args=[shop.pk]), form)
    entry = LogEntry.objects.filter(action=LogEntry.Action.UPDATE).get()
    assert entry.actor is not None
    assert entry.actor.get_username() == "boss"
    assert set(entry.changes_dict) == {"name", "previous_client_secret_until"}
    assert entry.changes_dict["name"] == ["Main store", "Renamed"]
    everything = " ".join(
        f"{e.changes} {e.changes_text} {e.object_repr} {e.additional_data} {e.serialized_data}"
        for e in LogEntry.objects.all()
    ) + " ".join(h.change_message for h in PageHistory.objects.all())
    assert [s for s in (*secrets, "A-NEW-ONE") if s in everything] == []
    page = boss.get(reverse("admin:auditlog_logentry_change", args=[entry.pk])).content.decode()
    assert "Main store" in page
    assert "Renamed" in page
    assert boss.post(reverse("admin:auditlog_logentry_delete", args=[entry.pk])).status_code == 403

"""Setting up shops and connections: what is missing is said in words, and tests of a connection show their lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django_q.models import OrmQ

from erps.models import ErpConnection
from shops.models import AuthKind, Location, Shop
from shops.shopify.client import forget_clients
from tests.admin_setup.test_secrets import shop_form
from tests.shops.sandboxed import Store, running

pytestmark = pytest.mark.django_db
DIALOG = {"_form_submitted": "True"}


@pytest.fixture
def store(tmp_path: Path, settings: Any) -> Iterator[Store]:
    settings.HUB_EXTRA_API_HOSTS = ["127.0.0.1"]
    forget_clients()
    with running(tmp_path) as store:
        yield store
    forget_clients()


def errors(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 200
    return dict(answer.context["adminform"].form.errors)


def said(answer: Any) -> str:
    return " ".join(str(message) for message in get_messages(answer.wsgi_request))


@pytest.mark.parametrize(
    ("kind", "missing"),
    [
        ("client_credentials", {"client_id", "client_secret"}),
        ("authorization_code", {"client_id", "client_secret"}),
        ("static", {"access_token"}),
    ],
)
def test_each_way_of_signing_in_asks_for_its_own_fields(
    boss: Client, connection: ErpConnection, kind: str, missing: set[str]
) -> None:
    new = Shop(key="new", name="New", domain="new.myshopify.com", auth_kind=kind)
    form = shop_form(new, key="new")
    found = errors(boss.post(reverse("admin:shops_shop_add"), form))
    assert set(found) == missing
    assert all(text[0].startswith("Needed for this way of signing in:") for text in found.values())
    # A shop that is switched off may wait for its credentials.
    del form["is_active"]
    assert boss.post(reverse("admin:shops_shop_add"), form).status_code == 302
    assert Shop.objects.get().order_rules.interval_minutes == 5


def test_the_key_is_typed_once(boss: Client, shop: Shop) -> None:
    boss.post(reverse("admin:shops_shop_change", args=[shop.pk]), shop_form(shop, key="other"))
    shop.refresh_from_db()
    assert shop.key == "main-store"
    page = boss.get(reverse("admin:shops_shop_change", args=[shop.pk])).content.decode()
    assert 'name="key"' not in page
    assert 'name="key"' in boss.get(reverse("admin:shops_shop_add")).content.decode()


def test_an_address_no_token_may_go_to_is_refused(boss: Client, shop: Shop, settings: Any) -> None:
    settings.DEBUG = False
    form = shop_form(shop, api_base_url="https://elsewhere.example")
    found = errors(boss.post(reverse("admin:shops_shop_change", args=[shop.pk]), form))
    assert "is not a Shopify address" in found["api_base_url"][0]


@pytest.mark.parametrize("typed", [
    "https://admin.shopify.com/store/test-shop", "https://admin.shopify.com/store/test-shop/orders?x=1",
    "admin.shopify.com/store/test-shop/", "https://test-shop.myshopify.com/admin", " Test-Shop.myshopify.com ",
])  # fmt: skip
def test_an_address_copied_from_shopifys_admin_becomes_the_stores_own(
    boss: Client, shop: Shop, typed: str
) -> None:
    change = reverse("admin:shops_shop_change", args=[shop.pk])
    assert boss.post(change, shop_form(shop, domain=typed)).status_code == 302
    shop.refresh_from_db()
    assert shop.domain == "test-shop.myshopify.com"


@pytest.mark.parametrize(
    "typed", ["https://admin.shopify.com/store/", "https://my-store.example", "test-shop"]
)
def test_what_names_no_store_is_refused_with_an_example(boss: Client, shop: Shop, typed: str) -> None:
    change = reverse("admin:shops_shop_change", args=[shop.pk])
    found = errors(boss.post(change, shop_form(shop, domain=typed)))
    assert found == {"domain": ["Write the store's own domain, e.g. my-store.myshopify.com."]}


def test_a_connection_that_is_switched_off_is_not_chosen(boss: Client, shop: Shop) -> None:
    ErpConnection.objects.update(is_active=False)
    found = errors(boss.post(reverse("admin:shops_shop_change", args=[shop.pk]), shop_form(shop)))
    assert "NetSuite is switched off" in found["erp_connection"][0]


def test_a_connection_test_shows_what_works_and_fills_the_shop_in(boss: Client, store: Store) -> None:
    shop = store.shop()
    address = reverse("admin:shops_shop_test_connection", args=[shop.pk])
    dialog = boss.get(address).content.decode()
    assert "Test the connection to Shopify?" in dialog
    assert not Location.objects.exists()
    answer = boss.post(address, DIALOG)
    lines = answer["HX-Redirect"]
    assert lines == reverse("admin:shops_shop_checks", args=[shop.pk])
    page = boss.get(lines).content.decode()
    assert re.search(r"All \d+ checks passed\.", page)
    assert "API version" in page
    assert Location.objects.filter(shop=shop).count() == 2
    assert "demo-secret-do-not-use" not in page


def test_a_connection_test_says_what_to_do(boss: Client, store: Store) -> None:
    shop = store.shop(client_secret="wrong-secret-of-the-shop")
    boss.post(reverse("admin:shops_shop_test_connection", args=[shop.pk]), DIALOG)
    page = boss.get(reverse("admin:shops_shop_checks", args=[shop.pk])).content.decode()
    assert "1 of 1 checks need something done." in page
    assert "What to do:" in page
    assert "wrong-secret-of-the-shop" not in page


def test_an_erp_that_does_not_answer_is_a_line_too(
    boss: Client, connection: ErpConnection, settings: Any
) -> None:
    settings.HUB_EXTRA_API_HOSTS = ["127.0.0.1"]
    ErpConnection.objects.update(base_url="http://127.0.0.1:9", access_token="")
    answer = boss.post(reverse("admin:erps_erpconnection_test_connection", args=[connection.pk]), DIALOG)
    page = boss.get(answer["HX-Redirect"]).content.decode()
    assert "need something done" in page
    answer = boss.post(reverse("admin:erps_erpconnection_refresh_reference", args=[connection.pk]), DIALOG)
    assert answer["HX-Redirect"] == reverse("admin:erps_erpconnection_change", args=[connection.pk])
    assert said(answer)


def test_lines_of_a_test_are_seen_only_by_who_ran_it(boss: Client, client_of: Any, shop: Shop) -> None:
    page = client_of("operations").get(reverse("admin:shops_shop_checks", args=[shop.pk])).content.decode()
    assert "Not tested yet" in page
    assert boss.get(reverse("admin:shops_shop_checks", args=[shop.pk + 1])).status_code == 404


@pytest.mark.parametrize(
    ("role", "status"), [("auditor", 403), ("support", 403), ("finance", 403), ("operations", 200)]
)
def test_sync_now_is_for_those_with_the_permission(
    role: str, status: int, client_of: Any, shop: Shop
) -> None:
    client = client_of(role)
    address = reverse("admin:shops_shop_sync_now", args=[shop.pk])
    assert client.get(address).status_code == status
    answer = client.post(address, DIALOG)
    assert answer.status_code == status
    assert OrmQ.objects.count() == (1 if status == 200 else 0)
    page = client.get(reverse("admin:shops_shop_change", args=[shop.pk])).content.decode()
    assert (address in page) == (status == 200)


def test_a_link_alone_starts_nothing(boss: Client, shop: Shop) -> None:
    boss.get(reverse("admin:shops_shop_sync_now", args=[shop.pk]))
    assert not OrmQ.objects.exists()


def test_a_shop_that_is_switched_off_is_not_searched(boss: Client, shop: Shop) -> None:
    Shop.objects.update(is_active=False)
    answer = boss.post(reverse("admin:shops_shop_sync_now", args=[shop.pk]), DIALOG)
    assert "switched off" in said(answer)
    assert not OrmQ.objects.exists()


def test_connect_is_offered_where_a_merchant_installs_the_app(boss: Client, shop: Shop) -> None:
    button = reverse("admin:shops_shop_connect", args=[shop.pk])
    page = reverse("admin:shops_shop_change", args=[shop.pk])
    assert button not in boss.get(page).content.decode()
    Shop.objects.update(auth_kind=AuthKind.AUTHORIZATION_CODE)
    assert button in boss.get(page).content.decode()
    answer = boss.post(button, DIALOG)
    assert answer["HX-Redirect"] == reverse("shops:connect", args=[shop.pk])


@pytest.mark.parametrize(("path", "words"), [("/nowhere/", "There is nothing at this address")])
def test_a_wrong_address_is_answered_in_words(boss: Client, settings: Any, path: str, words: str) -> None:
    settings.DEBUG = False
    answer = boss.get(path)
    assert answer.status_code == 404
    assert words in answer.content.decode()


def test_a_forbidden_page_is_answered_in_words(client_of: Any, settings: Any) -> None:
    settings.DEBUG = False
    page = client_of("support").get(reverse("admin:auth_user_changelist")).content.decode()
    assert "You may not do this" in page


def test_a_broken_page_is_answered_in_words(settings: Any) -> None:
    from django.template.loader import render_to_string

    assert "Orders are not lost" in render_to_string("500.html")

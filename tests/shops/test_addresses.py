from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError

from shops.addresses import check_api_address
from shops.models import Shop


@pytest.mark.parametrize("url", ["https://my-store.myshopify.com", "https://my-store.myshopify.com/"])
def test_shopify_over_tls_is_accepted(settings: Any, url: str) -> None:
    settings.DEBUG = False
    check_api_address(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://my-store.myshopify.com",
        "https://my-store.myshopify.com:8443",
        "https://my-store.myshopify.com.evil.example",
        "https://evil.example/my-store.myshopify.com",
        "https://evil-myshopify.com",
        "https://.myshopify.com",
        "https://a.b.myshopify.com",
        "https://my-store.myshopify.com/other",
        "http://127.0.0.1:9000",
        "https://[::1]",
    ],
)
def test_anything_else_is_refused_outside_debug(settings: Any, url: str) -> None:
    settings.DEBUG = False
    with pytest.raises(ValidationError, match="HUB_EXTRA_API_HOSTS"):
        check_api_address(url)


@pytest.mark.parametrize("named", ["127.0.0.1", "127.0.0.1:9000"])
def test_a_named_host_is_accepted(settings: Any, named: str) -> None:
    settings.DEBUG, settings.HUB_EXTRA_API_HOSTS = False, [named]
    check_api_address("http://127.0.0.1:9000/demo-store")


def test_a_host_named_with_its_port_is_not_accepted_on_another(settings: Any) -> None:
    settings.DEBUG, settings.HUB_EXTRA_API_HOSTS = False, ["127.0.0.1:9000"]
    with pytest.raises(ValidationError):
        check_api_address("http://127.0.0.1:9001")


@pytest.mark.parametrize(
    "url",
    [
        "https://user:secret@my-store.myshopify.com",
        "https://my-store.myshopify.com?x=1",
        "https://my-store.myshopify.com#x",
        "ftp://my-store.myshopify.com",
        "my-store.myshopify.com",
        "https://my-store.myshopify.com:port",
        "",
    ],
)
def test_what_is_no_plain_web_address_is_refused_even_in_debug(settings: Any, url: str) -> None:
    settings.DEBUG = True
    with pytest.raises(ValidationError):
        check_api_address(url)


def test_a_shop_with_a_forbidden_address_cannot_be_saved_by_a_form(settings: Any) -> None:
    settings.DEBUG = False
    shop = Shop(key="x", name="X", domain="x.myshopify.com", api_base_url="https://elsewhere.example")
    with pytest.raises(ValidationError) as caught:
        shop.clean()
    assert list(caught.value.message_dict) == ["api_base_url"]
    shop.api_base_url = ""
    shop.clean()

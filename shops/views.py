"""Connecting a shop by the authorization code grant: to Shopify and back."""

from __future__ import annotations

import secrets
from urllib.parse import urljoin

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_GET

from common.errors import HubError
from common.http import Client
from shops.models import AuthKind, Shop
from shops.shopify.auth import save_grant
from shops.shopify.oauth import authorize_url, exchange_code, verify_callback
from shops.shopify.scopes import NEEDED

SESSION_KEY = "shopify_connect"


@require_GET
@login_required(login_url="admin:login")
@permission_required("shops.change_shop", raise_exception=True)
def connect(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the person to Shopify to approve the app. Changes nothing but the session."""
    shop = get_object_or_404(Shop, pk=pk, auth_kind=AuthKind.AUTHORIZATION_CODE)
    state = secrets.token_urlsafe(32)
    try:
        target = authorize_url(shop, scopes=NEEDED, state=state, redirect_uri=redirect_uri())
    except HubError as error:
        messages.error(request, error.message)
        return _shop_page(shop)
    request.session[SESSION_KEY] = {"state": state, "shop": shop.pk}
    return redirect(target)


@require_GET
@login_required(login_url="admin:login")
@permission_required("shops.change_shop", raise_exception=True)
def connected(request: HttpRequest) -> HttpResponse:
    """Shopify sends the person back here: check the answer, exchange the code, save the token pair."""
    begun = request.session.pop(SESSION_KEY, {})
    shop = Shop.objects.filter(pk=begun.get("shop")).first()
    if shop is None:
        messages.error(request, "This browser has not asked Shopify for anything. Start again with Connect.")
        return redirect("admin:shops_shop_changelist")
    http = Client("Shopify", pool=1)
    try:
        code = verify_callback(shop, request.GET.dict(), str(begun.get("state", "")))
        grant = exchange_code(http, shop, code)
    except HubError as error:
        messages.error(request, error.message)
    else:
        save_grant(shop, grant)
        messages.success(request, f"{shop.name} is connected to Shopify. Now test the connection.")
    finally:
        http.close()
    return _shop_page(shop)


def redirect_uri() -> str:
    """The address to enter as allowed redirection URL of the app in Shopify."""
    return urljoin(str(settings.HUB_PUBLIC_URL), reverse("shops:connected"))


def _shop_page(shop: Shop) -> HttpResponse:
    return redirect("admin:shops_shop_change", shop.pk)

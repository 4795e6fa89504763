"""Set-up of shops: store, sign-in, books. Registered by `integration_hub.admin`, which adds rules and actions."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm

from canonical.markets import EVERYWHERE
from common.admin import (
    CheckReportMixin,
    HubModelAdmin,
    ReadOnly,
    SecretModelForm,
    TabularInline,
    action,
    display,
    go_to,
    shown_if,
)
from common.checks import Check
from common.clock import now
from shops.addresses import store_domain
from shops.models import AuthKind, Location, Market, Shop

NEEDED = {
    AuthKind.CLIENT_CREDENTIALS: {
        "client_id": "Client ID of the app in Shopify's Dev Dashboard (Settings of the app).",
        "client_secret": "Client secret of the same app: without it Shopify gives no token.",
    },
    AuthKind.AUTHORIZATION_CODE: {
        "client_id": "Client ID of the app the merchant installs.",
        "client_secret": "Client secret of the same app: it proves that Shopify's answer is genuine.",
    },
    AuthKind.STATIC: {"access_token": "The Admin API access token of the custom app; it starts with shpat_."},
}
"""What each way of signing in cannot do without, and the sentence shown when it is missing."""


class ShopForm(SecretModelForm):
    """Shop form: what the chosen way of signing in needs is asked for, in plain words."""

    class Meta:
        model = Shop
        fields = "__all__"

    def clean_domain(self) -> str:
        """An address copied from Shopify's admin is the store's as well."""
        return store_domain(self.cleaned_data["domain"])

    def clean(self) -> dict[str, Any]:
        """Ask for the fields the chosen sign-in needs; a shop that is switched off may be saved half done."""
        cleaned = super().clean()
        if cleaned.get("is_active") and cleaned.get("auth_kind"):
            for name, sentence in NEEDED[AuthKind(cleaned["auth_kind"])].items():
                if name in self.fields and name not in self.errors and not self.stays_or_comes(name):
                    self.add_error(name, f"Needed for this way of signing in: {sentence}")
        connection = cleaned.get("erp_connection")
        if cleaned.get("is_active") and connection is not None and not connection.is_active:
            self.add_error(
                "erp_connection",
                f"{connection} is switched off, so no order of this shop could be written. "
                "Switch it on or choose another one.",
            )
        return cleaned


class ReadInline(ReadOnly, TabularInline):  # type: ignore[misc] # see common.admin
    """What Shopify told of the store: shown, never changed here."""

    extra = 0
    can_delete = False
    per_page = 25


class LocationInline(ReadInline):
    """Locations of the store, as Shopify last told them."""

    model = Location
    fields = readonly_fields = ("name", "source_id", "is_active", "fetched_at")
    verbose_name_plural = "Locations (read from Shopify by Test connection)"


class MarketInline(ReadInline):
    """Markets of the store, as Shopify last told them."""

    model = Market
    fields = readonly_fields = ("name", "handle", "countries", "is_active", "fetched_at")
    verbose_name_plural = "Markets (read from Shopify by Test connection, then daily)"

    @display(description="Regions")
    def countries(self, market: Market) -> str:
        """Codes of its countries and parts of countries."""
        return "everywhere" if EVERYWHERE in market.regions else ", ".join(market.regions)


class ShopAdmin(CheckReportMixin, HubModelAdmin):
    """Shops: one record per store and set of rules."""

    form = ShopForm
    inlines = [LocationInline, MarketInline]
    list_display = ("name", "domain", "connection_name", "sign_in", "token", "location_count", "active")
    list_filter = ("is_active", "erp_connection", "auth_kind")
    list_select_related = ("erp_connection",)
    search_fields = ("name", "key", "domain")
    empty_words = "No shop yet. Add one: name, myshopify.com domain, and how the hub signs in."
    readonly_fields: tuple[str, ...] = ("token_state", "scopes", "currency", "standing")
    fieldsets: tuple[Any, ...] = (
        ("Store", {"fields": ("name", "key", "domain", "api_base_url", "is_active", "standing")}),
        (
            "Sign-in",
            {
                "fields": (
                    "auth_kind",
                    "client_id",
                    "client_secret",
                    "previous_client_secret",
                    "previous_client_secret_until",
                    "access_token",
                    "token_state",
                    "scopes",
                ),
                "description": "How the hub gets its token. Secrets are written, never shown; an empty box keeps "
                "what is stored.",
            },
        ),
        (
            "Books",
            {
                "fields": (
                    "erp_connection",
                    "money_policy",
                    "currency",
                    "iana_timezone",
                    "accounting_timezone",
                ),
                "description": "Where the shop's documents go, in which currency, and whose calendar dates them.",
            },
        ),
    )
    conditional_fields = {
        "client_id": shown_if("auth_kind != 'static'"),
        "access_token": shown_if("auth_kind == 'static'"),
    }
    actions_detail: list[Any] = ["connect", "test_connection", "last_test"]

    def get_readonly_fields(self, request: HttpRequest, obj: Shop | None = None) -> list[str]:
        """The key is part of every ERP document's id: after the first save nobody can change it."""
        return [*super().get_readonly_fields(request, obj), *(["key"] if obj else [])]

    def save_model(self, request: HttpRequest, obj: Shop, form: Any, change: bool) -> None:
        """A client secret that is replaced is accepted on webhooks for some days more."""
        if (
            change
            and "client_secret" in form.changed_data
            and "previous_client_secret" not in form.changed_data
        ):
            obj.keep_previous_secret(Shop.objects.get(pk=obj.pk).client_secret)
        super().save_model(request, obj, form, change)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Shop]:
        """Shops with the number of their active locations."""
        active = Count("locations", filter=Q(locations__is_active=True))
        shops: QuerySet[Shop] = super().get_queryset(request)
        return shops.annotate(active_locations=active)

    def _shop(self, request: HttpRequest, object_id: str) -> Shop:
        shop: Shop = self.record_to_test(request, object_id)
        return shop

    @display(description="ERP connection", ordering="erp_connection__name", empty_value="none")
    def connection_name(self, shop: Shop) -> str | None:
        """The connection its documents go to."""
        return str(shop.erp_connection) if shop.erp_connection else None

    @display(description="Signs in by", ordering="auth_kind")
    def sign_in(self, shop: Shop) -> str:
        """The grant, without the words in brackets."""
        return str(shop.get_auth_kind_display()).split(" (", 1)[0]

    @display(
        description="Token",
        label={"stored": "success", "renewed on use": "info", "expired": "warning", "none": "danger"},
    )
    def token(self, shop: Shop) -> str:
        """Whether there is a token: for apps with a client secret an old one is renewed by itself."""
        return self._token_word(shop)

    def _token_word(self, shop: Shop) -> str:
        alive = shop.access_token_expires_at is None or shop.access_token_expires_at > now()
        if shop.access_token and alive:
            return "stored"
        if shop.auth_kind == AuthKind.CLIENT_CREDENTIALS and shop.client_secret:
            return "renewed on use"
        return "expired" if shop.access_token else "none"

    @display(description="Locations", ordering="active_locations")
    def location_count(self, shop: Shop) -> int:
        """Active locations read from Shopify."""
        return int(getattr(shop, "active_locations", 0))

    @display(description="Active", boolean=True, ordering="is_active")
    def active(self, shop: Shop) -> bool:
        """Whether the hub works for it: switched on, and let in by Shopify."""
        return shop.is_active and shop.disconnected_at is None

    @display(description="Connection")
    def standing(self, shop: Shop) -> str:
        """Whether Shopify lets the app in, as far as the hub has heard."""
        if shop.disconnected_at is None:
            return "Connected, as far as the hub knows."
        return (
            f"DISCONNECTED since {shop.disconnected_at:%d %b %Y, %H:%M} UTC: Shopify does not let the app in any more. "
            "It is not searched for orders. Install the app again, then press Test connection."
        )

    @display(description="Token")
    def token_state(self, shop: Shop) -> str:
        """Whether a token is stored and until when it lives; never the token."""
        word = self._token_word(shop)
        if word == "none":
            return "No token yet. Save, then use Test connection or Connect."
        if word == "stored" and shop.access_token_expires_at:
            return f"Stored, valid until {shop.access_token_expires_at:%d %b %Y, %H:%M} UTC"
        return {"stored": "Stored, does not expire", "expired": "Expired: use Connect to get a new one"}.get(
            word, "Asked for when it is needed"
        )

    @action(
        description="Test connection",
        icon="network_check",
        variant=ActionVariant.PRIMARY,
        permissions=["test"],
        dialog={
            "title": "Test the connection to Shopify?",
            "description": "The hub signs in, tries every query it needs, and reads currency, time zone, scopes, "
            "locations and markets into this record. Nothing is changed in Shopify. It takes some seconds.",
            "form_class": BaseDialogForm,
            "form_submit_text": "Test now",
        },
    )
    def test_connection(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        """Run the checks and show their lines."""
        shop = self._shop(request, object_id)
        return self.keep_checks(request, shop.pk, self.checks_of(shop))

    def checks_of(self, shop: Shop) -> list[Check]:
        """The lines of a test; what other packages know of a shop is added where their pages are joined."""
        from shops.shopify.connection import check_shop  # noqa: PLC0415 - the client is for this button only

        return check_shop(shop)

    @action(
        description="Connect",
        icon="link",
        permissions=["change"],
        dialog={
            "title": "Connect the app with the store?",
            "description": "Shopify opens and asks the merchant to install the app. Afterwards you come back here. "
            "Needed once for shops that sign in by authorization code, and again when scopes were added.",
            "form_class": BaseDialogForm,
            "form_submit_text": "Go to Shopify",
        },
    )
    def connect(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        """Start the authorization-code grant."""
        return go_to(connect_url(self._shop(request, object_id)))

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """*Connect* only where the store is connected by the authorization-code grant."""
        actions: list[Any] = super().get_actions_detail(request, object_id)
        shop = Shop.objects.filter(pk=object_id).first()
        if shop is not None and shop.auth_kind == AuthKind.AUTHORIZATION_CODE and connect_url(shop):
            return actions
        return [a for a in actions if not a.action_name.endswith("_connect")]


def connect_url(shop: Shop) -> str:
    """Where the authorization-code grant starts, or "" where its views are not part of the site."""
    try:
        return reverse("shops:connect", args=[shop.pk])
    except NoReverseMatch:
        return ""

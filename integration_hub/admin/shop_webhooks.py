"""Webhooks on the shop's page: the address, how the subscriptions stand, and the buttons that make and remove them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.forms import BaseDialogForm

from common.admin import action, display, go_to
from common.checks import Check
from common.errors import HubError
from shops.admin import ShopAdmin
from shops.models import Shop
from syncflows.admin.labels import instant
from syncflows.inbox.standing import standing
from syncflows.inbox.subscriptions import address_of, remove_all, watch
from syncflows.jobs import request_discovery
from syncflows.models import WebhookEndpoint, WebhookSubscription
from syncflows.pipeline.staging import replay_from


class WebhookShopAdmin(ShopAdmin):
    """What the shop's page has about webhooks."""

    readonly_fields = (*ShopAdmin.readonly_fields, "webhook_address", "webhook_standing", "webhook_topics")
    fieldsets = (
        *ShopAdmin.fieldsets,
        (
            "Webhooks",
            {
                "fields": ("webhook_address", "webhook_standing", "webhook_topics"),
                "description": "Shopify tells the hub of changes at once. Without webhooks they are found by the "
                "regular search.",
            },
        ),
    )

    @display(description="Address of this shop")
    def webhook_address(self, shop: Shop) -> str:
        """Where Shopify delivers; also to be entered for the compliance topics of an app."""
        endpoint = WebhookEndpoint.objects.filter(shop=shop).first() if shop.pk else None
        return address_of(endpoint) if endpoint else "Made when the shop is saved."

    @display(description="How they stand")
    def webhook_standing(self, shop: Shop) -> str:
        """The line of Test connection, without asking Shopify."""
        line = standing(shop) if shop.pk else None
        return " ".join(filter(None, (line.detail, line.fix))) if line else "-"

    @display(description="Topics, as last seen at Shopify")
    def webhook_topics(self, shop: Shop) -> SafeString | str:
        """Each topic with how it stands, when it was last seen whole, and how often it had to be mended."""
        zone = shop.iana_timezone
        rows = [
            (row.topic, row.get_state_display(), instant(row.seen_at, zone), row.mended, row.note)
            for row in (WebhookSubscription.objects.filter(shop=shop) if shop.pk else ())
        ]
        return format_html(
            '<table class="hub-table"><thead><tr><th>Topic</th><th>State</th><th>Last seen whole</th><th>Mended</th>'
            "<th>Why not</th></tr></thead><tbody>{}</tbody></table>",
            format_html_join("", "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td></tr>", rows),
        ) if rows else "-"  # fmt: skip

    def checks_of(self, shop: Shop) -> list[Check]:
        """The lines of a test, with one about webhooks."""
        lines = super().checks_of(shop)
        let_in = bool(lines) and lines[0].ok  # else nothing further was tried
        return [*lines, standing(Shop.objects.get(pk=shop.pk))] if let_in else lines

    def has_register_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the user may register and remove webhooks."""
        return self.has_custom_permission(request, "register")

    @action(
        description="Register webhooks",
        icon="notifications_active",
        permissions=["register"],
        dialog={
            "title": "Register this shop's webhooks at Shopify?",
            "description": "The hub makes the subscriptions it needs, mends those that are missing or changed, and "
            "looks after them every hour from now on. If some were missing, orders changed since then are searched.",
            "form_class": BaseDialogForm,
            "form_submit_text": "Register",
        },
    )
    def register_webhooks(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        """Make or mend the subscriptions now."""
        shop = self._shop(request, object_id)
        try:
            watched = watch(shop, replay_from)
        except HubError as error:
            messages.error(request, error.message)
        else:
            if watched.gap is not None:
                request_discovery(shop)
            line = standing(shop)
            (messages.success if line.ok else messages.warning)(request, f"{line.detail} {line.fix}".strip())
        return go_to(reverse("admin:shops_shop_change", args=[shop.pk]))

    @action(
        description="Remove webhooks",
        icon="notifications_off",
        permissions=["register"],
        dialog={
            "title": "Remove this shop's webhooks at Shopify?",
            "description": "The hub's subscriptions are deleted and not made again by themselves. Orders are then "
            "found by the regular search only. What already came stays in the inbox.",
            "form_class": BaseDialogForm,
            "form_submit_text": "Remove",
        },
    )
    def remove_webhooks(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        """Delete the subscriptions."""
        shop = self._shop(request, object_id)
        try:
            count = remove_all(shop)
        except HubError as error:
            messages.error(request, error.message)
        else:
            messages.success(request, f"{count} subscriptions were removed.")
        return go_to(reverse("admin:shops_shop_change", args=[shop.pk]))

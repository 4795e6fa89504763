"""Set-up of ERP connections and their cached reference data."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, Max, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminTextareaWidget

from common.admin import (
    CheckReportMixin,
    HubModelAdmin,
    ReadOnlyAdmin,
    SecretModelForm,
    action,
    display,
    go_to,
    shown_if,
)
from common.causes import cause
from common.checks import Check
from common.clock import now
from common.errors import HubError
from erps.certificates import last_day
from erps.models import AuthKind, ErpConnection, ReferenceKind, ReferenceRecord
from erps.reference import refresh
from erps.slots import one_slot

NEEDED = {
    AuthKind.OAUTH2: {
        "client_id": "Client ID of the integration record (Setup > Integration > Manage Integrations).",
        "certificate_id": "NetSuite shows it after the certificate was uploaded (OAuth 2.0 Client Credentials Setup).",
        "private_key": "The private key the certificate was made from, as PEM text.",
    },
    AuthKind.TBA: {
        "client_id": "Consumer key of the integration record.",
        "consumer_secret": "Consumer secret of the integration record; NetSuite shows it once.",
        "token_id": "Token ID of the access token.",
        "token_secret": "Token secret of the access token; NetSuite shows it once.",
    },
}
"""What each way of signing in cannot do without, and the sentence shown when it is missing."""

CERTIFICATE_HELP = (
    "For OAuth 2.0 make a key and a certificate of at most two years, upload the certificate in NetSuite under "
    "Setup &gt; Integration &gt; OAuth 2.0 Client Credentials Setup, and paste the key here:"
    '<code class="hub-code">openssl req -x509 -newkey rsa:4096 -sha256 -nodes -days 730 -subj "/CN=integration-hub" '
    "-keyout hub-key.pem -out hub-cert.pem</code>"
    "Secrets are written, never shown; an empty box keeps what is stored."
)


def age(since: datetime | None) -> str:
    """How long ago, in the largest whole unit."""
    if since is None:
        return "never"
    seconds = int((now() - since).total_seconds())
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds // size} {unit} ago"
    return "just now"


class NeverShown(UnfoldAdminTextareaWidget):
    """A box that is empty on every page: somebody may paste the key instead of the certificate."""

    def format_value(self, value: Any) -> str:
        """Nothing."""
        return ""


class ErpConnectionForm(SecretModelForm):
    """Connection form: what the chosen way of signing in needs is asked for, in plain words."""

    certificate = forms.CharField(
        required=False,
        widget=NeverShown(attrs={"rows": 4}),
        help_text="Optional: paste the certificate (PEM) to have its last day read. It is not kept.",
    )

    class Meta:
        model = ErpConnection
        fields = "__all__"

    def clean_private_key(self) -> Any:
        """Refuse what is not a private key in PEM, before NetSuite does it with fewer words."""
        key = self.cleaned_data["private_key"]
        if isinstance(key, str) and key and "PRIVATE KEY-----" not in key:
            hint = (
                "This is the certificate; the hub needs the key it was made from"
                if "CERTIFICATE" in key
                else "This is not a private key in PEM form"
            )
            self.add_error("private_key", f"{hint}. It starts with -----BEGIN PRIVATE KEY-----.")
        return key

    def clean_certificate(self) -> date | None:
        """The last day of the certificate; None when none was pasted in."""
        text = self.cleaned_data["certificate"]
        if not text:
            return None
        try:
            return last_day(text)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error

    def clean(self) -> dict[str, Any]:
        """Ask for the fields the chosen sign-in needs; a connection that is switched off may be saved half done."""
        cleaned = super().clean()
        if cleaned.get("certificate"):
            cleaned["certificate_valid_until"] = cleaned["certificate"]
        if cleaned.get("is_active") and cleaned.get("auth_kind"):
            for name, sentence in NEEDED[AuthKind(cleaned["auth_kind"])].items():
                if name in self.fields and name not in self.errors and not self.stays_or_comes(name):
                    self.add_error(name, f"Needed for this way of signing in: {sentence}")
        return cleaned


@admin.register(ErpConnection)
class ErpConnectionAdmin(CheckReportMixin, HubModelAdmin):
    """Connections: one per ERP account."""

    form = ErpConnectionForm
    multiline_secrets = ("private_key",)
    list_display = ("name", "account_id", "kind", "sign_in", "shop_count", "tax_strategy", "oldest", "active")
    list_filter = ("is_active", "kind", "auth_kind")
    search_fields = ("name", "key", "account_id")
    readonly_fields = ("token_state", "reference_state")
    empty_words = "No ERP connection yet. Add one: account ID, and how the hub signs in."
    fieldsets = (
        ("ERP", {"fields": ("name", "key", "kind", "account_id", "base_url", "is_active")}),
        (
            "Sign-in",
            {
                "fields": (
                    "auth_kind",
                    "client_id",
                    "certificate_id",
                    "certificate",
                    "certificate_valid_until",
                    "algorithm",
                    "private_key",
                    "consumer_secret",
                    "token_id",
                    "token_secret",
                    "token_state",
                ),
                "description": CERTIFICATE_HELP,
            },
        ),
        (
            "Documents",
            {
                "fields": (
                    "tax_strategy",
                    "shipping_as",
                    "order_id_field",
                    "order_url_field",
                    "line_id_field",
                ),
                "description": "How amounts are put on a document. Test connection says which tax choice fits the "
                "account.",
            },
        ),
        ("Limits", {"fields": ("concurrency_limit",)}),
        ("Reference data", {"fields": ("reference_state",)}),
    )
    conditional_fields = {
        "certificate_id": shown_if("auth_kind == 'oauth2'"),
        "certificate": shown_if("auth_kind == 'oauth2'"),
        "certificate_valid_until": shown_if("auth_kind == 'oauth2'"),
        "algorithm": shown_if("auth_kind == 'oauth2'"),
        "private_key": shown_if("auth_kind == 'oauth2'"),
        "consumer_secret": shown_if("auth_kind == 'tba'"),
        "token_id": shown_if("auth_kind == 'tba'"),
        "token_secret": shown_if("auth_kind == 'tba'"),
    }
    actions_detail = ["test_connection", "refresh_reference", "last_test"]

    def get_readonly_fields(self, request: HttpRequest, obj: ErpConnection | None = None) -> list[str]:
        """The key stands in the configuration and cannot change after the first save."""
        return [*super().get_readonly_fields(request, obj), *(["key"] if obj else [])]

    def get_queryset(self, request: HttpRequest) -> QuerySet[ErpConnection]:
        """Connections with the number of their shops and the age of their reference data."""
        connections: QuerySet[ErpConnection] = super().get_queryset(request)
        oldest = ReferenceRecord.objects.filter(connection=OuterRef("pk")).order_by("fetched_at")
        return connections.annotate(
            shops_here=Count("shops", distinct=True), read_at=Subquery(oldest.values("fetched_at")[:1])
        )

    def _connection(self, request: HttpRequest, object_id: str) -> ErpConnection:
        connection: ErpConnection = self.record_to_test(request, object_id)
        return connection

    @display(description="Signs in by", ordering="auth_kind")
    def sign_in(self, connection: ErpConnection) -> str:
        """The way of signing in, without the words in brackets."""
        return str(connection.get_auth_kind_display()).split(" (", 1)[0]

    @display(description="Shops", ordering="shops_here")
    def shop_count(self, connection: ErpConnection) -> int:
        """Shops whose documents go here."""
        return int(getattr(connection, "shops_here", 0))

    @display(description="Reference data", ordering="read_at")
    def oldest(self, connection: ErpConnection) -> str:
        """Age of the oldest reference row."""
        return age(getattr(connection, "read_at", None))

    @display(description="Active", boolean=True, ordering="is_active")
    def active(self, connection: ErpConnection) -> bool:
        """Whether the hub works with it."""
        return connection.is_active

    @display(description="Token")
    def token_state(self, connection: ErpConnection) -> str:
        """Whether a token is at hand; never the token."""
        if connection.auth_kind == AuthKind.TBA:
            return "Every request is signed; there is no token to renew."
        until = connection.access_token_expires_at
        if connection.access_token and until and until > now():
            return f"Stored, valid until {until:%d %b %Y, %H:%M} UTC. Renewed by itself."
        return "Asked for when it is needed, and renewed by itself."

    @display(description="What was read")
    def reference_state(self, connection: ErpConnection) -> SafeString | str:
        """Rows and age of each kind, each a link to its list."""
        rows = (
            ReferenceRecord.objects.filter(connection=connection)
            .order_by("kind")
            .values_list("kind")
            .annotate(rows=Count("pk"), read_at=Max("fetched_at"))
        )
        if not rows:
            return "Nothing yet. Use Refresh reference data, so that mappings can offer names instead of ids."
        address = reverse("admin:erps_referencerecord_changelist")
        return format_html(
            '<ul class="hub-reference">{}</ul>',
            format_html_join(
                "",
                '<li><a class="hub-link" href="{}?connection__id__exact={}&kind__exact={}">{}</a>'
                '<span>{}</span><span class="hub-quiet">{}</span></li>',
                (
                    (address, connection.pk, kind, ReferenceKind(kind).label, f"{count:,}", age(read_at))
                    for kind, count, read_at in rows
                ),
            ),
        )

    @action(
        description="Test connection",
        icon="network_check",
        variant=ActionVariant.PRIMARY,
        permissions=["test"],
        dialog={
            "title": "Test the connection to the ERP?",
            "description": "The hub signs in and tries every permission, feature and query it needs. Nothing is "
            "written in the ERP. It takes some seconds.",
            "form_class": BaseDialogForm,
            "form_submit_text": "Test now",
        },
    )
    def test_connection(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        """Run the checks and show their lines."""
        from erps.registry import adapter_for  # noqa: PLC0415 - the adapters are for these buttons only

        connection = self._connection(request, object_id)
        try:
            with one_slot(connection):
                checks = adapter_for(connection).check()
        except HubError as error:
            checks = [Check(name="Sign-in", ok=False, detail=error.message, fix=cause(error.code).fix)]
        return self.keep_checks(request, connection.pk, checks)

    @action(
        description="Refresh reference data",
        icon="sync",
        permissions=["test"],
        dialog={
            "title": "Read the reference data again?",
            "description": "Subsidiaries, locations, terms, methods, accounts and the like are read from the ERP, so "
            "that mappings offer what is there now. Nothing is written in the ERP.",
            "form_class": BaseDialogForm,
            "form_submit_text": "Refresh now",
        },
    )
    def refresh_reference(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        """Refresh every kind and say how many rows each has."""
        from erps.registry import adapter_for  # noqa: PLC0415

        connection = self._connection(request, object_id)
        try:
            read = refresh(connection, adapter_for(connection))
        except HubError as error:
            messages.error(request, f"{error.message} {cause(error.code).fix}")
        else:
            messages.success(request, f"Read {sum(read.values()):,} records of {connection}.")
            for kind, problem in read.problems.items():
                messages.warning(request, f"{ReferenceKind(kind).label}: {problem.message}")
        return go_to(reverse("admin:erps_erpconnection_change", args=[connection.pk]))


@admin.register(ReferenceRecord)
class ReferenceRecordAdmin(ReadOnlyAdmin):
    """What mapping forms offer, as the ERP last told it."""

    list_display = ("name", "kind", "erp_id", "code", "connection", "usable", "read")
    list_filter = ("kind", "connection", "is_inactive")
    list_select_related = ("connection",)
    search_fields = ("name", "code", "erp_id")
    ordering = ("kind", "name", "pk")
    fields = ("connection", "kind", "name", "erp_id", "code", "is_inactive", "extra", "fetched_at")
    empty_words = "Nothing read yet. Open an ERP connection and use Refresh reference data."

    @display(description="State", ordering="is_inactive", label={"active": "success", "inactive": "warning"})
    def usable(self, record: ReferenceRecord) -> str:
        """Whether the ERP still accepts it on new documents."""
        return "inactive" if record.is_inactive else "active"

    @display(description="Read", ordering="fetched_at")
    def read(self, record: ReferenceRecord) -> str:
        """How long ago it was read."""
        return age(record.fetched_at)

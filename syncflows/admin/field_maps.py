"""Field mappings: the list of versions, the draft's editor, a version's page, comparison, publishing, roll-back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from unfold.forms import BaseDialogForm
from unfold.widgets import UnfoldAdminSelectWidget

from common.admin import ReadOnlyAdmin, action, display, go_to
from common.causes import cause
from common.errors import HubError
from erps.reference import refresh
from erps.registry import adapter_for
from mappings.admin.waiting import orders_known
from mappings.field_sets import FieldMappingSet
from mappings.field_versions import KIND_OF_LEVEL, ChangedMeanwhile, compare, discard, start_draft
from shops.models import Shop
from syncflows.admin.field_editor import editor_page, rows_of
from syncflows.admin.field_preview import preview_pane
from syncflows.admin.field_publishing import CODES, publish_page

SHOWN = 20
"""Values orders wait for, named above the list; the rest are counted."""
_LIST = "admin:mappings_fieldmappingset_changelist"
_PAGE = "admin:mappings_fieldmappingset_change"
Base: Any = BaseDialogForm


class ShopForm(forms.Form):
    """Which shop's mappings to edit, on a page of its own."""

    shop = forms.ModelChoiceField(Shop.objects.order_by("name"), widget=UnfoldAdminSelectWidget())


class DraftDialog(Base):  # type: ignore[misc] # unfold's annotations do not hold here, see common.admin
    """Which shop's mappings to edit."""

    shop = forms.ModelChoiceField(Shop.objects.order_by("name"), widget=UnfoldAdminSelectWidget())


@admin.register(FieldMappingSet)
class FieldMappingSetAdmin(ReadOnlyAdmin):
    """Versions of the field mappings of every shop, the newest first."""

    list_display = ("title_shown", "shop", "state", "rows_shown", "changed", "published", "why")
    list_display_links = ("title_shown",)
    list_filter = ("shop", "is_current")
    list_select_related = ("shop", "changed_by", "published_by")
    search_fields = ("reason", "rows__name", "rows__target")
    ordering = ("shop__name", "-is_current", "-changed_at", "-pk")
    actions_list = ["edit_draft", "retry_waiting"]
    actions_row = ["throw_away"]
    list_before_template = "fieldmaps/waiting.html"
    empty_words = (
        "No field mappings yet. Edit mappings begins a draft for a shop; it counts once it is published."
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[FieldMappingSet]:
        """Versions with the number of their mappings."""
        rows: QuerySet[FieldMappingSet] = super().get_queryset(request)
        return rows.annotate(row_count=Count("rows"))

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The list, with the orders that field mappings stopped on top."""
        waiting = orders_known().values(CODES)
        context = {"waiting": waiting[:SHOWN], "waiting_more": max(0, len(waiting) - SHOWN)}
        response: HttpResponse = super().changelist_view(request, {**context, **(extra_context or {})})
        return response

    def get_urls(self) -> list[Any]:
        """Preview, publishing, comparison, refresh of the ERP's fields."""
        pages = (
            ("preview", self.preview),
            ("publish", self.publish),
            ("compare", self.compare),
            ("fields", self.fields_again),
        )
        own = [
            path(f"<int:pk>/{name}/", self.admin_site.admin_view(view), name=f"mappings_fieldmappingset_{name}")
            for name, view in pages
        ]  # fmt: skip
        return [*own, *super().get_urls()]

    # ---------------------------------------------------------------------------------------------- who may

    def may_edit(self, request: HttpRequest) -> bool:
        """Whether the user may change drafts."""
        return bool(request.user.has_perm("mappings.change_fieldmappingset"))

    def has_edit_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """For the actions of the list."""
        return self.may_edit(request)

    def has_retry_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the user may take orders up again."""
        return bool(request.user.has_perm("syncflows.retry_order"))

    def _version(self, request: HttpRequest, pk: Any) -> FieldMappingSet:
        if not self.has_view_permission(request):
            raise PermissionDenied
        rows = FieldMappingSet.objects.select_related("shop__erp_connection", "changed_by", "published_by")
        version = rows.filter(pk=pk).first() if str(pk).isdecimal() else None
        if version is None:
            raise Http404
        return version

    # ---------------------------------------------------------------------------------------------- pages

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The editor for a draft, else the version as it is. Who posts to a draft that was published meanwhile gets
        the editor back with what was typed."""
        if object_id is None:
            return self._begin(request)
        version = self._version(request, object_id)
        if request.method == "POST" and not self.may_edit(request):
            raise PermissionDenied
        if (version.is_draft or request.method == "POST") and self.may_edit(request):
            return editor_page(request, self.admin_site, version)
        context = {
            **self.admin_site.each_context(request),
            "title": str(version),
            "version": version,
            "rows": [{"name": row.name, "parts": _parts(row.words())} for row in version.rows.all()],
            "may_publish": request.user.has_perm("mappings.publish_fieldmappingset"),
            "may_edit": self.may_edit(request),
            "others": FieldMappingSet.objects.filter(shop=version.shop)
            .exclude(pk=version.pk)
            .order_by("-pk"),
        }
        return TemplateResponse(request, "fieldmaps/version.html", context)

    def _begin(self, request: HttpRequest) -> HttpResponse:
        """Choose a shop, and open its draft."""
        if not self.may_edit(request):
            raise PermissionDenied
        posted = request.POST if request.method == "POST" else None
        form = ShopForm(posted, initial={"shop": request.GET.get("shop", "")})
        if form.is_valid():
            draft = start_draft(form.cleaned_data["shop"], request.user)
            return HttpResponseRedirect(reverse(_PAGE, args=[draft.pk]))
        context = {**self.admin_site.each_context(request), "title": "Edit field mappings", "form": form}
        return TemplateResponse(request, "fieldmaps/begin.html", context)

    def preview(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The pane beside the form; reads, writes nothing."""
        version = self._version(request, pk)
        if request.method != "POST" or not self.may_edit(request):
            raise PermissionDenied
        if not request.user.has_perm("syncflows.view_order"):
            raise PermissionDenied
        return preview_pane(request, version.shop, rows_of(request, version))

    def publish(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Try the newest orders, then publish."""
        version = self._version(request, pk)
        if not request.user.has_perm("mappings.publish_fieldmappingset"):
            raise PermissionDenied
        return publish_page(request, self.admin_site, version)

    def compare(self, request: HttpRequest, pk: int) -> HttpResponse:
        """What differs between two versions of one shop."""
        version = self._version(request, pk)
        others = list(
            FieldMappingSet.objects.filter(shop=version.shop).exclude(pk=version.pk).order_by("-pk")
        )
        wanted = request.GET.get("with", "")
        other = next((each for each in others if str(each.pk) == wanted), None) or next(iter(others), None)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Compare field mappings of {version.shop}",
            "version": version,
            "other": other,
            "others": others,
            "changes": compare(other.rows.all(), version.rows.all()) if other else [],
        }
        return TemplateResponse(request, "fieldmaps/compare.html", context)

    def fields_again(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Read the ERP's fields again (POST), and go back."""
        version = self._version(request, pk)
        if request.method != "POST" or not request.user.has_perm("erps.test_erpconnection"):
            raise PermissionDenied
        connection = version.shop.erp_connection
        if connection is None:
            raise Http404
        try:
            read = refresh(connection, adapter_for(connection), list(KIND_OF_LEVEL.values()))
        except HubError as error:
            messages.error(request, f"{error.message} {cause(error.code).fix}")
        else:
            messages.success(request, f"Read {sum(read.values()):,} fields of {connection}.")
            for problem in read.problems.values():
                messages.warning(request, problem.message)
        return HttpResponseRedirect(reverse(_PAGE, args=[version.pk]))

    # ---------------------------------------------------------------------------------------------- actions

    @action(
        description="Edit mappings",
        icon="edit",
        permissions=["edit"],
        dialog={
            "title": "Edit the field mappings of which shop?",
            "description": "Opens the shop's draft, or begins one from the version in use. Orders go on with the "
            "version in use until the draft is published.",
            "form_class": DraftDialog,
            "form_submit_text": "Open the draft",
        },
    )
    def edit_draft(self, request: HttpRequest, form: DraftDialog) -> HttpResponse:
        """Open or begin the draft."""
        draft = start_draft(form.cleaned_data["shop"], request.user)
        return go_to(reverse(_PAGE, args=[draft.pk]))

    @action(
        description="Throw draft away",
        icon="delete",
        permissions=["edit"],
        dialog={
            "title": "Throw this draft away?",
            "description": "What was changed since the last published version is lost. Published versions stay, and "
            "orders go on with the version in use.",
            "form_class": BaseDialogForm,
            "form_submit_text": "Throw it away",
        },
    )
    def throw_away(self, request: HttpRequest, form: BaseDialogForm, object_id: str) -> HttpResponse:
        """Only drafts: published versions are the history."""
        version = self._version(request, object_id)
        try:
            discard(version, version.revision)
        except ChangedMeanwhile:
            messages.error(request, f"{version} is no draft: published versions are kept.")
        else:
            messages.success(request, f"The draft of {version.shop} was thrown away.")
        return go_to(reverse(_LIST))

    @action(
        description="Retry waiting orders",
        icon="replay",
        permissions=["retry"],
        dialog={
            "title": "Retry the orders that a field mapping stopped?",
            "description": "They are taken up again with the field mappings in use now, through all rules and checks.",
            "form_class": BaseDialogForm,
            "form_submit_text": "Retry them",
        },
    )
    def retry_waiting(self, request: HttpRequest, form: BaseDialogForm) -> HttpResponse:
        """Retry, and say how many."""
        waiting = [(value.shop_id, value.value) for value in orders_known().values(CODES)]
        retried = orders_known().retry(request.user, CODES, waiting) if waiting else 0
        if retried:
            messages.success(request, f"{retried:,} orders are taken up again.")
        else:
            messages.info(request, "No order waits for a field mapping.")
        return go_to(reverse(_LIST))

    # ---------------------------------------------------------------------------------------------- columns

    @display(description="Version", ordering="number")
    def title_shown(self, version: FieldMappingSet) -> str:
        """Draft, or its number."""
        return version.title

    @display(description="State", label={"draft": "warning", "in use": "success", "earlier": "default"})
    def state(self, version: FieldMappingSet) -> str:
        """Whether it counts."""
        return "draft" if version.is_draft else "in use" if version.is_current else "earlier"

    @display(description="Mappings", ordering="row_count")
    def rows_shown(self, version: FieldMappingSet) -> int:
        """How many mappings it has."""
        return int(getattr(version, "row_count", 0))

    @display(description="Changed", ordering="changed_at")
    def changed(self, version: FieldMappingSet) -> str:
        """By whom and when the draft was last saved."""
        return f"{version.changed_by or '-'}, {version.changed_at:%d %b %Y %H:%M}"

    @display(description="Published", ordering="published_at")
    def published(self, version: FieldMappingSet) -> str:
        """By whom and when."""
        if version.published_at is None:
            return "-"
        return f"{version.published_by or '-'}, {version.published_at:%d %b %Y %H:%M}"

    @display(description="Why")
    def why(self, version: FieldMappingSet) -> str:
        """The reason given, and where a roll-back came from."""
        same = f" (same as version {version.copied_from})" if version.number and version.copied_from else ""
        return f"{version.reason}{same}" if version.reason or same else "-"


def _parts(words: dict[str, Any]) -> list[tuple[str, str]]:
    return [(label, value) for label, value in words.items() if value and label != "Name"]

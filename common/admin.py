"""What every admin page of the hub shares: base classes, write-only secrets, the report of a connection test."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, ClassVar, Protocol, TypeVar, cast

from django import forms
from django.contrib.auth import get_permission_codename
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from unfold import admin as unfold_admin
from unfold import decorators as unfold_decorators
from unfold.widgets import CHECKBOX_CLASSES, INPUT_CLASSES, TEXTAREA_CLASSES

from common.clock import now
from common.secrets import SecretField

Method = TypeVar("Method", bound=Callable[..., Any])

# unfold's annotations do not hold for classes that use what it documents, so its bases count as Any here.
UnfoldModelAdmin: Any = unfold_admin.ModelAdmin
TabularInline: Any = unfold_admin.TabularInline
StackedInline: Any = unfold_admin.StackedInline


def action(**options: Any) -> Callable[[Method], Method]:
    """Unfold's `action`, which takes the method it decorates as it is. State-changing ones need `dialog`."""
    return cast("Callable[[Method], Method]", unfold_decorators.action(**options))


def display(**options: Any) -> Callable[[Method], Method]:
    """Unfold's `display`, which takes the method it decorates as it is."""
    return cast("Callable[[Method], Method]", unfold_decorators.display(**options))


KEEP = object()
"""What a secret field submits when nothing was typed and *remove* was not ticked."""


def go_to(address: str) -> HttpResponse:
    """Leave a dialog for another page: dialogs are posted by htmx, which follows this header, not a redirect."""
    return HttpResponse(headers={"HX-Redirect": address})


def shown_if(condition: str) -> str:
    """A condition for unfold's conditional fields that also holds on a page where the fields cannot be changed.

    There is no form state there, and a bare name would be an error in the browser.
    """
    name = condition.split(maxsplit=1)[0]
    return f"typeof {name} === 'undefined' || {condition}"


class SecretInput(forms.Widget):
    """A write-only input: says whether a secret is stored, never what it is; empty keeps it, a tick removes it."""

    def __init__(self, attrs: dict[str, Any] | None = None, *, multiline: bool = False) -> None:
        super().__init__(attrs)
        self.multiline = multiline

    def render(
        self, name: str, value: Any, attrs: Mapping[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        """The input, always empty. `value` decides only between "stored" and "not stored"."""
        ident = (attrs or {}).get("id", f"id_{name}")
        stored = bool(value)
        hint = "Stored. Type a new one to replace it." if stored else "Not stored yet."
        if self.multiline:
            box = format_html(
                '<textarea name="{}" id="{}" rows="4" autocomplete="off" spellcheck="false" placeholder="{}" '
                'class="hub-secret {}"></textarea>',
                name,
                ident,
                hint,
                " ".join(TEXTAREA_CLASSES),
            )
        else:
            box = format_html(
                '<input type="password" name="{}" id="{}" value="" autocomplete="new-password" placeholder="{}" '
                'class="hub-secret {}">',
                name,
                ident,
                hint,
                " ".join(INPUT_CLASSES),
            )
        if not stored:
            return box
        return format_html(
            '{}<label class="hub-secret-clear" for="{}_clear"><input type="checkbox" name="{}_clear" id="{}_clear" '
            'class="{}"> Remove the stored value</label>',
            box,
            ident,
            name,
            ident,
            " ".join(CHECKBOX_CLASSES),
        )

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:
        """The typed text, "" to remove, or KEEP."""
        typed = str(data.get(name, "")).strip()
        if typed:
            return typed
        return "" if data.get(f"{name}_clear") else KEEP

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        """Never: an absent input means keep."""
        return False


class SecretFormField(forms.CharField):
    """Form side of `common.secrets.SecretField`."""

    def __init__(self, *, multiline: bool = False, **kwargs: Any) -> None:
        kwargs["widget"] = SecretInput(multiline=multiline)
        kwargs["required"] = False
        super().__init__(**kwargs)

    def clean(self, value: Any) -> Any:
        """Text, or KEEP for the form to resolve."""
        return value if value is KEEP else super().clean(value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Changed when something was typed or is to be removed."""
        return data is not KEEP and (bool(data) or bool(initial))


class SecretModelForm(forms.ModelForm):  # type: ignore[type-arg] # not generic at run time
    """A model form whose secret fields keep what is stored unless a person types or removes something."""

    def clean(self) -> dict[str, Any]:
        """Put the stored secrets back in place of KEEP; the instance still holds them at this point."""
        cleaned = super().clean() or self.cleaned_data
        for name, value in cleaned.items():
            if value is KEEP:
                cleaned[name] = getattr(self.instance, name)
        return cleaned

    def stays_or_comes(self, name: str) -> bool:
        """Whether a field will have a value once the form is saved."""
        return bool(self.cleaned_data.get(name))


class HubModelAdmin(UnfoldModelAdmin):  # type: ignore[misc] # see UnfoldModelAdmin
    """Base of the hub's admin classes: filters applied together, secrets write-only, plain words when empty."""

    list_filter_submit = True
    list_per_page = 50
    warn_unsaved_form = True
    multiline_secrets: ClassVar[Sequence[str]] = ()
    empty_words: ClassVar[str] = ""
    """What a list says when it holds nothing at all: what appears here and how it gets here."""

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if isinstance(db_field, SecretField):
            return SecretFormField(
                label=kwargs.get("label") or capfirst(db_field.verbose_name),
                help_text=db_field.help_text,
                multiline=db_field.name in self.multiline_secrets,
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave secrets out for those who may only look: a read-only field would print its value."""
        fieldsets = super().get_fieldsets(request, obj)
        may_write = self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        if may_write:
            return fieldsets
        hidden = set(secret_names(self.model))
        return [
            (title, {**options, "fields": [name for name in options["fields"] if name not in hidden]})
            for title, options in fieldsets
        ]

    def has_custom_permission(self, request: HttpRequest, action: str) -> bool:
        """Whether the user holds a permission of this model that Django does not make by itself."""
        codename = get_permission_codename(action, self.opts)
        return bool(request.user.has_perm(f"{self.opts.app_label}.{codename}"))


class ReadOnly:
    """For admins and inlines of facts: looked at, never typed."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class ReadOnlyAdmin(ReadOnly, HubModelAdmin):
    """Facts: looked at, never typed."""

    warn_unsaved_form = False


def secret_names(model: type[models.Model]) -> list[str]:
    """Names of a model's secret columns, for what must leave them out (audit, export)."""
    return [field.name for field in model._meta.get_fields() if isinstance(field, SecretField)]


class CheckLine(Protocol):
    """One line of a connection test, as `common.checks.Check` has it (this package knows no documents)."""

    @property
    def name(self) -> str:
        """What was tried."""

    @property
    def ok(self) -> bool:
        """Whether it works."""

    @property
    def detail(self) -> str:
        """What was seen."""

    @property
    def fix(self) -> str:
        """What to do when it does not work."""


class CheckReportMixin:
    """Keeps the lines of the last *Test connection* of a person's session and shows them on a page of their own.

    For a HubModelAdmin; its `actions_detail` names `last_test`.
    """

    model: type[models.Model]
    opts: Any
    admin_site: Any
    check_title = "Connection test"

    def get_urls(self) -> list[Any]:
        """The page with the lines of the last test."""
        name = f"{self.opts.app_label}_{self.opts.model_name}_checks"
        page = path("<path:object_id>/checks/", self.admin_site.admin_view(self.last_checks), name=name)
        return [page, *super().get_urls()]  # type: ignore[misc] # the admin's

    def has_test_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        """Whether the user may try the connection."""
        found: bool = self.has_custom_permission(request, "test")  # type: ignore[attr-defined] # the admin's
        return found

    def record_to_test(self, request: HttpRequest, object_id: str) -> Any:
        """The record of a page below its own; Http404 when there is none the person may see."""
        record = self.get_object(request, object_id)  # type: ignore[attr-defined] # the admin's
        if record is None or not self.has_view_permission(request, record):  # type: ignore[attr-defined] # as above
            raise Http404
        return record

    def last_checks(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Lines of the last test this person ran."""
        return self.checks_page(request, self.record_to_test(request, object_id))

    @action(description="Last test", icon="checklist", permissions=["test"])
    def last_test(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show the lines of the last test again."""
        return self.last_checks(request, object_id)

    def _session_key(self, pk: Any) -> str:
        return f"checks.{self.opts.label_lower}.{pk}"

    def keep_checks(self, request: HttpRequest, pk: Any, checks: Iterable[CheckLine]) -> HttpResponse:
        """Store the lines in the session and go to their page (the answer to a dialog's POST)."""
        request.session[self._session_key(pk)] = {
            "at": now().isoformat(),
            "lines": [
                {"name": c.name, "ok": c.ok, "detail": c.detail[:2000], "fix": c.fix[:2000]} for c in checks
            ],
        }
        return go_to(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_checks", args=[pk]))

    def checks_page(self, request: HttpRequest, record: models.Model) -> HttpResponse:
        """The page with the lines: what works, what does not, and what to do."""
        stored = request.session.get(self._session_key(record.pk)) or {}
        lines = stored.get("lines", [])
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"{self.check_title}: {record}",
            "record": record,
            "lines": lines,
            "failed": sum(1 for line in lines if not line["ok"]),
            "tested_at": parse_datetime(stored["at"]) if stored else None,
            "back": reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[record.pk]),
        }
        return TemplateResponse(request, "admin/checks.html", context)

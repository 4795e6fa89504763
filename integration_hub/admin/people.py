"""Users and roles."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from common.admin import HubModelAdmin, display
from integration_hub.roles import ROLES

admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(User)
class UserAdmin(DjangoUserAdmin, HubModelAdmin):  # type: ignore[type-arg] # not generic at run time
    """People who sign in. What they may do comes from their roles."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "full_name", "email", "role_names", "active", "last_login")
    list_filter = ("is_active", "groups", "is_superuser")
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        ("Person", {"fields": ("username", "password", "first_name", "last_name", "email")}),
        (
            "Access",
            {
                "fields": ("is_active", "is_staff", "is_superuser", "groups"),
                "description": "A person needs <b>staff status</b> to sign in here, and at least one role to see "
                "anything.",
            },
        ),
        ("Dates", {"fields": ("last_login", "date_joined")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Users with their roles in one more query."""
        return super().get_queryset(request).prefetch_related("groups")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """Only a superuser makes superusers: an administrator could otherwise become one."""
        fixed = list(super().get_readonly_fields(request, obj))
        return fixed if request.user.is_superuser else [*fixed, "is_superuser"]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A superuser is changed by a superuser only (a new password would be a way to become one)."""
        if obj is not None and obj.is_superuser and not request.user.is_superuser:
            return False
        return bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The same for deleting."""
        if obj is not None and obj.is_superuser and not request.user.is_superuser:
            return False
        return bool(super().has_delete_permission(request, obj))

    @display(description="Name", ordering="last_name")
    def full_name(self, user: User) -> str:
        """First and last name."""
        return user.get_full_name() or "-"

    @display(description="Roles")
    def role_names(self, user: User) -> str:
        """Names of the roles, or that there is none."""
        names = [group.name for group in user.groups.all()]
        if user.is_superuser:
            names.insert(0, "superuser")
        return ", ".join(names) or "none"

    @display(description="Active", boolean=True, ordering="is_active")
    def active(self, user: User) -> bool:
        """Whether the person may sign in."""
        return user.is_active


@admin.register(Group)
class RoleAdmin(DjangoGroupAdmin, HubModelAdmin):
    """Roles. The five of the product are kept true to their table; others may be made."""

    list_display = ("name", "member_count", "kept")
    filter_horizontal = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        """Roles with their number of members."""
        return super().get_queryset(request).annotate(members=Count("user"))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The product's own roles come from its table: a change here would be undone by the next update."""
        if obj is not None and obj.name in ROLES:
            return False
        return bool(super().has_change_permission(request, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """The product's own roles stay."""
        if obj is not None and obj.name in ROLES:
            return False
        return bool(super().has_delete_permission(request, obj))

    @display(description="Members", ordering="members")
    def member_count(self, group: Group) -> int:
        """People with this role."""
        return int(getattr(group, "members", 0))

    @display(description="Made by", label={"the hub": "primary", "your team": "default"})
    def kept(self, group: Group) -> str:
        """Whether the product keeps it true to its table."""
        return "the hub" if group.name in ROLES else "your team"

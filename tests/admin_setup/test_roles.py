"""Who may do what: the table is complete, the groups follow it, and the pages follow the groups."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.contrib.auth.models import Group, Permission, User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from integration_hub.roles import AREAS, DEEDS, NOBODY, ROLES, May, permissions_of, set_up_roles, table

pytestmark = pytest.mark.django_db
OURS = {"shops", "erps", "mappings", "syncflows", "monitoring"}


def test_every_model_is_in_the_table_once() -> None:
    listed = [label for area in AREAS for label in area.models]
    assert len(listed) == len(set(listed))
    models = {model._meta.label_lower for model in apps.get_models() if not model._meta.auto_created}
    assert models - set(listed) - NOBODY == set()
    assert set(listed) - models == set()


def test_every_permission_that_is_no_verb_is_given_to_somebody() -> None:
    custom = {
        f"{model._meta.app_label}.{codename}"
        for model in apps.get_models()
        for codename, _ in model._meta.permissions
    }
    assert custom <= set(DEEDS)


def test_groups_are_made_with_the_database_and_hold_what_the_table_says() -> None:
    for role in ROLES:
        held = {
            f"{app}.{codename}"
            for app, codename in Group.objects.get(name=role).permissions.values_list(
                "content_type__app_label", "codename"
            )
        }
        known = {
            f"{app}.{codename}"
            for app, codename in Permission.objects.values_list("content_type__app_label", "codename")
        }
        assert held == permissions_of(role) & known
        assert held


def test_the_auditor_reads_only() -> None:
    assert {name.split(".")[1].split("_")[0] for name in permissions_of("auditor")} == {"view"}


def test_facts_are_changed_by_nobody() -> None:
    for area in AREAS:
        if area.models[0] in (
            "syncflows.sync",
            "mappings.recordlink",
            "auditlog.logentry",
            "django_q.schedule",
        ):
            assert {area.of(role) for role in ROLES} <= {May.LOOK, May.NOTHING}


def test_money_is_mapped_by_finance_and_goods_by_operations() -> None:
    assert "mappings.change_taxmapping" in permissions_of("finance")
    assert "mappings.change_taxmapping" not in permissions_of("operations")
    assert "mappings.change_locationmapping" in permissions_of("operations")
    assert "mappings.change_locationmapping" not in permissions_of("finance")
    assert "shops.change_shop" not in permissions_of("finance") | permissions_of("operations")


def test_setting_up_again_mends_a_changed_role_and_leaves_others_alone(
    capsys: pytest.CaptureFixture[str],
) -> None:
    own = Group.objects.create(name="warehouse")
    own.permissions.add(Permission.objects.get(codename="view_order"))
    Group.objects.get(name="auditor").permissions.add(Permission.objects.get(codename="delete_shop"))
    call_command("setup_roles")
    assert "auditor: " in capsys.readouterr().out
    assert not Group.objects.get(name="auditor").permissions.filter(codename="delete_shop").exists()
    assert own.permissions.count() == 1
    assert set(set_up_roles()) == set(ROLES)


def test_the_documentation_shows_this_table() -> None:
    page = Path(__file__).parents[2] / "docs" / "roles.md"
    assert page.read_text(encoding="utf-8").endswith(table())


def _lists() -> list[tuple[str, str]]:
    return [
        (model._meta.label_lower, f"admin:{model._meta.app_label}_{model._meta.model_name}")
        for model in admin.site._registry
        if model._meta.app_label
        in {"shops", "erps", "mappings", "monitoring", "auth", "auditlog", "django_q"}
    ]


@pytest.mark.parametrize("role", ROLES)
def test_lists_and_forms_open_for_those_the_table_names(role: str, client_of: Any) -> None:
    client = client_of(role)
    may = {label: area.of(role) for area in AREAS for label in area.models}
    for label, name in _lists():
        answer = client.get(reverse(f"{name}_changelist"))
        assert answer.status_code == (200 if may[label] else 403), (label, role)
        answer = client.get(reverse(f"{name}_add"))
        assert answer.status_code == (200 if may[label] == May.CHANGE else 403), (label, role)


@pytest.mark.parametrize("role", ROLES)
def test_the_sidebar_has_only_links_that_open(role: str, client_of: Any) -> None:
    client = client_of(role)
    groups = client.get(reverse("admin:shops_shop_changelist")).context["sidebar_navigation"]
    links = [item["link"] for group in groups for item in group["items"]]
    assert reverse("admin:shops_shop_changelist") in links
    assert (reverse("admin:auth_user_changelist") in links) == (role in ("administrator", "auditor"))
    for link in links:
        assert client.get(link).status_code == 200, link


def test_without_a_role_there_is_nothing_to_see(db: None) -> None:
    client = Client()
    client.force_login(User.objects.create_user("nobody", is_staff=True))
    for label, name in _lists():
        assert client.get(reverse(f"{name}_changelist")).status_code == 403, label


def test_strangers_are_asked_to_sign_in() -> None:
    answer = Client().get(reverse("admin:shops_shop_changelist"))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("admin:login"))
    page = Client().get(reverse("admin:login")).content.decode()
    assert "Shopify orders in your ERP" in page
    assert "Django" not in page


def test_an_administrator_cannot_become_a_superuser(client_of: Any) -> None:
    client = client_of("administrator")
    me = User.objects.get(username="administrator-person")
    form = {"username": me.username, "is_active": "on", "is_staff": "on", "is_superuser": "on", "groups": []}
    client.post(reverse("admin:auth_user_change", args=[me.pk]), form)
    me.refresh_from_db()
    assert not me.is_superuser
    root = User.objects.create_superuser("root", "root@example.com", "a long enough word")
    assert client.post(reverse("admin:auth_user_change", args=[root.pk]), form).status_code == 403
    assert client.get(reverse("admin:auth_user_password_change", args=[root.pk])).status_code == 403


def test_the_product_s_roles_are_not_edited_by_hand(boss: Client) -> None:
    group = Group.objects.get(name="finance")
    assert boss.post(reverse("admin:auth_group_change", args=[group.pk]), {"name": "x"}).status_code == 403
    assert boss.post(reverse("admin:auth_group_delete", args=[group.pk]), {"post": "yes"}).status_code == 403

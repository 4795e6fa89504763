"""Configuration as code through its command: export, plan, apply; nothing half done, no secret in the file."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml
from auditlog.models import LogEntry
from django.apps import apps
from django.contrib.auth.models import User

from common.clock import now
from configuration.sections import KEPT, TOP, Section
from erps.models import ErpConnection, ReferenceRecord
from mappings.models import CustomerTemplate, ValueMapping
from monitoring.models import AlertLimits, Channel
from shops.models import Shop
from syncflows.models import OrderRules
from tests.configuration.running import changed, plan, refused, run
from tests.factories import make_connection, make_shop

pytestmark = pytest.mark.django_db


def test_an_empty_hub_becomes_what_the_file_says(small: str) -> None:
    shown, code = plan(small)
    assert code == 2
    assert "+ connections.books" in shown
    assert "    private_key: '(not shown) from BOOKS_KEY'" in shown
    assert "8 to create, 0 to change, 0 to remove" in shown
    assert not Shop.objects.exists()

    run("apply", small, "--yes")
    shop = Shop.objects.select_related("erp_connection").get(key="berlin")
    assert shop.erp_connection is not None
    assert (shop.erp_connection.account_id, shop.erp_connection.private_key) == (
        "1234567_SB1",
        "-----the key-----",
    )
    rules = OrderRules.objects.get(shop=shop)
    assert (rules.automatic, rules.line_rounding_units, rules.document_rounding_units) == (False, 2, 5)
    norway, rest = CustomerTemplate.objects.get(country="NO"), CustomerTemplate.objects.get(country="")
    assert (norway.create_missing, rest.default_customer_id, rest.default_customer_name) == (
        False,
        "2002",
        "Walk-in",
    )
    row = ValueMapping.objects.get(kind="location")
    assert (row.source, row.source_label, row.target_id, row.target_label) == (
        "88101",
        "Lager",
        "7",
        "Berlin",
    )
    vat = ValueMapping.objects.get(kind="tax", source="VAT|20|GB")
    assert (vat.target_id, vat.tax_rate) == ("31", Decimal(20))
    assert ValueMapping.objects.get(kind="tax", source="").behaviour == "stop"
    assert plan(small) == ("Nothing to change.\n", 0)


def test_an_export_applied_elsewhere_gives_the_same_export_and_holds_no_secret(
    small: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("apply", small, "--yes")
    ErpConnection.objects.update(token_secret="s3cret", access_token="t0ken")
    Shop.objects.update(client_secret="shpss_1", access_token="shpat_1", refresh_token="r")
    first = tmp_path / "export.yaml"
    run("export", str(first))
    text = first.read_text()
    for secret in ("the key", "s3cret", "t0ken", "shpss_1", "shpat_1"):
        assert secret not in text
    assert yaml.safe_load(text)["connections"]["books"]["secrets"] == {
        "private_key": "HUB_SECRET_CONNECTIONS_BOOKS_PRIVATE_KEY",
        "token_secret": "HUB_SECRET_CONNECTIONS_BOOKS_TOKEN_SECRET",
    }
    assert plan(str(first)) == ("Nothing to change.\n", 0)

    Shop.objects.all().delete()
    ErpConnection.objects.all().delete()
    shown = refused("apply", str(first), "--yes")
    assert (
        "the environment has no HUB_SECRET_SHOPS_BERLIN_CLIENT_SECRET, and the hub has no value yet." in shown
    )
    for name in (
        "CONNECTIONS_BOOKS_PRIVATE_KEY",
        "CONNECTIONS_BOOKS_TOKEN_SECRET",
        "SHOPS_BERLIN_CLIENT_SECRET",
    ):
        monkeypatch.setenv(f"HUB_SECRET_{name}", f"new {name}")
    run("apply", str(first), "--yes")
    assert run("export") == text


def test_a_change_is_shown_with_both_values_and_named_in_the_history(small: str) -> None:
    run("apply", small, "--yes")
    User.objects.create_user("ida")
    changed(small, "line_rounding_units: 2", "line_rounding_units: 1")
    changed(small, "id: 7, name: Berlin", "id: 8, name: Spandau")
    shown, code = plan(small)
    assert code == 2
    assert shown.splitlines()[:5] == [
        "~ shops.berlin.order_rules",
        "    line_rounding_units: '2' → '1'",
        "~ shops.berlin.mappings.location.88101",
        "    target_label: 'Berlin' → 'Spandau'",
        "    target_id: '7' → '8'",
    ]
    run("apply", small, "--yes", "--as", "ida")
    assert ValueMapping.objects.get(kind="location").target_id == "8"
    entries = LogEntry.objects.filter(actor__username="ida")
    assert any("line_rounding_units" in (entry.changes_dict or {}) for entry in entries)


def test_what_the_file_lacks_is_left_alone_unless_pruned_and_shops_always(small: str) -> None:
    run("apply", small, "--yes")
    other = make_shop("other")
    changed(small, "      NO:\n        create_missing: false\n", "")
    shown, code = plan(small)
    assert (shown.splitlines()[0], code) == (
        "· shops.berlin.customer_templates.NO (not in the file, left as it is)", 0
    )  # fmt: skip
    run("apply", small, "--yes", "--prune")
    assert list(CustomerTemplate.objects.values_list("country", flat=True)) == [""]
    assert Shop.objects.filter(pk=other.pk).exists()


def test_everything_wrong_is_said_at_once_and_nothing_is_changed(small: str) -> None:
    changed(small, "automatic: false", "automatic: no\n      cron: every day")
    changed(small, "iana_timezone: Europe/Berlin", "iana_timezon: Europe/Berlin")
    changed(small, "erp_connection: books", "erp_connection: boks")
    changed(small, "private_key: BOOKS_KEY", "private_key: '-----BEGIN KEY-----'")
    shown = refused("apply", small, "--yes")
    assert shown.splitlines() == [
        "Nothing was changed. Please correct:",
        (
            "  line 9: connections.books.secrets.private_key: name an environment variable, e.g. "
            "HUB_SECRET_CONNECTIONS_BOOKS_PRIVATE_KEY; never the secret itself."
        ),
        "  line 14: shops.berlin: 'iana_timezon' is not known; did you mean 'iana_timezone'?",
        "  line 15: shops.berlin.erp_connection: there is no 'boks' in connections.",
        "  line 17: shops.berlin.order_rules.automatic: write true or false, not 'no'.",
    ]
    assert not ErpConnection.objects.exists()


def test_what_the_model_refuses_undoes_everything(small: str) -> None:
    changed(small, "automatic: false", "cron: every day")
    changed(small, "domain: berlin.myshopify.com", "domain: berlin.example.com")
    shown = refused("apply", small, "--yes")
    assert "shops.berlin.domain: Write the store's own domain, e.g. my-store.myshopify.com." in shown
    assert not ErpConnection.objects.exists()
    changed(small, "domain: berlin.example.com", "domain: berlin.myshopify.com")
    shown = refused("apply", small, "--yes")
    assert "shops.berlin.order_rules.cron: 'every day' is not a cron expression" in shown
    assert not Shop.objects.exists()


def test_only_the_plan_that_was_reviewed_is_applied(small: str) -> None:
    reviewed = json.loads(plan(small, "--json")[0])["fingerprint"]
    make_connection("books")
    shown = refused("apply", small, "--expect", reviewed)
    assert "something changed since it was reviewed. Nothing was changed." in shown
    assert not Shop.objects.exists()
    fresh = json.loads(plan(small, "--json")[0])["fingerprint"]
    run("apply", small, "--expect", fresh)
    assert Shop.objects.get().key == "berlin"


def test_nobody_to_ask_means_nothing_is_applied(small: str) -> None:
    shown = refused("apply", small)
    assert "Add --yes, or --expect" in shown
    assert not Shop.objects.exists()


def test_ids_of_another_account_are_found_again_by_name(small: str) -> None:
    books = make_connection("books")
    for kind, erp_id, name in (
        ("location", "7", "Hamburg"),
        ("location", "19", "berlin "),
        ("tax_code", "31", "VAT"),
    ):
        ReferenceRecord.objects.create(
            connection=books, kind=kind, erp_id=erp_id, name=name, fetched_at=now()
        )
    ErpConnection.objects.update(tax_strategy="tax_details", private_key="k")
    changed(small, "client_id: hub", "client_id: hub\n    tax_strategy: tax_details")
    shown, _ = plan(small)
    assert (
        "! shops.berlin.mappings.location.88101.target_id: the file means 'Berlin', but id 7 is 'Hamburg' in this "
        "account. --by-name finds the record by its name."
    ) in shown
    run("apply", small, "--yes", "--by-name")
    assert ValueMapping.objects.get(kind="location").target_id == "19"
    assert ValueMapping.objects.get(source="VAT|20|GB").target_id == "31"


def test_a_name_that_two_records_have_is_refused(small: str) -> None:
    books = make_connection("books")
    for erp_id in ("19", "20"):
        ReferenceRecord.objects.create(
            connection=books, kind="location", erp_id=erp_id, name="Berlin", fetched_at=now()
        )
    shown = refused("apply", small, "--yes", "--by-name")
    assert "2 records have the name 'Berlin' in this account." in shown


CHANNELS = """
    alert_limits:
      waiting_minutes: 45
alert_channels:
  oncall:
    name: On call
    recipients: oncall@example.com
    minimum_severity: 3
    shops: [berlin]
    conditions: [worker, queue]
    quiet_from: "22:00"
    quiet_until: "07:00"
    time_zone: Europe/Berlin
  chat:
    name: Chat
    kind: webhook
    body: slack
    after_minutes: 15
    secrets:
      address: CHAT_ADDRESS
"""


def test_alert_channels_and_limits_are_in_the_file_without_their_secrets(
    small: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHAT_ADDRESS", "https://hooks.example.com/T0PSECRET")
    changed(
        small, "        (default): {behaviour: stop}\n", f"        (default): {{behaviour: stop}}{CHANNELS}"
    )
    run("apply", small, "--yes")
    chat, oncall = Channel.objects.order_by("key")
    assert (chat.address, chat.body, chat.after_minutes) == (
        "https://hooks.example.com/T0PSECRET",
        "slack",
        15,
    )
    assert (oncall.shops, oncall.conditions, oncall.quiet_from) == (["berlin"], ["worker", "queue"], "22:00")
    assert AlertLimits.objects.get().waiting_minutes == 45
    assert plan(small) == ("Nothing to change.\n", 0)
    text = run("export")
    assert "T0PSECRET" not in text
    content = yaml.safe_load(text)
    assert content["alert_channels"]["chat"] == {
        "name": "Chat", "kind": "webhook", "body": "slack", "after_minutes": 15,
        "secrets": {"address": "HUB_SECRET_ALERT_CHANNELS_CHAT_ADDRESS"},
    }  # fmt: skip
    assert content["shops"]["berlin"]["alert_limits"] == {"waiting_minutes": 45}
    changed(small, "conditions: [worker, queue]", "conditions: [wroker]")
    assert "alert_channels.oncall.conditions: There is no alert 'wroker'" in refused("apply", small, "--yes")


def test_one_shop_is_exported_with_its_connection_only(small: str) -> None:
    run("apply", small, "--yes")
    make_shop("other", erp_connection=make_connection("elsewhere"))
    content: dict[str, Any] = yaml.safe_load(run("export", "--shop", "berlin"))
    assert (list(content["connections"]), list(content["shops"])) == (["books"], ["berlin"])
    shown = refused("export", "--shop", "rome")
    assert shown == "There is no shop rome."


def test_a_file_that_is_not_there_is_said_plainly() -> None:
    shown = refused("plan", "nowhere.yaml")
    assert shown == "nowhere.yaml cannot be read: No such file or directory."


def _all(sections: tuple[Section, ...]) -> list[Section]:
    return [each for section in sections for each in (section, *_all(section.children))]


def test_every_model_is_configuration_or_the_hubs_own_state() -> None:
    ours = {"shops", "erps", "mappings", "syncflows", "monitoring", "common", "integration_hub"}
    found = {
        model._meta.label
        for model in apps.get_models()
        if model._meta.app_label in ours and not model._meta.proxy
    }
    sections = {section.model._meta.label for section in _all(TOP)}
    assert found == sections | set(KEPT)
    assert not sections & set(KEPT)


def test_the_names_in_the_sections_are_fields_of_their_models() -> None:
    for section in _all(TOP):
        names = {field.name for field in section.model._meta.concrete_fields}
        labels = {reference.label for reference in section.references.values() if reference.label}
        said = {*section.key, *section.state, *section.secrets, *section.links, *section.references, *labels}
        assert said - names - {"updated_at", "created_at"} == set(), section.name

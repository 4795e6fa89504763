"""Mapping rows: chosen by name, one per value, refused with a sentence, and shown with what waits for them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from erps.models import ErpConnection, ReferenceKind, ReferenceRecord
from mappings.admin.waiting import CODES
from mappings.context import UNMAPPED
from mappings.models import Behaviour, CustomerTemplate, MapKind, TargetKind, ValueMapping
from mappings.proxies import AccountMapping, LocationMapping, ShipmentMethodMapping, TaxMapping
from shops.models import Location, Shop
from tests.admin_setup.conftest import AT

pytestmark = pytest.mark.django_db
ADD_METHOD = "admin:mappings_shipmentmethodmapping_add"


def row(shop: Shop, **values: Any) -> dict[str, Any]:
    return {"shop": shop.pk, "source": "Express", "behaviour": "use", "target": "", "typed_id": "", **values}


def errors(answer: Any) -> dict[str, list[str]]:
    assert answer.status_code == 200
    return dict(answer.context["adminform"].form.errors)


def test_the_record_is_chosen_by_name_and_stored_by_id(boss: Client, shop: Shop) -> None:
    page = boss.get(reverse(ADD_METHOD), {"shop": str(shop.pk), "source": "Express"}).content.decode()
    assert 'value="Express"' in page
    assert '<option value="ship_method:21">UPS Ground (21)</option>' in " ".join(page.split())
    assert "Warehouse East" not in page
    answer = boss.post(reverse(ADD_METHOD), row(shop, source=" Express ", target="ship_method:21"))
    assert answer.status_code == 302
    stored = ValueMapping.objects.get()
    assert (stored.kind, stored.source) == (MapKind.SHIPMENT_METHOD, "Express")
    assert (stored.target_id, stored.target_label) == ("21", "UPS Ground")


def test_an_id_may_be_typed_and_gets_its_name_when_it_is_known(boss: Client, shop: Shop) -> None:
    boss.post(reverse(ADD_METHOD), row(shop, typed_id="21"))
    boss.post(reverse(ADD_METHOD), row(shop, source="Other", typed_id="9999"))
    known, unknown = ValueMapping.objects.order_by("pk")
    assert (known.target_id, known.target_label) == ("21", "UPS Ground")
    assert (unknown.target_id, unknown.target_label) == ("9999", "")


def test_without_reference_data_the_form_says_so_and_still_works(
    boss: Client, shop: Shop, connection: ErpConnection
) -> None:
    ReferenceRecord.objects.all().delete()
    page = boss.get(reverse(ADD_METHOD), {"shop": shop.pk}).content.decode()
    assert "Nothing read yet of kind ship method from NetSuite" in page
    assert reverse("admin:erps_erpconnection_change", args=[connection.pk]) in page
    assert boss.post(reverse(ADD_METHOD), row(shop, typed_id="21")).status_code == 302


def test_a_shop_without_connection_can_be_mapped_too(boss: Client, shop: Shop) -> None:
    Shop.objects.update(erp_connection=None)
    page = boss.get(reverse(ADD_METHOD), {"shop": shop.pk}).content.decode()
    assert "Main store has no ERP connection yet" in page
    assert boss.post(reverse(ADD_METHOD), row(shop, typed_id="21")).status_code == 302


def test_one_row_per_value_whatever_its_case(boss: Client, shop: Shop) -> None:
    boss.post(reverse(ADD_METHOD), row(shop, target="ship_method:21"))
    answer = boss.post(reverse(ADD_METHOD), row(shop, source="EXPRESS", target="ship_method:21"))
    assert errors(answer)["source"] == [
        "Main store has a row for 'EXPRESS' already. Change that one instead."
    ]
    boss.post(reverse(ADD_METHOD), row(shop, source="", behaviour="stop"))
    answer = boss.post(reverse(ADD_METHOD), row(shop, source="", behaviour="empty"))
    assert "a row for everything else already" in errors(answer)["source"][0]
    assert ValueMapping.objects.count() == 2


def test_using_needs_a_target_and_stopping_forgets_it(boss: Client, shop: Shop) -> None:
    answer = boss.post(reverse(ADD_METHOD), row(shop))
    assert "Choose the record to use" in errors(answer)["target"][0]
    answer = boss.post(reverse(ADD_METHOD), row(shop, target="ship_method:21", typed_id="22"))
    assert errors(answer)["typed_id"] == ["Choose a record or type its id, not both."]
    boss.post(reverse(ADD_METHOD), row(shop, target="ship_method:21"))
    stored = ValueMapping.objects.get()
    address = reverse("admin:mappings_shipmentmethodmapping_change", args=[stored.pk])
    boss.post(address, row(shop, behaviour="stop", target="ship_method:21"))
    stored.refresh_from_db()
    assert (stored.behaviour, stored.target_id, stored.target_label) == (Behaviour.STOP, "", "")


def test_a_record_of_another_kind_or_switched_off_is_refused(boss: Client, shop: Shop) -> None:
    ReferenceRecord.objects.filter(erp_id="21").update(is_inactive=True)
    for target in ("location:7", "ship_method:21", "ship_method:404", "nonsense"):
        answer = boss.post(reverse(ADD_METHOD), row(shop, target=target))
        assert "not active in the ERP's list" in errors(answer)["target"][0], target
    assert not ValueMapping.objects.exists()


def test_a_row_whose_target_was_switched_off_says_so_and_can_still_be_saved(boss: Client, shop: Shop) -> None:
    boss.post(reverse(ADD_METHOD), row(shop, target="ship_method:21"))
    ReferenceRecord.objects.filter(erp_id="21").update(is_inactive=True)
    page = boss.get(reverse("admin:mappings_shipmentmethodmapping_changelist")).content.decode()
    assert "UPS Ground (21): inactive in the ERP" in page
    stored = ValueMapping.objects.get()
    address = reverse("admin:mappings_shipmentmethodmapping_change", args=[stored.pk])
    answer = boss.post(address, row(shop, source="Express 24", target="ship_method:21"))
    assert answer.status_code == 302
    stored.refresh_from_db()
    assert (stored.source, stored.target_id) == ("Express 24", "21")


def test_locations_are_offered_by_name(boss: Client, shop: Shop) -> None:
    Location.objects.create(shop=shop, source_id="9001", name="Boston", fetched_at=AT)
    address = reverse("admin:mappings_locationmapping_add")
    page = " ".join(boss.get(address, {"shop": shop.pk}).content.decode().split())
    assert '<option value="9001">Boston</option>' in page
    assert "Default (everything else)" in page
    boss.post(address, row(shop, source="9001", target="location:7"))
    stored = LocationMapping.objects.get()
    assert (stored.source_label, stored.target_label) == ("Boston", "Warehouse East")


def test_a_charge_goes_to_an_item_or_to_an_account_with_the_same_id(boss: Client, shop: Shop) -> None:
    address = reverse("admin:mappings_accountmapping_add")
    boss.post(address, row(shop, source="shipping", target="item:301", target_kind="account"))
    boss.post(address, row(shop, source="rounding", target="account:301", target_kind="record"))
    boss.post(address, row(shop, source="tip", typed_id="54", target_kind="account"))
    stored = {r.source: (r.target_kind, r.target_id, r.target_label) for r in AccountMapping.objects.all()}
    assert stored == {
        "shipping": (TargetKind.RECORD, "301", "Shipping"),
        "rounding": (TargetKind.ACCOUNT, "301", "4000 Sales"),
        "tip": (TargetKind.ACCOUNT, "54", "4900 Rounding"),
    }


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("State|abc", "'abc' is not a rate in percent"),
        ("State|101", "outside 0 to 100"),
        ("State|7|USA", "'USA' is not a two-letter country code"),
        ("|7", "Write the title alone"),
        ("a|7|US|x", "Write the title alone"),
    ],
)
def test_the_words_of_a_tax_are_checked(boss: Client, shop: Shop, source: str, sentence: str) -> None:
    answer = boss.post(reverse("admin:mappings_taxmapping_add"), row(shop, source=source, behaviour="stop"))
    assert sentence in errors(answer)["source"][0]


def test_long_lists_are_searched_by_those_who_may_map(
    client_of: Any, shop: Shop, connection: ErpConnection
) -> None:
    ReferenceRecord.objects.bulk_create(
        ReferenceRecord(
            connection=connection, kind=ReferenceKind.ITEM, erp_id=str(i), name=f"TEE-{i}", fetched_at=AT
        )
        for i in range(1000, 1400)
    )
    address = reverse("admin:mappings_itemmapping_targets")
    found = client_of("operations").get(address, {"connection": connection.pk, "term": "TEE-10"}).json()
    assert found["results"][0] == {"id": "item:1000", "text": "TEE-1000 (1000)"}
    assert len(found["results"]) == 25
    assert found["pagination"]["more"] is True
    assert client_of("auditor").get(address, {"connection": connection.pk}).status_code == 403
    page = client_of("administrator").get(reverse("admin:mappings_itemmapping_add"), {"shop": shop.pk})
    text = page.content.decode()
    assert f"{address}?connection={connection.pk}" in text
    assert "TEE-1399" not in text


def test_values_orders_wait_for_stand_on_top_with_count_and_amount(
    boss: Client, shop: Shop, block: Any
) -> None:
    for number in (1, 2, 3):
        block(number, "UNMAPPED_SHIPMENT_METHOD", "Express <b>24h</b>", "10.10")
    block(4, "UNMAPPED_SHIPMENT_METHOD", "Slow", "1000.00", "JPY")
    block(5, "UNMAPPED_LOCATION", "9001")
    answer = boss.get(reverse("admin:mappings_shipmentmethodmapping_changelist"))
    waiting = answer.context["waiting"]
    assert [(v.value, v.orders, v.mapped) for v in waiting] == [
        ("Express <b>24h</b>", 3, False),
        ("Slow", 1, False),
    ]
    assert [(c, str(a.normalize())) for c, a in waiting[0].amounts] == [("USD", "30.3")]
    page = answer.content.decode()
    assert "<b>24h</b>" not in page
    assert "3 orders" in page
    assert "30.30 USD" in page
    assert f"?shop={shop.pk}&amp;source=Slow" in page


def test_a_mapped_value_is_offered_for_a_retry_unless_its_row_stops(
    boss: Client, shop: Shop, block: Any
) -> None:
    block(1, "UNMAPPED_SHIPMENT_METHOD", "Express")
    block(2, "UNMAPPED_SHIPMENT_METHOD", "Slow")
    ShipmentMethodMapping.objects.create(shop=shop, source="express", target_id="21")
    ShipmentMethodMapping.objects.create(shop=shop, source="", behaviour=Behaviour.STOP)
    answer = boss.get(reverse("admin:mappings_shipmentmethodmapping_changelist"))
    assert {v.value: v.mapped for v in answer.context["waiting"]} == {"Express": True, "Slow": False}


def test_those_who_only_look_see_no_form(client_of: Any, shop: Shop) -> None:
    stored = ShipmentMethodMapping.objects.create(
        shop=shop, source="Express", target_id="21", target_label="UPS Ground"
    )
    client = client_of("auditor")
    address = reverse("admin:mappings_shipmentmethodmapping_change", args=[stored.pk])
    page = client.get(address).content.decode()
    assert "UPS Ground" in page
    assert 'name="source"' not in page
    assert client.post(address, row(shop, source="x")).status_code == 403


def test_a_customer_template_is_filled_by_name(boss: Client, shop: Shop) -> None:
    address = reverse("admin:mappings_customertemplate_add")
    form = {
        "shop": shop.pk,
        "country": "US",
        "match": "email",
        "create_missing": "on",
        "terms": "term:5",
        "subsidiary": "3",
        "price_level": "",
        "category": "",
        "default_customer": "",
        "name_source": "first_last",
        "name2_source": "company",
        "contact_source": "none",
        "county_source": "name",
        "phone_source": "order",
    }
    answer = boss.post(address, form)
    assert answer.status_code == 302, errors(answer)
    stored = CustomerTemplate.objects.get()
    assert (stored.country, stored.terms_id, stored.subsidiary_id) == ("US", "5", "3")
    assert "US already" in errors(boss.post(address, form))["country"][0]
    answer = boss.post(address, {**form, "country": "DE", "match": "default_customer", "terms": "term:404"})
    assert "Choose the customer all orders go to" in errors(answer)["default_customer"][0]
    assert "not in the ERP's list" in errors(answer)["terms"][0]
    page = boss.get(reverse("admin:mappings_customertemplate_changelist")).content.decode()
    assert "United States (US)" in page


def test_the_target_is_changed_from_the_list(boss: Client, client_of: Any, shop: Shop) -> None:
    stored = AccountMapping.objects.create(shop=shop, source="tip", behaviour=Behaviour.STOP)
    address = reverse("admin:mappings_accountmapping_change_target", args=[stored.pk])
    assert "Account: 4900 Rounding (54)" in boss.get(address).content.decode()
    answer = boss.post(address, {"_form_submitted": "True", "behaviour": "use"})
    assert "Choose the record to use, or type its id." in answer.content.decode()
    answer = boss.post(address, {"_form_submitted": "True", "behaviour": "use", "target": "account:54"})
    assert answer["HX-Redirect"] == reverse("admin:mappings_accountmapping_changelist")
    stored.refresh_from_db()
    assert (stored.behaviour, stored.target_kind) == (Behaviour.USE, TargetKind.ACCOUNT)
    assert (stored.target_id, stored.target_label) == ("54", "4900 Rounding")
    # Not by those who may not map money, and not under the name of another map.
    assert (
        client_of("operations")
        .post(address, {"_form_submitted": "True", "behaviour": "use", "typed_id": "1"})
        .status_code
        == 403
    )
    elsewhere = reverse("admin:mappings_taxmapping_change_target", args=[stored.pk])
    assert (
        boss.post(elsewhere, {"_form_submitted": "True", "behaviour": "use", "typed_id": "1"}).status_code
        == 404
    )


def test_orders_whose_value_is_mapped_by_now_are_taken_up_again(
    boss: Client, client_of: Any, shop: Shop, block: Any
) -> None:
    ready, other = (
        block(1, "UNMAPPED_SHIPMENT_METHOD", "Express"),
        block(2, "UNMAPPED_SHIPMENT_METHOD", "Slow"),
    )
    ShipmentMethodMapping.objects.create(shop=shop, source="express", target_id="21")
    address = reverse("admin:mappings_shipmentmethodmapping_retry_waiting")
    assert client_of("auditor").post(address, {"_form_submitted": "True"}).status_code == 403
    boss.post(address, {"_form_submitted": "True"})
    ready.refresh_from_db()
    other.refresh_from_db()
    assert (ready.state, other.state) == ("pending", "blocked")
    assert ready.actions.get().user.get_username() == "boss"


def test_the_default_item_stands_in_for_unknown_skus_only(boss: Client, shop: Shop, block: Any) -> None:
    block(1, "UNKNOWN_SKU", "NEW-1")
    block(2, "AMBIGUOUS_SKU", "TWICE")
    block(3, "INACTIVE_ITEM", "OFF")
    answer = boss.post(reverse("admin:mappings_itemmapping_add"), row(shop, source=" ", target="item:301"))
    assert answer.status_code == 302
    answer = boss.get(reverse("admin:mappings_itemmapping_changelist"))
    assert {v.value: v.mapped for v in answer.context["waiting"]} == {
        "NEW-1": True,
        "TWICE": False,
        "OFF": False,
    }


def test_a_row_offers_to_retry_what_waits_for_it(boss: Client, shop: Shop, block: Any) -> None:
    first, second, other = (
        block(1, "UNMAPPED_SHIPMENT_METHOD", "Express"),
        block(2, "UNMAPPED_SHIPMENT_METHOD", "express "),
        block(3, "UNMAPPED_SHIPMENT_METHOD", "Slow"),
    )
    page = boss.get(reverse(ADD_METHOD), {"shop": str(shop.pk), "source": "Express"}).content.decode()
    assert "Retry the orders that wait for this value" in page
    answer = boss.post(reverse(ADD_METHOD), row(shop, target="ship_method:21"), follow=True)
    assert "2 orders wait for it still: press Retry waiting orders above the list." in answer.content.decode()
    assert [s.refresh_from_db() or s.state for s in (first, second, other)] == ["blocked"] * 3

    stored = ShipmentMethodMapping.objects.get()
    address = reverse("admin:mappings_shipmentmethodmapping_change", args=[stored.pk])
    form = row(shop, target="ship_method:21", retry_orders="on")
    assert (
        "2 orders that waited for it are taken up again."
        in boss.post(address, form, follow=True).content.decode()
    )
    assert [s.refresh_from_db() or s.state for s in (first, second, other)] == [
        "pending",
        "pending",
        "blocked",
    ]


def test_the_dialog_in_the_list_changes_behaviour_and_retries_too(
    boss: Client, client_of: Any, shop: Shop, block: Any
) -> None:
    stored = ShipmentMethodMapping.objects.create(shop=shop, source="Express", behaviour=Behaviour.STOP)
    waiting = block(1, "UNMAPPED_SHIPMENT_METHOD", "Express")
    address = reverse("admin:mappings_shipmentmethodmapping_change_target", args=[stored.pk])
    form = {
        "_form_submitted": "True",
        "behaviour": "empty",
        "target": "",
        "typed_id": "",
        "retry_orders": "on",
    }
    assert client_of("auditor").post(address, form).status_code == 403
    assert boss.post(address, form)["HX-Redirect"]
    stored.refresh_from_db()
    waiting.refresh_from_db()
    assert (stored.behaviour, stored.target_id, waiting.state) == ("empty", "", "pending")


def test_what_a_value_probably_becomes_is_offered_with_the_reason(
    boss: Client, shop: Shop, connection: ErpConnection, block: Any
) -> None:
    block(1, "UNMAPPED_SHIPMENT_METHOD", "ups-ground")
    answer = boss.get(reverse("admin:mappings_shipmentmethodmapping_changelist"))
    (value,) = answer.context["waiting"]
    assert (value.suggestion.id, value.suggestion.why) == ("21", "the same name")
    page = " ".join(boss.get(f"{reverse(ADD_METHOD)}?{value.query}").content.decode().split())
    assert '<option value="ship_method:21" selected>UPS Ground (21)</option>' in page
    assert "Suggested: the same name. Check it before you save." in page

    other = Shop.objects.create(
        key="second", name="Second", domain="second.myshopify.com", erp_connection=connection
    )
    ShipmentMethodMapping.objects.create(
        shop=other, source="UPS-Ground", target_id="77", target_label="Freight"
    )
    answer = boss.get(reverse("admin:mappings_shipmentmethodmapping_changelist"))
    (value,) = answer.context["waiting"]
    assert (value.suggestion.id, value.suggestion.why) == ("77", "as Second maps it")
    assert "probably <b><bdi>Freight</bdi></b> (as Second maps it)" in answer.content.decode()


def test_every_cause_that_a_row_mends_is_shown_above_its_map() -> None:
    assert {kind: code in CODES[kind] for kind, code in UNMAPPED.items()} == dict.fromkeys(MapKind, True)


def test_the_default_tax_row_does_not_stand_in_for_tax_the_channel_owes(
    boss: Client, shop: Shop, block: Any
) -> None:
    block(1, "UNMAPPED_CHANNEL_TAX", "channel-liable")
    block(2, "UNMAPPED_TAX", "State tax")
    TaxMapping.objects.create(shop=shop, source="", target_id="301")
    answer = boss.get(reverse("admin:mappings_taxmapping_changelist"))
    assert {v.value: v.mapped for v in answer.context["waiting"]} == {
        "channel-liable": False,
        "State tax": True,
    }

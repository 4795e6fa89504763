"""Currency and exchange rate: chosen from a list in forms, files and the configuration."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from configuration.exporting import export
from mappings.models import Behaviour, MapKind, ValueMapping
from mappings.proxies import CurrencyMapping
from shops.models import Shop
from tests.admin_setup.test_mapping_files import confirm, faults, upload

pytestmark = pytest.mark.django_db
LIST = "admin:mappings_currencymapping"


def test_one_of_the_choices_is_taken_by_its_words(boss: Client, shop: Shop) -> None:
    page = boss.get(reverse(f"{LIST}_add"), {"shop": str(shop.pk)}).content.decode()
    assert '<option value="presentment">Currency the customer paid in</option>' in page
    assert "internal id" not in page
    form = {"shop": shop.pk, "source": "country:DE", "behaviour": "use", "target": "presentment"}
    assert boss.post(reverse(f"{LIST}_add"), form).status_code == 302
    row = ValueMapping.objects.get()
    assert (row.kind, row.target_id, row.target_label) == (
        MapKind.CURRENCY, "presentment", "Currency the customer paid in",
    )  # fmt: skip
    assert "Currency the customer paid in" in boss.get(reverse(f"{LIST}_changelist")).content.decode()
    change = reverse(f"{LIST}_change", args=[row.pk])
    assert '<option value="presentment" selected>' in boss.get(change).content.decode()
    assert boss.post(change, {**form, "target": "", "behaviour": "empty"}).status_code == 302
    row.refresh_from_db()
    assert (row.behaviour, row.target_id, row.target_label) == (Behaviour.EMPTY, "", "")


def test_nothing_chosen_and_nothing_there_is_refused(boss: Client, shop: Shop) -> None:
    for target in ("", "euro"):
        form = {"shop": shop.pk, "source": "", "behaviour": "use", "target": target}
        answer = boss.post(reverse("admin:mappings_exchangeratemapping_add"), form)
        assert "target" in answer.context["adminform"].form.errors
    assert not ValueMapping.objects.exists()


def test_files_take_the_choices_and_name_a_wrong_one(boss: Client, shop: Shop) -> None:
    text = "shop,source,target_id\nmain-store,country:DE,presentment\nmain-store,country:FR,euro\n"
    assert faults(upload(boss, LIST, text)) == {2: {"target_id": ["'euro' is not one of shop, presentment."]}}
    preview = upload(boss, LIST, text.replace("euro", "shop"))
    assert confirm(boss, LIST, preview).status_code == 302
    assert set(ValueMapping.objects.values_list("source", "target_label")) == {
        ("country:DE", "Currency the customer paid in"),
        ("country:FR", "Shop currency"),
    }


def test_the_configuration_names_the_choice_and_refuses_another(shop: Shop) -> None:
    CurrencyMapping.objects.create(
        shop=shop,
        source="market:europe",
        target_id="presentment",
        target_label="Currency the customer paid in",
    )
    written = export()["shops"]["main-store"]["mappings"]["currency"]
    assert written == {
        "market:europe": {"target_id": {"id": "presentment", "name": "Currency the customer paid in"}}
    }
    with pytest.raises(ValidationError) as caught:
        ValueMapping(shop=shop, kind=MapKind.EXCHANGE_RATE, source="x", target_id="shop").full_clean()
    assert caught.value.message_dict == {"target_id": ["'shop' is not one of shopify, erp."]}

"""Mapping by market: offered in the form, checked in forms and files, shown on the shop."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from canonical.markets import MarketArea
from erps.models import ErpConnection, ReferenceKind, ReferenceRecord
from mappings.context import MappingContext
from mappings.models import ValueMapping
from shops.models import Market, Shop
from tests.admin_setup.conftest import AT
from tests.admin_setup.test_mapping_files import confirm, faults, upload

pytestmark = pytest.mark.django_db
LIST = "admin:mappings_departmentmapping"
ADD = f"{LIST}_add"


@pytest.fixture
def markets(shop: Shop, connection: ErpConnection) -> None:
    for number, handle, name, active in (
        ("1", "europe", "Europe", True), ("2", "north-america", "North <b>America", True),
        ("3", "draft", "Draft", False),
    ):  # fmt: skip
        Market.objects.create(
            shop=shop, source_id=number, handle=handle, name=name, regions=["AT", "DE"], is_active=active,
            earlier_handles=["old-world"] if number == "1" else [], fetched_at=AT,
        )  # fmt: skip
    ReferenceRecord.objects.create(
        connection=connection, kind=ReferenceKind.DEPARTMENT, erp_id="41", name="Europe", fetched_at=AT
    )


def post(boss: Client, shop: Shop, source: str) -> list[str]:
    """What the form says about the source; [] when the row was saved."""
    answer = boss.post(
        reverse(ADD), {"shop": shop.pk, "source": source, "behaviour": "use", "target": "department:41"}
    )
    return [] if answer.status_code == 302 else list(answer.context["adminform"].form.errors["source"])


@pytest.mark.usefixtures("markets")
def test_the_form_offers_active_markets_and_suggests_by_their_name(boss: Client, shop: Shop) -> None:
    page = boss.get(reverse(ADD), {"shop": str(shop.pk), "source": "market:europe"}).content.decode()
    assert '<option value="market:europe">Market Europe</option>' in page
    assert '<option value="market:north-america">Market North &lt;b&gt;America</option>' in page
    assert "market:draft" not in page
    assert "Suggested: the same name" in page
    assert post(boss, shop, "market:europe") == []
    stored = ValueMapping.objects.get()
    assert (stored.source, stored.source_label, stored.target_id) == ("market:europe", "Market Europe", "41")
    listing = boss.get(reverse("admin:mappings_departmentmapping_changelist")).content.decode()
    assert "Market Europe" in listing


@pytest.mark.usefixtures("markets")
def test_a_market_the_shop_does_not_have_is_refused(boss: Client, shop: Shop) -> None:
    assert post(boss, shop, "POS|market:oceania") == [
        "Main store has no market 'oceania'. Its markets are: europe, north-america."
    ]
    assert post(boss, shop, "POS|market:Old-World") == []  # an earlier handle
    Market.objects.all().delete()
    assert "No market of Main store has been read." in post(boss, shop, "market:europe")[0]


@pytest.mark.usefixtures("markets")
def test_rows_by_market_go_out_and_in_by_file(boss: Client, shop: Shop) -> None:
    text = "shop,source,target_id\nmain-store,market:europe,41\nmain-store,POS|market:oceania,41\n"
    assert faults(upload(boss, LIST, text)) == {
        2: {"source": ["Main store has no market 'oceania'. Its markets are: europe, north-america."]}
    }
    preview = upload(boss, LIST, text.replace("POS|market:oceania", "POS|market:north-america"))
    assert confirm(boss, LIST, preview).status_code == 302
    assert set(ValueMapping.objects.values_list("source", "target_label")) == {
        ("market:europe", "Europe"),
        ("POS|market:north-america", "Europe"),
    }


@pytest.mark.usefixtures("markets")
def test_the_shop_shows_its_markets_and_when_they_were_read(boss: Client, shop: Shop) -> None:
    page = boss.get(reverse("admin:shops_shop_change", args=[shop.pk])).content.decode()
    assert "AT, DE" in page
    assert "old-world" not in page
    assert "Last read" in page


@pytest.mark.usefixtures("markets")
def test_the_mapper_knows_the_markets_of_its_shop_only(shop: Shop) -> None:
    other = Shop.objects.create(key="other", name="Other", domain="other.myshopify.com")
    Market.objects.create(shop=other, source_id="9", handle="x", name="X", regions=["*"], fetched_at=AT)
    found = MappingContext.load(shop).markets
    assert [area.handle for area in found] == ["draft", "europe", "north-america"]
    assert found[1] == MarketArea(
        handles=("europe", "old-world"), name="Europe", regions=frozenset({"AT", "DE"})
    )

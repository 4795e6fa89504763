"""What a system refuses has its own cause each: who it stops is stopped before anything is half written."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from common.causes import CAUSES
from common.errors import NeedsPerson
from erps.models import ErpConnection
from integration_hub.demo.seed import CERTIFICATE, CLIENT_SECRET, seed_connection
from mappings.models import MapKind, ValueMapping
from sandbox.shopify.seeding import builder_for
from shops.models import Shop
from shops.shopify.client import forget_clients
from syncflows.models import Attempt, Cursor, Sync
from syncflows.pipeline.run import drain
from syncflows.pipeline.staging import discover
from tests.bad_input.spoiling import Json, SpoiledStore
from tests.journeys.world import STORE, World


def order(name: str, **changes: Any) -> dict[str, Any]:
    """A tee without tax and shipping, 25.00."""
    spec = {
        "name": name, "created": "2026-11-03T10:00:00Z", "customer": "ada", "lines": [{"sku": "TEE"}],
        "payments": [{"amount": "25.00"}],
    }  # fmt: skip
    return builder_for(STORE).build({**spec, **changes})


def bought_by(name: str, email: str) -> dict[str, Any]:
    found = order(name, customer="grace")
    found["email"] = email
    found["customer"] = {
        **found["customer"], "id": f"gid://shopify/Customer/99{name[1:]}", "legacyResourceId": f"99{name[1:]}",
        "defaultEmailAddress": {"emailAddress": email, "marketingState": "NOT_SUBSCRIBED"},
    }  # fmt: skip
    return found


def retried(*names: str) -> None:
    for sync in Sync.objects.filter(name__in=names):
        assert sync.retry()
    drain(seconds=60)


def test_a_wrong_secret_of_the_shop_stops_the_search_and_says_where_to_mend_it(world: World) -> None:
    world.place("#1005")
    Shop.objects.update(client_secret="wrong", access_token="", access_token_expires_at=None)
    forget_clients()
    shop = Shop.objects.get()
    with pytest.raises(NeedsPerson) as caught:
        discover(shop)
    assert caught.value.code == Cursor.objects.get().error_code == "SHOPIFY_LOGIN"
    assert shop.domain in caught.value.message
    assert CAUSES["SHOPIFY_LOGIN"].where == "admin:shops_shop_changelist"
    Shop.objects.update(client_secret=CLIENT_SECRET)
    forget_clients()
    discover(Shop.objects.get())
    drain(seconds=60)
    assert world.outcome("#1005") == ("done", "")


def test_a_revoked_certificate_of_the_account_blocks_with_its_cause(world: World) -> None:
    world.place("#1005", "#1006")
    world.post(f"{world.link.netsuite}/_sandbox/certificates/revoke", {"certificate_id": CERTIFICATE})
    world.post(f"{world.link.netsuite}/_sandbox/tokens/expire", {})
    ErpConnection.objects.update(access_token="", access_token_expires_at=None)
    world.run()
    assert {world.outcome(name) for name in ("#1005", "#1006")} == {("blocked", "ERP_LOGIN")}
    assert "certificate" in CAUSES["ERP_LOGIN"].fix
    assert not Attempt.objects.exclude(external_id="").exists()
    seed_connection(world.link)  # the certificate is uploaded again
    retried("#1005", "#1006")
    assert {world.outcome(name) for name in ("#1005", "#1006")} == {("done", "")}
    assert world.books.count() == 2


def test_a_missing_scope_is_named(world: World) -> None:
    granted = Shop.objects.get().scopes.replace(",", " ").split()  # to write says to read, too
    every = sorted({*granted, *(scope.replace("write_", "read_") for scope in granted)})
    url = f"{world.link.shopify}/{STORE}/_sandbox/scopes"
    world.place("#1005")
    world.post(url, {"scopes": [scope for scope in every if not scope.endswith("_orders")]})
    with pytest.raises(NeedsPerson) as caught:
        discover(Shop.objects.get())
    assert caught.value.code == Cursor.objects.get().error_code == "MISSING_SCOPE"
    assert "read_orders" in caught.value.message
    world.post(url, {"scopes": every})
    world.run()
    assert world.outcome("#1005") == ("done", "")


@pytest.mark.parametrize(
    ("denied", "record"),
    [({"denied_records": ["salesOrder"]}, "sales order"), ({"hidden_tables": ["item"]}, "item")],
)
def test_a_permission_the_role_lacks_is_named(
    world: World, denied: dict[str, list[str]], record: str
) -> None:
    world.account(**denied)
    world.place("#1005")
    world.run()
    sync = world.sync("#1005")
    assert (sync.state, sync.reason_code) == ("blocked", "ERP_PERMISSION")
    assert record in sync.reason.lower()
    world.account(denied_records=[], hidden_tables=[])
    retried("#1005")
    assert world.outcome("#1005") == ("done", "")
    assert world.books.count() == 1


def test_a_closed_period_stops_only_the_orders_in_it(world: World) -> None:
    world.account(closed_through="2026-10-31", closed_period_blocks_all=True)
    world.pour(
        [order("#5001", created="2026-10-31T23:30:00Z"), order("#5002", created="2026-11-01T04:30:00Z")]
    )
    world.run()
    sync = world.sync("#5001")
    assert (sync.state, sync.reason_code, sync.reason_field) == ("blocked", "ERP_PERIOD_CLOSED", "tranDate")
    assert "#5001" in sync.reason
    assert world.outcome("#5002") == ("done", "")
    assert world.document("#5002").date == "2026-11-01"  # 00:30 in New York, four hours behind
    world.account(closed_through="2026-09-30")
    retried("#5001")
    assert world.outcome("#5001") == ("done", "")
    assert world.document("#5001").date == "2026-10-31"
    assert world.books.count() == 2


def test_an_item_that_became_inactive_after_it_was_known_blocks_its_orders_only(world: World) -> None:
    world.place("#1005")
    world.run()
    switch = f"{world.link.netsuite}/_sandbox/items/inactive"
    world.post(switch, {"id": 501, "inactive": True})
    world.place("#1001", "#1007")
    world.run()
    sync = world.sync("#1001")
    assert (sync.state, sync.reason_code) in (
        ("blocked", "ERP_ITEM_REFUSED"), ("blocked", "ERP_INACTIVE_RECORD"), ("blocked", "INACTIVE_ITEM"),
    )  # fmt: skip
    assert "#1001" in sync.reason
    assert "line 1" in sync.reason
    assert world.outcome("#1007") == ("done", "")
    world.post(switch, {"id": 501, "inactive": False})
    retried("#1001")
    assert world.outcome("#1001") == ("done", "")
    assert world.books.count() == 3


@pytest.mark.parametrize(
    ("email", "code", "shown"),
    [
        ("twin@example.com", "AMBIGUOUS_CUSTOMER", ("Twin One (id 2003)", "Twin Two (id 2004)")),
        ("gone@example.com", "INACTIVE_CUSTOMER", ("Gone Customer (id 2005)",)),
    ],
)
def test_a_customer_that_cannot_be_chosen_blocks_and_names_the_candidates(
    world: World, email: str, code: str, shown: tuple[str, ...]
) -> None:
    world.pour([bought_by("#5001", email), order("#5002")])
    world.run()
    sync = world.sync("#5001")
    assert (sync.state, sync.reason_code, sync.reason_value) == ("blocked", code, f"e-mail {email}")
    assert all(name in sync.reason for name in ("#5001", *shown))
    assert world.outcome("#5002") == ("done", "")
    for number in ("2003", "2004", "2005")[: len(shown)] if code == "AMBIGUOUS_CUSTOMER" else ("2005",):
        if number != "2003":
            world.books.send("PATCH", f"/record/v1/customer/{number}", {"email": f"{number}@example.com"})
    retried("#5001")
    assert world.outcome("#5001") == ("done", "")
    assert world.document("#5001").customer == ("Twin One" if len(shown) == 2 else "Grace Hopper")


def test_a_customer_whose_name_is_taken_blocks_its_orders_and_makes_nobody_twice(world: World) -> None:
    buyer = bought_by("#5001", "new@example.com")
    name = "Grace Hopper (shp 995001)"  # the name of the address: the customer gave none
    world.books.create("customer", {
        "entityId": name, "isPerson": True, "firstName": "Grace", "lastName": "Hopper", "subsidiary": {"id": "1"},
    })  # fmt: skip
    world.pour([buyer, order("#5002")])
    world.run()
    sync = world.sync("#5001")
    assert (sync.state, sync.reason_code) == ("blocked", "ID_TAKEN")
    assert "Grace Hopper" in sync.reason
    assert sync.reason_value == "shp-demo-store-cust-995001"
    assert world.outcome("#5002") == ("done", "")
    assert world.books.count() == 1
    assert len(world.books.query("SELECT id FROM customer WHERE email = 'new@example.com'")) == 0


def uk_goods(name: str, price: str, tax: str) -> dict[str, Any]:
    """Three pieces, 20 % inside."""
    return builder_for("demo-uk").build({
        "name": name, "created": "2026-11-03T10:00:00Z", "customer": "olivia",
        "taxes": [{"title": "VAT", "rate": "0.20"}],
        "lines": [{"sku": "STICKER", "qty": 3, "price": price, "tax": [tax]}],
        "payments": [{"amount": str(3 * Decimal(price))}],
    })  # fmt: skip


def in_pieces_of_a_penny(pieces: int) -> Callable[[Json], None]:
    """The same money for so many pieces at 0.01: a price without tax that no ERP keeps exactly."""

    def spoil(order: Json) -> None:
        line = order["lineItems"]["nodes"][0]
        for side in line["originalUnitPriceSet"].values():
            side["amount"] = "0.01"
        line.update(quantity=pieces, currentQuantity=pieces, unfulfilledQuantity=pieces)
        order.update(subtotalLineItemsQuantity=pieces, currentSubtotalLineItemsQuantity=pieces)
        order["agreements"]["edges"][0]["node"]["sales"]["nodes"][0]["quantity"] = pieces

    return spoil


def test_a_penny_is_a_rounding_line_and_ten_block_with_the_component(
    four_stores: World, store: SpoiledStore
) -> None:
    # 25000.00 / 3,000,000 = 0.00833333: the account comes to 24999.99. 250000.00 / 30,000,000: to 249999.90.
    world = four_stores
    store.orders.update(UK5001=in_pieces_of_a_penny(3_000_000), UK5002=in_pieces_of_a_penny(30_000_000))
    world.pour(
        [uk_goods("UK5001", "10000.00", "5000.00"), uk_goods("UK5002", "100000.00", "50000.00")], "demo-uk"
    )
    world.run()
    assert world.outcome("UK5001", "demo-uk") == ("done", "")
    document = world.document("UK5001", "demo-uk")
    assert [(line.item, line.amount) for line in document.lines] == [
        ("STICKER", Decimal("24999.99")), ("Rounding difference", Decimal("0.01")),
    ]  # fmt: skip
    assert (document.total, document.tax) == (Decimal("30000.00"), Decimal("5000.00"))
    assert "rounding line of 0.01 GBP" in " ".join(world.sync("UK5001", "demo-uk").warnings)

    sync = world.sync("UK5002", "demo-uk")
    assert (sync.state, sync.reason_code, sync.reason_field) == ("blocked", "TOTALS_DIFFER", "goods")
    assert sync.reason == (
        "Order UK5002 comes to 300000.00 GBP in Shopify, but its document would come to 299999.90 GBP; goods differs "
        "by 0.10."
    )
    assert [(row["component"], row["shopify"], row["document"], row["difference"]) for row in sync.differences] == [
        ("goods", "250000.00", "249999.90", "0.10"), ("total", "300000.00", "299999.90", "0.10"),
    ]  # fmt: skip
    assert world.books.count() == 1


def test_tax_on_shipping_that_fits_no_field_blocks_alone(four_stores: World) -> None:
    world = four_stores
    ErpConnection.objects.update(shipping_as="body")
    world.place("UK1002", store="demo-uk")
    world.place("#1005")
    world.run()
    sync = world.sync("UK1002", "demo-uk")
    assert (sync.state, sync.reason_code) == ("blocked", "SHIPPING_TAX_IN_BODY")
    assert "UK1002" in sync.reason
    assert "0.99 GBP" in sync.reason
    assert world.outcome("#1005") == ("done", "")
    document = world.document("#1005")
    assert (document.shipping_cost, document.total) == (Decimal("5.95"), Decimal("33.01"))
    assert [line.item for line in document.lines] == ["TEE"]


@pytest.mark.parametrize(
    ("kind", "name", "code"),
    [
        (MapKind.SHIPMENT_METHOD, "#1005", "UNMAPPED_SHIPMENT_METHOD"),
        (MapKind.TAX, "#1005", "UNMAPPED_TAX"),
        (MapKind.PAYMENT_TERMS, "#1031", "UNMAPPED_PAYMENT_TERMS"),
        (MapKind.DISCOUNT, "#1001", "UNMAPPED_DISCOUNT"),
        (MapKind.ACCOUNT, "#1005", "UNMAPPED_CHARGE"),
        (MapKind.LOCATION, "#1005", "UNMAPPED_LOCATION"),
        (MapKind.SUBSIDIARY, "#1005", "UNMAPPED_SUBSIDIARY"),
        (MapKind.PAYMENT_METHOD, "#1005", "UNMAPPED_PAYMENT_METHOD"),
    ],
)
def test_a_map_that_says_stop_blocks_with_its_own_cause_and_nothing_is_written(
    world: World, kind: MapKind, name: str, code: str
) -> None:
    rows = ValueMapping.objects.filter(kind=kind)
    if kind is MapKind.DISCOUNT:
        ValueMapping.objects.filter(kind=MapKind.ACCOUNT, source="discount").update(behaviour="stop")
    kept = list(rows.values("pk", "behaviour"))
    rows.update(behaviour="stop")
    world.place(name)
    world.run()
    sync = world.sync(name)
    assert (sync.state, sync.reason_code) == ("blocked", code)
    assert sync.reason.startswith(f"Order {name}")
    assert sync.reason_value
    assert CAUSES[code].where.startswith("admin:mappings_")
    assert world.books.count() == 0
    for row in kept:
        ValueMapping.objects.filter(pk=row["pk"]).update(behaviour=row["behaviour"])
    retried(name)
    assert world.outcome(name) == ("done", "")
    assert world.books.count() == 1

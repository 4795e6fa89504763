"""Customers over HTTP on both sides: one new buyer is one customer, and people settle what the rules leave open."""

from __future__ import annotations

import re
import threading
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.db import connections

from canonical.documents import CustomerDocument, DocumentKind, Ref
from common.clock import now
from common.errors import UnknownOutcome
from common.narrow import known
from erps.registry import adapter_for
from mappings.batch import Batch
from mappings.models import CustomerKey, CustomerMatch, CustomerRules, CustomerTemplate, RecordLink
from sandbox.shopify.seeding import demo_orders
from shops.models import MoneyPolicy, Shop
from syncflows.actions.customers import facts_of
from syncflows.models import Action, OrderOverrides, Sync
from syncflows.pipeline.customers import Creating
from syncflows.pipeline.run import drain
from syncflows.pipeline.staging import discover
from tests.journeys.pressing import Person
from tests.journeys.twins import twin, wanted
from tests.journeys.world import STORE, World

ADA = "2002"
"""NetSuite's own customer with Ada's e-mail."""
_SHOWN = re.compile(r'name="shown" value="([^"]+)"')


def unknown_ada(world: World) -> None:
    """Nobody in NetSuite has Ada's e-mail any more."""
    world.run()
    world.books.send("PATCH", f"/record/v1/customer/{ADA}", {"email": "other@example.com"})


def with_email(world: World, email: str) -> list[str]:
    rows = world.books.query(f"SELECT id FROM customer WHERE LOWER(email) = '{email}' ORDER BY id")
    return [row["id"] for row in rows]


def entity(world: World, name: str) -> str:
    body = world.books.document(f"shp-{STORE}-so-{world.names()[name]}").body
    return str(body["entity"]["id"])


def links() -> list[tuple[str, str, str]]:
    rows = RecordLink.objects.filter(kind=DocumentKind.CUSTOMER.value, unlinked_at=None)
    return sorted(rows.values_list("shop__key", "source_id", "erp_id"))


def press_twice(person: Person, sync: Sync, kind: str, **values: str) -> tuple[str, str]:
    """Fill in a dialog, read its second question, and press again: the question and what is told afterwards."""
    asked = person.press(sync, kind, **values)
    token = _SHOWN.search(asked)
    assert token, asked
    return asked, person.press(sync, kind, shown=unescape(token[1]), **values)


def rules(world: World, **values: Any) -> None:
    CustomerRules.objects.update_or_create(shop=world.shops[STORE], defaults=values)


def drain_at_once(*keys: str) -> None:
    """One worker for each shop named, all starting together."""
    start = threading.Barrier(len(keys))

    def work(key: str) -> None:
        try:
            start.wait()
            drain(rows=Sync.objects.filter(shop__key=key), seconds=30)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(key,)) for key in keys]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.pg
def test_ten_orders_of_one_new_customer_in_two_shops_make_one_customer(world: World) -> None:
    """Both shops look for Ada before either has created her, and the first answer is lost after the commit."""
    unknown_ada(world)
    twin(world)
    wanted(world, amount_to=Decimal(60))
    wanted(world, "pos", amount_from=Decimal(60))
    for _ in range(5):
        world.buy({"CAP": 1})
        world.buy({"HOODIE": 2})
    for shop in world.shops.values():
        discover(shop)
    world.fault(
        "netsuite", match={"record_type": "customer", "method": "POST"}, action="delay_ms", delay_ms=700
    )
    world.fault(
        "netsuite", match={"record_type": "customer", "method": "POST"}, action="drop_after_commit", times=1
    )
    drain_at_once(STORE, STORE, "pos", "pos")
    world.clear_faults()
    Sync.objects.filter(state="waiting").update(due_at=now())
    drain_at_once(STORE, "pos")
    Sync.objects.filter(state="waiting").update(due_at=now())
    drain(seconds=30)
    assert Sync.objects.filter(state="done").count() == 10, list(
        Sync.objects.values_list("shop__key", "name", "state", "reason_code", "reason")
    )
    (ada,) = with_email(world, "ada@example.com")
    assert CustomerKey.objects.count() == 1
    assert {(shop, erp_id) for shop, _, erp_id in links()} == {(STORE, ada), ("pos", ada)}
    assert world.books.count() == 10
    rows = world.books.query("SELECT entity FROM transaction WHERE type = 'SalesOrd'")
    assert {row["entity"] for row in rows} == {ada}


@pytest.mark.pg
def test_ten_workers_that_all_found_nobody_create_one(world: World) -> None:
    """Every worker has looked for Ada, and found nobody, before the first of them creates her; the first answer is
    lost after the commit. Five of each shop record, each with an external id of its own shop."""
    unknown_ada(world)
    twin(world)
    _, name = world.buy({"CAP": 1})
    discover(world.shops[STORE])
    facts = facts_of(world.sync(name))
    world.fault(
        "netsuite", match={"record_type": "customer", "method": "POST"}, action="drop_after_commit", times=1
    )
    everybody_looked = threading.Barrier(10)
    made: list[Ref] = []
    lost: list[str] = []

    def work(shop: Shop) -> None:
        try:
            erp = adapter_for(known(shop.erp_connection))
            batch = Batch(shop, erp)
            batch.customers.prepare([facts], erp)
            found = batch.customer_for(facts)
            assert isinstance(found, CustomerDocument)
            everybody_looked.wait(timeout=30)
            try:
                ref = Creating(batch, erp).customer(found)
            except UnknownOutcome as error:
                lost.append(error.code)
                ref = Creating(batch, erp).customer(found)
            batch.remember_customer(facts, ref)
            made.append(ref)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work, args=(shop,)) for shop in world.shops.values() for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (ada,) = with_email(world, "ada@example.com")
    assert [ref.id for ref in made] == [ada] * 10
    assert len(lost) == 1
    assert {(shop, erp_id) for shop, _, erp_id in links()} == {(STORE, ada), ("pos", ada)}


class TestAssign:
    """A person says who it is."""

    def ambiguous(self, world: World) -> tuple[Sync, str]:
        world.run()
        other = world.books.create("customer", {
            "isPerson": True, "firstName": "Ada", "lastName": "Second", "email": "ADA@example.com",
            "subsidiary": {"id": "1"}, "entityId": "Ada Second",
        })  # fmt: skip
        _, name = world.buy({"CAP": 1})
        world.run()
        sync = world.sync(name)
        assert (sync.state, sync.reason_code) == ("blocked", "AMBIGUOUS_CUSTOMER")
        assert [(each["id"], each["name"]) for each in sync.candidates] == [
            (ADA, "Ada Example"), (other, "Ada Second"),
        ]  # fmt: skip
        return sync, other

    def test_one_of_the_candidates_for_this_buyer_from_now_on(self, world: World) -> None:
        sync, other = self.ambiguous(world)
        olga = Person()
        assert "Say how you know the customer." in olga.press(
            sync, "assign_customer", candidate=other, scope="buyer"
        )
        asked, told = press_twice(
            olga, sync, "assign_customer", candidate=other, scope="buyer", reason="She called"
        )
        assert "Ada Second" in asked
        assert told == (
            f"Customer of order {sync.name}: Ada Second (id {other}), this buyer (or company location) from now on."
        )
        drain(seconds=30)
        assert world.outcome(sync.name) == ("done", "")
        assert entity(world, sync.name) == other
        assert world.sync(sync.name).candidates == []
        link = RecordLink.objects.get(kind="customer", unlinked_at=None)
        assert (link.erp_id, str(link.assigned_by), link.recovered) == (other, "olga", True)
        (entry,) = Action.objects.all()
        assert (entry.kind, entry.reason, entry.details["customer"]) == (
            "assign_customer", "She called", other,
        )  # fmt: skip
        _, name = world.buy({"CAP": 1})
        world.run()
        assert entity(world, name) == other

    def test_a_searched_one_for_this_order_only(self, world: World) -> None:
        sync, _ = self.ambiguous(world)
        olga = Person()
        _, told = press_twice(
            olga, sync, "assign_customer", customer="globex gmbh", scope="order", reason="It is their order"
        )
        assert told == f"Customer of order {sync.name}: Globex GmbH (id 2007), this order only."
        drain(seconds=30)
        assert entity(world, sync.name) == "2007"
        assert OrderOverrides.objects.get().customer_name == "Globex GmbH"
        assert links() == []
        assert "assign_customer" not in olga.buttons(sync)

    @pytest.mark.parametrize(("text", "told"), [
        ("nobody at all", "No customer in the ERP fits 'nobody at all'."),
        ("twin", "2 customers fit 'twin': Twin One (id 2003), Twin Two (id 2004). Write the id."),
        ("2005", "Gone Customer (id 2005) is inactive in the ERP: make it active there first."),
    ])  # fmt: skip
    def test_what_is_not_clear_is_said(self, world: World, text: str, told: str) -> None:
        sync, _ = self.ambiguous(world)
        answer = Person().press(sync, "assign_customer", customer=text, scope="order", reason="x")
        assert told in answer
        assert not OrderOverrides.objects.exists()

    def test_nobody_without_the_permission(self, world: World) -> None:
        sync, _ = self.ambiguous(world)
        aude = Person("aude", "view_order")
        for kind in ("assign_customer", "create_customer"):
            assert aude.client.get(f"/admin/syncflows/order/{sync.pk}/{kind}/").status_code == 403
        page = aude.client.get(f"/admin/syncflows/order/{sync.pk}/customer/").content.decode()
        assert "Search the ERP" not in page

    def test_the_page_says_which_rule_answered_and_why_not_the_others(self, world: World) -> None:
        sync, other = self.ambiguous(world)
        url = f"/admin/syncflows/order/{sync.pk}/customer/"
        page = unescape(Person().client.get(url, {"q": "globex"}).content.decode())
        for text in (
            "No customer is linked yet.", "2 customers in the ERP have the e-mail ada@example.com", "Ada Second",
            "Globex GmbH", "New person: Ada Lovelace", f"customer={other}",
        ):  # fmt: skip
            assert text in page, text
        assert (links(), Action.objects.count()) == ([], 0)


class TestCreate:
    """From the template, seen first."""

    def test_although_the_rules_do_not_create(self, world: World) -> None:
        unknown_ada(world)
        CustomerTemplate.objects.update(create_missing=False)
        _, name = world.buy({"CAP": 1})
        world.run()
        sync = world.sync(name)
        assert sync.reason_code == "CUSTOMER_NOT_FOUND"
        asked, told = press_twice(Person(), sync, "create_customer", reason="A new one")
        for text in ("New person: Ada Lovelace", "E-mail: ada@example.com", "Currency: USD"):
            assert text in asked
        (ada,) = with_email(world, "ada@example.com")
        assert told == f"Customer Ada Lovelace (id {ada}) was created for order {name}."
        drain(seconds=30)
        assert entity(world, name) == ada
        assert "create_customer" not in Person().buttons(world.sync(name))

    def test_beside_one_with_the_same_email(self, world: World) -> None:
        sync, _ = TestAssign().ambiguous(world)
        press_twice(Person(), sync, "create_customer", reason="Neither of them")
        drain(seconds=30)
        assert len(with_email(world, "ada@example.com")) == 3
        assert entity(world, sync.name) == with_email(world, "ada@example.com")[-1]


class TestCurrency:
    """A customer who does not trade in the order's currency."""

    def test_the_cause_says_it_and_the_rule_mends_it(self, world: World) -> None:
        world.run()
        shop = world.shops[STORE]
        shop.money_policy = MoneyPolicy.PRESENTMENT
        shop.save()
        order = next(
            row for row in demo_orders(STORE)
            if row["presentmentCurrencyCode"] == "EUR" and row["email"] and not row["test"] and not row["refunds"]
            and row["displayFinancialStatus"] == "PAID"
        )  # fmt: skip
        world.books.create("customer", {
            "isPerson": True, "firstName": "Has", "lastName": "Dollars", "email": order["email"],
            "subsidiary": {"id": "1"}, "currency": {"id": "1"}, "entityId": "Has Dollars",
        })  # fmt: skip
        world.pour([order])
        world.run()
        sync = world.sync(order["name"])
        assert (sync.state, sync.reason_code) == ("blocked", "ERP_CUSTOMER_CURRENCY"), sync.reason
        assert "does not trade in the order's currency" in sync.reason
        rules(world, add_currencies=True)
        sync.retry()
        drain(seconds=30)
        Sync.objects.filter(state="waiting").update(due_at=now())
        drain(seconds=30)
        assert world.outcome(order["name"]) == ("done", "")
        assert world.document(order["name"]).currency == "EUR"


class TestFoundInNetSuite:
    """The rungs that search, over HTTP."""

    def test_by_name_and_billing_address(self, world: World) -> None:
        unknown_ada(world)
        CustomerTemplate.objects.update(match=CustomerMatch.BILL_TO)
        _, first = world.buy({"CAP": 1})
        world.run()
        made = entity(world, first)
        RecordLink.objects.filter(kind="customer").delete()
        world.books.send("PATCH", f"/record/v1/customer/{made}", {"externalId": "typed-by-hand"})
        _, second = world.buy({"CAP": 1})
        world.run()
        assert entity(world, second) == made

    def test_by_tax_id_however_it_is_written(self, world: World) -> None:
        world.run()
        there = world.books.create("customer", {
            "isPerson": False, "companyName": "City Museum Inc.", "entityId": "City Museum Inc.",
            "resaleNumber": "EX 44-71", "subsidiary": {"id": "1"},
        })  # fmt: skip
        rules(world, company_match="tax_id", tax_id_field="resaleNumber")
        world.place("#1032")
        world.run()
        assert world.outcome("#1032") == ("done", "")
        assert entity(world, "#1032") == there

    def test_by_the_number_shopify_keeps(self, world: World) -> None:
        world.run()
        there = world.books.create("customer", {
            "isPerson": False, "companyName": "Acme", "entityId": "ACME-01-ALB", "subsidiary": {"id": "1"},
        })  # fmt: skip
        world.place("#1031")
        world.run()
        assert entity(world, "#1031") == there

    def test_a_location_becomes_a_sub_customer_with_the_companys_tax_id(self, world: World) -> None:
        rules(world, companies_as="sub_customer", tax_id_field="resaleNumber")
        world.place("#1032")
        world.run()
        (child,) = world.books.query(
            f"SELECT parent, resalenumber, companyname FROM customer WHERE id = {entity(world, '#1032')}"
        )
        (parent,) = world.books.query(
            f"SELECT companyname, externalid FROM customer WHERE id = {child['parent']}"
        )
        assert (child["companyname"], child["resalenumber"]) == ("City Museum - City Museum Shop", "EX-4471")
        assert parent["companyname"] == "City Museum"
        assert [source.split("-")[0] for _, source, _ in links()] == ["company", "loc"]

"""The ERP customer of an order: found, or to be created, or a person's choice."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries

from canonical.documents import CustomerDocument, DocumentKind, FoundCustomer, RecordRef, Ref
from canonical.orders import Order
from canonical.parties import Company, Customer
from common.errors import NeedsPerson
from mappings.context import MappingContext
from mappings.customers import Customers
from mappings.links import record_link, unlink
from mappings.models import CustomerMatch, CustomerTemplate, MapKind, RecordLink
from shops.models import Shop
from tests.canonical.making import ADA, HOME, Coin, Sold, line, order_1001, simple
from tests.mappings.making import ListedErp, add_row, make_shop

pytestmark = pytest.mark.django_db


def ask(shop: Shop, erp: ListedErp, *orders: Order) -> Customers:
    customers = Customers(MappingContext.load(shop))
    customers.prepare(orders, erp)
    return customers


def chosen(shop: Shop, order: Order, *known: FoundCustomer) -> Ref | CustomerDocument:
    return ask(shop, ListedErp(customers=list(known)), order).of_order(order)


def refused(shop: Shop, order: Order, *known: FoundCustomer) -> NeedsPerson:
    with pytest.raises(NeedsPerson) as caught:
        chosen(shop, order, *known)
    return caught.value


def rules(shop: Shop, country: str = "", **values: Any) -> CustomerTemplate:
    return CustomerTemplate.objects.create(shop=shop, country=country, **values)


def erp_customer(number: str, **values: Any) -> FoundCustomer:
    return FoundCustomer(id=number, name=f"CUST{number}", **values)


ORDER = order_1001()
WITH_PHONE = order_1001(customer=replace(ADA, phone="(212) 555-0101"))
POS = order_1001(customer=None, email="", billing=None, shipping=None, channel="Point of Sale")


class TestFound:
    """Link, external id, e-mail, phone: in this order."""

    def test_by_link_without_asking_anybody(self, django_assert_num_queries: DjangoAssertNumQueries) -> None:
        shop, erp = make_shop(), ListedErp()
        record_link(
            shop, DocumentKind.CUSTOMER, "7", RecordRef(kind=DocumentKind.CUSTOMER, id="40", number="CUST40")
        )
        customers = Customers(MappingContext.load(shop))
        with django_assert_num_queries(1):
            customers.prepare([ORDER, order_1001(source_id="1002")], erp)
        assert (customers.of_order(ORDER), erp.asked) == (Ref("40", "CUST40"), [])

    def test_by_external_id_whoever_has_the_email(self) -> None:
        known = [
            erp_customer("41", email="ada@example.com"),
            erp_customer("42", external_id="shp-demo-cust-7"),
        ]
        assert chosen(make_shop(), ORDER, *known) == Ref("42", "CUST42")

    @pytest.mark.parametrize("email", ["ada@example.com", " ADA@Example.com"])
    def test_by_email_whatever_its_case(self, email: str) -> None:
        assert chosen(make_shop(), ORDER, erp_customer("41", email=email)) == Ref("41", "CUST41")

    def test_by_phone_in_any_form(self) -> None:
        assert chosen(make_shop(), WITH_PHONE, erp_customer("43", phone="+1 212.555.0101")) == Ref(
            "43", "CUST43"
        )

    def test_the_last_digits_alone_are_no_match(self) -> None:
        """The ERP searches by the last seven digits: another area code is another person."""
        assert isinstance(
            chosen(make_shop(), WITH_PHONE, erp_customer("43", phone="415 555 0101")), CustomerDocument
        )

    def test_email_before_phone(self) -> None:
        known = [erp_customer("43", phone="2125550101"), erp_customer("41", email="ada@example.com")]
        assert chosen(make_shop(), WITH_PHONE, *known) == Ref("41", "CUST41")

    def test_an_inactive_namesake_does_not_stand_in_the_way(self) -> None:
        known = [
            erp_customer("41", email="ada@example.com", inactive=True),
            erp_customer("44", email="ada@example.com"),
        ]
        assert chosen(make_shop(), ORDER, *known) == Ref("44", "CUST44")

    def test_one_call_for_a_batch_and_none_for_who_was_asked_before(self) -> None:
        shop, erp = make_shop(), ListedErp()
        grace = order_1001(customer=Customer(source_id="8", email="grace@example.com", phone="+49221123456"))
        customers = ask(shop, erp, WITH_PHONE, grace, WITH_PHONE, POS)
        customers.prepare([grace], erp)
        assert erp.asked == [("customers", {
            "external_ids": ["shp-demo-cust-7", "shp-demo-cust-8"], "emails": ["ada@example.com", "grace@example.com"],
            "phones": ["+12125550101", "+49221123456"],
        })]  # fmt: skip


class TestNeverAGuess:
    """Two that fit, or an inactive one, are a person's decision."""

    def test_two_with_the_email_are_listed(self) -> None:
        known = [erp_customer("41", email="ada@example.com"), erp_customer("44", email="Ada@example.com")]
        error = refused(make_shop(), ORDER, *known)
        assert (error.code, error.value) == ("AMBIGUOUS_CUSTOMER", "e-mail ada@example.com")
        assert error.message == (
            "Order #1001: 2 customers in the ERP have the e-mail ada@example.com: CUST41 (id 41), CUST44 (id 44)."
        )

    def test_of_many_only_some_are_listed(self) -> None:
        error = refused(
            make_shop(), WITH_PHONE, *(erp_customer(str(n), phone="2125550101") for n in range(40, 48))
        )
        assert error.value == "phone +12125550101"
        assert "8 customers" in error.message
        assert error.message.count("(id ") == 5

    @pytest.mark.parametrize(("known", "by"), [
        (erp_customer("41", email="ada@example.com", inactive=True), "e-mail ada@example.com"),
        (erp_customer("42", external_id="shp-demo-cust-7", inactive=True), "external id shp-demo-cust-7"),
    ])  # fmt: skip
    def test_an_inactive_one(self, known: FoundCustomer, by: str) -> None:
        error = refused(make_shop(), ORDER, known)
        assert (error.code, error.value) == ("INACTIVE_CUSTOMER", by)
        assert f"({'id'} {known.id})" in error.message


class TestCreated:
    """What a new customer is made of."""

    def test_from_the_template_of_the_country(self) -> None:
        shop = make_shop(money_policy="presentment")
        rules(shop, subsidiary_id="1", terms_id="2")
        rules(shop, "US", subsidiary_id="3", terms_id="4", price_level_id="5", category_id="6")
        document = chosen(shop, WITH_PHONE)
        assert isinstance(document, CustomerDocument)
        assert replace(document, same_as="") == CustomerDocument(
            external_id="shp-demo-cust-7", source_id="7", name="Ada Lovelace", is_person=True, first_name="Ada",
            last_name="Lovelace", email="ada@example.com", phone="+12125550101", currency="USD", subsidiary=Ref("3"),
            terms=Ref("4"), price_level=Ref("5"), category=Ref("6"), billing=HOME, shipping=HOME,
        )  # fmt: skip

    def test_else_from_the_shops_and_the_channel(self) -> None:
        shop = make_shop()
        rules(shop, "DE", subsidiary_id="9")
        add_row(shop, MapKind.SUBSIDIARY, "web", "11", target_label="US Inc.")
        document = chosen(shop, ORDER)
        assert isinstance(document, CustomerDocument)
        assert (document.subsidiary, document.terms, document.price_level) == (
            Ref("11", "US Inc."),
            None,
            None,
        )

    @pytest.mark.parametrize(("policy", "currency"), [("shop", "USD"), ("presentment", "EUR")])
    def test_in_the_currency_of_the_books(self, policy: str, currency: str) -> None:
        coin = Coin("USD", "EUR")
        order = simple(
            [Sold("PRODUCT", "1", "2.00/1.80", quantity=1)], [line(coin, "1", "A", 1, "2.00/1.80")], coin
        )
        document = chosen(make_shop(money_policy=policy), order)
        assert isinstance(document, CustomerDocument)
        assert document.currency == currency

    def test_a_company_is_found_by_our_id_only(self) -> None:
        shop = make_shop()
        order = order_1001(company=Company(source_id="5", name="Acme", location_id="6"))
        document = chosen(shop, order, erp_customer("41", email="ada@example.com"))
        assert isinstance(document, CustomerDocument)
        assert (document.external_id, document.is_person, document.company) == (
            "shp-demo-cust-loc-6",
            False,
            "Acme",
        )
        assert chosen(shop, order, erp_customer("46", external_id="shp-demo-cust-loc-6")) == Ref(
            "46", "CUST46"
        )

    def test_not_when_the_rules_say_no(self) -> None:
        shop = make_shop()
        rules(shop, create_missing=False)
        error = refused(shop, ORDER)
        assert (error.code, error.value) == ("CUSTOMER_NOT_FOUND", "ada@example.com")


class TestRules:
    """How far the search goes."""

    known = (erp_customer("41", email="ada@example.com"), erp_customer("43", phone="2125550101"))

    @pytest.mark.parametrize(("match", "known", "found"), [
        (CustomerMatch.EMAIL_PHONE, known, "41"), (CustomerMatch.EMAIL_PHONE, known[1:], "43"),
        (CustomerMatch.EMAIL, known, "41"), (CustomerMatch.EMAIL, known[1:], ""), (CustomerMatch.LINK_ONLY, known, ""),
    ])  # fmt: skip
    def test_by_the_template(self, match: str, known: tuple[FoundCustomer, ...], found: str) -> None:
        shop = make_shop()
        rules(shop, match=match)
        answer = chosen(shop, WITH_PHONE, *known)
        assert (answer.id if isinstance(answer, Ref) else "") == found

    @pytest.mark.parametrize(("match", "emails", "phones"), [
        (CustomerMatch.EMAIL, ["ada@example.com"], []), (CustomerMatch.LINK_ONLY, [], []),
    ])  # fmt: skip
    def test_what_is_not_searched_by_is_not_asked_for(
        self, match: str, emails: list[str], phones: list[str]
    ) -> None:
        shop, erp = make_shop(), ListedErp()
        rules(shop, match=match)
        ask(shop, erp, WITH_PHONE)
        assert erp.asked == [
            ("customers", {"external_ids": ["shp-demo-cust-7"], "emails": emails, "phones": phones})
        ]

    def test_always_the_default_customer(self) -> None:
        shop, erp = make_shop(), ListedErp(customers=list(self.known))
        rules(
            shop, match=CustomerMatch.DEFAULT_CUSTOMER, default_customer_id="99", default_customer_name="Web"
        )
        customers = ask(shop, erp, ORDER)
        assert (customers.of_order(ORDER), erp.asked) == (Ref("99", "Web"), [])
        customers.remember(ORDER, Ref("99", "Web"))
        assert not RecordLink.objects.exists()

    def test_the_default_customer_must_be_named(self) -> None:
        shop = make_shop()
        rules(shop, match=CustomerMatch.DEFAULT_CUSTOMER)
        error = refused(shop, ORDER)
        assert (error.code, "set to be one default customer" in error.message) == ("NO_CUSTOMER", True)

    def test_an_order_without_anybody(self) -> None:
        shop = make_shop()
        error = refused(shop, POS)
        assert (error.code, error.value) == ("NO_CUSTOMER", "Point of Sale")
        rules(shop, default_customer_id="98", default_customer_name="Walk-in")
        assert chosen(shop, POS) == Ref("98", "Walk-in")
        customers = ask(shop, ListedErp(), POS)
        customers.remember(POS, Ref("98"))
        assert not RecordLink.objects.exists()


class TestRemember:
    """A created customer is the same for the rest of the batch and the next time."""

    def test_within_the_batch_and_after(self) -> None:
        shop, erp = make_shop(), ListedErp()
        again = order_1001(source_id="1002", name="#1002")
        customers = ask(shop, erp, ORDER, again)
        assert isinstance(customers.of_order(again), CustomerDocument)
        customers.remember(ORDER, Ref("50", "Ada Lovelace"))
        customers.remember(again, Ref("50", "Ada Lovelace"))
        assert customers.of_order(again) == Ref("50", "Ada Lovelace")
        link = RecordLink.objects.get()
        assert (link.source_id, link.external_id, link.erp_id, link.erp_number, link.recovered) == (
            "7", "shp-demo-cust-7", "50", "Ada Lovelace", False,
        )  # fmt: skip
        erp.asked.clear()
        assert (ask(shop, erp, again).of_order(again), erp.asked) == (Ref("50", "Ada Lovelace"), [])

    def test_what_no_database_takes_is_left_out_of_the_name(self) -> None:
        ask(make_shop(), ListedErp(), ORDER).remember(ORDER, Ref("50", "Ada\0 " + "x" * 80))
        assert RecordLink.objects.get().erp_number == "Ada " + "x" * 56

    def test_a_found_one_is_marked_so(self) -> None:
        shop = make_shop()
        customers = ask(shop, ListedErp(customers=[erp_customer("41", email="ada@example.com")]), ORDER)
        customers.remember(ORDER, Ref("41", "CUST41"))
        assert RecordLink.objects.get().recovered

    def test_a_broken_link_is_searched_again(self) -> None:
        shop, erp = make_shop(), ListedErp()
        ask(shop, erp, ORDER).remember(ORDER, Ref("50", "Ada"))
        unlink(RecordLink.objects.get())
        assert isinstance(ask(shop, erp, ORDER).of_order(ORDER), CustomerDocument)

"""Every rung of the ladder by itself, in the order of the rules: defaults, link, match, creation; persons first."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from canonical.documents import CustomerDocument, DocumentKind, FoundAddress, FoundCustomer, RecordRef, Ref
from canonical.naming import NameSource
from canonical.orders import Order
from canonical.parties import Address
from common.errors import Candidate, NeedsPerson
from mappings.context import MappingContext
from mappings.customers import Climb, Customers
from mappings.links import record_link
from mappings.models import CustomerMatch, CustomerRules, CustomerTemplate, MapKind, RecordLink
from mappings.overrides import Chosen
from shops.models import Shop
from tests.canonical.making import ADA, HOME, order_1001
from tests.mappings.making import ListedErp, add_row, make_shop

pytestmark = pytest.mark.django_db

ORDER = order_1001()
WITH_PHONE = order_1001(customer=replace(ADA, phone="(212) 555-0101"))
POS = order_1001(customer=None, email="", billing=None, shipping=None, channel="Point of Sale")
MERCER = FoundAddress(
    names=("Ada Lovelace",), address1="151 Mercer Street", city="New York", zip="10012", country="US"
)


def climb(shop: Shop, order: Order, *known: FoundCustomer, chosen: dict[str, Ref] | None = None) -> Climb:
    context = MappingContext.load(shop)
    context.chosen = {source_id: Chosen(customer=ref) for source_id, ref in (chosen or {}).items()}
    customers = Customers(context)
    customers.prepare([order], ListedErp(customers=list(known)))
    return customers.climb(order)


def template(shop: Shop, country: str = "", **values: Any) -> CustomerTemplate:
    return CustomerTemplate.objects.create(shop=shop, country=country, **values)


def found(number: str, **values: Any) -> FoundCustomer:
    return FoundCustomer(id=number, name=f"CUST{number}", **values)


def answer(shop: Shop, order: Order, *known: FoundCustomer) -> tuple[str, str]:
    """The rung that answered and the ERP id (or "new")."""
    made = climb(shop, order, *known)
    assert made.error is None, made.error
    rung = next(step.rung for step in made.steps if step.answered)
    return rung, made.answer.id if isinstance(made.answer, Ref) else "new"


class TestDefaults:
    """A customer that stands for many is never looked up, nor linked."""

    def test_the_countrys_default_customer_wins_over_every_other_rule(self) -> None:
        """Mission rule 1: whatever import and mapping settings say, and whoever has the e-mail."""
        shop = make_shop()
        template(shop, default_customer_id="98", default_customer_name="Walk-in")
        template(shop, "US", default_customer_id="97", default_customer_name="US web")
        CustomerRules.objects.create(shop=shop, import_customers=False)
        record_link(shop, DocumentKind.CUSTOMER, "7", RecordRef(kind=DocumentKind.CUSTOMER, id="40"))
        assert answer(shop, ORDER, found("41", email="ada@example.com")) == (
            "Default customer of the country", "97",
        )  # fmt: skip

    def test_a_country_without_a_default_customer_goes_on(self) -> None:
        shop = make_shop()
        template(shop, "US")
        assert answer(shop, ORDER, found("41", email="ada@example.com")) == ("E-mail", "41")

    def test_with_import_off_the_shops_default_customer_is_taken(self) -> None:
        """Mission rule 2."""
        shop = make_shop()
        template(shop, default_customer_id="98", default_customer_name="Walk-in")
        template(shop, "US")
        CustomerRules.objects.create(shop=shop, import_customers=False)
        made = climb(shop, ORDER, found("41", email="ada@example.com"))
        assert (made.answer, made.link_as) == (Ref("98", "Walk-in"), "")
        assert made.steps[-1].rung == "Default customer, import is off"

    def test_with_import_off_and_no_default_customer_the_order_stops(self) -> None:
        shop = make_shop()
        CustomerRules.objects.create(shop=shop, import_customers=False)
        error = climb(shop, ORDER).error
        assert error is not None
        assert (error.code, error.value) == ("NO_CUSTOMER", "Online Store")
        assert error.message == (
            "Order #1001: customers do not come in with their orders, and the customer rules name no default customer."
        )

    def test_always_the_default_customer_of_the_template(self) -> None:
        """The mapping scenario for a fixed default: its number, and no link."""
        shop = make_shop()
        template(shop, match=CustomerMatch.DEFAULT_CUSTOMER, default_customer_id="98")
        erp = ListedErp()
        customers = Customers(MappingContext.load(shop))
        customers.prepare([ORDER], erp)
        assert (customers.of_order(ORDER), erp.asked) == (Ref("98", ""), [])
        customers.remember(ORDER, Ref("98", ""))
        assert not RecordLink.objects.exists()

    def test_a_country_may_always_take_the_default_of_all_other_countries(self) -> None:
        shop = make_shop()
        template(shop, default_customer_id="98")
        template(shop, "US", match=CustomerMatch.DEFAULT_CUSTOMER)
        assert answer(shop, ORDER) == ("Always the default customer", "98")

    def test_an_order_that_names_nobody(self) -> None:
        """Point of sale without an address cannot make a customer."""
        shop = make_shop()
        template(shop, default_customer_id="98")
        assert answer(shop, POS) == ("Default customer, nobody is named", "98")


class TestFoundBy:
    """Link, external id, e-mail, phone, bill-to."""

    def test_the_rungs_before_say_why_they_did_not_answer(self) -> None:
        shop = make_shop()
        made = climb(shop, WITH_PHONE, found("43", phone="2125550101"))
        assert [(step.rung, step.said) for step in made.steps] == [
            ("Default customer of the country", "There is no template for US."),
            ("Default customer, import is off", "Customers come in with their orders."),
            ("Always the default customer", "The rule is: By e-mail, then phone."),
            ("Default customer, nobody is named", "The order is from ada@example.com."),
            ("Link", "No customer is linked yet."),
            ("External id", "No customer carries the hub's external id."),
            ("E-mail", "No customer has the e-mail ada@example.com."),
            ("Phone", "CUST43 (id 43), by phone +12125550101"),
        ]
        assert [step.answered for step in made.steps] == [False] * 7 + [True]

    @pytest.mark.parametrize("theirs", ["+45 4545 4545", "+45 (45) 45.45/45", "4545 4545"])
    def test_phones_are_compared_without_their_signs(self, theirs: str) -> None:
        """The phone format scenario: blanks, brackets, dots and slashes are no difference."""
        danish = replace(HOME, country="DK", province="", province_name="")
        order = order_1001(customer=replace(ADA, phone="+4545454545"), billing=danish, shipping=danish)
        assert answer(make_shop(), order, found("43", phone=theirs)) == ("Phone", "43")

    def test_a_partly_equal_phone_or_email_is_another_person(self) -> None:
        """The scenarios of tokenized searches: a hit that is not exactly equal does not count."""
        known = [found("43", phone="+1 415 555 0101"), found("41", email="ada@example.com.au")]
        assert answer(make_shop(), WITH_PHONE, *known) == ("New customer", "new")

    def test_one_name_at_one_address(self) -> None:
        """The mapping scenario by bill-to: name and the whole address are equal, whatever case and blanks."""
        shop = make_shop()
        template(shop, match=CustomerMatch.BILL_TO)
        theirs = replace(MERCER, address1=" 151  MERCER street", zip="100 12")
        order = order_1001(billing=replace(HOME, zip="100 12"))
        assert answer(shop, order, found("44", addresses=(theirs,))) == ("Name and billing address", "44")

    @pytest.mark.parametrize("other", [
        replace(MERCER, address1="152 Mercer Street"), replace(MERCER, address2="Flat 2"),
        replace(MERCER, city="Albany"),
        replace(MERCER, country="CA"), replace(MERCER, names=("Ada Byron",)), replace(MERCER, names=()),
    ])  # fmt: skip
    def test_any_difference_in_name_or_address_is_another_customer(self, other: FoundAddress) -> None:
        shop = make_shop()
        template(shop, match=CustomerMatch.BILL_TO)
        assert answer(shop, ORDER, found("44", addresses=(other,))) == ("New customer", "new")

    def test_the_name_may_be_the_customers_own(self) -> None:
        shop = make_shop()
        template(shop, match=CustomerMatch.BILL_TO)
        known = found("44", names=("Ada Lovelace",), addresses=(replace(MERCER, names=()),))
        assert answer(shop, ORDER, known) == ("Name and billing address", "44")

    def test_by_bill_to_an_equal_email_counts_for_nothing(self) -> None:
        shop = make_shop()
        template(shop, match=CustomerMatch.BILL_TO)
        assert answer(shop, ORDER, found("41", email="ada@example.com")) == ("New customer", "new")

    def test_an_address_without_a_street_is_not_searched_by(self) -> None:
        shop, erp = make_shop(), ListedErp()
        template(shop, match=CustomerMatch.BILL_TO)
        order = order_1001(billing=Address(first_name="Ada", last_name="Lovelace", country="US"))
        customers = Customers(MappingContext.load(shop))
        customers.prepare([order], erp)
        assert [asked for _, asked in erp.asked] == [
            {"external_ids": ["shp-demo-cust-7"], "emails": [], "phones": []}
        ]

    def test_a_choice_for_this_order_goes_before_everything(self) -> None:
        shop = make_shop()
        template(shop, "US", default_customer_id="97")
        made = climb(shop, ORDER, chosen={ORDER.source_id: Ref("55", "Chosen Ltd")})
        assert (made.answer, made.link_as) == (Ref("55", "Chosen Ltd"), "")
        assert [step.rung for step in made.steps] == ["Chosen for this order"]

    def test_a_choice_holds_although_the_rules_would_find_nobody(self) -> None:
        """Import is off, nothing is created, and there is no default customer: all parties of the document are the
        chosen customer's."""
        shop = make_shop()
        template(shop, create_missing=False)
        CustomerRules.objects.create(shop=shop, import_customers=False)
        made = climb(shop, ORDER, chosen={ORDER.source_id: Ref("55", "Chosen Ltd")})
        assert (made.answer, made.error) == (Ref("55", "Chosen Ltd"), None)


class TestCandidates:
    """Who a person may choose from is kept with the error."""

    def test_two_with_one_email(self) -> None:
        known = [
            found("41", email="ada@example.com", subsidiary_id="1"),
            found("44", email="Ada@example.com", phone="2125550101", subsidiary_id="2"),
        ]
        error = climb(make_shop(), ORDER, *known).error
        assert error is not None
        assert error.candidates == (
            Candidate(id="41", name="CUST41", email="ada@example.com", subsidiary="1"),
            Candidate(id="44", name="CUST44", email="Ada@example.com", phone="2125550101", subsidiary="2"),
        )

    def test_an_inactive_one_is_offered_and_marked(self) -> None:
        error = climb(make_shop(), ORDER, found("41", email="ada@example.com", inactive=True)).error
        assert error is not None
        assert (error.code, error.candidates[0].inactive) == ("INACTIVE_CUSTOMER", True)

    def test_of_very_many_only_so_many_are_kept(self) -> None:
        error = climb(
            make_shop(), WITH_PHONE, *(found(str(number), phone="2125550101") for number in range(100, 140))
        ).error
        assert isinstance(error, NeedsPerson)
        assert len(error.candidates) == 25


class TestNames:
    """Name, second name, contact and phone by their sources."""

    @pytest.mark.parametrize(("name", "second", "expected"), [
        ("first_last", "company", ("Ada Lovelace", True, "Ada", "Lovelace", "Engines")),
        ("first_last", "none", ("Ada Lovelace", True, "Ada", "Lovelace", "")),
        ("last_first", "company", ("Lovelace Ada", True, "Ada", "Lovelace", "Engines")),
        ("company", "first_last", ("Engines", False, "", "", "Engines")),
        ("none", "company", ("Engines", False, "", "", "Engines")),
        ("none", "none", ("Ada Lovelace", True, "Ada", "Lovelace", "")),
    ])  # fmt: skip
    def test_the_names_of_a_new_customer(self, name: str, second: str, expected: tuple[object, ...]) -> None:
        """The name scenarios: company, first last, last first and none each give their text."""
        shop = make_shop()
        template(shop, name_source=name, name2_source=second)
        made = climb(shop, order_1001(billing=replace(HOME, company="Engines"))).answer
        assert isinstance(made, CustomerDocument)
        assert (made.name, made.is_person, made.first_name, made.last_name, made.company) == expected

    def test_without_a_company_the_second_name_is_taken(self) -> None:
        shop = make_shop()
        template(shop, name_source="company", name2_source="last_first")
        made = climb(shop, ORDER).answer
        assert isinstance(made, CustomerDocument)
        assert (made.name, made.is_person, made.company) == ("Lovelace Ada", True, "")

    @pytest.mark.parametrize(("source", "phone"), [
        ("customer", "+12125550101"), ("order", "+12125550102"), ("address", "+12125550103"), ("none", ""),
    ])  # fmt: skip
    def test_whose_phone_it_gets(self, source: str, phone: str) -> None:
        shop = make_shop()
        template(shop, phone_source=source)
        order = order_1001(
            customer=replace(ADA, phone="212-555-0101"), phone="212-555-0102",
            billing=replace(HOME, phone="212-555-0103"),
        )  # fmt: skip
        made = climb(shop, order).answer
        assert isinstance(made, CustomerDocument)
        assert made.phone == phone
        assert made.style.phones is (source != "none")

    def test_the_style_of_the_country(self) -> None:
        shop = make_shop()
        template(shop, contact_source="last_first", county_source="name")
        made = climb(shop, ORDER).answer
        assert isinstance(made, CustomerDocument)
        assert (made.style.contact, made.style.last_first, made.style.county) == (
            NameSource.LAST_FIRST, True, "name",
        )  # fmt: skip

    def test_a_customer_without_an_address_is_still_created(self) -> None:
        """The scenario of a known customer without a default address: whichever address there is is taken, and none
        is no reason to fail."""
        only_shipping = order_1001(billing=None)
        made = climb(make_shop(), only_shipping).answer
        assert isinstance(made, CustomerDocument)
        assert (made.billing, made.shipping) == (None, HOME)
        bare = climb(make_shop("other"), order_1001(billing=None, shipping=None)).answer
        assert isinstance(bare, CustomerDocument)
        assert (bare.name, bare.billing, bare.shipping) == ("Ada Lovelace", None, None)


def test_the_subsidiary_is_part_of_who_is_the_same_buyer() -> None:
    """One e-mail in two subsidiaries is two customers; in one subsidiary it is one, whichever shop comes first."""
    keys = []
    for key, subsidiary in (("a", "1"), ("b", "1"), ("c", "2")):
        shop = make_shop(key)
        add_row(shop, MapKind.SUBSIDIARY, "", subsidiary)
        made = climb(shop, ORDER).answer
        assert isinstance(made, CustomerDocument)
        keys.append(made.same_as)
    assert keys[0] == keys[1]
    assert keys[0] != keys[2]

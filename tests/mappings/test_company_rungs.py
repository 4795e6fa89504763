"""The ladder for companies: location, company, number, tax id, contact, default company, and what is created."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from canonical.documents import CustomerDocument, DocumentKind, FoundCustomer, RecordRef, Ref
from canonical.orders import Order
from canonical.parties import Company
from mappings.context import MappingContext
from mappings.customers import Climb, Customers
from mappings.customers.tax_ids import normal_tax_id, spellings
from mappings.links import record_link, unlink
from mappings.models import CustomerRules, CustomerTemplate, RecordLink
from shops.models import Shop
from tests.canonical.making import HOME, order_1001
from tests.mappings.making import ListedErp, make_shop

pytestmark = pytest.mark.django_db

ACME = Company(
    source_id="5", name="Acme", location_id="6", location_name="Albany", tax_registration_id="US 12-3456789",
    tax_exempt=True,
)  # fmt: skip
ORDER = order_1001(company=ACME)


def rules(shop: Shop, **values: Any) -> None:
    CustomerRules.objects.create(shop=shop, **values)


def found(number: str, **values: Any) -> FoundCustomer:
    return FoundCustomer(id=number, name=values.pop("name", f"CUST{number}"), **values)


def link(shop: Shop, source_id: str, erp_id: str) -> RecordLink:
    return record_link(
        shop, DocumentKind.CUSTOMER, source_id, RecordRef(kind=DocumentKind.CUSTOMER, id=erp_id)
    )


def climb(shop: Shop, order: Order, *known: FoundCustomer) -> Climb:
    customers = Customers(MappingContext.load(shop))
    customers.prepare([order], ListedErp(customers=list(known)))
    return customers.climb(order)


def answer(shop: Shop, order: Order, *known: FoundCustomer) -> tuple[str, str]:
    made = climb(shop, order, *known)
    assert made.error is None, made.error
    rung = next(step.rung for step in made.steps if step.answered)
    return rung, made.answer.id if isinstance(made.answer, Ref) else "new"


def new(shop: Shop, order: Order) -> CustomerDocument:
    made = climb(shop, order).answer
    assert isinstance(made, CustomerDocument)
    return made


class TestDefaultCompany:
    """By setting, or as the last resort."""

    def test_with_company_import_off(self) -> None:
        shop = make_shop()
        rules(shop, import_companies=False, default_company_id="90", default_company_name="B2B")
        assert answer(shop, ORDER, found("46", external_id="shp-demo-cust-loc-6")) == (
            "Default company, import is off", "90",
        )  # fmt: skip

    def test_always(self) -> None:
        """The company scenarios by default mapping: the default company's number, nothing is linked."""
        shop = make_shop()
        rules(shop, company_match="default_company", default_company_id="90")
        made = climb(shop, ORDER)
        assert (made.answer, made.link_as) == (Ref("90", ""), "")

    def test_it_must_be_named(self) -> None:
        shop = make_shop()
        rules(shop, company_match="default_company")
        error = climb(shop, ORDER).error
        assert error is not None
        assert (error.code, error.value) == ("NO_COMPANY", "Acme - Albany")

    def test_for_a_company_that_may_not_be_created(self) -> None:
        shop = make_shop()
        rules(shop, create_companies=False, default_company_id="90")
        assert answer(shop, ORDER) == ("New customer or default company", "90")

    def test_without_one_the_order_stops(self) -> None:
        shop = make_shop()
        rules(shop, create_companies=False)
        error = climb(shop, ORDER).error
        assert error is not None
        assert (error.code, error.value) == ("CUSTOMER_NOT_FOUND", "Acme - Albany")

    def test_the_countrys_default_customer_is_not_for_companies(self) -> None:
        """Mission rule: for B2B named customers are expected."""
        shop = make_shop()
        CustomerTemplate.objects.create(shop=shop, country="US", default_customer_id="97")
        assert answer(shop, ORDER) == ("New customer or default company", "new")


class TestLinks:
    """Location before company; a dead link is looked up anew."""

    def test_the_location_wins_over_the_company(self) -> None:
        """The location scenario: a location with a customer of its own goes there."""
        shop = make_shop()
        link(shop, "company-5", "50")
        link(shop, "loc-6", "60")
        assert answer(shop, ORDER) == ("Link of location or company", "60")

    def test_the_company_for_a_location_without_one(self) -> None:
        """The company scenarios with a link: found, and the location is not linked besides."""
        shop = make_shop()
        link(shop, "company-5", "50")
        customers = Customers(MappingContext.load(shop))
        customers.prepare([ORDER], ListedErp())
        customers.remember(ORDER, Ref("50"))
        assert (answer(shop, ORDER)[1], RecordLink.objects.count()) == ("50", 1)

    def test_a_dead_link_is_looked_up_anew(self) -> None:
        """The scenarios of links that lead nowhere: the customer is found again and linked again."""
        shop = make_shop()
        unlink(link(shop, "loc-6", "60"))
        assert answer(shop, ORDER, found("46", external_id="shp-demo-cust-loc-6")) == ("External id", "46")

    def test_another_locations_link_counts_for_nothing(self) -> None:
        shop = make_shop()
        link(shop, "loc-7", "70")
        assert answer(shop, ORDER) == ("New customer or default company", "new")


class TestNumber:
    """The external id Shopify keeps for a company is usually its number in the ERP."""

    @pytest.mark.parametrize(("location", "company", "chosen"), [
        ("C-100", "", "71"), ("", "C-200", "72"), ("c-100 ", "C-200", "71"), ("C-999", "C-200", "72"),
    ])  # fmt: skip
    def test_the_locations_before_the_companys(self, location: str, company: str, chosen: str) -> None:
        order = order_1001(company=replace(ACME, location_external_id=location, external_id=company))
        known = [found("71", name="C-100"), found("72", name="C-200")]
        assert answer(make_shop(), order, *known) == ("Customer number kept in Shopify", chosen)

    def test_an_unknown_number_is_no_obstacle(self) -> None:
        order = order_1001(company=replace(ACME, external_id="C-300"))
        assert answer(make_shop(), order) == ("New customer or default company", "new")


class TestTaxId:
    """The tax registration id, written as each side likes."""

    @pytest.mark.parametrize(("text", "country", "number"), [
        ("DE 123.456.789", "DE", "123456789"), ("de123456789", "DE", "123456789"), ("123456789", "DE", "123456789"),
        ("EL094259216", "GR", "094259216"), ("GR 094259216", "GR", "094259216"), ("GB 123 4567 89", "GB", "123456789"),
        ("XI123456789", "GB", "123456789"), ("CHE-123.456.789 MWST", "CH", "123456789"),
        ("NO 123 456 789 MVA", "NO", "123456789"), ("FR123456789", "DE", "FR123456789"),
        ("12-3456789", "US", "123456789"),
        ("BE", "BE", "BE"), ("", "DE", ""),
    ])  # fmt: skip
    def test_one_form_by_country(self, text: str, country: str, number: str) -> None:
        assert normal_tax_id(text, country) == number

    def test_every_spelling_is_searched_for(self) -> None:
        assert spellings("EL 094259216", "GR") == ["EL094259216", "094259216", "GR094259216"]
        assert spellings(" ", "GR") == []

    @pytest.mark.parametrize("field", ["vatRegNumber", "resaleNumber", "custentity_tax_id"])
    @pytest.mark.parametrize("theirs", ["US12-3456789", "123456789", "12 3456 789"])
    def test_it_finds_the_company(self, field: str, theirs: str) -> None:
        """The tax id scenarios: the search goes to the field of the setting, and finds the number however written."""
        shop, erp = make_shop(), ListedErp(customers=[found("46", tax_id=theirs)])
        rules(shop, company_match="tax_id", tax_id_field=field)
        customers = Customers(MappingContext.load(shop))
        customers.prepare([ORDER], erp)
        assert customers.of_order(ORDER) == Ref("46", "CUST46")
        assert erp.asked[0][1]["tax_id_field"] == field
        assert erp.asked[0][1]["tax_ids"] == ["US123456789", "123456789"]

    def test_it_is_linked_for_the_next_time(self) -> None:
        shop = make_shop()
        rules(shop, company_match="tax_id", tax_id_field="resaleNumber")
        customers = Customers(MappingContext.load(shop))
        customers.prepare([ORDER], ListedErp(customers=[found("46", tax_id="123456789")]))
        customers.remember(ORDER, Ref("46", "CUST46"))
        assert [(row.source_id, row.erp_id) for row in RecordLink.objects.all()] == [("loc-6", "46")]

    def test_two_with_one_number_are_a_persons_choice(self) -> None:
        shop = make_shop()
        rules(shop, company_match="tax_id", tax_id_field="resaleNumber")
        error = climb(shop, ORDER, found("46", tax_id="123456789"), found("47", tax_id="12-3456789")).error
        assert error is not None
        assert (error.code, [each.id for each in error.candidates]) == ("AMBIGUOUS_CUSTOMER", ["46", "47"])

    def test_another_countrys_number_is_another_company(self) -> None:
        shop = make_shop()
        rules(shop, company_match="tax_id", tax_id_field="resaleNumber")
        assert answer(shop, ORDER, found("46", tax_id="DE123456789"))[1] == "new"

    @pytest.mark.parametrize("values", [
        {"company_match": "tax_id"}, {"company_match": "link_only", "tax_id_field": "resaleNumber"},
    ])  # fmt: skip
    def test_it_is_not_searched_for_unless_wanted(self, values: dict[str, str]) -> None:
        shop, erp = make_shop(), ListedErp()
        rules(shop, **values)
        customers = Customers(MappingContext.load(shop))
        customers.prepare([ORDER], erp)
        assert "tax_ids" not in erp.asked[0][1]

    @pytest.mark.parametrize("field", ["vatRegNumber", "resaleNumber"])
    def test_a_new_company_gets_it(self, field: str) -> None:
        """The scenarios that store the number on creation, in one field or the other."""
        shop = make_shop()
        rules(shop, tax_id_field=field)
        document = new(shop, ORDER)
        assert (document.tax_id, document.tax_id_field) == ("US 12-3456789", field)


class TestContact:
    """By the e-mail and phone of the person who ordered, among companies only."""

    def test_a_company_with_the_contacts_email(self) -> None:
        """The import scenario: contact's e-mail equals the customer's."""
        shop = make_shop()
        rules(shop, company_match="contact")
        known = [
            found("41", email="ada@example.com", is_person=True), found("46", email="Ada@Example.com"),
        ]  # fmt: skip
        assert answer(shop, ORDER, *known) == ("Contact's e-mail or phone", "46")

    def test_not_unless_wanted(self) -> None:
        assert answer(make_shop(), ORDER, found("46", email="ada@example.com"))[1] == "new"


class TestCreated:
    """One customer per location, per company, or a family."""

    def test_one_per_location(self) -> None:
        document = new(make_shop(), ORDER)
        assert (document.source_id, document.name, document.parent, document.tax_exempt) == (
            "loc-6", "Acme - Albany", None, True,
        )  # fmt: skip

    def test_one_per_company_with_the_location_as_its_address(self) -> None:
        shop = make_shop()
        rules(shop, companies_as="company")
        document = new(shop, ORDER)
        assert (document.source_id, document.external_id, document.name) == (
            "company-5", "shp-demo-cust-company-5", "Acme",
        )  # fmt: skip
        assert document.billing == HOME
        customers = Customers(MappingContext.load(shop))
        customers.prepare([ORDER], ListedErp())
        customers.remember(ORDER, Ref("80", "Acme"))
        other = order_1001(company=replace(ACME, location_id="7", location_name="Troy"))
        assert answer(shop, other) == ("Link of location or company", "80")

    def test_a_sub_customer_per_location_under_its_company(self) -> None:
        shop = make_shop()
        rules(shop, companies_as="sub_customer")
        CustomerTemplate.objects.create(shop=shop, terms_id="2", price_level_id="5", category_id="9")
        document = new(shop, ORDER)
        assert (document.source_id, document.name) == ("loc-6", "Acme - Albany")
        parent = document.parent
        assert isinstance(parent, CustomerDocument)
        assert (parent.source_id, parent.external_id, parent.name, parent.company) == (
            "company-5", "shp-demo-cust-company-5", "Acme", "Acme",
        )  # fmt: skip
        assert (parent.terms, parent.price_level, parent.category) == (Ref("2"), Ref("5"), Ref("9"))
        assert (parent.billing, parent.tax_id) == (None, "")

    def test_the_parent_may_be_there_already(self) -> None:
        shop = make_shop()
        rules(shop, companies_as="sub_customer")
        for known in (found("50", external_id="shp-demo-cust-company-5"), found("51", name="C-1")):
            order = order_1001(company=replace(ACME, external_id="C-1"))
            made = climb(shop, order, known).answer
            assert isinstance(made, CustomerDocument)
            assert made.parent == Ref(known.id, known.name)
        link(shop, "company-5", "52")
        made = climb(shop, ORDER).answer
        assert isinstance(made, CustomerDocument)
        assert isinstance(made.parent, Ref)
        assert made.parent.id == "52"

    def test_a_company_without_a_location_has_no_parent(self) -> None:
        shop = make_shop()
        rules(shop, companies_as="sub_customer")
        document = new(shop, order_1001(company=replace(ACME, location_id="", location_name="")))
        assert (document.source_id, document.parent) == ("company-5", None)

"""How a Shopify value finds its row."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pytest_django import DjangoAssertNumQueries

from canonical.documents import Ref
from canonical.tie_out import RoundingLimits
from common.clock import now
from common.errors import NeedsPerson
from mappings.context import NAMES, UNMAPPED, MappingContext, key_of, limits_of
from mappings.models import Behaviour, CustomerTemplate, MapKind, ValueMapping
from shops.models import Location, Shop
from syncflows.models import OrderRules
from tests.mappings.making import add_row, make_shop, map_all, plain_context, row

LABEL = "Order #1001"
METHOD = MapKind.PAYMENT_METHOD


@pytest.mark.parametrize(("kind", "text", "key"), [
    (METHOD, " Shopify_Payments ", "shopify_payments"), (METHOD, "STRASSE", "strasse"), (METHOD, "Straße", "strasse"),
    (MapKind.TAX, "VAT|20.00", "vat|20"), (MapKind.TAX, "VAT | 7.250 | us", "vat|7.25|us"), (MapKind.TAX, "VAT", "vat"),
    (MapKind.TAX, "VAT|high", "vat|high"), (METHOD, "A|1.0", "a|1.0"),
])  # fmt: skip
def test_values_are_compared_trimmed_and_without_case(kind: str, text: str, key: str) -> None:
    assert key_of(kind, text) == key


class TestResolve:
    """Rows first, then the default row, then a person."""

    cash = row(METHOD, "cash", "1", target_label="Cash")
    rest = row(METHOD, "", "2", target_label="Other")

    def test_the_first_candidate_that_has_a_row(self) -> None:
        context = plain_context(self.cash, self.rest)
        assert context.resolve(METHOD, ["Bogus", " CASH "], LABEL) == Ref("1", "Cash")

    def test_the_default_row_for_the_rest(self) -> None:
        assert plain_context(self.cash, self.rest).resolve(METHOD, ["Bogus", ""], LABEL) == Ref("2", "Other")

    def test_an_empty_candidate_is_not_the_default_row(self) -> None:
        assert plain_context(self.rest).row(METHOD, ["", " "], default=False) is None

    def test_leave_empty(self) -> None:
        context = plain_context(row(METHOD, "cash", behaviour=Behaviour.EMPTY), self.rest)
        assert context.resolve(METHOD, ["cash"], LABEL) is None

    @pytest.mark.parametrize(("rows", "why"), [
        ([], "is not mapped, and there is no default row"),
        ([row(METHOD, "other", "3")], "is not mapped, and there is no default row"),
        ([row(METHOD, "cash", behaviour=Behaviour.STOP)], "is set to stop the order"),
        ([row(METHOD, "", behaviour=Behaviour.STOP)], "is not mapped, and the default row says stop"),
        ([row(METHOD, "cash", "  ")], "has a row without an ERP record"),
    ])  # fmt: skip
    def test_else_a_sentence(self, rows: list[ValueMapping], why: str) -> None:
        with pytest.raises(NeedsPerson) as caught:
            plain_context(*rows).resolve(METHOD, ["", " Cash "], LABEL)
        error = caught.value
        assert (error.code, error.field, error.value) == ("UNMAPPED_PAYMENT_METHOD", "payment method", "Cash")
        assert error.message == f"Order #1001: payment method 'Cash' {why}."

    def test_a_map_not_in_use_sets_nothing(self) -> None:
        assert plain_context().resolve_in_use(MapKind.CLASS, ["web"], LABEL) is None
        with pytest.raises(NeedsPerson):
            plain_context(row(MapKind.CLASS, "pos", "1")).resolve_in_use(MapKind.CLASS, ["web"], LABEL)


def test_every_map_has_a_cause_and_a_name() -> None:
    assert UNMAPPED.keys() == NAMES.keys() == set(MapKind)


@pytest.mark.django_db
class TestLoad:
    """Everything in a handful of queries."""

    def test_rows_templates_and_limits(self, django_assert_num_queries: DjangoAssertNumQueries) -> None:
        shop = make_shop()
        map_all(shop)
        add_row(shop, MapKind.TAX, "VAT|20.0", " 901 ", tax_rate="20", tax_type_id="5")
        add_row(make_shop("other"), MapKind.TAX, "VAT|7", "902")
        CustomerTemplate.objects.create(shop=shop, country="us", terms_id="5")
        Location.objects.create(shop=shop, source_id="71002", name="Boston store", fetched_at=now())
        CustomerTemplate.objects.create(shop=shop, country="", terms_id="6")
        OrderRules.objects.create(shop=shop, line_rounding_units=2, document_rounding_units=9)
        fresh = Shop.objects.get(pk=shop.pk)
        with django_assert_num_queries(7):
            context = MappingContext.load(fresh)
        tax = context.row(MapKind.TAX, ["vat|20"])
        assert tax is not None
        assert (tax.target.id, tax.rate, tax.tax_type, tax.is_account) == (
            "901",
            Decimal(20),
            Ref("5"),
            False,
        )
        assert context.row(MapKind.TAX, ["vat|7"]) is None
        assert (context.limits, context.locations) == (RoundingLimits(2, 9), {"71002": "Boston store"})
        assert [context.template(country).terms_id for country in ("US", "us", "DE", "")] == [
            "5",
            "5",
            "6",
            "6",
        ]

    def test_a_shop_without_rules_and_templates_has_the_defaults(self) -> None:
        shop = make_shop()
        assert limits_of(shop) == RoundingLimits(1, 5)
        template = MappingContext.load(shop).template("US")
        assert (template.match, template.create_missing, template.default_customer_id) == (
            "email_phone",
            True,
            "",
        )

    def test_a_shop_without_a_connection(self) -> None:
        shop = Shop.objects.create(key="lone", name="Lone", domain="lone.myshopify.com")
        with pytest.raises(NeedsPerson) as caught:
            MappingContext.load(shop)
        assert caught.value.code == "NO_CONNECTION"

from __future__ import annotations

import pytest

from canonical.parties import Address
from erps.netsuite import suiteql
from erps.netsuite.customer_lookups import CustomerSearch, customers_query, places_query, search_query
from erps.netsuite.lookups import charge_items_query, documents_query, items_query, read_back_query


def test_quotes_are_doubled() -> None:
    assert suiteql.quoted("O'Neil's") == "'O''Neil''s'"


@pytest.mark.parametrize("text", ["a\nb", "\x00", "x" * 301])
def test_what_cannot_be_a_text_is_refused_alone_and_left_out_of_lists(text: str) -> None:
    with pytest.raises(ValueError, match="cannot be searched for"):
        suiteql.quoted(text)
    assert suiteql.texts(["A", text, "", "A", "b'c"]) == "'A', 'b''c'"


def test_ids_are_whole_numbers_and_anything_else_is_left_out() -> None:
    assert suiteql.ids(["1", "-3", "1"]) == "1, -3"
    assert suiteql.ids(["", "1 OR 1=1", "1.5", "x", "1" * 19, "1\n", "7"]) == "7"
    assert suiteql.ids([]) == ""


def test_external_ids_hold_nothing_that_could_end_the_text() -> None:
    assert suiteql.external_ids(["shp-a-so-1", "SHP_b"]) == "'shp-a-so-1', 'SHP_b'"
    assert suiteql.external_ids(["", "a'b", "a b", "ä", "a;b", "a\n", "ok"]) == "'ok'"


def test_chunks() -> None:
    assert [list(part) for part in suiteql.chunks(["a", "b", "c"], 2)] == [["a", "b"], ["c"]]
    assert list(suiteql.chunks([])) == []


@pytest.mark.parametrize("evil", ["x' OR '1'='1", "'; DROP", "a%b_c", "PARENT : CHILD"])
def test_no_sku_mail_or_order_name_gets_out_of_its_quotes(evil: str) -> None:
    inside = evil.replace("'", "''")
    for query in (
        items_query([evil]),
        documents_query([], [evil]),
        customers_query(CustomerSearch(emails=(evil,)), oneworld=True),
        customers_query(CustomerSearch(numbers=(evil,)), oneworld=True),
        customers_query(CustomerSearch(tax_ids=(evil,), tax_id_field="resaleNumber"), oneworld=True),
    ):
        assert f"'{inside}'".lower() in query.lower()
        assert query.replace("''", "").count("'") % 2 == 0


def test_only_what_was_asked_for_is_in_the_text() -> None:
    both = documents_query(["shp-a-so-1"], ["#1001"])
    assert "t.externalid IN ('shp-a-so-1') OR (t.type IN ('SalesOrd', 'CustInvc', 'CashSale')" in both
    assert " OR " not in documents_query(["shp-a-so-1"], [])
    assert "IN ('#1001')" in documents_query([], ["#1001"])
    assert items_query(["", "  "]) == ""
    assert documents_query(["a b"], [""]) == ""
    assert read_back_query(["?"]) == ""
    assert charge_items_query(["?"]) == ""
    assert customers_query(CustomerSearch(emails=("",), phones=("123",)), oneworld=True) == ""
    assert customers_query(CustomerSearch(tax_ids=("DE1",), tax_id_field="x' OR 1=1"), oneworld=True) == ""
    assert places_query([Address(city="Albany")], oneworld=True) == ""
    assert "IN ('12207')" in places_query([Address(zip="12207", address1="500 Way")], oneworld=True)
    assert "LOWER(a.addr1) IN ('1 way')" in places_query([Address(address1="1 Way")], oneworld=True)


@pytest.mark.parametrize("text", ["", "a", "a\nb" * 200, "%" * 400])
def test_what_no_customer_can_be_searched_by(text: str) -> None:
    assert search_query(text, 20, oneworld=True) == ""


def test_a_search_text_cannot_leave_its_quotes() -> None:
    query = search_query("O'Neil 100%", 5, oneworld=False)
    assert "LIKE '%o''neil 100_%'" in query
    assert query.endswith("FETCH FIRST 5 ROWS ONLY")
    assert "c.id = 7" in search_query("7", 5, oneworld=True)

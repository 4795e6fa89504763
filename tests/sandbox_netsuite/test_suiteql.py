"""SuiteQL: dialect, values, paging, errors and the reference queries."""

from __future__ import annotations

import pytest

from tests.sandbox_netsuite.talk import Client, detail, line, order_1001, recorded

SEARCH = "Invalid search query. Detailed unprocessed description follows. Search error occurred: "


def test_the_frame_is_the_recorded_one(client: Client) -> None:
    example = recorded("suiteql_200")["response"]
    answer = client.query("SELECT id, companyname FROM customer ORDER BY id FETCH FIRST 5 ROWS ONLY")
    body = answer.json()
    assert set(body) == set(example["body"])
    assert answer.headers["Content-Type"] == example["headers"]["content-type"]
    assert answer.headers["Preference-Applied"] == "transient"
    assert body["links"][0]["rel"] == "self"
    assert body["items"][0] == {"links": [], "id": "2001", "companyname": "Shopify walk-in customer"}
    assert body["items"][1] == {"links": [], "id": "2002"}
    assert (body["count"], body["hasMore"], body["offset"], body["totalResults"]) == (5, False, 0, 5)


def test_pages_follow_next(client: Client) -> None:
    path = "/query/v1/suiteql?limit=4&offset=0"
    seen = []
    while path:
        body = client.query("SELECT id FROM customer ORDER BY id", path).json()
        seen += [row["id"] for row in body["items"]]
        path = next((link["href"] for link in body["links"] if link["rel"] == "next"), "")
    assert seen == [str(number) for number in range(2001, 2010)]


@pytest.mark.parametrize("page", ["limit=1001", "limit=0", "limit=10&offset=5", "limit=x"])
def test_a_bad_page_is_400(client: Client, page: str) -> None:
    assert client.query("SELECT id FROM customer", f"/query/v1/suiteql?{page}").status_code == 400


def test_the_prefer_header_is_required(client: Client) -> None:
    answer = client.call("POST", "/query/v1/suiteql", {"q": "SELECT id FROM currency"})
    assert (answer.status_code, answer.json()["o:errorDetails"][0]["o:errorHeader"]) == (400, "Prefer")


def test_an_unknown_field_gets_the_recorded_answer(client: Client) -> None:
    expected = next(
        case for case in recorded("errors_catalogue")["cases"] if case["name"] == "suiteql_bad_field"
    )
    for text in ("SELECT foo FROM transaction", "SELECT t.foo FROM transaction t WHERE t.id = 1"):
        answer = client.query(text)
        assert (answer.status_code, answer.json()) == (400, expected["body"])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("SELECT id FROM nothing", "Record 'nothing' was not found."),
        (
            "SELECT createdfrom FROM transaction",
            "Field 'createdfrom' for record 'transaction' was not found.",
        ),
        ("SELECT _baseprice FROM item", "Field '_baseprice' for record 'item' was not found."),
        ("SELECT id FROM item LIMIT 5", "Invalid or unsupported search. Unexpected token: LIMIT"),
        ("SELECT id FROM item -- all", "Invalid or unsupported search. Unexpected token: --"),
        ("SELECT NOW() FROM item", "Invalid or unsupported search. Unexpected token: NOW"),
        ("SELECT RANDOMBLOB(1) FROM item", "Unknown function 'RANDOMBLOB'."),
        ("SELECT x.id FROM item i", "Unknown identifier 'x'. Available identifiers are: {i, item}"),
        ("DELETE FROM item", "Invalid or unsupported search."),
    ],
)
def test_what_suiteql_does_not_know_is_400(client: Client, text: str, sentence: str) -> None:
    assert detail(client.query(text)) == (400, "INVALID_PARAMETER", SEARCH + sentence)


def test_a_table_the_role_may_not_see_is_not_found(client: Client) -> None:
    client.control("settings", {"hidden_tables": ["salestaxitem"]})
    assert "Record 'salestaxitem' was not found" in detail(client.query("SELECT id FROM salestaxitem"))[2]


def test_ship_status_of_a_transaction_answers_500_as_seen_live(client: Client) -> None:
    assert client.query("SELECT t.shipstatus FROM transaction t").status_code == 500


def test_lines_carry_debit_signs_and_shipping_and_tax_are_lines(client: Client) -> None:
    client.create("salesOrder", order_1001())
    rows = client.rows(
        "SELECT tl.linesequencenumber AS n, tl.itemtype, tl.item, tl.quantity, tl.rate, tl.foreignamount, tl.taxline "
        "FROM transactionline tl WHERE tl.transaction = 91001 AND tl.mainline = 'F' ORDER BY tl.linesequencenumber"
    )
    assert [(row["itemtype"], row["item"], row["foreignamount"]) for row in rows] == [
        ("InvtPart", "501", "-50"), ("Discount", "703", "5"), ("InvtPart", "502", "-15"), ("Discount", "703", "1.5"),
        ("ShipItem", "801", "-5.95"), ("TaxItem", "902", "-4.82"),
    ]  # fmt: skip
    assert rows[0] == {"n": "1", "itemtype": "InvtPart", "item": "501", "quantity": "-2", "rate": "25",
                       "foreignamount": "-50", "taxline": "F"}  # fmt: skip
    assert rows[5]["taxline"] == "T"
    assert client.rows("SELECT SUM(foreignamount) AS s FROM transactionline WHERE transaction = 91001") == [
        {"s": "0"}
    ]


def test_existence_by_external_id_is_case_sensitive(client: Client) -> None:
    client.create("salesOrder", order_1001())
    found = client.rows("SELECT t.id, t.type, t.tranid, t.externalid, t.status, t.foreigntotal, t.voided "
                        "FROM transaction t WHERE t.externalid IN ('shp-1-so-1001','shp-1-so-2')")  # fmt: skip
    assert found == [{"id": "91001", "type": "SalesOrd", "tranid": "SO10001", "externalid": "shp-1-so-1001",
                      "status": "B", "foreigntotal": "69.27", "voided": "F"}]  # fmt: skip
    assert client.rows("SELECT id FROM transaction WHERE externalid = 'SHP-1-SO-1001'") == []
    assert client.rows("SELECT id FROM transaction WHERE externalid LIKE 'SHP-%'") == []


def test_dates_lose_their_time_unless_wrapped(client: Client) -> None:
    client.create("salesOrder", order_1001())
    client.create("salesOrder", order_1001(externalId="later", tranDate="2026-02-03"))
    doc = client.get("salesOrder", "91001")
    row = client.rows(
        "SELECT trandate, lastmodifieddate AS bare, "
        "TO_CHAR(SYS_EXTRACT_UTC(lastmodifieddate), 'YYYY-MM-DD HH24:MI:SS') AS lm FROM transaction WHERE id = 91001"
    )[0]
    assert row["trandate"] == "11/20/2026"
    assert row["lm"] == doc["lastModifiedDate"].replace("T", " ").rstrip("Z")
    assert ":" not in row["bare"]
    since = "SYS_EXTRACT_UTC(lastmodifieddate) >= TO_TIMESTAMP('{}', 'YYYY-MM-DD HH24:MI:SS')"
    assert len(client.rows(f"SELECT id FROM transaction WHERE {since.format(row['lm'])}")) == 2
    assert client.rows(f"SELECT id FROM transaction WHERE {since.format('2099-01-01 00:00:00')}") == []
    early = "SELECT id FROM transaction WHERE trandate < TO_DATE('2026-03-01', 'YYYY-MM-DD')"
    assert client.rows(early) == [{"id": "91002"}]


def test_oracle_functions_and_display_text(client: Client) -> None:
    rows = client.rows(
        "SELECT UPPER(i.itemid) up, NVL(i.upccode, 'none') AS upc, BUILTIN.DF(i.incomeaccount) AS income, "
        "CASE WHEN i.isinactive = 'T' THEN 'old' ELSE 'live' END AS state, i.itemid || '!' AS loud "
        "FROM item i WHERE i.itemid IN ('OLD-1', 'TEE') OR i.itemid LIKE '%: DUP-1' ORDER BY i.id"
    )
    assert rows == [
        {"up": "TEE", "upc": "0850000000011", "income": "Product revenue", "state": "live", "loud": "TEE!"},
        {
            "up": "PARENT : DUP-1",
            "upc": "none",
            "income": "Product revenue",
            "state": "live",
            "loud": "PARENT : DUP-1!",
        },
        {"up": "OLD-1", "upc": "none", "income": "Product revenue", "state": "old", "loud": "OLD-1!"},
    ]
    assert client.rows("SELECT itemid FROM item WHERE itemid = 'O''Brien'") == []


def test_grouping_sub_queries_and_quoted_commas(client: Client) -> None:
    assert client.rows("SELECT itemtype, COUNT(*) AS n FROM item GROUP BY itemtype HAVING COUNT(*) > 4 "
                       "ORDER BY n DESC FETCH FIRST 1 ROWS ONLY")[0]["itemtype"] == "InvtPart"  # fmt: skip
    assert client.rows("SELECT x.name FROM (SELECT name FROM location WHERE subsidiary = 2) x") == [
        {"name": "London"}
    ]
    assert client.rows(
        "SELECT l.name FROM location l, subsidiary s WHERE s.id = l.subsidiary AND s.name = 'Demo KK'"
    ) == [{"name": "Tokyo"}]


REFERENCE = [
    ("SELECT id, name, symbol, exchangerate, isbasecurrency, isinactive FROM currency", 6),
    ("SELECT id, name, fullname, currency, country, parent, iselimination, isinactive FROM subsidiary", 3),
    ("SELECT id, name, fullname, subsidiary, isinactive, makeinventoryavailable FROM location", 5),
    ("SELECT id, name, subsidiary, isinactive FROM department", 3),
    ("SELECT id, name, subsidiary, isinactive FROM classification", 3),
    ("SELECT id, acctnumber, fullname, accttype, currency, isinactive FROM account", 34),
    ("SELECT id, name, daysuntilnetdue, isinactive FROM term", 4),
    ("SELECT id, itemid, displayname, isinactive FROM shipitem", 4),
    ("SELECT id, itemid, rate, country, isinactive FROM salestaxitem", 11),
    ("SELECT id, name, isinactive FROM pricelevel", 4),
    ("SELECT id, name, isinactive, undepfunds FROM paymentmethod", 7),
    ("SELECT p.id, p.name, p.code, p.startdate, p.enddate, p.isinactive, p.rate FROM promotioncode p", 4),
    ("SELECT p.item, BUILTIN.DF(p.pricelevel) AS level_name, p.unitprice FROM pricing p WHERE p.item IN (501)", 6),
    ("SELECT m.parentitem, m.item, m.quantity, m.linenumber FROM kititemmember m WHERE m.parentitem IN (515)", 2),
    ("SELECT l.item, l.location, l.quantityavailable FROM inventoryitemlocations l WHERE l.item IN (501)", 4),
    ("SELECT c.entity, c.subsidiary FROM customersubsidiaryrelationship c WHERE c.entity = 2001", 3),
    ("SELECT id, periodname, startdate, enddate, closed FROM accountingperiod WHERE closed = 'T'", 24),
    ("SELECT id, entityid FROM employee", 2),
    ("SELECT id, name, isinactive FROM customercategory", 2),
]  # fmt: skip


@pytest.mark.parametrize(("text", "count"), REFERENCE)
def test_reference_queries_answer(client: Client, text: str, count: int) -> None:
    assert len(client.rows(text)) == count


def test_fulfilments_are_found_through_the_link_tables(client: Client) -> None:
    client.create("salesOrder", order_1001())
    packages = {"package": {"items": [{"packageTrackingNumber": "1Z9", "packageWeight": 1.2}]}}
    made = client.transform("salesOrder/91001", "itemFulfillment", {"externalId": "shp-1-if-1", **packages})
    rows = client.rows(
        "SELECT DISTINCT c.id AS fulfillment_id, c.status, o.id AS order_id FROM transaction o "
        "JOIN NextTransactionLineLink l ON l.previousdoc = o.id "
        "JOIN transaction c ON c.id = l.nextdoc AND c.type = 'ItemShip' WHERE o.externalid LIKE 'shp-1-so-%'"
    )
    assert rows == [{"fulfillment_id": made, "status": "C", "order_id": "91001"}]
    tracking = client.rows(
        "SELECT m.transaction, tn.trackingnumber FROM TrackingNumberMap m "
        f"JOIN trackingnumber tn ON tn.id = m.trackingnumber WHERE m.transaction IN ({made})"
    )
    assert tracking == [{"transaction": made, "trackingnumber": "1Z9"}]


def test_bound_parameters_only_where_the_release_has_them(client: Client) -> None:
    body = {"q": "SELECT id FROM item WHERE itemid = ?", "params": ["TEE"]}
    assert client.call("POST", "/query/v1/suiteql", body, Prefer="transient").status_code == 400
    client.control("settings", {"bound_parameters": True})
    answer = client.call("POST", "/query/v1/suiteql", body, Prefer="transient")
    assert answer.json()["items"] == [{"links": [], "id": "501"}]


def test_custom_line_fields_can_be_read_back(client: Client) -> None:
    body = order_1001(custbody_shp_order_id="6123", item={"items": [line(501, 1, 45, 45, taxDetailsReference="L1"),
                      line(502, 1, 13.5, 13.5, taxDetailsReference="L2", custcol_shp_line_id="77")]})  # fmt: skip
    client.create("salesOrder", body)
    rows = client.rows("SELECT tl.custcol_shp_line_id FROM transactionline tl JOIN transaction t "
                       "ON t.id = tl.transaction WHERE t.custbody_shp_order_id = '6123' AND tl.item = 502")  # fmt: skip
    assert rows == [{"custcol_shp_line_id": "77"}]

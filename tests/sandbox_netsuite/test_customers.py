"""The customer record."""

from __future__ import annotations

from typing import Any

from tests.sandbox_netsuite.talk import Client, detail

CUSTOMERS = "/record/v1/customer"


def grace(**more: Any) -> dict[str, Any]:
    return {
        "externalId": "shp-1-cust-9", "isPerson": True, "firstName": "Grace", "lastName": "Hopper",
        "entityId": "Grace Hopper (shp 9)", "email": "grace@example.com", "subsidiary": {"id": "1"},
        "addressBook": {"items": [{"label": "Home", "defaultBilling": True, "defaultShipping": True,
            "addressBookAddress": {"addressee": "Grace", "addr1": "1 Main St", "city": "Boston", "state": "MA",
                                   "zip": "02110", "country": {"id": "US"}}}]}, **more,
    }  # fmt: skip


def test_a_person_is_created_read_and_found(client: Client) -> None:
    number = client.create("customer", grace())
    doc = client.get("customer", "eid:shp-1-cust-9")
    assert (doc["id"], doc["currency"]["refName"], doc["altName"]) == (number, "USD", "Grace Hopper")
    assert doc["addressBook"]["items"][0]["addressBookAddress"]["city"] == "Boston"
    found = client.rows(
        "SELECT id, externalid, subsidiary, isperson FROM customer WHERE LOWER(email) = 'grace@example.com'"
    )
    assert found == [{"id": number, "externalid": "shp-1-cust-9", "subsidiary": "1", "isperson": "T"}]
    addresses = client.rows(
        "SELECT b.label, a.city, a.country FROM customeraddressbook b "
        f"JOIN customeraddressbookentityaddress a ON a.nkey = b.addressbookaddress WHERE b.entity = {number}"
    )
    assert addresses == [{"label": "Home", "city": "Boston", "country": "US"}]


def test_mandatory_fields_are_named(client: Client) -> None:
    body = {"isPerson": True, "lastName": "Hopper", "subsidiary": {"id": "1"}}
    assert detail(client.call("POST", CUSTOMERS, body))[2].endswith("Please enter value(s) for: First Name.")
    body = {"companyName": "Acme"}
    assert detail(client.call("POST", CUSTOMERS, body))[2].endswith(
        "Please enter value(s) for: Primary Subsidiary."
    )


def test_a_second_external_id_or_name_is_the_same_entity_already_exists(client: Client) -> None:
    client.create("customer", grace())
    sentence = "Error while accessing a resource. This entity already exists."
    for body in (
        grace(entityId="Other"),
        grace(externalId="other"),
        grace(externalId="o", entityId="ADA EXAMPLE"),
    ):
        assert detail(client.call("POST", CUSTOMERS, body)) == (400, "USER_ERROR", sentence)


def test_a_bad_address_on_the_web_rejects_the_whole_customer(client: Client) -> None:
    assert "Invalid URL" in detail(client.call("POST", CUSTOMERS, grace(url="example.com")))[2]
    assert client.rows("SELECT id FROM customer WHERE externalid = 'shp-1-cust-9'") == []


def test_a_patch_keeps_addresses_and_changes_what_is_sent(client: Client) -> None:
    number = client.create("customer", grace())
    assert (
        client.call("PATCH", f"{CUSTOMERS}/{number}", {"phone": "+1617", "isInactive": True}).status_code
        == 204
    )
    doc = client.get("customer", number)
    assert (doc["phone"], doc["isInactive"], len(doc["addressBook"]["items"])) == ("+1617", True, 1)


def test_seeded_customers_offer_the_awkward_cases(client: Client) -> None:
    rows = client.rows(
        "SELECT id, externalid, isinactive FROM customer WHERE id IN (2003, 2004, 2005, 2006) ORDER BY id"
    )
    assert [row["isinactive"] for row in rows] == ["F", "F", "T", "F"]
    assert rows[3]["externalid"] == "celigo-cust-77"
    twins = client.rows("SELECT id FROM customer WHERE LOWER(email) = 'twin@example.com'")
    assert len(twins) == 2


def test_lists_page_like_the_recorded_ones(client: Client) -> None:
    page = client.call("GET", f"{CUSTOMERS}?limit=2&offset=2").json()
    assert [link["rel"] for link in page["links"]] == ["previous", "first", "next", "last", "self"]
    assert (page["count"], page["hasMore"], page["offset"], page["totalResults"]) == (2, True, 2, 9)
    assert set(page["items"][0]) == {"links", "id"}
    hits = client.call("GET", f'{CUSTOMERS}?q=email START_WITH "ada"').json()
    assert [item["id"] for item in hits["items"]] == ["2002"]
    assert client.call("GET", f"{CUSTOMERS}?limit=2&offset=3").status_code == 400

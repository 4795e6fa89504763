"""Field mappings through their pages: tried beside the form, published with a look at the newest orders, rolled back.
Both systems answer over HTTP; nothing is written before an order is imported."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from mappings.field_sets import FieldMappingSet
from mappings.field_versions import current_of, draft_of, rules_in_use, start_draft
from syncflows.models import Attempt, Sync
from syncflows.pipeline.run import drain
from syncflows.pipeline.staging import discover
from tests.admin_setup.field_posts import NOTE, posted
from tests.journeys.test_field_mappings import mapping, record, use
from tests.journeys.world import World

POINTS = {"name": "Points", "target": "header:custbody_points", "fact": "order.total"}
ENGRAVING = {
    "name": "Engraving",
    "target": "line:custcol_engraving",
    "fact": "line.sku",
    "transforms": "prefix 'SKU '",
}


@pytest.fixture
def boss(world: World) -> Client:
    client = Client()
    client.force_login(User.objects.create_superuser("boss", "boss@example.com", "a long enough word"))
    return client


def page(version: FieldMappingSet, name: str = "change") -> str:
    return reverse(f"admin:mappings_fieldmappingset_{name}", args=[version.pk])


def pane(boss: Client, draft: FieldMappingSet, order: str, *rows: dict[str, Any]) -> Any:
    answer = boss.post(page(draft, "preview"), posted(*rows, order=order))
    assert answer.status_code == 200
    return answer


def changed(answer: Any) -> dict[str, list[tuple[str, str, str]]]:
    """Fields that differ from the published version, by part."""
    return {
        part.title: [(row.name, row.before, row.after) for row in part.rows if row.changed]
        for part in answer.context["parts"]
        if any(row.changed for row in part.rows)
    }


def test_the_preview_shows_a_real_order_field_by_field_and_writes_nothing(world: World, boss: Client) -> None:
    shop = world.shops["demo-store"]
    _, name = world.buy({"TEE": 2, "MUG": 1}, code="SAVE10")
    discover(shop)
    use(shop, [mapping("Points", "custbody_points", "1", source_kind="fixed", target_type="number")])
    draft = start_draft(shop, None)
    before = FieldMappingSet.objects.values_list("pk", "revision", "changed_at")
    stored = list(before)

    answer = pane(boss, draft, name, POINTS, ENGRAVING, {**NOTE, "fact": "order.channel"})
    text = answer.content.decode()
    assert "It ties out. 4 fields differ from the published mappings." in text
    assert changed(answer) == {
        "Order": [("custbody_points", "1", "69.27"), ("custbody_gift_message", "", "Online Store")],
        "Line 1: T-shirt": [("custcol_engraving", "", "SKU TEE")],
        "Line 3: Mug": [("custcol_engraving", "", "SKU MUG")],
    }
    total = next(row for row in answer.context["components"] if row.is_total)
    assert (total.shopify, total.document, total.differs) == ("69.27", "69.27", False)
    order = {row.name: row.after for row in answer.context["parts"][0].rows}
    assert (order["externalId"], order["otherRefNum"], order["memo"]) == (
        f"shp-demo-store-so-{world.names()[name]}", name, f"Shopify order {name}",
    )  # fmt: skip

    assert world.books.count() == 0
    assert list(before.all()) == stored
    assert draft.rows.count() == 1
    assert not Attempt.objects.exists()
    assert Sync.objects.get(name=name).state == "pending"


def test_the_preview_says_why_an_order_would_stop(world: World, boss: Client) -> None:
    _, name = world.buy({"TEE": 1})
    discover(world.shops["demo-store"])
    draft = start_draft(world.shops["demo-store"], None)
    failing = {**POINTS, "fact": "order.channel"}
    text = pane(boss, draft, name.lstrip("#"), failing).content.decode()
    assert "custbody_points cannot take &#x27;Online Store&#x27;: the field takes a number." in text
    assert "With the published mappings this order could be written." in text
    wrong = pane(boss, draft, name, {**POINTS, "source_kind": "expression", "expression": "order.["})
    assert "Points: Expression: The expression" in wrong.content.decode()
    assert "Choose one of the shop" in pane(boss, draft, "#9", POINTS).content.decode()


def test_publishing_shows_which_of_the_newest_orders_would_stop_and_asks(world: World, boss: Client) -> None:
    shop = world.shops["demo-store"]
    names = [world.buy({sku: 1})[1] for sku in ("TEE", "MUG")]
    world.run()
    draft = start_draft(shop, None)
    only_tee = {
        "name": "Pieces", "target": "header:custbody_points", "fact": "order.total", "lookup_kind": "table",
        "table": f"{world.document(names[0]).total} = 7",
    }  # fmt: skip
    assert boss.post(page(draft), posted(only_tee)).status_code == 302
    answer = boss.get(page(draft, "publish"))
    text = answer.content.decode()
    assert "1 of 2 orders tie out; 1 would stop, 1 of them because of these mappings." in text
    assert (answer.context["ties"], answer.context["tried"], answer.context["newly"]) == (1, 2, 1)
    ((one, cause),) = answer.context["failing"]
    assert (one.sync.name, cause.title) == (names[1], "Value is not in the table of a field mapping")

    refused = boss.post(page(draft, "publish"), {"reason": "Pieces are wanted", "revision": 2})
    assert "Look at the orders that would stop, then tick this." in refused.content.decode()
    assert current_of(shop) is None
    unsaid = boss.post(page(draft, "publish"), {"confirm": "on", "revision": 2})
    assert "Say why." in unsaid.content.decode()
    stale = boss.post(page(draft, "publish"), {"reason": "x", "confirm": "on", "revision": 1})
    assert (stale.status_code, current_of(shop)) == (302, None)
    done = boss.post(page(draft, "publish"), {"reason": "Pieces are wanted", "confirm": "on", "revision": 2})
    assert done.status_code == 302
    current = current_of(shop)
    assert current is not None
    assert (current.number, current.reason, str(current.published_by)) == (1, "Pieces are wanted", "boss")
    assert world.books.count() == 2


def test_edit_publish_import_roll_back_import(world: World, boss: Client) -> None:
    shop = world.shops["demo-store"]
    draft = start_draft(shop, None)
    boss.post(page(draft), posted(POINTS))
    boss.post(page(draft, "publish"), {"reason": "first", "revision": 2})
    first = current_of(shop)
    assert first is not None
    draft = start_draft(shop, None)
    boss.post(page(draft), posted({**NOTE, "source_kind": "fixed", "fixed": "Thank you"}))
    boss.post(page(draft, "publish"), {"reason": "second", "revision": 2})
    assert draft_of(shop) is None
    _, one = world.buy({"TEE": 1})
    world.run()
    body = record(world, one)
    assert (body.get("custbody_points"), body["custbody_gift_message"]) == (None, "Thank you")

    text = boss.get(page(first, "publish")).content.decode()
    assert "Publish version 1 of Demo Store again" in text
    assert "1 of 1 order ties out." in text
    assert (
        boss.post(page(first, "publish"), {"reason": "back", "revision": first.revision}).status_code == 302
    )
    current = current_of(shop)
    assert current is not None
    assert (current.number, current.copied_from, current.reason) == (3, 1, "back")
    assert [rule.name for rule in rules_in_use(shop)] == ["Points"]
    _, two = world.buy({"TEE": 1})
    world.run()
    body = record(world, two)
    assert (body["custbody_points"], body.get("custbody_gift_message")) == (Decimal("33.01"), None)


def test_orders_a_mapping_stopped_are_retried_from_the_list_once_it_is_mended(
    world: World, boss: Client
) -> None:
    shop = world.shops["demo-store"]
    use(shop, [mapping("Points", "custbody_points", "order.channel", target_type="number")])
    _, name = world.buy({"TEE": 1})
    world.run()
    assert world.outcome(name) == ("blocked", "FIELD_VALUE")
    use(shop, [mapping("Points", "custbody_points", "order.total", target_type="number")])
    boss.post(reverse("admin:mappings_fieldmappingset_retry_waiting"), {"_form_submitted": "True"})
    drain(seconds=60)
    assert world.outcome(name) == ("done", "")
    assert Sync.objects.get(name=name).actions.get().user == User.objects.get(username="boss")


def test_the_erp_s_fields_are_read_again_from_the_page(world: World, boss: Client) -> None:
    draft = start_draft(world.shops["demo-store"], None)

    def offered() -> list[str]:
        rows = boss.get(page(draft)).context["rows"]
        groups = dict(rows.empty_form.fields["target"].choices)
        return [value for value, _ in groups["Order"]][:2]

    assert offered() == ["header:custbody_deliver_by", "header:custbody_gift_message"]
    world.account(custom_fields=["custbody_a_new_one:date"])
    assert boss.get(page(draft, "fields")).status_code == 403
    assert boss.post(page(draft, "fields")).status_code == 302
    assert offered()[0] == "header:custbody_a_new_one"

"""Two people who say different things about one order: both systems have what one of them said, and only that."""

from __future__ import annotations

import pytest

from mappings.models import RecordLink
from syncflows.models import Action, OrderOverrides, OrderRules
from syncflows.pipeline.run import drain
from tests.colleagues import at_once, colleague
from tests.journeys.test_customers import ADA, entity, links
from tests.journeys.test_linking import by_hand
from tests.journeys.world import World


@pytest.mark.pg
@pytest.mark.parametrize("scope", ["order", "buyer"])
def test_two_customers_assigned_at_once_are_one(world: World, scope: str) -> None:
    world.run()
    other = world.books.create("customer", {
        "isPerson": True, "firstName": "Ada", "lastName": "Second", "email": "ADA@example.com",
        "subsidiary": {"id": "1"}, "entityId": "Ada Second",
    })  # fmt: skip
    _, name = world.buy({"CAP": 1})
    world.run()
    sync = world.sync(name)
    olga, piet = colleague("olga", sync), colleague("piet", sync)
    meant = {"olga": ADA, "piet": other}
    people = []
    for one in (olga, piet):
        one.open("assign_customer")
        people.append((one, one.fill_in(candidate=meant[one.name], scope=scope)))
    told = dict(zip(meant, at_once(*people), strict=True))
    (deed,) = Action.objects.all()
    winner = str(deed.user)
    loser = next(each for each in meant if each != winner)
    assert told[winner].startswith(f"Customer of order {name}:")
    assert told[loser].startswith(f"Nothing was done to order {name}: {winner} chose 'Assign customer'")
    assert deed.details["customer"] == meant[winner]
    if scope == "order":
        assert OrderOverrides.objects.get().customer_id == meant[winner]
        assert links() == []
    else:
        assert [erp_id for _, _, erp_id in links()] == [meant[winner]]
        assert not OrderOverrides.objects.exists()
    drain(seconds=30)
    assert world.outcome(name) == ("done", "")
    assert entity(world, name) == meant[winner]


@pytest.mark.pg
def test_two_documents_linked_at_once_are_one(world: World) -> None:
    OrderRules.objects.update(automatic=False)
    _, name = world.buy({"CAP": 1})
    world.run()
    sync = world.sync(name)
    total = str(sync.order.total.normalize())
    olga, piet = colleague("olga", sync), colleague("piet", sync)
    people = []
    for one in (olga, piet):
        one.open("link")
        people.append((one, one.fill_in(number=by_hand(world, total))))
    told = at_once(*people)
    (deed,) = Action.objects.filter(state="done")
    won = ("olga", "piet").index(str(deed.user))
    number = people[won][1]["number"]
    assert told[won] == f"Order {name} was linked to {number}."
    assert f"{deed.user} " in told[1 - won]
    assert "Link to document" in told[1 - won]
    assert Action.objects.count() == 1
    link = RecordLink.objects.get(kind="sales_order")
    assert link.erp_number == number
    drain(seconds=30)
    assert (world.outcome(name), world.books.count()) == (("done", ""), 2)


def test_who_wants_to_unlink_what_was_linked_anew_is_told(world: World) -> None:
    """Piet looks at the document the hub wrote; before he presses, Olga has put another one in its place."""
    _, name = world.buy({"CAP": 1})
    world.run()
    sync = world.sync(name)
    olga, piet = colleague("olga", sync), colleague("piet", sync)
    piet.open("unlink")
    olga.open("unlink")
    olga.send()
    olga.open("link")
    number = by_hand(world, str(sync.order.total.normalize()))
    assert olga.send(**olga.fill_in(number=number)) == f"Order {name} was linked to {number}."
    assert "olga chose 'Link to document' (olga says so)" in piet.send()
    drain(seconds=30)
    assert world.outcome(name) == ("done", "")
    link = RecordLink.objects.get(kind="sales_order", unlinked_at=None)
    assert link.erp_number == number
    assert [(deed.kind, str(deed.user)) for deed in Action.objects.order_by("pk")] == [
        ("unlink", "olga"), ("link", "olga"),
    ]  # fmt: skip

"""The shop's rules: what stays out stays out, what is held waits, and both can change their mind."""

from __future__ import annotations

from typing import Any

import pytest

from sandbox.shopify.seeding import demo_orders
from syncflows import actions
from syncflows.models import Action, OrderRules, Sync
from syncflows.pipeline.run import drain
from syncflows.states import Hold, State
from tests.journeys.world import STORE, World


def import_now(name: str) -> None:
    assert actions.import_now(None, Sync.objects.filter(name=name), "A person says so") == 1
    drain(seconds=60)


@pytest.mark.parametrize(
    ("name", "rules", "code"),
    [
        ("#1019", {}, "TEST_ORDER"),
        ("#1020", {}, "CANCELLED"),
        ("#1021", {}, "CANCELLED"),
        ("#1041", {}, "UNCONFIRMED"),
        ("#1040", {"archived_orders": "exclude"}, "ARCHIVED"),
        ("#1025", {"refunded_orders": "exclude"}, "REFUNDED_EXCLUDED"),
        ("#1048", {"refunded_orders": "exclude"}, "REFUNDED_EXCLUDED"),
    ],
)
def test_an_order_a_rule_leaves_out_stays_out(
    world: World, name: str, rules: dict[str, str], code: str
) -> None:
    OrderRules.objects.update(**rules)
    world.place(name, "#1005")
    world.run()
    assert world.outcome(name) == ("skipped", code)
    assert name in world.sync(name).reason
    world.again()
    world.do(world.names()[name], "note", note="changed")
    world.run()
    assert world.outcome(name) == ("skipped", code)
    assert world.outcome("#1005") == ("done", "")
    assert world.books.count() == 1


@pytest.mark.parametrize(
    ("name", "rules", "held"),
    [
        ("#1030", {"unpaid_orders": "hold"}, ("pending", "UNPAID")),
        ("#1029", {"unpaid_orders": "hold"}, ("pending", "UNPAID")),
        ("#1028", {"fulfilled_orders": "hold"}, ("blocked", "ALREADY_FULFILLED")),
        ("#1027", {"fulfilled_orders": "hold"}, ("blocked", "ALREADY_FULFILLED")),
        ("#1036", {"high_risk_orders": "hold"}, ("blocked", "HIGH_RISK")),
    ],
)
def test_an_order_a_rule_holds_waits_for_a_person_and_is_then_written_for_approval(
    world: World, name: str, rules: dict[str, str], held: tuple[str, str]
) -> None:
    OrderRules.objects.update(**rules)
    world.place(name)
    world.run()
    world.again()
    assert world.outcome(name) == held
    assert world.books.count() == 0
    import_now(name)
    assert world.outcome(name) == ("done", "")
    assert world.document(name).status == "A"
    assert "waits for approval" in " ".join(world.sync(name).warnings)
    world.again()
    assert world.books.count() == 1


def test_a_cancelled_order_that_is_held_cannot_be_imported_but_excluded(world: World) -> None:
    OrderRules.objects.update(cancelled_orders="hold")
    world.place("#1020")
    world.run()
    assert world.outcome("#1020") == ("blocked", "CANCELLED_HELD")
    import_now("#1020")
    assert world.outcome("#1020") == ("blocked", "CANCELLED_HELD")
    actions.exclude(None, Sync.objects.filter(name="#1020"), "Cancelled")
    world.again()
    assert world.outcome("#1020") == ("skipped", "EXCLUDED_BY_PERSON")
    assert world.books.count() == 0


def test_an_unpaid_order_that_is_held_comes_in_by_itself_when_it_is_paid(world: World) -> None:
    OrderRules.objects.update(unpaid_orders="hold")
    order_id, name = world.buy({"CAP": 1}, pay="pending")
    world.run()
    assert (*world.outcome(name), world.sync(name).hold) == ("pending", "UNPAID", Hold.PAYMENT)
    world.do(order_id, "pay")
    world.run()
    assert world.outcome(name) == ("done", "")
    assert world.document(name).status == "B"


@pytest.mark.parametrize(
    ("name", "rules"),
    [
        ("#1036", {"high_risk_orders": "review"}),
        ("#1030", {"unpaid_orders": "review"}),
        ("#1005", {"approve_documents": False}),
    ],
)
def test_review_means_written_but_not_approved(world: World, name: str, rules: dict[str, Any]) -> None:
    OrderRules.objects.update(**rules)
    world.place(name)
    world.run()
    assert world.outcome(name) == ("done", "")
    assert world.document(name).status == "A"


@pytest.mark.parametrize(
    ("name", "rules"), [("#1036", {"high_risk_orders": "import"}), ("#1027", {"fulfilled_orders": "import"})]
)
def test_import_means_written_and_approved(world: World, name: str, rules: dict[str, Any]) -> None:
    OrderRules.objects.update(**rules)
    world.place(name)
    world.run()
    assert world.document(name).status == "B"


def test_a_test_order_comes_in_when_the_rule_changes_and_a_person_retries(world: World) -> None:
    world.place("#1019")
    world.run()
    OrderRules.objects.update(test_orders="import")
    world.run()
    actions.retry(None, Sync.objects.filter(name="#1019"))
    drain(seconds=60)
    assert world.outcome("#1019") == ("done", "")
    assert world.books.count() == 1


def test_an_unconfirmed_order_comes_in_by_itself_once_it_is_confirmed(world: World) -> None:
    world.place("#1041")
    world.run()
    assert world.outcome("#1041") == ("skipped", "UNCONFIRMED")
    (order,) = [each for each in demo_orders(STORE) if each["name"] == "#1041"]
    world.pour([{**order, "confirmed": True}])
    world.run()
    assert world.outcome("#1041") == ("done", "")


def test_what_a_person_excluded_stays_out_until_a_person_takes_it_back(world: World) -> None:
    world.place("#1037", "#1005")
    world.run()
    with pytest.raises(ValueError, match="Say why"):
        actions.exclude(None, Sync.objects.filter(name="#1037"), " ")
    actions.exclude(None, Sync.objects.filter(name="#1037"), "Booked by hand")
    assert actions.exclude(None, Sync.objects.filter(name="#1005"), "Too late") == 0
    world.do(world.names()["#1037"], "note", note="changed")
    world.run()
    world.again()
    sync = world.sync("#1037")
    assert (sync.state, sync.reason_code, sync.reason) == ("skipped", "EXCLUDED_BY_PERSON", "Booked by hand")
    assert world.books.count() == 1
    assert [row.reason for row in Action.objects.filter(kind="exclude")] == ["Booked by hand"]
    import_now("#1037")
    assert world.outcome("#1037") == ("blocked", "UNKNOWN_SKU")


def test_in_review_mode_orders_wait_and_only_the_chosen_ones_are_written(world: World) -> None:
    OrderRules.objects.update(automatic=False)
    world.place("#1001", "#1005", "#1006")
    world.run()
    assert set(Sync.objects.values_list("state", "hold")) == {(State.PENDING, Hold.REVIEW)}
    world.do(world.names()["#1005"], "note", note="changed")
    world.again()
    assert world.books.count() == 0
    import_now("#1001")
    assert world.outcome("#1001") == ("done", "")
    assert world.document("#1001").status == "B"
    assert world.books.count() == 1

    OrderRules.objects.update(automatic=True)
    world.place("#1007")
    world.again()
    assert world.outcome("#1007") == ("done", "")
    assert {name: world.sync(name).hold for name in ("#1005", "#1006")} == {
        "#1005": Hold.REVIEW,
        "#1006": Hold.REVIEW,
    }
    assert world.books.count() == 2


def test_orders_from_before_the_first_day_are_left_alone(world: World) -> None:
    OrderRules.objects.update(import_since="2026-11-03T00:00:00Z")
    world.place("#1001", "#1005")
    assert world.run().seen == 1
    assert list(Sync.objects.values_list("name", flat=True)) == ["#1005"]
    assert world.books.count() == 1

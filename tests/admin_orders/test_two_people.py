"""Two people at one order: one of them is told what the other did, nothing is half done, and the audit tells both."""

from __future__ import annotations

import threading
from dataclasses import dataclass

import pytest
from django.db import connections

from common.narrow import known
from erps.models import ReferenceRecord
from mappings.models import RecordLink
from shops.models import Shop
from syncflows.actions.action import Ask
from syncflows.actions.performing import perform
from syncflows.actions.registry import action_of
from syncflows.models import Action, OrderOverrides, Sync, Wish, WrittenDocument
from syncflows.models.overrides import chosen_for
from tests.colleagues import at_once, colleague
from tests.factories import NOON, blocked, make_person, stage, written


def places(shop: Shop) -> None:
    """Two locations and two ship methods to choose from."""
    for kind in ("location", "ship_method"):
        for number, name in (("4", "East"), ("5", "West")):
            ReferenceRecord.objects.create(
                connection=known(shop.erp_connection), kind=kind, erp_id=number, name=name, fetched_at=NOON
            )


def changed(shop: Shop) -> Sync:
    """A written order about whose change a person is asked."""
    sync = written(shop, 1)
    Sync.objects.filter(pk=sync.pk).update(state="blocked", reason_code="ORDER_CHANGED", reason="Changed.")
    WrittenDocument.objects.create(
        link=RecordLink.objects.get(), order=b"", content_hash="ab", sent=WrittenDocument.pack({"body": {}}),
        stage="open", token="as shown", changes=[],
    )  # fmt: skip
    sync.refresh_from_db()
    return sync


@dataclass(frozen=True, slots=True)
class Pair:
    """What two people do, and how the order stands when only the one or only the other did it."""

    first: str
    second: str
    after_first: str
    after_second: str


PAIRS = [
    Pair("hold", "import", "pending manual False", "pending  True"),
    Pair("exclude", "import", "skipped  False", "pending  True"),
    Pair("release", "exclude", "pending  False", "skipped  False"),
]


def stands(sync: Sync) -> str:
    sync.refresh_from_db()
    return f"{sync.state} {sync.hold} {sync.released}"


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: f"{pair.first} and {pair.second}")
def test_who_decides_by_an_old_dialog_is_told_what_somebody_did_since(shop: Shop, pair: Pair) -> None:
    sync = stage(shop, 1, hold="manual") if pair.first == "release" else blocked(shop, 1)
    olga, piet = colleague("olga", sync), colleague("piet", sync)
    olga.open(pair.second)
    piet.open(pair.first)
    piet.send()
    told = olga.send()
    label = action_of(pair.first).label
    assert told == (
        f"Nothing was done to order #1: piet chose '{label}' (piet says so) after you opened the dialog. "
        "Look at the order as it is now, and choose again if you still want it."
    )
    assert stands(sync) == pair.after_first
    assert [(deed.kind, str(deed.user)) for deed in Action.objects.all()] == [(pair.first, "piet")]
    # Having seen it, she may.
    olga.open(pair.second)
    olga.send()
    assert stands(sync) == pair.after_second
    assert [str(deed.user) for deed in Action.objects.order_by("pk")] == ["piet", "olga"]


def test_a_note_keeps_nobody_from_deciding(shop: Shop) -> None:
    sync = blocked(shop, 1)
    olga, piet = colleague("olga", sync), colleague("piet", sync)
    olga.open("exclude")
    piet.open("note")
    piet.send()
    assert olga.send() == "1 order excluded."


def test_what_is_not_possible_any_more_says_how_the_order_stands_and_who_did_it(shop: Shop) -> None:
    sync = blocked(shop, 1)
    olga, piet = colleague("olga", sync), colleague("piet", sync)
    piet.open("exclude")
    piet.send()
    olga.open("hold")  # from a page that was opened before
    assert olga.send() == "Not touched: 1 order (#1 is excluded; piet chose 'Exclude' (piet says so))."
    assert Action.objects.count() == 1


@pytest.mark.parametrize("kind", ["location", "ship_method"])
def test_one_place_is_chosen_and_the_other_person_hears_of_it(shop: Shop, kind: str) -> None:
    places(shop)
    sync = blocked(shop, 1)
    olga, piet = colleague("olga", sync), colleague("piet", sync)
    olga.open(kind)
    piet.open(kind)
    piet.send(record="5")
    assert "piet chose 'Change" in olga.send(record="4")
    assert getattr(OrderOverrides.objects.get(), f"{kind}_name") == "West"


def test_each_choice_stands_under_the_name_of_who_made_it(shop: Shop) -> None:
    places(shop)
    sync = blocked(shop, 1)
    olga, piet = colleague("olga", sync), colleague("piet", sync)
    olga.open("location")
    olga.send(record="4")
    piet.open("ship_method")
    piet.send(record="5")
    chosen = chosen_for([sync])[sync.source_id]
    assert (chosen.location_by, chosen.ship_method_by) == ("olga", "piet")
    page = olga.client.get(f"/admin/syncflows/order/{sync.pk}/change/")
    assert page.context["chosen"] == [
        ("Location", "East", "olga", "olga says so"), ("Ship method", "West", "piet", "piet says so"),
    ]  # fmt: skip
    assert 'West <span class="hub-quiet">by piet: <bdi>piet says so</bdi></span>' in page.content.decode()


def test_a_change_is_answered_once(shop: Shop) -> None:
    sync = changed(shop)
    rows = Sync.objects.filter(pk=sync.pk)
    first = perform(action_of("keep_document"), rows, Ask(make_person("piet"), "We mended it"))
    second = perform(action_of("apply_change"), rows, Ask(make_person("olga"), "As ordered"))
    assert (first.reached, second.reached) == ([sync.pk], [])
    assert second.texts == {sync.pk: "Order #1 was answered already: Keep the document as it is."}
    assert WrittenDocument.objects.get().wish == Wish.KEEP
    assert [deed.kind for deed in Action.objects.all()] == ["keep_document"]


# ------------------------------------------------------------------------------------------- at the same moment


@pytest.mark.pg
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "pair",
    [
        *PAIRS,
        Pair("exclude", "hold", "skipped  False", "pending manual False"),
        Pair("location", "location", "4", "5"),
        Pair("ship_method", "ship_method", "4", "5"),
        Pair("unlink", "reimport", "skipped  False", "pending  False"),
    ],
    ids=lambda pair: f"{pair.first} and {pair.second}",
)
def test_of_two_who_press_at_once_one_wins_and_the_other_is_told(shop: Shop, pair: Pair) -> None:
    places(shop)
    sync = {"release": lambda: stage(shop, 1, hold="manual"), "unlink": lambda: written(shop, 1)}.get(
        pair.first, lambda: blocked(shop, 1)
    )()
    olga, piet = colleague("olga", sync), colleague("piet", sync)
    piet.open(pair.first)
    olga.open(pair.second)
    choice = pair.first in ("location", "ship_method")
    told = at_once((piet, {"record": "4"} if choice else {}), (olga, {"record": "5"} if choice else {}))
    (deed,) = Action.objects.all()
    won = 0 if str(deed.user) == "piet" else 1
    assert "Nothing was done to order #1" in told[1 - won], told
    assert f"#1: {deed.user} chose" in told[1 - won]
    assert "Nothing was done" not in told[won]
    wanted = (pair.after_first, pair.after_second)[won]
    if choice:
        assert getattr(OrderOverrides.objects.get(), f"{pair.first}_id") == wanted
    else:
        assert stands(sync) == wanted
    assert (RecordLink.objects.filter(unlinked_at=None).count() == 0) is (pair.first != "unlink" or won == 0)


@pytest.mark.pg
@pytest.mark.django_db(transaction=True)
def test_keep_and_apply_at_once_are_one_answer(shop: Shop) -> None:
    """Without a dialog, as the command line does it: no form protects them."""
    sync = changed(shop)
    people = [(make_person("piet"), "keep_document"), (make_person("olga"), "apply_change")]
    together = threading.Barrier(2)
    reached: list[str] = []

    def answer(number: int) -> None:
        user, kind = people[number]
        try:
            together.wait()
            if perform(action_of(kind), Sync.objects.filter(pk=sync.pk), Ask(user, "Seen")).reached:
                reached.append(kind)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=answer, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (deed,) = Action.objects.all()
    assert [deed.kind] == reached
    wish = Wish.KEEP if reached == ["keep_document"] else Wish.APPLY
    assert WrittenDocument.objects.get().wish == wish

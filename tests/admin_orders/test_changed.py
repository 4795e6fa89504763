"""The page of an order that changed after it was written: what changed, and what a person can answer."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.test import Client

from canonical.changes import Change, ChangeKind
from common.narrow import known
from mappings.models import RecordLink
from shops.models import Shop
from syncflows.models import Action, Sync, Wish, WrittenDocument
from syncflows.models.written import stored
from tests.factories import blocked, make_person

MORE = Change(
    kind=ChangeKind.QUANTITY_UP, what="Cotton tee", before="2", after="3", amount=Decimal("27.06"), currency="USD"
)  # fmt: skip
CITY = Change(kind=ChangeKind.ADDRESS, what="Ship to: city", before="Boston", after="<b>Rome</b>")
NEW_BUYER = Change(kind=ChangeKind.CUSTOMER, what="Customer", before="Ada", after="Eve")


def changed(shop: Shop, *changes: Change, stage: str = "open", **values: object) -> Sync:
    """An order of which a person is asked what to do with SO10001."""
    sync = blocked(shop, 1, code="ORDER_CHANGED", value="", reason="Order #1 was changed in Shopify.")
    link = RecordLink.objects.create(
        shop=shop, connection=known(shop.erp_connection), kind="sales_order", source_id=sync.source_id,
        external_id="shp-demo-so-1", erp_id="91001", erp_number="SO10001", total=Decimal("69.27"), currency="USD",
    )  # fmt: skip
    given = {
        "changes": stored(changes or (MORE, CITY)), "token": "now",
        "sent": WrittenDocument.pack({"body": {}, "lines": []}), **values,
    }  # fmt: skip
    WrittenDocument.objects.create(link=link, order=b"", content_hash="x", stage=stage, **given)
    return sync


def page(client: Client, sync: Sync) -> str:
    return unescape(client.get(f"/admin/syncflows/order/{sync.pk}/change/").content.decode())


def offered(text: str) -> set[str]:
    return {kind for kind in ("apply_change", "keep_document", "recreate") if f"/{kind}/" in text}


def submit(client: Client, sync: Sync, kind: str, **values: str) -> None:
    url = f"/admin/syncflows/order/{sync.pk}/{kind}/"
    answer = client.post(url, {"_form_submitted": "True", "reason": "agreed with finance", **values})
    assert answer.status_code == 200


def test_the_page_shows_before_after_and_money(as_operator: Client, shop: Shop) -> None:
    sync = changed(shop)
    raw = as_operator.get(f"/admin/syncflows/order/{sync.pk}/change/").content.decode()
    text = unescape(raw)
    assert "Changed since SO10001 was written" in text
    assert "the document was open" in text
    assert "Quantity raised" in text
    assert text.count("+27.06") == 2  # the change and the difference of the total
    assert "Boston" in text
    assert "<b>Rome</b>" not in raw
    assert offered(text) == {"apply_change", "keep_document", "recreate"}


@pytest.mark.parametrize(
    ("changes", "stage", "buttons"),
    [
        ((MORE,), "partly", {"apply_change", "keep_document"}),
        ((MORE, CITY), "partly", {"keep_document"}),
        ((MORE,), "billed", {"apply_change", "keep_document"}),
        ((MORE, CITY), "billed", {"keep_document"}),
        ((MORE,), "closed", {"keep_document", "recreate"}),
        ((MORE,), "missing", {"keep_document", "recreate"}),
        ((MORE, NEW_BUYER), "open", {"keep_document", "recreate"}),
    ],
)
def test_only_what_the_stage_allows_is_offered(
    as_operator: Client, shop: Shop, changes: tuple[Change, ...], stage: str, buttons: set[str]
) -> None:
    assert offered(page(as_operator, changed(shop, *changes, stage=stage))) == buttons


def test_a_document_typed_by_hand_is_not_amended(as_operator: Client, shop: Shop) -> None:
    assert offered(page(as_operator, changed(shop, sent=b""))) == {"keep_document", "recreate"}


@pytest.mark.parametrize(
    ("kind", "values", "wish"),
    [
        ("apply_change", {"shown": "now"}, Wish.APPLY),
        ("keep_document", {}, Wish.KEEP),
        ("recreate", {"close_old": "on"}, Wish.RECREATE_CLOSING),
        ("recreate", {}, Wish.RECREATE),
    ],
)
def test_an_answer_is_kept_for_the_next_run_with_name_and_reason(
    as_operator: Client, shop: Shop, kind: str, values: dict[str, str], wish: Wish
) -> None:
    sync = changed(shop)
    submit(as_operator, sync, kind, **values)
    sync.refresh_from_db()
    assert (WrittenDocument.objects.get().wish, sync.state) == (wish, "pending")
    entry = Action.objects.get()
    assert (entry.kind, entry.reason) == (kind, "agreed with finance")
    assert entry.user is not None
    assert entry.details["changes"][0] == "Quantity raised: Cotton tee 2 → 3 (+27.06 USD)"


def test_apply_shows_what_will_be_changed_before_it_is_done(as_operator: Client, shop: Shop) -> None:
    sync = changed(shop)
    url = f"/admin/syncflows/order/{sync.pk}/apply_change/"
    answer = as_operator.post(url, {"_form_submitted": "True", "reason": "x"})
    text = unescape(answer.content.decode())
    assert "Quantity raised: Cotton tee 2 → 3 (+27.06 USD)" in text
    assert "SO10001 comes to 69.27 USD now and to 96.33 USD then." in text
    assert WrittenDocument.objects.get().wish == ""
    submit(as_operator, sync, "apply_change", shown="what was shown before")
    assert WrittenDocument.objects.get().wish == ""


@pytest.mark.parametrize(
    ("stage", "words"),
    [("partly", "27.06 USD goes on new lines."), ("billed", "27.06 USD goes on a further document.")],
)
def test_apply_says_what_becomes_of_value_at_a_later_stage(
    as_operator: Client, shop: Shop, stage: str, words: str
) -> None:
    less = replace(MORE, kind=ChangeKind.QUANTITY_DOWN, amount=Decimal("-12.30"))
    sync = changed(shop, MORE, less, stage=stage)
    url = f"/admin/syncflows/order/{sync.pk}/apply_change/"
    text = unescape(as_operator.post(url, {"_form_submitted": "True", "reason": "x"}).content.decode())
    assert "and to 84.03 USD then." in text  # 69.27 + 27.06 - 12.30
    assert "12.30 USD is credited from its invoice, or closed where it was not billed." in text
    assert words in text


def test_an_answer_needs_a_reason_and_changes_nothing_without(as_operator: Client, shop: Shop) -> None:
    sync = changed(shop)
    submit(as_operator, sync, "apply_change", reason=" ")
    sync.refresh_from_db()
    assert (WrittenDocument.objects.get().wish, sync.state) == ("", "blocked")
    assert not Action.objects.exists()


def test_who_may_not_answer_is_not_offered_and_refused(shop: Shop) -> None:
    sync = changed(shop)
    support: User = make_person("sue", "view_order", "retry_order")
    client = Client()
    client.force_login(support)
    assert offered(page(client, sync)) == set()
    answer = client.post(
        f"/admin/syncflows/order/{sync.pk}/apply_change/", {"_form_submitted": "True", "reason": "x"}
    )
    assert answer.status_code in (302, 403)
    assert WrittenDocument.objects.get().wish == ""


def test_what_was_kept_stays_visible(as_operator: Client, shop: Shop) -> None:
    sync = changed(shop, changes=[], token="", kept=stored([MORE]))
    Sync.objects.filter(pk=sync.pk).update(state="done", reason_code="", reason="")
    text = page(as_operator, sync)
    assert "Left as it is in SO10001" in text
    assert "+27.06" in text
    assert offered(text) == set()

"""The pages of field mappings: who may do what, drafts, versions, comparison, two people at one draft."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from common.causes import cause
from erps.models import ErpConnection, ReferenceKind, ReferenceRecord
from mappings.field_sets import FieldMapping, FieldMappingSet
from mappings.field_versions import (
    ChangedMeanwhile,
    compare,
    copies,
    draft_of,
    publish,
    publish_again,
    rules_in_use,
    save_draft,
    start_draft,
)
from shops.models import Shop
from syncflows.admin.deep_links import fix_url
from tests.admin_setup.conftest import AT
from tests.admin_setup.field_posts import NOTE, posted

LIST = "admin:mappings_fieldmappingset_changelist"


@pytest.fixture
def fields(connection: ErpConnection) -> None:
    """The ERP's fields as a refresh leaves them."""
    for kind, name, type_ in (
        (ReferenceKind.ORDER_FIELD, "custbody_gift_message", "text"),
        (ReferenceKind.ORDER_FIELD, "custbody_points", "number"),
        (ReferenceKind.ORDER_FIELD, "custbody_shp_order_id", "text"),
        (ReferenceKind.LINE_FIELD, "custcol_engraving", "text"),
        (ReferenceKind.CUSTOMER_FIELD, "custentity_vip", "checkbox"),
    ):
        ReferenceRecord.objects.create(
            connection=connection, kind=kind, erp_id=name, name=name, fetched_at=AT,
            extra={"type": type_, "custom": "T"},
        )  # fmt: skip


@pytest.fixture
def fielded(shop: Shop, fields: None) -> Shop:
    """The shop, its ERP's fields known."""
    return shop


def page(version: FieldMappingSet, name: str = "change") -> str:
    return reverse(f"admin:mappings_fieldmappingset_{name}", args=[version.pk])


def row(name: str = "Note", **values: Any) -> FieldMapping:
    given = {"level": "header", "target": "custbody_gift_message", "source": "order.note"}
    return FieldMapping(name=name, **{**given, **values})


def in_use(shop: Shop, *rows: FieldMapping) -> FieldMappingSet:
    draft = start_draft(shop, None)
    draft = save_draft(draft, draft.revision, rows, None)
    return publish(draft, draft.revision, None, "because")


# -------------------------------------------------------------------------------------------------- versions


def test_a_draft_counts_once_it_is_published_and_later_ones_begin_from_it(shop: Shop) -> None:
    draft = start_draft(shop, None)
    save_draft(draft, 1, [row(), row("Points", target="custbody_points", target_type="number")], None)
    assert rules_in_use(shop) == []
    first = publish(draft, 2, None, " to begin with ")
    assert (first.number, first.is_current, first.reason) == (1, True, "to begin with")
    assert [rule.name for rule in rules_in_use(shop)] == ["Note", "Points"]
    second = start_draft(shop, None)
    assert second.pk != first.pk
    assert compare(first.rows.all(), second.rows.all()) == []
    save_draft(second, 1, copies(second)[1:], None)
    assert [rule.name for rule in rules_in_use(shop)] == ["Note", "Points"]
    assert publish(second, 2, None, "without the note").number == 2
    assert [rule.name for rule in rules_in_use(shop)] == ["Points"]


def test_rolling_back_publishes_the_older_version_as_the_newest_and_leaves_the_draft(shop: Shop) -> None:
    first = in_use(shop, row())
    in_use(shop, row("Other"))
    draft = start_draft(shop, None)
    again = publish_again(first, None, "the other was wrong")
    assert (again.number, again.copied_from, again.is_current) == (3, 1, True)
    assert [rule.name for rule in rules_in_use(shop)] == ["Note"]
    assert draft_of(shop) == draft
    assert FieldMappingSet.objects.filter(shop=shop, is_current=True).count() == 1
    assert list(first.rows.values_list("name", flat=True)) == ["Note"]


def test_a_save_at_an_old_revision_stores_nothing(shop: Shop) -> None:
    draft = start_draft(shop, None)
    save_draft(draft, 1, [row("Hers")], None)
    with pytest.raises(ChangedMeanwhile):
        save_draft(draft, 1, [row("His")], None)
    assert list(draft.rows.values_list("name", flat=True)) == ["Hers"]
    with pytest.raises(ChangedMeanwhile):
        publish(draft, 1, None, "x")
    assert draft_of(shop) is not None


def test_a_comparison_names_each_mapping_and_each_part(shop: Shop) -> None:
    first = in_use(
        shop, row(), row("Gone", target="custbody_points", target_type="number", source="order.total")
    )
    draft = start_draft(shop, None)
    kept = copies(draft)[0]
    kept.transforms = "trim\ncut 40"
    kept.tags = ["vip*"]
    draft = save_draft(draft, 1, [kept, row("New", target="custcol_engraving", level="line")], None)
    changes = compare(first.rows.all(), draft.rows.all())
    assert [(change.name, change.kind) for change in changes] == [
        ("Note", "changed"), ("Gone", "removed"), ("New", "added"),
    ]  # fmt: skip
    assert changes[0].parts == (("Steps", "", "trim; cut 40"), ("Only tags", "", "vip*"))
    assert ("Writes to", "", "Order line: custcol_engraving (Text)") in changes[2].parts


def test_the_rules_of_one_shop_do_not_count_for_another(shop: Shop) -> None:
    other = Shop.objects.create(key="other", name="Other", domain="other.myshopify.com")
    in_use(shop, row())
    assert rules_in_use(other) == []
    assert in_use(other, row("Theirs")).number == 1


# -------------------------------------------------------------------------------------------------- pages


def test_the_form_offers_the_fields_of_the_erp_but_not_the_hubs_own(
    boss: Client, shop: Shop, fields: None
) -> None:
    answer = boss.get(page(start_draft(shop, None)))
    offered = dict(answer.context["rows"].empty_form.fields["target"].choices)
    assert [value for value, _ in offered["Order"]] == [
        "header:custbody_gift_message",
        "header:custbody_points",
    ]
    assert [value for value, _ in offered["Order line"]] == ["line:custcol_engraving"]
    assert [value for value, _ in offered["New customer"]] == ["customer:custentity_vip"]


def test_a_draft_is_saved_with_every_part(boss: Client, shop: Shop, fields: None) -> None:
    draft = start_draft(shop, None)
    answer = boss.post(page(draft), posted(
        {**NOTE, "transforms": " trim \n\ncut 20", "tags": "vip, gift*", "countries": "us", "required": "on"},
        {"name": "Engraving", "target": "line:custcol_engraving", "fact": "line.attributes",
         "source_name": "Engraving"},
        {"name": "VIP", "target": "customer:custentity_vip", "source_kind": "expression",
         "expression": "contains(customer.tags, 'VIP')"},
        {"name": "Points", "target": "header:custbody_points", "fact": "order.channel", "lookup_kind": "table",
         "table": "Online Store = 3\nPOS = 5", "lookup_missing": "empty", "ORDER": "1"},
        {"name": "Not wanted", "DELETE": "on"},
    ))  # fmt: skip
    assert answer.status_code == 302, answer.context["rows"].errors
    stored = {each.name: each for each in draft.rows.all()}
    assert list(stored) == ["Points", "Note", "Engraving", "VIP"]
    note = stored["Note"]
    assert (note.transforms, note.tags, note.countries, note.required) == (
        "trim\ncut 20", ["vip", "gift*"], ["US"], True,
    )  # fmt: skip
    assert (stored["Engraving"].level, stored["Engraving"].source_name) == ("line", "Engraving")
    assert (stored["VIP"].source_kind, stored["VIP"].target_type) == ("expression", "checkbox")
    assert stored["Points"].lookup_rows == [["Online Store", "3"], ["POS", "5"]]
    answer = boss.get(page(draft))
    assert b"Online Store = 3" in answer.content
    assert b"contains(customer.tags, &#x27;VIP&#x27;)" in answer.content


@pytest.mark.parametrize(
    ("change", "field", "words"),
    [
        ({"name": ""}, "name", "required"),
        ({"target": "header:custbody_gone"}, "target", "no field custbody_gone any more"),
        ({"target": "header:entity"}, "target", "no field entity any more"),
        ({"fact": ""}, "fact", "Say where the value comes from"),
        ({"fact": "line.sku"}, "fact", "fields of order lines only"),
        ({"fact": "order.attributes"}, "source_name", "which attribute"),
        ({"source_kind": "expression", "expression": "order.["}, "expression", "is wrong"),
        ({"source_kind": "expression", "expression": "x" * 1001}, "expression", "1000"),
        ({"transforms": "shout"}, "transforms", "there is no step"),
        ({"lookup_kind": "table"}, "table", "has no row"),
        ({"lookup_kind": "table", "table": "no sign"}, "table", "value = result"),
        ({"lookup_kind": "map"}, "lookup_map", "Choose a map"),
        ({"countries": "USA"}, "countries", "no country code"),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_is_saved(
    boss: Client, fielded: Shop, change: dict[str, str], field: str, words: str
) -> None:
    draft = start_draft(fielded, None)
    answer = boss.post(page(draft), posted({**NOTE, **change}))
    assert answer.status_code == 200
    errors = answer.context["rows"].forms[0].errors
    assert words in str(errors[field])
    assert draft.rows.count() == 0
    draft.refresh_from_db()
    assert draft.revision == 1


def test_two_mappings_of_one_name_are_told_apart(boss: Client, shop: Shop, fields: None) -> None:
    answer = boss.post(page(start_draft(shop, None)), posted(NOTE, {**NOTE, "name": "NOTE"}))
    assert "Another mapping has this name" in str(answer.context["rows"].forms[1].errors["name"])


def test_a_mapping_whose_field_is_gone_stays_visible_and_says_so(
    boss: Client, shop: Shop, fields: None
) -> None:
    draft = start_draft(shop, None)
    save_draft(draft, 1, [row()], None)
    ReferenceRecord.objects.filter(erp_id="custbody_gift_message").update(is_inactive=True)
    assert b"custbody_gift_message: no longer in the ERP" in boss.get(page(draft)).content
    answer = boss.post(page(draft), posted(NOTE, revision=2))
    assert "no field custbody_gift_message any more" in str(answer.context["rows"].forms[0].errors["target"])


def test_of_two_people_at_one_draft_the_second_is_told_and_loses_nothing(
    boss: Client, client_of: Callable[[str], Client], shop: Shop, fields: None
) -> None:
    draft = start_draft(shop, None)
    second = client_of("finance")
    assert boss.post(page(draft), posted({**NOTE, "name": "First"})).status_code == 302
    answer = second.post(page(draft), posted({**NOTE, "name": "Second", "transforms": "cut 7"}))
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "boss saved it on" in text
    assert "Nothing was saved yet, and what you typed is below, unchanged." in text
    assert 'value="Second"' in text
    assert "cut 7" in text
    assert list(draft.rows.values_list("name", flat=True)) == ["First"]

    again = posted({**NOTE, "name": "Second", "transforms": "cut 7"}, over="2")
    assert second.post(page(draft), again).status_code == 302
    assert list(draft.rows.values_list("name", "transforms")) == [("Second", "cut 7")]
    assert FieldMappingSet.objects.get(pk=draft.pk).changed_by == User.objects.get(username="finance-person")


def test_who_saves_a_draft_that_was_published_meanwhile_keeps_it_as_a_new_draft(
    boss: Client, shop: Shop, fields: None
) -> None:
    draft = start_draft(shop, None)
    publish(draft, 1, None, "quick")
    answer = boss.post(page(draft), posted(NOTE))
    assert "published it as version 1" in answer.content.decode()
    assert draft_of(shop) is None
    assert boss.post(page(draft), posted(NOTE, over="new")).status_code == 302
    new = draft_of(shop)
    assert new is not None
    assert list(new.rows.values_list("name", flat=True)) == ["Note"]
    assert draft.rows.count() == 0


@pytest.mark.parametrize(
    ("role", "edits", "publishes"),
    [("administrator", True, True), ("finance", True, True), ("operations", True, False), ("support", False, False),
     ("auditor", False, False)],
)  # fmt: skip
def test_roles_look_edit_and_publish(
    client_of: Callable[[str], Client], fielded: Shop, role: str, edits: bool, publishes: bool
) -> None:
    version, draft = in_use(fielded, row()), start_draft(fielded, None)
    person = client_of(role)
    assert person.get(reverse(LIST)).status_code == 200
    assert person.get(page(version)).status_code == 200
    assert (b"Save draft" in person.get(page(draft)).content) is edits
    assert person.post(page(draft), posted(NOTE)).status_code == (302 if edits else 403)
    assert person.post(page(draft, "preview"), posted(NOTE, revision=2)).status_code == (
        200 if edits else 403
    )
    assert person.get(page(draft, "compare")).status_code == 200
    if not publishes:
        assert person.post(page(draft, "publish"), {"reason": "x", "revision": 2}).status_code == 403
        assert draft_of(fielded) is not None


def test_nobody_without_permission_sees_anything(shop: Shop) -> None:
    User.objects.create_user("nobody", is_staff=True)
    person = Client()
    person.force_login(User.objects.get(username="nobody"))
    draft = start_draft(shop, None)
    assert person.get(reverse(LIST)).status_code == 403
    for name in ("change", "compare", "publish"):
        assert person.get(page(draft, name)).status_code == 403


def test_a_published_version_is_shown_in_words_and_cannot_be_changed(
    boss: Client, shop: Shop, fields: None
) -> None:
    version = in_use(shop, row(transforms="trim", tags=["vip"]))
    text = boss.get(page(version)).content.decode()
    for words in (
        "Order: custbody_gift_message (Text)",
        "A field of the order: Order: Note",
        "vip",
        "because",
    ):
        assert words in text
    assert "Save draft" not in text
    assert boss.post(page(version), posted({**NOTE, "name": "Changed"})).status_code == 200
    assert list(version.rows.values_list("name", flat=True)) == ["Note"]


def test_a_draft_is_opened_and_thrown_away_by_dialogs(boss: Client, shop: Shop) -> None:
    address = reverse("admin:mappings_fieldmappingset_edit_draft")
    boss.post(address, {"shop": shop.pk, "_form_submitted": "True"})
    draft = draft_of(shop)
    assert draft is not None
    away = reverse("admin:mappings_fieldmappingset_throw_away", args=[draft.pk])
    boss.get(away)
    assert draft_of(shop) == draft
    boss.post(away, {"_form_submitted": "True"})
    assert draft_of(shop) is None


def test_the_list_asks_the_database_the_same_few_questions_whatever_its_length(
    boss: Client, shop: Shop
) -> None:
    in_use(shop, row())
    boss.get(reverse(LIST))
    with CaptureQueriesContext(database) as few:
        assert boss.get(reverse(LIST)).status_code == 200
    for number in range(5):
        in_use(shop, row(f"Note {number}"))
    with CaptureQueriesContext(database) as many:
        assert boss.get(reverse(LIST)).status_code == 200
    assert len(many) == len(few) == 8


def test_the_list_says_which_orders_wait_for_a_field_mapping(boss: Client, shop: Shop, block: Any) -> None:
    block(1, "FIELD_LOOKUP", "TikTok")
    block(2, "FIELD_LOOKUP", "TikTok")
    block(3, "UNKNOWN_SKU", "NEW-1")
    text = boss.get(reverse(LIST)).content.decode()
    assert "Orders wait for field mappings" in text
    assert "TikTok" in text
    assert "2 orders" in text
    assert "NEW-1" not in text


def test_the_place_of_the_fix_knows_the_shop(boss: Client, shop: Shop) -> None:
    Shop.objects.create(key="other", name="Another", domain="another.myshopify.com")
    answer = boss.get(fix_url(cause("FIELD_VALUE").where, shop, "Note"))
    assert answer.context["form"]["shop"].value() == str(shop.pk)


def test_a_draft_is_begun_on_its_own_page_too(boss: Client, shop: Shop) -> None:
    address = reverse("admin:mappings_fieldmappingset_add")
    assert b"Open the draft" in boss.get(address).content
    assert draft_of(shop) is None
    assert boss.post(address, {"shop": ""}).status_code == 200
    answer = boss.post(address, {"shop": shop.pk})
    draft = draft_of(shop)
    assert draft is not None
    assert answer["Location"] == page(draft)

"""Names of 255 characters, in any script and with markup: nothing sticks out, is cut off, or pushes a column away."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page
from pytest_django.live_server_helper import LiveServer

from common.narrow import known
from erps.models import ReferenceRecord
from mappings.field_versions import save_draft, start_draft
from mappings.models import CustomerTemplate, MapKind, ValueMapping
from shops.models import Shop
from syncflows.models import Sync
from tests.factories import NOON, blocked, make_connection, make_shop, written
from tests.journeys.test_field_mappings import mapping

pytestmark = pytest.mark.django_db(transaction=True)
NAMES = (
    "W" * 255,
    ("متجر القاهرة للإلكترونيات " * 12)[:255],
    ("<b>bold</b><script>alert(1)</script> " * 8)[:255],
    ("Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh and Sons " * 6)[:255],
)
PAGES = (
    "", "syncflows/sync/", "syncflows/order/", "syncflows/order/causes/", "syncflows/order/by-number/",
    "syncflows/order/{order}/change/", "syncflows/order/{order}/customer/", "mappings/itemmapping/",
    "mappings/customertemplate/", "mappings/fieldmappingset/", "mappings/fieldmappingset/{draft}/change/",
    "shops/shop/", "shops/shop/{shop}/filter/", "erps/referencerecord/", "auth/user/", "auditlog/logentry/",
)  # fmt: skip
STICKS_OUT = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
CUT_OFF = """() => [...document.querySelectorAll('#result_list [class*="field-"]')]
  .filter(cell => cell.scrollHeight > cell.clientHeight + 1 || cell.scrollWidth > cell.clientWidth + 1)
  .map(cell => cell.className.match(/field-\\w+/)[0])"""
PUSHED_AWAY = """() => { const table = document.querySelector('#result_list');
  return table ? Math.max(0, table.offsetWidth - table.parentElement.clientWidth) : 0 }"""


def filled(shop: Shop) -> dict[str, int]:
    """A row of everything under each name; the keys of the pages."""
    connection = known(shop.erp_connection)
    for number, name in enumerate(NAMES):
        make_shop(f"s{number}", name=name[:100], erp_connection=connection)
        blocked(shop, number, customer_name=name, value=name, reason=f"Item {name} is not in NetSuite.")
        written(shop, 100 + number, customer_name=name)
        ValueMapping.objects.create(
            shop=shop, kind=MapKind.ITEM, source=name, source_label=name, target_id="1", target_label=name
        )
        ReferenceRecord.objects.create(
            connection=connection, kind="item", erp_id=str(number), name=name, code=name, fetched_at=NOON
        )
        User.objects.create(username=name.replace(" ", "")[:150])
    CustomerTemplate.objects.create(shop=shop, default_customer_id="9", default_customer_name=NAMES[0])
    draft = start_draft(shop, None)
    rows = [mapping(name[:80], "custbody_a", name, source_kind="fixed") for name in NAMES]
    save_draft(draft, draft.revision, rows, None)
    order = Sync.objects.filter(state="blocked").order_by("pk")[0]
    return {"order": order.pk, "draft": draft.pk, "shop": shop.pk}


@pytest.mark.parametrize("width", [390, 1440])
def test_long_names_break_where_they_stand(
    page: Page, live_server: LiveServer, admin_user: User, width: int
) -> None:
    keys = filled(make_shop("demo", name=NAMES[0][:100], erp_connection=make_connection()))
    page.goto(f"{live_server.url}/admin/login/")
    page.locator("input[name=username]").fill("admin")
    page.locator("input[name=password]").fill("password")
    page.locator("button[type=submit]").click()
    page.set_viewport_size({"width": width, "height": 900})
    found = {}
    for path in PAGES:
        page.goto(f"{live_server.url}/admin/{path.format(**keys)}")
        wrong = (page.evaluate(STICKS_OUT), sorted(set(page.evaluate(CUT_OFF))), page.evaluate(PUSHED_AWAY))
        if wrong != (0, [], 0):
            found[path] = wrong
    assert found == {}

"""Field mappings in a configuration file: published as a whole version, in the file's order, or refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from mappings.field_sets import FieldMappingSet
from shops.models import Shop
from tests.configuration.running import SMALL, changed, plan, refused, run

pytestmark = pytest.mark.django_db
FIELD_ROWS = """
    field_mappings:
      Channel:
        level: header
        target: custbody_channel
        source: order.channel
        transforms: upper
      Gift note:
        level: header
        target: custbody_gift
        source_kind: fixed
        source: none
        countries: [NO, SE]
"""


def test_field_mappings_of_the_file_are_published_as_a_new_version(small: str) -> None:
    Path(small).write_text(SMALL + FIELD_ROWS.lstrip("\n"))
    run("apply", small, "--yes")
    shop = Shop.objects.get()
    version = FieldMappingSet.objects.get(shop=shop)
    assert (version.number, version.is_current) == (1, True)
    stored = {row.name: (row.position, row.target, row.source, row.countries) for row in version.rows.all()}
    assert stored == {
        "Channel": (0, "custbody_channel", "order.channel", []),
        "Gift note": (1, "custbody_gift", "none", ["NO", "SE"]),
    }
    assert plan(small) == ("Nothing to change.\n", 0)
    assert yaml.safe_load(run("export"))["shops"]["berlin"]["field_mappings"] == {
        "Channel": {
            "level": "header", "target": "custbody_channel", "source": "order.channel", "transforms": "upper",
        },
        "Gift note": {
            "level": "header", "target": "custbody_gift", "source_kind": "fixed", "source": "none",
            "countries": ["NO", "SE"],
        },
    }  # fmt: skip

    keys = dict(version.rows.values_list("name", "key"))
    changed(small, "transforms: upper", "transforms: lower")
    changed(small, FIELD_ROWS[FIELD_ROWS.index("      Gift") :], "")
    shown, _ = plan(small)
    assert shown.splitlines()[:3] == [
        "~ shops.berlin.field_mappings.Channel",
        "    transforms: 'upper' → 'lower'",
        "- shops.berlin.field_mappings.Gift note",
    ]
    run("apply", small, "--yes")
    newest = FieldMappingSet.objects.get(shop=shop, is_current=True)
    assert (newest.number, newest.rows.get().transforms, newest.rows.get().key) == (
        2,
        "lower",
        keys["Channel"],
    )
    assert FieldMappingSet.objects.get(number=1).rows.count() == 2


def test_the_order_of_field_mappings_is_part_of_a_version(small: str) -> None:
    Path(small).write_text(SMALL + FIELD_ROWS.lstrip("\n"))
    run("apply", small, "--yes")
    first, second = FIELD_ROWS.index("      Channel"), FIELD_ROWS.index("      Gift")
    Path(small).write_text(SMALL + "    field_mappings:\n" + FIELD_ROWS[second:] + FIELD_ROWS[first:second])
    assert "    order: 'Channel, Gift note' → 'Gift note, Channel'" in plan(small)[0]
    run("apply", small, "--yes")
    newest = FieldMappingSet.objects.get(is_current=True)
    assert list(newest.rows.values_list("name", flat=True)) == ["Gift note", "Channel"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            "source: order.channel",
            "source: order.chanel",
            "There is no field 'order.chanel' to take a value from.",
        ),
        ("transforms: upper", "transforms: upside-down", "The steps are wrong"),
        (
            "level: header\n        target: custbody_gift",
            "level: foot\n        target: custbody_gift",
            "foot",
        ),
    ],
)
def test_a_field_mapping_that_cannot_run_is_refused(small: str, old: str, new: str, said: str) -> None:
    Path(small).write_text(SMALL + FIELD_ROWS.lstrip("\n"))
    changed(small, old, new)
    assert said in refused("apply", small, "--yes")
    assert not Shop.objects.exists()

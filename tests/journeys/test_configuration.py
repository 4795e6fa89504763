"""Configuration as code carries a shop from one hub to another, and orders go through it as before."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.management import call_command

from mappings.models import CustomerTemplate, ValueMapping
from syncflows.models import OrderRules
from tests.journeys.world import World


def test_a_shop_configured_from_a_file_imports_as_the_one_it_was_exported_from(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = str(tmp_path / "hub.yaml")
    call_command("config", "export", file)
    ValueMapping.objects.all().delete()
    CustomerTemplate.objects.all().delete()
    OrderRules.objects.update(automatic=False, line_rounding_units=0)
    world.place("#1001")
    world.run()
    assert world.outcome("#1001")[0] == "pending"
    OrderRules.objects.update(automatic=True)

    call_command("config", "apply", file, "--yes")
    assert OrderRules.objects.get().line_rounding_units == 1
    world.place("#1005")
    world.run()
    document = world.document("#1005")
    assert (document.customer, str(document.total)) == ("Ada Example", "33.01")
    capsys.readouterr()
    call_command("config", "plan", file)
    assert capsys.readouterr().out == "Nothing to change.\n"

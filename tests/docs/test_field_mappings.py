"""The guide to field mappings shows the catalogue, the steps and the hub's own fields as the code has them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import jmespath

from canonical.parties import Company
from canonical.payments import PaymentTerms
from mappings.fields.catalogue import FACTS
from mappings.fields.transforms import STEPS, parse
from mappings.fields.view import line_view, order_view
from tests.canonical.making import order_1001
from tests.docs.field_tables import GUIDE, with_tables
from tests.mappings.fields.making import SETTINGS


def test_the_tables_are_current() -> None:
    text = GUIDE.read_text(encoding="utf-8")
    assert text == with_tables(text), "write it anew: python -m tests.docs.field_tables"


def test_every_fact_is_in_the_view_and_every_entry_of_the_view_is_a_fact() -> None:
    order = order_1001(
        company=Company(source_id="1", name="Initech"),
        payment_terms=PaymentTerms(name="Net 30", kind="NET", due_at=datetime(2026, 12, 20, tzinfo=UTC)),
    )
    view = order_view(order, SETTINGS)
    whole: dict[str, Any] = line_view(view, view["order"]["lines"][0])
    paths = {f"{group}.{name}" for group, entries in whole.items() for name in entries}
    assert paths - {"order.lines"} == {fact.path for fact in FACTS}
    for fact in FACTS:
        value = jmespath.search(fact.path, whole)
        kinds = {"list": list, "yes/no": bool, "by name": dict}
        assert isinstance(value, kinds.get(fact.kind, object)), fact.path
        assert not isinstance(value, float)


def test_every_example_of_a_step_can_be_read() -> None:
    assert [str(parse(step.example)[0]) for step in STEPS.values()] == [
        step.example for step in STEPS.values()
    ]

"""Change ship method: one order goes out another way than the mapping says."""

from __future__ import annotations

from erps.models import ReferenceKind
from syncflows.actions.choosing import Choose


class ChooseShipMethod(Choose):
    """Choose the ERP ship method of one order."""

    kind = "ship_method"
    label = "Change ship method"
    icon = "local_shipping"
    column = "ship_method"
    reference = ReferenceKind.SHIP_METHOD
    what = "Ship method"
    consequence = (
        "The document of this order gets the ship method you choose, whatever the mapping says. Shipping costs stay "
        "as Shopify has them. It counts when the document is written: one that is in the ERP already is not changed."
    )
    place = 65


ACTION = ChooseShipMethod()

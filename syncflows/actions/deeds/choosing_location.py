"""Change location: one order is booked at another location than the mapping says."""

from __future__ import annotations

from erps.models import ReferenceKind
from syncflows.actions.choosing import Choose


class ChooseLocation(Choose):
    """Choose the ERP location of one order."""

    kind = "location"
    label = "Change location"
    icon = "warehouse"
    column = "location"
    reference = ReferenceKind.LOCATION
    what = "Location"
    consequence = (
        "The document of this order gets the location you choose, whatever the location mapping says. It counts when "
        "the document is written: one that is in the ERP already is not changed. Nothing changes in Shopify."
    )
    place = 64


ACTION = ChooseLocation()

"""What to do about each way a field mapping can stop an order."""

from common.causes import Cause, register

_PAGE = "admin:mappings_fieldmappingset_changelist"

register(
    {
        "FIELD_EXPRESSION": Cause(
            "Field mapping cannot be computed",
            "Correct the expression or the steps of the mapping named, try it on this order in the preview, publish. "
            "Then retry.",
            "operations",
            _PAGE,
        ),
        "FIELD_VALUE": Cause(
            "Value does not fit its ERP field",
            "Add a step to the mapping named (cut, default, date, join, ...), or correct the value in Shopify. Then "
            "retry.",
            "operations",
            _PAGE,
        ),
        "FIELD_LOOKUP": Cause(
            "Value is not in the table of a field mapping",
            "Add the value to the table or map, or choose what happens to values it does not have. Publish, then "
            "retry.",
            "operations",
            _PAGE,
        ),
        "FIELD_GONE": Cause(
            "Field of a mapping is gone from the ERP",
            "Create the field in the ERP again, let the role see it and refresh the reference data; or choose another "
            "field in the mapping named and publish. Then retry.",
            "administrator",
            _PAGE,
        ),
        "FIELD_REFUSED": Cause(
            "The ERP does not take a mapped value",
            "Compare the value with what the field takes in the ERP (its list, its length), correct the mapping named, "
            "publish. Then retry.",
            "operations",
            _PAGE,
        ),
    }
)

"""What to do about each refusal of an ERP."""

from common.causes import Cause, register

_CONNECTIONS = "admin:erps_erpconnection_changelist"
_ITEMS = "admin:mappings_itemmapping_changelist"

register(
    {
        "ERP_ADDRESS_REFUSED": Cause(
            "The service address is not NetSuite's",
            "Empty the service address of the connection, or name its host in HUB_EXTRA_API_HOSTS if you trust it.",
            "administrator",
            _CONNECTIONS,
        ),
        "ERP_KEY": Cause(
            "The private key cannot be used",
            "Enter the private key (PEM, without pass phrase) that belongs to the uploaded certificate, and choose the "
            "algorithm that fits it: PS256 for RSA, ES256 for EC P-256.",
            "administrator",
            _CONNECTIONS,
        ),
        "ERP_LOGIN": Cause(
            "The ERP refuses the sign-in",
            "Look into NetSuite's Login Audit Trail for the reason. Usual ones: the certificate ran out or was "
            "revoked, a sandbox refresh removed it, the role or user was changed. Then enter the credentials again and "
            "use Test connection.",
            "administrator",
            _CONNECTIONS,
        ),
        "ERP_PERMISSION": Cause(
            "The integration's role lacks a permission",
            "Add the permission for the named record to the integration's role in NetSuite, then use Test connection.",
            "administrator",
            _CONNECTIONS,
        ),
        "ERP_NUMBER_REFUSED": Cause(
            "The ERP does not take the order's number as the document's",
            "Allow it in NetSuite (Setup, Company, Auto-Generated Numbers: tick Allow Override for the kind of "
            "document), or switch off 'The order number becomes the document number' in the shop's order rules. "
            "Then retry.",
            "administrator",
            "admin:shops_shop_changelist",
        ),
        "ERP_NO_APPROVAL": Cause(
            "Invoices are not approved in the ERP",
            "Switch on approval routing for invoices in NetSuite (Setup, Accounting Preferences, Approval Routing) "
            "and use Test connection, or let the shop's order rules release documents at once, or make such orders "
            "sales orders. Then retry.",
            "finance",
            "admin:shops_shop_changelist",
        ),
        "ERP_BUSY": Cause(
            "The ERP takes no more requests at once",
            "Nothing to do: the hub waits and tries again. If it happens often, lower the connection's limit of "
            "requests at once, because other integrations use the same account.",
            "administrator",
            _CONNECTIONS,
        ),
        "ERP_ERROR": Cause(
            "The ERP failed or answered strangely",
            "Nothing to do: the hub looks whether the record is there and tries again by itself.",
            "administrator",
        ),
        "ERP_RECORD_CHANGED": Cause(
            "The record was changed at the same moment",
            "Nothing to do at first: the hub tries again. If it stays, a script in NetSuite saves the record a second "
            "time; ask whoever maintains your scripts.",
            "administrator",
        ),
        "ERP_WORKFLOW_LOCK": Cause(
            "A workflow has locked the record",
            "The hub tries again a few times. If it stays, finish or change the workflow in NetSuite, then retry.",
            "administrator",
        ),
        "ERP_DOCUMENT_IN_USE": Cause(
            "The document was shipped, billed or closed",
            "Nothing was changed. What was shipped or billed is not altered: correct it in the ERP with a credit or an "
            "additional document, then keep the document as it is for this order.",
            "finance",
        ),
        "ERP_ALREADY_EXISTS": Cause(
            "The ERP has a record with this id or name",
            "Find the record with that external id or name in NetSuite. If it is this one, retry to link it; otherwise "
            "rename it or clear its external id.",
            "operations",
        ),
        "ERP_PERIOD_CLOSED": Cause(
            "The accounting period is closed",
            "Reopen the period of the document's date in NetSuite, or have the order dated otherwise, then retry.",
            "finance",
        ),
        "ERP_INACTIVE_RECORD": Cause(
            "A record used on the document is inactive",
            "Activate the record in NetSuite or map to another one, then retry.",
            "operations",
        ),
        "ERP_ITEM_REFUSED": Cause(
            "The ERP does not take an item",
            "Open the item in NetSuite: it must exist, be active and belong to the subsidiary. Or map the SKU to "
            "another item. Then retry.",
            "operations",
            _ITEMS,
        ),
        "ERP_CUSTOMER_REFUSED": Cause(
            "The ERP does not take the customer",
            "Open the customer in NetSuite: it must be active and belong to the subsidiary of the order. Or create one "
            "there with the same e-mail. Then retry: the hub looks for the customer again.",
            "operations",
        ),
        "ERP_CUSTOMER_CURRENCY": Cause(
            "The customer does not have the order's currency",
            "Add the currency on the Financial tab of the customer in NetSuite, choose another customer, or let the "
            "customer rules add currencies by themselves. Then retry.",
            "finance",
        ),
        "ERP_INVALID_REFERENCE": Cause(
            "The ERP does not take a value that is mapped",
            "Check in NetSuite that the named record exists, is active and fits customer and subsidiary; correct the "
            "mapping if not. Then retry.",
            "operations",
        ),
        "ERP_MISSING_FIELD": Cause(
            "The ERP wants a field the hub did not fill",
            "Give the field a default in NetSuite's form, or fill it by a mapping or the customer template. Then "
            "retry.",
            "administrator",
        ),
        "ERP_TOO_LONG": Cause(
            "A text is too long for the ERP", "Shorten the text in Shopify, then retry.", "support"
        ),
        "ERP_UNKNOWN_FIELD": Cause(
            "The ERP has no such field",
            "Create the field in NetSuite and let the role see it, or empty its name on the connection. Test "
            "connection shows which fields are there.",
            "administrator",
            _CONNECTIONS,
        ),
        "ERP_INVALID_VALUE": Cause(
            "The ERP does not take a value",
            "Correct the value in Shopify or in the mapping, then retry.",
            "support",
        ),
        "ERP_NOT_FOUND": Cause(
            "The ERP has no such record",
            "It may have been deleted in NetSuite. Check there; if it was meant to go, exclude the order, otherwise "
            "retry.",
            "operations",
        ),
        "ERP_REFUSED": Cause(
            "The ERP refused the document",
            "Read what NetSuite said. Often a script or a field made mandatory in your account says no; mend that, "
            "then retry.",
            "administrator",
        ),
        "ERP_TOO_MANY_ROWS": Cause(
            "The ERP holds more rows than can be read at once",
            "Tell the maintainers which list it was; choose ids by hand until then.",
            "administrator",
        ),
        "ERP_TAX_SETUP": Cause(
            "The tax choice does not fit the ERP account",
            "Choose the tax setting of the connection that fits: tax details for SuiteTax accounts, tax codes for "
            "others, or one tax line for both. Then retry.",
            "administrator",
            _CONNECTIONS,
        ),
        "ERP_CURRENCY": Cause(
            "The ERP has no such currency",
            "Create the currency in NetSuite and let the customers trade in it, or book this shop in its own currency. "
            "Then retry.",
            "finance",
        ),
    }
)

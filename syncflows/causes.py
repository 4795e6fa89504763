"""Causes the middle itself raises or sets."""

from common.causes import Cause, register

register(
    {
        "WEBHOOK_LOST": Cause(
            "A webhook was left by its worker",
            "Press Replay on the webhook. If it happens again, send its body and the worker's log to the maintainers.",
            "administrator",
            "admin:syncflows_inboxevent_changelist",
        ),
        "WEBHOOK_UNREADABLE": Cause(
            "A webhook's body cannot be used",
            "Nothing was done with it; the regular search finds what changed. For a privacy request look into the "
            "store's mails from Shopify and answer by hand.",
            "administrator",
            "admin:syncflows_inboxevent_changelist",
        ),
        "WEBHOOK_ADDRESS": Cause(
            "Shopify cannot reach this hub",
            "Set HUB_PUBLIC_URL to the https address the hub has on the internet, restart, then press Register "
            "webhooks on the shop. Until then orders are found by the regular search.",
            "administrator",
            "admin:shops_shop_changelist",
        ),
        "CUSTOMER_NOT_CHOSEN": Cause(
            "The customer is not clear",
            "Write the internal id, or more of the number, name or e-mail. The order's page Customer searches, too.",
            "support",
        ),
        "CUSTOMER_RULE_FIRST": Cause(
            "A rule comes before the link",
            "Choose the customer for this order only, or change the customer templates and rules.",
            "operations",
            "admin:mappings_customertemplate_changelist",
        ),
        "CUSTOMER_THERE_ALREADY": Cause(
            "This buyer has a customer already",
            "Make that customer active in the ERP, or assign another one to the buyer.",
            "operations",
        ),
        "CUSTOMER_CURRENCY_ADDED": Cause(
            "A currency was added to the customer",
            "Nothing to do: the order is sent again by itself.",
            "operations",
        ),
        "TEST_ORDER": Cause(
            "Test order",
            "Test orders are left out by the shop's order rules; change the rule to import them.",
            "administrator",
            "admin:shops_shop_changelist",
        ),
        "CANCELLED": Cause(
            "Cancelled before import",
            "Nothing to do: a cancelled order with nothing booked needs no document.",
            "operations",
        ),
        "CANCELLED_HELD": Cause(
            "Cancelled before import, held by rule",
            "Exclude the order if nothing should be booked; the shop's order rules can do this by themselves.",
            "operations",
        ),
        "ARCHIVED": Cause(
            "Archived in Shopify",
            "Archived orders are left out by the shop's order rules; change the rule to import them.",
            "administrator",
            "admin:shops_shop_changelist",
        ),
        "UNCONFIRMED": Cause(
            "Not confirmed yet",
            "Nothing to do: the order comes in by itself once Shopify confirms it.",
            "operations",
        ),
        "HIGH_RISK": Cause(
            "High risk of fraud",
            "Look at the risk analysis in Shopify. Import the order if it is good, exclude it "
            "with a reason if it is not.",
            "support",
        ),
        "UNPAID": Cause(
            "Not paid yet",
            "Import it now if you want to ship before payment, or wait: it is looked at again when "
            "Shopify reports a payment.",
            "finance",
        ),
        "ALREADY_FULFILLED": Cause(
            "Shipped before import",
            "Import it to book the sale; keep the document unapproved in the ERP so that "
            "it is not shipped a second time.",
            "operations",
        ),
        "NOT_WANTED": Cause(
            "Left out by the shop's filter",
            "Nothing to do if that is right. Else change the shop's order filter and look at its preview, then retry.",
            "administrator",
            "admin:shops_shop_changelist",
        ),
        "TWO_SHOPS_WANT_IT": Cause(
            "Wanted by two records of one store",
            "Change the order filters so that only one record takes it, or exclude it on one of them; then retry it. "
            "Until then it is written through neither.",
            "administrator",
            "admin:shops_shop_changelist",
        ),
        "WRITTEN_BY_OTHER_SHOP": Cause(
            "In the ERP through another record of the store",
            "Nothing to do: an order is written through one record only, also when the filters change later.",
            "operations",
        ),
        "OTHER_SHOP_WRITING": Cause(
            "Being written through another record of the store",
            "Nothing to do: the order is looked at again when the other record knows what came of it. If that one is "
            "blocked, mend it there.",
            "operations",
        ),
        "TAG_HOLD": Cause(
            "Held by a tag",
            "Take the tag off the order in Shopify; it then goes on by itself. Import takes it now.",
            "operations",
        ),
        "TO_REVIEW": Cause(
            "To be reviewed",
            "Look at the order, then import or exclude it. The shop's order rules can import without review.",
            "operations",
        ),
        "PAYMENT_EXPIRED": Cause(
            "Not paid in time",
            "Cancel the order in Shopify, or import it if it is to be shipped all the same. It comes in by itself if "
            "the payment still arrives.",
            "finance",
        ),
        "REFUNDED_EXCLUDED": Cause(
            "Refunded before import, left out by rule",
            "Book the sale and its refund by hand, or change the shop's order rules.",
            "finance",
        ),
        "ORDER_CHANGED": Cause(
            "Changed in Shopify after it was written",
            "Open the order: it shows what changed, before and after, in money. Apply the change to the document, keep "
            "the document as it is, or have it written anew. The shop's order rules can amend open documents by "
            "themselves, and credit what was billed.",
            "operations",
        ),
        "CHANGE_IN_DOUBT": Cause(
            "A change of the document got no answer",
            "Nothing to do: the hub waits until the change cannot be carried out late any more, looks, and goes on.",
            "administrator",
        ),
        "BILLED_VALUE": Cause(
            "Something that was shipped or billed is no longer sold, and the hub cannot credit it",
            "The order's page says why. Credit it in the ERP, then keep the document as it is for this order.",
            "finance",
        ),
        "READBACK_DIFFERS": Cause(
            "The ERP saved other figures than were sent",
            "Open the document in the ERP: a script, workflow or price rule there changed it. Correct it, then retry; "
            "the hub compares again and creates nothing.",
            "finance",
        ),
        "BACKFILL_SCOPE": Cause(
            "The app may not see orders that old",
            "Ask Shopify for the scope read_all_orders for the app (it has to be granted to it), release a version of "
            "the app with it, approve it in the store and press Test connection. Until then choose a day within the "
            "last 60.",
            "administrator",
            "admin:shops_shop_changelist",
        ),
        "BACKFILL_OPEN": Cause(
            "The shop's history is being imported already",
            "Open History and wait for it, or stop it first.",
            "operations",
            "admin:syncflows_backfill_changelist",
        ),
        "BEFORE_IMPORT_SINCE": Cause(
            "Placed before the shop's Import since",
            "Nothing to do if that is wanted. Else retry the order, or set Import since of the shop to an earlier day "
            "and retry.",
            "operations",
        ),
        "READBACK_MISSING": Cause(
            "The written document cannot be found in the ERP",
            "Somebody may have deleted it. The hub does not create it again by itself: look in the ERP's deleted "
            "records, then decide.",
            "finance",
        ),
        "EXISTING_ORDER_DIFFERS": Cause(
            "An order with this number is in the ERP already, with another total",
            "Compare both. Correct the one typed by hand in the ERP, then retry. If it is another order, choose Import "
            "on this one.",
            "finance",
        ),
        "EXISTING_ORDER_AMBIGUOUS": Cause(
            "Several orders with this number are in the ERP already",
            "Keep one of them in the ERP, then retry.",
            "finance",
        ),
        "ID_TAKEN": Cause(
            "The ERP says the record exists, but it cannot be found",
            "Another record may use this id, or the integration's role may not see it. Search the ERP for the external "
            "id shown and check the role's permissions, then retry.",
            "administrator",
        ),
        "NO_CONNECTION": Cause(
            "The shop has no ERP connection",
            "Choose an active ERP connection on the shop.",
            "administrator",
            "admin:shops_shop_changelist",
        ),
        "EXCLUDED_BY_PERSON": Cause(
            "Excluded by a person",
            "Import it from the list of excluded orders if this was a mistake.",
            "operations",
        ),
        "UNLINKED_BY_PERSON": Cause(
            "Unlinked from its document by a person",
            "Link it to the right document, or restore it: a document that still carries the order's external id is "
            "linked again, a deleted one is written anew.",
            "operations",
        ),
        "HANDLED_ELSEWHERE": Cause(
            "Handled elsewhere",
            "Nothing to do: the reference says where it is booked. Restore the order if this was a mistake.",
            "finance",
        ),
        "HELD_BY_PERSON": Cause(
            "Held by a person",
            "Release the order when what it waits for has come, or import it now.",
            "operations",
        ),
        "ACTION_NOT_NOW": Cause(
            "This cannot be done to the order now",
            "Load the order's page again: its state decides which buttons it shows.",
            "operations",
        ),
        "DOCUMENT_NOT_FOUND": Cause(
            "No document with this number is in the ERP",
            "Type the number as the ERP shows it on the sales order, invoice or cash sale.",
            "operations",
        ),
        "DOCUMENT_NOT_LINKED": Cause(
            "The document cannot be linked to this order",
            "Look at the document in the ERP: it belongs to another order or is in another currency. If another order "
            "is linked to it wrongly, unlink that one first.",
            "operations",
        ),
        "LINK_NEEDS_PERMISSION": Cause(
            "Linking a document with another total needs a further permission",
            "Ask somebody of finance to link it, or correct the document in the ERP first.",
            "finance",
        ),
        "ACTION_RUNNING": Cause(
            "Somebody else is doing something to the order",
            "Wait until it is finished; the order's timeline shows what came of it.",
            "operations",
        ),
        "ACTION_OVERTAKEN": Cause(
            "Somebody else did something to the order meanwhile",
            "Look at the order as it is now; choose the action again if it is still wanted.",
            "operations",
        ),
        "LEASE_EXPIRED": Cause(
            "A worker stopped in the middle",
            "Nothing to do: the order is taken up again by itself.",
            "operations",
        ),
        "WORKER_LOST": Cause(
            "A worker stopped several times on this order",
            "Look at the worker's log at the time of the last attempt, then retry.",
            "administrator",
        ),
        "NO_SLOT": Cause(
            "Every request slot of the ERP connection is taken",
            "Nothing to do: the order goes on when a slot is free. Raise the connection's limit if this happens often.",
            "administrator",
            "admin:erps_erpconnection_changelist",
        ),
        "BULK_DENIED": Cause(
            "Shopify did not let the app export orders",
            "Press Test connection on the shop, which lists every missing scope; add it to the app, then resume.",
            "administrator",
            "admin:shops_shop_changelist",
        ),
        "BULK_FAILED": Cause(
            "Shopify did not finish the export",
            "Resume the backfill later, or import a shorter span: nothing is staged twice.",
            "administrator",
        ),
        "BUG": Cause(
            "Fault in the hub",
            "Nothing was written. Send the technical detail to the maintainers; retry after the next update.",
            "administrator",
        ),
    }
)

"""Causes of the Shopify side: what each code means and what to do about it."""

from __future__ import annotations

from common.causes import Cause, register

_SHOP = "admin:shops_shop_changelist"

register(
    {
        "SHOPIFY_LOGIN": Cause(
            "Shopify does not accept the credentials",
            "Open the shop and check how it signs in: client id and secret, the static token, or press Connect again. "
            "Then press Test connection.",
            "administrator",
            _SHOP,
        ),
        "SHOP_CREDENTIALS": Cause(
            "Credentials of the shop are missing",
            "Open the shop and fill in client id and client secret from the app's settings in Shopify.",
            "administrator",
            _SHOP,
        ),
        "OAUTH_CALLBACK": Cause(
            "Shopify's answer to Connect was not accepted",
            "Press Connect on the shop again and approve the app in the same browser. If it fails again, check the "
            "client secret and the store's domain.",
            "administrator",
            _SHOP,
        ),
        "API_ADDRESS": Cause(
            "The shop's API address is not allowed",
            "Open the shop and empty the API address for Shopify, or have the host added to HUB_EXTRA_API_HOSTS.",
            "administrator",
            _SHOP,
        ),
        "TOKEN_BUSY": Cause(
            "The access token is being renewed",
            "Nothing to do: the hub tries again by itself.",
            "administrator",
        ),
        "MISSING_SCOPE": Cause(
            "The app lacks an access scope",
            "Add the scope to the app in Shopify, release the app's new version and approve it in the store. Then "
            "press Test connection, which lists every missing scope.",
            "administrator",
            _SHOP,
        ),
        "SHOPIFY_REFUSED": Cause(
            "Shopify refused a change",
            "Read Shopify's reason in the message, mend it in Shopify, then retry.",
            "operations",
        ),
        "CANNOT_MARK_PAID": Cause(
            "The order cannot be marked as paid",
            "Open the order in Shopify: a cancelled order is owed nothing, and an authorized payment is captured, not "
            "marked as paid.",
            "finance",
        ),
        "CAPTURE_REFUSED": Cause(
            "Nothing was captured",
            "Open the order's payments in Shopify and compare what is authorized with what you wanted to capture. "
            "Authorizations that ran out have to be charged anew there.",
            "finance",
        ),
        "SHOPIFY_BUSY": Cause(
            "Shopify asked the hub to slow down",
            "Nothing to do: the hub waits until the store's points for API calls have come back.",
            "administrator",
        ),
        "SHOPIFY_DOWN": Cause(
            "Shopify had an error of its own",
            "Nothing to do if it passes: the hub tries again by itself. If not, look at www.shopifystatus.com.",
            "administrator",
        ),
        "SHOPIFY_REJECTED": Cause(
            "Shopify's security check turned the hub away",
            "The hub tries again in some minutes. If it stays, tell Shopify support the request id in the detail.",
            "administrator",
        ),
        "SHOPIFY_ANSWER": Cause(
            "Shopify's answer cannot be read",
            "The hub tries again by itself. If it stays, send the detail below to the maintainers.",
            "administrator",
        ),
        "SHOPIFY_QUERY": Cause(
            "Shopify does not accept a query of the hub",
            "Press Test connection on the shop: it says whether the API version is still served. Then send the detail "
            "below to the maintainers.",
            "administrator",
            _SHOP,
        ),
        "SHOPIFY_FROZEN": Cause(
            "The store is frozen", "Settle the store's bill in Shopify, then retry.", "administrator"
        ),
        "SHOPIFY_LOCKED": Cause(
            "The store is locked", "Ask Shopify support why the store is locked, then retry.", "administrator"
        ),
        "SHOPIFY_FORBIDDEN": Cause(
            "Shopify does not let the app in",
            "Check in Shopify that the app is still installed in the store, then press Test connection on the shop.",
            "administrator",
            _SHOP,
        ),
        "SHOPIFY_NOT_FOUND": Cause(
            "There is no store at this address",
            "Open the shop and check its domain and API address.",
            "administrator",
            _SHOP,
        ),
        "ORDER_GONE": Cause(
            "The order is not in Shopify any more",
            "Look for the order in Shopify. If it was deleted there, exclude it here with that reason; if it is there, "
            "the app may lack a scope for orders older than 60 days (read_all_orders).",
            "operations",
        ),
        "ORDER_CHANGING": Cause(
            "The order keeps changing while it is read",
            "Nothing to do: the hub reads it again in a minute.",
            "operations",
        ),
        "ORDER_INCOMPLETE": Cause(
            "The order did not come whole",
            "Nothing to do if it passes: the hub reads it again. If it stays, send the detail to the maintainers.",
            "administrator",
        ),
        "UNREADABLE_ORDER": Cause(
            "The order has a value the hub cannot read",
            "Look at the field and value in the message. If the value is right in Shopify, send the detail below "
            "to the maintainers; the raw order is kept. Then retry.",
            "administrator",
        ),
        "BULK_BUSY": Cause(
            "Shopify is at work with other exports",
            "Nothing to do: the hub asks again until one of the app's bulk operations is over.",
            "administrator",
        ),
        "BULK_FILE": Cause(
            "The exported orders could not be read",
            "Nothing to do if it passes: the hub reads on from where it was, with a new address. If it stays, start "
            "the backfill again; nothing is staged twice.",
            "administrator",
        ),
        "BULK_ROW": Cause(
            "A row of the exported orders cannot be read",
            "Send the detail to the maintainers. Import the span in two backfills around that order meanwhile.",
            "administrator",
        ),
        "BULK_ADDRESS": Cause(
            "The exported orders are at an unsafe address",
            "Check the shop's API address: results are read over HTTPS, or from the shop's own server only.",
            "administrator",
            _SHOP,
        ),
        "TOO_MANY_CHANGES": Cause(
            "Too many orders changed in the same second",
            "Import the orders in question by number. Then press Sync now on the shop.",
            "administrator",
            _SHOP,
        ),
    }
)

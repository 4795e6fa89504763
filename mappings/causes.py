"""What to do about each way an order cannot be mapped, or does not tie out."""

from common.causes import Cause, register


def _map(model: str) -> str:
    return f"admin:mappings_{model}_changelist"


_LOCATIONS = _map("locationmapping")
_SHIP_METHODS = _map("shipmentmethodmapping")
_TERMS = _map("paymenttermsmapping")
_TAXES = _map("taxmapping")
_DISCOUNTS = _map("discountmapping")
_ITEMS = _map("itemmapping")
_CHARGES = _map("accountmapping")
_TEMPLATES = _map("customertemplate")
_CUSTOMER_RULES = _map("customerrules")

register(
    {
        "UNMAPPED_LOCATION": Cause(
            "Location not mapped",
            "Map the location to a location of the ERP, or add a default row (it may say: leave empty). Then retry.",
            "operations",
            _LOCATIONS,
        ),
        "UNMAPPED_SHIPMENT_METHOD": Cause(
            "Shipping method not mapped",
            "Map the code or title of the shipping line to a ship method, or add a default row. Then retry.",
            "operations",
            _SHIP_METHODS,
        ),
        "UNMAPPED_PAYMENT_TERMS": Cause(
            "Payment terms not mapped",
            "Map the terms to payment terms of the ERP, or add a default row. Then retry.",
            "finance",
            _TERMS,
        ),
        "UNMAPPED_PAYMENT_METHOD": Cause(
            "Payment method not mapped",
            "Map the gateway to a payment method of the ERP, or add a default row. Then retry.",
            "finance",
            _map("paymentmethodmapping"),
        ),
        "UNMAPPED_TAX": Cause(
            "Tax not mapped",
            "Map the tax (title, or title|rate in percent) to a tax code or tax item, or add a default row. "
            "Then retry.",
            "finance",
            _TAXES,
        ),
        "UNMAPPED_CHANNEL_TAX": Cause(
            "Tax owed by the sales channel not mapped",
            "The channel collects and pays this tax itself. Add a tax row with the value channel-liable and "
            "the account "
            "or item where such tax is kept apart from your own. Then retry.",
            "finance",
            _TAXES,
        ),
        "TAX_RATE_MISSING": Cause(
            "Tax code without its rate",
            "Enter at the tax mapping the rate the ERP computes with, so that the difference to Shopify's "
            "tax is known "
            "beforehand. Then retry.",
            "finance",
            _TAXES,
        ),
        "TAX_VARIANCE_HIGH": Cause(
            "The mapped tax codes do not come to Shopify's tax",
            "Compare the rates on the order with the rates of the mapped tax codes and correct the mapping, "
            "or book tax "
            "on one tax line (a choice of the ERP connection). Then retry.",
            "finance",
            _TAXES,
        ),
        "UNMAPPED_DISCOUNT": Cause(
            "Discount not mapped",
            "Map the discount's code or title to a discount item, or map the charge Discount for all "
            "others. Then retry.",
            "finance",
            _DISCOUNTS,
        ),
        "UNMAPPED_CHARGE": Cause(
            "Part of an order without an item",
            "Choose the item or account for this part of an order (shipping, tip, gift card, ...). Then retry.",
            "finance",
            _CHARGES,
        ),
        "NO_CHARGE_ITEM": Cause(
            "No item posts to the account",
            "Create an other-charge item in the ERP with this income account, or map the charge to an item. "
            "Then retry.",
            "finance",
            _CHARGES,
        ),
        "AMBIGUOUS_CHARGE_ITEM": Cause(
            "Several items post to the account",
            "Map the charge to one of the items instead of the account. Then retry.",
            "finance",
            _CHARGES,
        ),
        "UNMAPPED_ITEM": Cause(
            "Item set to stop",
            "The item map stops orders with this SKU, or its row names no item. Correct the row, then retry.",
            "operations",
            _ITEMS,
        ),
        "UNKNOWN_SKU": Cause(
            "Item not in the ERP",
            "Create the item in the ERP with this SKU, or map the SKU to an existing item. Then retry.",
            "operations",
            _ITEMS,
        ),
        "AMBIGUOUS_SKU": Cause(
            "Several items with one SKU",
            "Correct the SKU (item id or UPC) of the items in the ERP, or map it to the one to use. Then retry.",
            "operations",
            _ITEMS,
        ),
        "INACTIVE_ITEM": Cause(
            "Item inactive in the ERP",
            "Make the item active in the ERP, or map the SKU to another one. Then retry.",
            "operations",
            _ITEMS,
        ),
        "UNMAPPED_SUBSIDIARY": Cause(
            "Sales channel without a subsidiary",
            "Map the sales channel to a subsidiary, or add a default row. Then retry.",
            "finance",
            _map("subsidiarymapping"),
        ),
        "UNMAPPED_DEPARTMENT": Cause(
            "Sales channel without a department",
            "Map the sales channel to a department, or add a default row. Then retry.",
            "finance",
            _map("departmentmapping"),
        ),
        "UNKNOWN_MARKET": Cause(
            "A mapping is for a market that was not read",
            "Open the shop, give the app the scope read_markets and press Test connection, which reads the markets. If "
            "the market is not there then, correct the row. Then retry.",
            "administrator",
            "admin:shops_shop_changelist",
        ),
        "UNMAPPED_CLASS": Cause(
            "Sales channel without a class",
            "Map the sales channel to a class, or add a default row. Then retry.",
            "finance",
            _map("classmapping"),
        ),
        "UNMAPPED_CURRENCY": Cause(
            "No currency of the books for this order",
            "Change the row that stops it: it says whether the shop's currency or the one the customer paid in goes "
            "into the books. Then retry.",
            "finance",
            _map("currencymapping"),
        ),
        "UNMAPPED_EXCHANGE_RATE": Cause(
            "No exchange rate for this order",
            "Change the row that stops it: it says whether Shopify's rate or the ERP's goes onto the document. Then "
            "retry.",
            "finance",
            _map("exchangeratemapping"),
        ),
        "UNMAPPED_SALES_REP": Cause(
            "Staff member not mapped",
            "Map the staff member to an employee, or add a default row (it may say: leave empty). Then retry.",
            "operations",
            _map("salesrepmapping"),
        ),
        "NO_CUSTOMER": Cause(
            "Order without a customer",
            "Name a default customer in the customer template for all other countries (for point-of-sale orders), or "
            "choose the customer on the order's page. Then retry.",
            "operations",
            _TEMPLATES,
        ),
        "NO_COMPANY": Cause(
            "No default company",
            "Name a default company in the customer rules, or let companies come in with their orders. Then retry.",
            "operations",
            _CUSTOMER_RULES,
        ),
        "AMBIGUOUS_CUSTOMER": Cause(
            "Several customers fit",
            "Choose the right one on the order's page (Customer), or merge them in the ERP and retry.",
            "support",
        ),
        "INACTIVE_CUSTOMER": Cause(
            "Customer inactive in the ERP",
            "Make the customer active in the ERP and retry, or choose another one, or create a new one, on the "
            "order's page (Customer).",
            "support",
        ),
        "CUSTOMER_NOT_FOUND": Cause(
            "Customer not in the ERP",
            "Choose the customer on the order's page (Customer) or create it there from the template; or let the hub "
            "create customers (customer templates and rules). Then retry.",
            "support",
            _TEMPLATES,
        ),
        "SHIPPING_TAX_IN_BODY": Cause(
            "Taxed shipping does not fit the shipping field",
            "Book shipping as a line, or tax on one tax line: both are choices of the ERP connection. Then retry.",
            "finance",
            "admin:erps_erpconnection_changelist",
        ),
        "TOTALS_DIFFER": Cause(
            "Totals do not tie",
            "Compare the components shown. Usually a mapping or a setting of the ERP connection changes an amount; "
            "correct it, then retry. Nothing was written.",
            "finance",
        ),
        "LEDGER_DISAGREES": Cause(
            "Shopify's own figures disagree",
            "Compare the order in Shopify with the figures shown. The hub does not guess which is right: "
            "book the order "
            "by hand and exclude it, or retry after Shopify has corrected it.",
            "finance",
        ),
        "LEDGER_UNKNOWN": Cause(
            "The order holds a kind of sale the rules do not cover",
            "Book the order by hand and exclude it, and tell the maintainers the word shown.",
            "administrator",
        ),
        "LEDGER_DISCOUNT_AFTER_TAX": Cause(
            "Discount given after tax",
            "Such a discount is no reduction of the sale and is not booked yet. Book the order by hand and "
            "exclude it.",
            "finance",
        ),
        "LEDGER_ADJUSTMENT": Cause(
            "Adjustment outside a refund",
            "The order holds an amount that belongs to no line. Book the order by hand and exclude it.",
            "finance",
        ),
        "LEDGER_LINE_GONE": Cause(
            "Sale of a line that is gone",
            "Shopify no longer shows what was sold. Book the order by hand and exclude it.",
            "finance",
        ),
        "REFUNDED_BEFORE_IMPORT": Cause(
            "Goods refunded before import",
            "A sales order would hide the refund. Book the sale and its refund by hand and exclude the order, or let "
            "the shop's order rules leave such orders out.",
            "finance",
        ),
        "REFUNDED_IN_FULL": Cause(
            "Refunded in full before import",
            "Nothing is left of the sale. Exclude the order, unless sale and refund fall into different periods: then "
            "book both by hand first.",
            "finance",
        ),
        "REFUNDED_WITHOUT_GOODS": Cause(
            "Money given back without goods before import",
            "The goods stay sold; shipping or goodwill was given back. Book the sale and a credit for that amount by "
            "hand and exclude the order.",
            "finance",
        ),
        "REFUNDED_TO_GIFT_CARD": Cause(
            "Refunded to a gift card before import",
            "The money did not leave: it is owed on the gift card. Book the sale, its refund and the gift card "
            "liability by hand and exclude the order.",
            "finance",
        ),
        "REFUNDED_TO_STORE_CREDIT": Cause(
            "Refunded to store credit before import",
            "The money did not leave: it is owed as store credit. Book the sale, its refund and the store credit "
            "liability by hand and exclude the order.",
            "finance",
        ),
        "RETURNED_BEFORE_IMPORT": Cause(
            "Goods returned before import",
            "A sales order would hide the return. Book the sale, the goods that came back and the refund by hand and "
            "exclude the order.",
            "finance",
        ),
        "EXCHANGED_BEFORE_IMPORT": Cause(
            "Exchanged before import",
            "A sales order would show neither what came back nor what went out for it. Book the sale, a credit for "
            "what came back and the goods that went out by hand and exclude the order.",
            "finance",
        ),
        "NOTHING_LEFT": Cause(
            "Nothing left on the order",
            "Nothing to do: edits took everything off the order before it was imported.",
            "operations",
        ),
        "LINK_CONFLICT": Cause(
            "Linked to another ERP record already",
            "Compare both records in the ERP. Unlink the wrong one on its page, then retry.",
            "finance",
        ),
    }
)

"""What the demo stores sell, and from where."""

from __future__ import annotations

from typing import Any, NamedTuple

Json = dict[str, Any]


class Article(NamedTuple):
    """One thing on sale: its number in ids, title, variant title (if any) and price in USD."""

    number: int
    title: str
    variant: str | None
    price: str


CATALOG: dict[str, Article] = {
    "TEE": Article(1, "Cotton tee", "Navy / M", "25.00"),
    "MUG": Article(2, "Enamel mug", None, "15.00"),
    "HOODIE": Article(3, "Zip hoodie", "Grey / L", "40.00"),
    "CAP": Article(4, "Canvas cap", None, "12.00"),
    "SOCKS": Article(5, "Wool socks", "42-44", "9.99"),
    "POSTER": Article(6, "City poster", "A2", "8.00"),
    "BOTTLE": Article(7, "Steel bottle", "750 ml", "18.50"),
    "STICKER": Article(8, "Sticker", None, "2.00"),
    "BAG": Article(9, "Tote bag", None, "30.00"),
    "NOTEBOOK": Article(10, "Dotted notebook", "A5", "7.25"),
    "DUP-1": Article(11, "Desk lamp", None, "22.00"),
    "OLD-1": Article(12, "Last year's calendar", None, "6.00"),
    "NOPE-404": Article(13, "Market-stall special", None, "11.00"),
    "GIFT-50": Article(14, "Gift card", "50.00", "50.00"),
    "GIFTSET": Article(15, "Gift set", None, "32.00"),
}

SHIPPING: dict[str, tuple[str, str]] = {
    "standard": ("Standard", "5.95"),
    "express": ("Express", "14.90"),
    "drone": ("Drone", "25.00"),
}
"""Shipping methods: code -> (title, price in USD)."""

DISCOUNT_PERCENT = {"SAVE10": 10, "TEAM100": 100}
DISCOUNT_AMOUNT = {"WELCOME5": "5.00"}
FREE_SHIPPING_CODE = "FREESHIP"

MAIN_WAREHOUSE = 71001
LOCATIONS = {MAIN_WAREHOUSE: "Main warehouse", 71002: "Boston store"}

GATEWAYS = {
    "shopify_payments": "Shopify Payments",
    "gift_card": "Gift card",
    "shopify_store_credit": "Store credit",
    "manual": "Manual",
    "cash": "Cash",
    "bogus": "(for testing) Bogus Gateway",
}


def product_ids(sku: str) -> Json | None:
    """`product` and `variant` of a line item for a SKU of the catalogue; None for an unknown one."""
    article = CATALOG.get(sku)
    if article is None:
        return None
    number = article.number
    product = {
        "id": f"gid://shopify/Product/{81000 + number}",
        "title": article.title,
        "handle": article.title.lower().replace(" ", "-").replace("'", ""),
        "vendor": "Demo Goods",
    }
    return {
        "product": product,
        "variant": {
            "id": f"gid://shopify/ProductVariant/{91000 + number}",
            "sku": sku,
            "barcode": f"40000000{number:04d}",
            "title": article.variant or "Default Title",
            "displayName": f"{article.title} - {article.variant or 'Default Title'}",
            "price": article.price,
            "taxable": sku != "GIFT-50",
            "product": product,
            "inventoryItem": {
                "id": f"gid://shopify/InventoryItem/{95000 + number}",
                "sku": sku,
                "tracked": True,
                "requiresShipping": sku != "GIFT-50",
            },
        },
    }

"""Rules of a shop for its customers and companies, and the keys under which all shops know a buyer."""

from __future__ import annotations

from django.core.validators import RegexValidator
from django.db import models

from canonical.naming import CountySource, NameSource
from common.fields import choice_field
from erps.models import ErpConnection
from shops.models import Shop


class NameChoice(models.TextChoices):
    """Where a name comes from."""

    COMPANY = NameSource.COMPANY.value, "Company"
    FIRST_LAST = NameSource.FIRST_LAST.value, "First and last name"
    LAST_FIRST = NameSource.LAST_FIRST.value, "Last and first name"
    NONE = NameSource.NONE.value, "None"


class CountyChoice(models.TextChoices):
    """What stands in the state field of addresses."""

    AUTO = CountySource.AUTO.value, "Code where the ERP lists codes (US, CA, AU, BR), else the name"
    CODE = CountySource.CODE.value, "Code (NY)"
    NAME = CountySource.NAME.value, "Name (New York)"


class PhoneChoice(models.TextChoices):
    """Whose phone number a new customer gets."""

    CUSTOMER = "customer", "Customer, else order, else billing address"
    ORDER = "order", "Order, else billing address, else customer"
    ADDRESS = "address", "Billing address, else order, else customer"
    NONE = "none", "None"


class CompanyMatch(models.TextChoices):
    """How the ERP customer of a company is found."""

    LINK_ONLY = "link_only", "By link, external id or customer number"
    TAX_ID = "tax_id", "The same, then by tax registration id"
    CONTACT = "contact", "The same, then by the contact's e-mail and phone"
    DEFAULT_COMPANY = "default_company", "Always the default company"


class CompaniesAs(models.TextChoices):
    """What a company and its locations become."""

    LOCATION = "location", "One customer per location"
    SUB_CUSTOMER = "sub_customer", "One customer per company, and a sub-customer per location"
    COMPANY = "company", "One customer per company"


class CustomerRules(models.Model):
    """Rules for the customers and companies of one shop, whatever the country. A shop without rules gets these."""

    shop = models.OneToOneField(
        Shop, on_delete=models.CASCADE, related_name="customer_rules", primary_key=True
    )
    import_customers = models.BooleanField(
        "Customers come in with their orders",
        default=True,
        help_text="Off: orders go to the default customer of the template for all other countries.",
    )
    add_currencies = models.BooleanField(
        "Add an order's currency to customers that lack it",
        default=False,
        help_text="Off: the order is blocked until a person adds it. Needs multi-currency customers in the ERP.",
    )
    import_companies = models.BooleanField(
        "Companies come in with their orders",
        default=True,
        help_text="Off: orders of companies go to the default company.",
    )
    company_match = choice_field("Find companies", CompanyMatch.LINK_ONLY)
    companies_as = choice_field("Companies become", CompaniesAs.LOCATION)
    create_companies = models.BooleanField(
        "Create companies that are not found",
        default=True,
        help_text="Off: such orders go to the default company; without one they are blocked.",
    )
    default_company_id = models.CharField("Default company id", max_length=40, blank=True, default="")
    default_company_name = models.CharField(max_length=255, blank=True, default="")
    tax_id_field = models.CharField(
        "ERP field of the tax registration id",
        max_length=60,
        blank=True,
        default="",
        validators=[
            RegexValidator(
                r"\A(vatRegNumber|resaleNumber|accountNumber|custentity_[a-z0-9_]{1,48})\Z",
                "Write vatRegNumber, resaleNumber, accountNumber or the id of a custom field (custentity_...).",
            )
        ],
        help_text="vatRegNumber (accounts without SuiteTax), resaleNumber, accountNumber or custentity_... Filled on "
        "new companies, and searched when companies are found by tax id.",
    )
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = "customer rules"
        verbose_name_plural = "customer rules"

    def __str__(self) -> str:
        return f"Customer rules of {self.shop}"


class CustomerKey(models.Model):
    """The external id under which a buyer is created in an ERP, whichever shop comes first.

    Two workers, or two shops, that meet one new buyer at the same moment agree on it before they create: the ERP then
    refuses the second of them. `key` is a hash of what makes them one buyer (e-mail, phone, tax id or address, and the
    subsidiary).
    """

    connection = models.ForeignKey(ErpConnection, on_delete=models.CASCADE, related_name="customer_keys")
    key = models.CharField(max_length=64)
    external_id = models.CharField(max_length=100)
    claimed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["connection", "key"], name="one_external_id_per_buyer")
        ]

    def __str__(self) -> str:
        return self.external_id

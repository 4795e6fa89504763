"""The default customer of one country's template now takes all orders of that country. Where it was there only for
orders without a customer, it goes: the template for all other countries has one for them."""

from django.db import migrations


def only_where_it_was_meant(apps, schema_editor):
    """Empty the default customer of country rows that did not say "always the default customer"."""
    rows = apps.get_model("mappings", "CustomerTemplate").objects.exclude(country="")
    rows.exclude(match="default_customer").update(default_customer_id="", default_customer_name="")


class Migration(migrations.Migration):
    dependencies = [("mappings", "0005_customer_rules")]

    operations = [migrations.RunPython(only_where_it_was_meant, migrations.RunPython.noop)]

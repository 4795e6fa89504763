"""A small configuration file and the command, for the tests of this folder."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

SMALL = """
version: 1
connections:
  books:
    name: Books
    account_id: 1234567_SB1
    client_id: hub
    secrets:
      private_key: BOOKS_KEY
shops:
  berlin:
    name: Berlin
    domain: berlin.myshopify.com
    iana_timezone: Europe/Berlin
    erp_connection: books
    order_rules:
      automatic: false
      line_rounding_units: 2
    customer_templates:
      (default):
        default_customer_id: {id: 2002, name: Walk-in}
      NO:
        create_missing: false
    mappings:
      location:
        "88101": {target_id: {id: 7, name: Berlin}, source_label: Lager}
      tax:
        VAT|20|GB: {target_id: {id: 31, name: VAT}, tax_rate: 20}
        (default): {behaviour: stop}
"""


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("config", *arguments, stdout=out, stderr=io.StringIO())
    return out.getvalue()


def plan(*arguments: str) -> tuple[str, int]:
    out = io.StringIO()
    try:
        call_command("config", "plan", *arguments, stdout=out)
    except SystemExit as ended:
        return out.getvalue(), int(str(ended.code))
    return out.getvalue(), 0


def refused(*arguments: str) -> str:
    with pytest.raises(CommandError) as caught:
        run(*arguments)
    return str(caught.value)


def changed(path: str, old: str, new: str) -> str:
    text = Path(path).read_text()
    assert old in text
    Path(path).write_text(text.replace(old, new))
    return path

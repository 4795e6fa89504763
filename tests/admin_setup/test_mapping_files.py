"""Mappings as files: what comes out goes in again, and every fault is named by row before anything is saved."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from mappings.models import Behaviour, TargetKind, ValueMapping
from mappings.proxies import AccountMapping, ShipmentMethodMapping
from shops.models import Shop

pytestmark = pytest.mark.django_db
LIST = "admin:mappings_shipmentmethodmapping"


def upload(client: Client, name: str, text: str) -> Any:
    file = SimpleUploadedFile("rows.csv", text.encode())
    return client.post(reverse(f"{name}_import"), {"import_file": file, "format": "0", "resource": ""})


def confirm(client: Client, name: str, preview: Any) -> Any:
    form = preview.context["confirm_form"]
    return client.post(reverse(f"{name}_process_import"), form.initial)


def faults(preview: Any) -> dict[int, dict[str, list[str]]]:
    return {r.number: r.field_specific_errors for r in preview.context["result"].invalid_rows}


def test_a_file_is_previewed_first_and_saved_when_confirmed(boss: Client, shop: Shop) -> None:
    ShipmentMethodMapping.objects.create(shop=shop, source="Express", target_id="9", target_label="Old")
    text = "shop,source,behaviour,target_id\nmain-store,EXPRESS,,21\nmain-store,Pick-up,empty,\nmain-store,,stop,\n"
    preview = upload(boss, LIST, text)
    assert preview.status_code == 200
    assert [r.import_type for r in preview.context["result"].valid_rows()] == ["update", "new", "new"]
    assert ValueMapping.objects.get().target_id == "9"
    assert confirm(boss, LIST, preview).status_code == 302
    stored = {
        r.source: (r.behaviour, r.target_id, r.target_label) for r in ShipmentMethodMapping.objects.all()
    }
    assert stored == {
        "EXPRESS": (Behaviour.USE, "21", "UPS Ground"),
        "Pick-up": (Behaviour.EMPTY, "", ""),
        "": (Behaviour.STOP, "", ""),
    }


def test_faults_are_named_by_row_and_nothing_is_saved(boss: Client, shop: Shop) -> None:
    text = (
        "shop,source,behaviour,target_id\n"
        "main-store,Express,use,21\n"
        "main-store,Slow,perhaps,21\n"
        "main-store,Post,use,404\n"
        "main-store,Van,use,\n"
        "main-store,express,use,21\n"
        "nowhere,Bike,use,21\n"
    )
    preview = upload(boss, LIST, text)
    found = faults(preview)
    assert found[2] == {"behaviour": ["'perhaps' is not one of use, empty, stop."]}
    assert found[3]["target_id"][0].startswith("NetSuite has no active ship method with the id 404.")
    assert "Give the ERP's internal id" in found[4]["target_id"][0]
    assert found[5] == {"source": ["The file has two rows for 'express' of main-store."]}
    assert found[6] == {"shop": ["There is no shop with the key 'nowhere'."]}
    assert sorted(found) == [2, 3, 4, 5, 6]
    assert preview.context.get("confirm_form") is None
    assert "404" in preview.content.decode()
    assert not ValueMapping.objects.exists()


def test_a_file_without_the_needed_columns_says_which(boss: Client, shop: Shop) -> None:
    preview = upload(boss, LIST, "shop,target_id\nmain-store,21\n")
    assert "The file has no column source." in preview.content.decode()


def test_charges_know_their_words_and_both_kinds_of_target(boss: Client, shop: Shop) -> None:
    name = "admin:mappings_accountmapping"
    text = (
        "shop,source,behaviour,target_kind,target_id\n"
        "main-store,shipping,use,,301\n"
        "main-store,rounding,use,account,54\n"
        "main-store,sugar,use,,301\n"
        "main-store,tip,use,account,999\n"
        "main-store,fee,use,ledger,54\n"
        "main-store,fee| ,use,,301\n"
    )
    found = faults(upload(boss, name, text))
    assert "'sugar' is not one of" in found[3]["source"][0]
    assert "no active account with the id 999" in found[4]["target_id"][0]
    assert found[5] == {"target_kind": ["'ledger' is not one of record, account."]}
    assert "nor fee|and the name of a fee" in found[6]["source"][0]
    preview = upload(boss, name, "\n".join([*text.splitlines()[:3], "main-store,fee|Bag fee,use,,301"]))
    assert confirm(boss, name, preview).status_code == 302
    kinds = {r.source: r.target_kind for r in AccountMapping.objects.all()}
    assert kinds == {
        "shipping": TargetKind.RECORD, "rounding": TargetKind.ACCOUNT, "fee|Bag fee": TargetKind.RECORD,
    }  # fmt: skip


def test_what_is_exported_is_no_formula_and_comes_back_unchanged(boss: Client, shop: Shop) -> None:
    for source in ("=1+1", "-50%", "@home", "'quoted", "'=x", "توصيل"):
        ShipmentMethodMapping.objects.create(
            shop=shop, source=source, target_id="21", target_label="UPS Ground"
        )
    answer = boss.post(reverse(f"{LIST}_export"), {"format": "0", "resource": ""})
    text = answer.content.decode()
    assert text.splitlines()[0] == "shop,source,source_label,behaviour,target_id,target_label"
    assert "main-store,'=1+1," in text
    assert not any(cell.startswith(("=", "@", "-")) for line in text.splitlines() for cell in line.split(","))
    ValueMapping.objects.all().delete()
    assert confirm(boss, LIST, upload(boss, LIST, text)).status_code == 302
    assert set(ShipmentMethodMapping.objects.values_list("source", flat=True)) == {
        "=1+1",
        "-50%",
        "@home",
        "'quoted",
        "'=x",
        "توصيل",
    }
    again = upload(boss, LIST, text)
    assert {r.import_type for r in again.context["result"].valid_rows()} == {"skip"}


@pytest.mark.parametrize(("role", "imports"), [("administrator", 200), ("operations", 200), ("finance", 403)])
def test_only_those_who_may_change_may_import(role: str, imports: int, client_of: Any, shop: Shop) -> None:
    client = client_of(role)
    assert client.get(reverse(f"{LIST}_import")).status_code == imports
    assert client.get(reverse(f"{LIST}_export")).status_code == 200
    if imports == 403:
        assert upload(client, LIST, "shop,source\n").status_code == 403
        assert client.post(reverse(f"{LIST}_process_import"), {}).status_code == 403


def test_a_spreadsheet_goes_out_and_in_again_and_its_faults_are_named_too(boss: Client, shop: Shop) -> None:
    ShipmentMethodMapping.objects.create(shop=shop, source="=1+1", target_id="21", target_label="UPS Ground")
    answer = boss.post(reverse(f"{LIST}_export"), {"format": "1", "resource": ""})
    assert answer["Content-Type"].startswith("application/vnd.openxmlformats")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    sheet = book.worksheets[0]
    assert [cell.value for cell in sheet[2]][:2] == ["main-store", "'=1+1"]  # text, not a formula

    sheet.append(["main-store", "Slow", "", "use", 21, ""])  # a spreadsheet turns ids into numbers
    sheet.append(["main-store", "Post", "", "use", 404, ""])
    preview = sheet_of(boss, book)
    assert faults(preview)[3]["target_id"][0].startswith(
        "NetSuite has no active ship method with the id 404."
    )
    sheet.delete_rows(4)
    assert confirm(boss, LIST, sheet_of(boss, book)).status_code == 302
    rows = ShipmentMethodMapping.objects.order_by("source").values_list("source", "target_id", "target_label")
    assert list(rows) == [("=1+1", "21", "UPS Ground"), ("Slow", "21", "UPS Ground")]


def sheet_of(client: Client, book: openpyxl.Workbook) -> Any:
    content = io.BytesIO()
    book.save(content)
    file = SimpleUploadedFile("rows.xlsx", content.getvalue())
    return client.post(reverse(f"{LIST}_import"), {"import_file": file, "format": "1", "resource": ""})


def test_what_is_no_spreadsheet_and_no_text_is_refused_with_a_sentence(boss: Client, shop: Shop) -> None:
    for name, content, kind in (("rows.xlsx", b"not a zip", "1"), ("rows.csv", b"\xff\xfe\x00bad", "0")):
        file = SimpleUploadedFile(name, content)
        answer = boss.post(
            reverse(f"{LIST}_import"), {"import_file": file, "format": kind, "resource": ""}, follow=True
        )
        assert answer.status_code == 200
        assert answer.context.get("confirm_form") is None
    assert not ValueMapping.objects.exists()

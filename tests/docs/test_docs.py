"""What the documents say is there."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import get_commands

from canonical.components import computed_tax
from common.causes import CAUSES
from integration_hub.unfold import GROUPS
from shops.shopify.scopes import NEEDED, USEFUL
from syncflows.states import State
from tests.docs import alert_table, change_table
from tests.docs.cause_table import GUIDE, PARTS, ROOT, codes_of, with_tables

DOCUMENTS = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").rglob("*.md"))]
NAMES = [str(path.relative_to(ROOT)) for path in DOCUMENTS]
LARGEST = 200_000

_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)|(?:src|srcset)=\"([^\"]+)\"")
_FENCE = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
_MAKE = re.compile(r"\bmake ([a-z]+)")
_MANAGE = re.compile(r"manage\.py ([a-z_]+)")
_SETTING = re.compile(r"\b([A-Z][A-Z_]{3,}[A-Z])=")
_RAISED = re.compile(
    r"(?:NeedsPerson|Retryable|NotExecuted|UnknownOutcome|AlreadyExists|CredentialsExpired|Skip|needs_person)"
    r'\(\s*"([A-Z_]+)"'
)
_PACKAGES = ("canonical", "common", "erps", "mappings", "monitoring", "shops", "syncflows")
_BUILT_IN = {"ORDERS", "ONCE", "FRESH", "PORT", "SHORT", "BIND", "PROCESSES", "THREADS", "COVER", "ARGS"}


def _read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def _anchor(heading: str) -> str:
    """GitHub's anchor of a heading."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def _links(path: Path) -> Iterator[str]:
    for match in _LINK.finditer(_FENCE.sub("", _read(path))):
        yield match.group(1) or match.group(2)


def _code(path: Path) -> str:
    return "\n".join(_CODE.findall(_read(path)))


@pytest.mark.parametrize("path", DOCUMENTS, ids=NAMES)
def test_every_link_and_picture_leads_somewhere(path: Path) -> None:
    for link in _links(path):
        if link.startswith(("https://", "http://", "mailto:")):
            continue
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        assert target.exists(), f"{link} leads nowhere"
        assert ROOT in [target, *target.parents], f"{link} leads out of the repository"
        if anchor:
            headings = re.findall(r"^#+ (.+)$", _read(target), re.MULTILINE)
            assert anchor in map(_anchor, headings), f"{link} names no heading"


def test_every_picture_is_used_and_small_and_1440_wide() -> None:
    used = {(path.parent / link).resolve() for path in DOCUMENTS for link in _links(path)}
    pictures = sorted((ROOT / "docs" / "images").glob("*.png"))
    assert pictures
    for picture in pictures:
        body = picture.read_bytes()
        assert len(body) <= LARGEST, f"{picture.name} has {len(body):,} bytes"
        assert struct.unpack(">I", body[16:20]) == (1440,), picture.name
        twin = picture.with_name(picture.name.replace("-dark.png", "-light.png"))
        assert {picture, twin} & used, f"no document shows {picture.name}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=NAMES)
def test_every_command_exists(path: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", _read(ROOT / "Makefile"), re.MULTILINE))
    code = _code(path)
    assert set(_MAKE.findall(code)) <= targets
    assert set(_MANAGE.findall(code)) <= set(get_commands())


@pytest.mark.parametrize("path", DOCUMENTS, ids=NAMES)
def test_every_setting_named_is_one(path: Path) -> None:
    offered = set(re.findall(r"^#?([A-Z][A-Z_]+)=", _read(ROOT / ".env.example"), re.MULTILINE))
    offered |= set(re.findall(r"\$\(([A-Z]+)\)", _read(ROOT / "Makefile")))
    named = {name.removesuffix("_FILE") for name in _SETTING.findall(_code(path))}
    assert named - _BUILT_IN - {"HUB_ENV"} <= offered


def test_the_table_of_causes_is_complete_and_current() -> None:
    listed = [code for _, file in PARTS for code in codes_of(file)]
    assert sorted(listed) == sorted(CAUSES)
    text = _read(GUIDE)
    assert text == with_tables(text), "write it anew: python -m tests.docs.cause_table"


def test_the_table_of_changes_is_current() -> None:
    text = _read(change_table.GUIDE)
    assert text == change_table.with_table(text), "write it anew: python -m tests.docs.change_table"


def test_every_alert_is_explained() -> None:
    text = _read(alert_table.GUIDE)
    assert text == alert_table.with_table(text), "write it anew: python -m tests.docs.alert_table"


def test_every_code_that_is_raised_is_in_the_catalogue() -> None:
    modules = [path for package in _PACKAGES for path in (ROOT / package).rglob("*.py")]
    raised = {code for path in modules for code in _RAISED.findall(_read(path))}
    assert len(raised) > 60
    assert raised <= set(CAUSES)


def test_the_scopes_are_those_the_hub_asks_for() -> None:
    guide = _read(ROOT / "docs" / "setup-shopify.md")
    rows = re.findall(r"^\| `((?:read|write)_\w+)` \|(.*)$", guide, re.MULTILINE)
    assert [name for name, _ in rows if name in NEEDED] == list(NEEDED)
    assert {name: " optional:" in text for name, text in rows} == {
        **dict.fromkeys(NEEDED, False),
        **dict.fromkeys(USEFUL, True),
    }
    readme = _read(ROOT / "README.md")
    blocks = re.findall(r"^```\w*\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)
    assert list(NEEDED) in [block.split() for block in blocks]
    assert all(f"`{name}`" in readme for name in USEFUL)


def test_every_state_is_explained() -> None:
    guide = _read(ROOT / "docs" / "orders.md")
    assert set(re.findall(r"^\| \*\*([^*]+)\*\* \|", guide, re.MULTILINE)) == {
        *(state.label for state in State),
        "To be reviewed",
    }


def test_every_page_named_with_its_group_is_in_the_sidebar() -> None:
    pages = {(group, page.title) for group, found in GROUPS for page in found}
    groups = {group for group, _ in pages if group}
    for path in DOCUMENTS:
        for group, title in re.findall(r"\*([A-Z][\w-]*) › ([\w ]+?)(?: ›[^*]*)?\*", _read(path)):
            if group in groups:
                assert (group, title) in pages, f"{path.name}: {group} › {title}"


def test_the_worked_tax_codes_are_what_the_hub_expects_of_the_erp() -> None:
    guide = _read(ROOT / "docs" / "tax.md")
    rows = re.findall(r"\| (-?[\d.]+) \| -?[\d.]+ → (-?[\d.]+) \|", guide)
    assert len(rows) == 4
    for amount, tax in rows:
        assert computed_tax(Decimal(amount), Decimal("8.25"), "USD") == Decimal(tax)
    assert sum(Decimal(tax) for _, tax in rows) == Decimal("4.84")

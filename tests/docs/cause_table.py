"""The tables of docs/errors.md, from the catalogue of causes: `python -m tests.docs.cause_table` writes them anew."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "docs" / "errors.md"
BEGIN, END = "<!-- causes: begin -->", "<!-- causes: end -->"
PARTS = (
    ("Mapping and totals", "mappings/causes.py"),
    ("Field mappings", "mappings/field_causes.py"),
    ("Rules, queue and written documents", "syncflows/causes.py"),
    ("Shopify", "shops/causes.py"),
    ("The ERP", "erps/causes.py"),
    ("Network", "common/causes_http.py"),
    ("Messages of alerts", "monitoring/causes.py"),
)
_CODE = re.compile(r'^ {8}"([A-Z_]+)": Cause\(', re.MULTILINE)


def codes_of(file: str) -> list[str]:
    """The codes a module registers, in its order."""
    return _CODE.findall((ROOT / file).read_text(encoding="utf-8"))


def _places() -> dict[str, str]:
    """Title of the sidebar's page by its admin URL name."""
    from integration_hub.unfold import GROUPS

    return {page.name: page.title for _, pages in GROUPS for page in pages}


def tables() -> str:
    """All tables as Markdown, without the markers."""
    from common.causes import CAUSES

    places = _places()
    parts = []
    for title, file in PARTS:
        rows = [f"### {title}", "", "| code | what it is | who | what to do |", "| --- | --- | --- | --- |"]
        for code in codes_of(file):
            entry = CAUSES[code]
            place = f" *({places[entry.where]})*" if entry.where else ""
            words = [text.replace("|", "\\|") for text in (entry.title, entry.who, entry.fix + place)]
            rows.append(f"| `{code}` | {' | '.join(words)} |")
        parts.append("\n".join(rows))
    return "\n\n".join(parts)


def with_tables(text: str) -> str:
    """The guide with its tables as they should be. ValueError when the markers are gone."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{GUIDE.name} has lost its markers {BEGIN} and {END}.")
    return f"{before}{BEGIN}\n\n{tables()}\n\n{END}{after}"


def main() -> None:
    """Write the guide."""
    import django

    django.setup()
    GUIDE.write_text(with_tables(GUIDE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()

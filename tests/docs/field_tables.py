"""The tables of docs/field-mappings.md, from the code: `python -m tests.docs.field_tables` writes them anew."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "field-mappings.md"


def tables() -> dict[str, str]:
    """Each table by its marker."""
    from erps.netsuite import record_fields
    from mappings.fields import catalogue, transforms

    made: dict[str, Callable[[], str]] = {
        "reserved": record_fields.table,
        "steps": transforms.table,
        "catalogue": catalogue.table,
    }
    return {name: make() for name, make in made.items()}


def with_tables(text: str) -> str:
    """The guide with its tables as they should be. ValueError when a marker is gone."""
    for name, table in tables().items():
        begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
        before, found, rest = text.partition(begin)
        _, closed, after = rest.partition(end)
        if not found or not closed:
            raise ValueError(f"{GUIDE.name} has lost its markers {begin} and {end}.")
        text = f"{before}{begin}\n\n{table}\n\n{end}{after}"
    return text


def main() -> None:
    """Write the guide."""
    import django

    django.setup()
    GUIDE.write_text(with_tables(GUIDE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()

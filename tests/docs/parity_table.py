"""Makes docs/parity.md from parity.toml: `python -m tests.docs.parity_table > docs/parity.md`."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
HEAD = """# Parity

What finance and operations teams know from comparable connectors: the 464 test scenarios and 31 known faults of one
whose sources are public, in our own words, each with the test that holds it in this product. *Not here* says why a
scenario makes no sense for it; *comes with* names the part of the product that will bring it. Orders, mapping,
customers, companies, tax, totals and payment terms are told one by one; of other parts a row may stand for several
(their number in brackets). A test makes sure that every test named here exists, and that none of the scenarios and
faults is missing.
"""


def groups() -> list[dict[str, Any]]:
    """The groups of scenarios as written."""
    content: dict[str, Any] = tomllib.loads((HERE / "parity.toml").read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = content["group"]
    return found


def page() -> str:
    """The page."""
    parts = [HEAD]
    for group in groups():
        parts += [f"\n## {group['title']}\n", "| scenario | how |", "| --- | --- |"]
        parts += [
            f"| {scenario['what']}{_count(scenario)} | {_how(scenario)} |" for scenario in group["scenario"]
        ]
    return "\n".join(parts) + "\n"


def _count(scenario: dict[str, Any]) -> str:
    return f" ({scenario['count']})" if "count" in scenario else ""


def _how(scenario: dict[str, Any]) -> str:
    if "tests" in scenario:
        return "<br>".join(f"`{name.removeprefix('tests/')}`" for name in scenario["tests"])
    if "no" in scenario:
        return f"*Not here:* {scenario['no']}"
    return f"*Comes with* {scenario['later']}"


if __name__ == "__main__":
    print(page(), end="")

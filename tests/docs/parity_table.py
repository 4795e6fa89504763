"""Makes docs/parity.md from parity.toml: `python -m tests.docs.parity_table > docs/parity.md`."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
HEAD = """# Parity

What finance and operations teams know from comparable connectors, scenario by scenario, with the test that holds it in
this product. *Not here* says why a scenario makes no sense for it; *comes with* names the part of the product that will
bring it. A test makes sure that every test named here exists.
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
        parts += [f"| {scenario['what']} | {_how(scenario)} |" for scenario in group["scenario"]]
    return "\n".join(parts) + "\n"


def _how(scenario: dict[str, Any]) -> str:
    if "tests" in scenario:
        return "<br>".join(f"`{name.removeprefix('tests/')}`" for name in scenario["tests"])
    if "no" in scenario:
        return f"*Not here:* {scenario['no']}"
    return f"*Comes with* {scenario['later']}"


if __name__ == "__main__":
    print(page(), end="")

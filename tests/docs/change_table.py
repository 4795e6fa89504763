"""The table of docs/order-changes.md, from the rules: `python -m tests.docs.change_table` writes it anew."""

from __future__ import annotations

from canonical.changes import CHANGE_WORDS
from canonical.stages import STAGE_WORDS
from syncflows.flows.order_changes import STAGES, TABLE
from tests.docs.cause_table import ROOT

GUIDE = ROOT / "docs" / "order-changes.md"
BEGIN, END = "<!-- changes: begin -->", "<!-- changes: end -->"


def table() -> str:
    """The table as Markdown, without the markers."""
    heads = ["what changed", *(STAGE_WORDS[stage] for stage in STAGES)]
    rows = [f"| {' | '.join(heads)} |", f"|{' --- |' * len(heads)}"]
    rows += [f"| {CHANGE_WORDS[kind]} | {' | '.join(TABLE[kind])} |" for kind in CHANGE_WORDS]
    return "\n".join(rows)


def with_table(text: str) -> str:
    """The guide with its table as it should be. ValueError when the markers are gone."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{GUIDE.name} has lost its markers {BEGIN} and {END}.")
    return f"{before}{BEGIN}\n\n{table()}\n\n{END}{after}"


def main() -> None:
    """Write the guide anew."""
    GUIDE.write_text(with_table(GUIDE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()

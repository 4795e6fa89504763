"""The table of docs/alerts.md, from the registry of conditions: `python -m tests.docs.alert_table` writes it anew."""

from __future__ import annotations

from tests.docs.cause_table import ROOT

GUIDE = ROOT / "docs" / "alerts.md"
BEGIN, END = "<!-- alerts: begin -->", "<!-- alerts: end -->"


def table() -> str:
    """One heading for each condition, without the markers."""
    from monitoring.registry import conditions

    return "\n\n".join(
        f"### {rule.title}\n\n`{rule.code}` · {rule.severity.label.lower()}. {rule.means}\n\n"
        f"**What to do.** {rule.fix}"
        for rule in sorted(conditions(), key=lambda rule: (-rule.severity, rule.title))
    )


def with_table(text: str) -> str:
    """The guide as it should be. ValueError when the markers are gone."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{GUIDE.name} has lost its markers {BEGIN} and {END}.")
    return f"{before}{BEGIN}\n\n{table()}\n\n{END}{after}"


def main() -> None:
    """Write the guide anew."""
    import django

    django.setup()
    GUIDE.write_text(with_table(GUIDE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()

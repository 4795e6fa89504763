"""docs/parity.md says what parity.toml says, and every test it names is there."""

from __future__ import annotations

import re
from pathlib import Path

from tests.docs.parity_table import groups, page

ROOT = Path(__file__).parents[2]


def test_the_page_is_up_to_date() -> None:
    assert (ROOT / "docs" / "parity.md").read_text(encoding="utf-8") == page()


def test_every_test_that_is_named_exists() -> None:
    missing = []
    for group in groups():
        for scenario in group["scenario"]:
            for name in scenario.get("tests", ()):
                file, _, function = name.partition("::")
                path = ROOT / file
                if not path.is_file() or not re.search(
                    rf"def {function}\(", path.read_text(encoding="utf-8")
                ):
                    missing.append(name)
    assert missing == []


def test_every_scenario_has_exactly_one_answer() -> None:
    for group in groups():
        for scenario in group["scenario"]:
            assert len({"tests", "no", "later"} & set(scenario)) == 1, scenario["what"]
            assert scenario.get("tests", True), scenario["what"]


def test_none_of_the_scenarios_and_faults_is_missing() -> None:
    """A row of another area stands for `count` of them."""
    counted = {"scenarios": 0, "faults": 0, "beyond": 0}
    for group in groups():
        counted[group["list"]] += sum(scenario.get("count", 1) for scenario in group["scenario"])
    assert (counted["scenarios"], counted["faults"]) == (464, 31)

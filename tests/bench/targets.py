"""Figures, what they have to be, and how they are shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure; `at_most` and `at_least` are the promises, None where there is none."""

    name: str
    value: float
    unit: str
    at_most: float | None = None
    at_least: float | None = None

    @property
    def met(self) -> bool:
        """Whether the promise is kept."""
        if self.at_most is not None and self.value > self.at_most:
            return False
        return self.at_least is None or self.value >= self.at_least

    @property
    def target(self) -> str:
        """The promise in words."""
        if self.at_most is not None:
            return f"<= {self.at_most:g}"
        return f">= {self.at_least:g}" if self.at_least is not None else ""


def table(figures: Sequence[Figure]) -> str:
    """The figures as lines."""
    lines = [f"{'figure':<34}{'value':>12}  {'unit':<14}{'target':<10}"]
    lines += [
        f"{f.name:<34}{f.value:>12,.2f}  {f.unit:<14}{f.target:<10}{'' if f.met else 'MISSED'}"
        for f in figures
    ]
    return "\n".join(lines)


def judge(figures: Sequence[Figure]) -> list[str]:
    """One line for each promise that is not kept."""
    return [f"{f.name}: {f.value:.2f} {f.unit}, target {f.target}" for f in figures if not f.met]

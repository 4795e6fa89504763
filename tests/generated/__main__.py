"""`python -m tests.generated`: many generated orders at once, and what became of them."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from random import Random


def main() -> int:
    """0 when every order tied or was blocked with its difference; hypothesis' own report otherwise."""
    parser = argparse.ArgumentParser(
        prog="make generated", description="Generated orders against both arithmetics."
    )
    parser.add_argument("--orders", type=int, default=10_000)
    parser.add_argument("--broken", type=int, default=2_000)
    options = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "integration_hub.settings")
    os.environ.setdefault("DEBUG", "1")
    import django

    django.setup()
    _run(options.orders, options.broken)
    return 0


def _run(orders: int, broken: int) -> None:
    from tests.generated.arithmetic import account
    from tests.generated.judging import broken_order_is_blocked, order_ties_or_is_blocked

    with tempfile.TemporaryDirectory(prefix="generated-") as folder, account(Path(folder)) as arithmetic:
        good = _many(orders, lambda chance: order_ties_or_is_blocked(arithmetic, chance))
        _show("generated orders", good)
        bad = _many(broken, lambda chance: broken_order_is_blocked(arithmetic, chance))
        _show("orders that lack a cent", bad)


def _many(count: int, judge: Callable[[Random], object]) -> Counter[str]:
    """Have hypothesis draw so many orders; what became of them, by tax strategy and cause."""
    from hypothesis import given
    from hypothesis import strategies as st

    from tests.generated.judging import full
    from tests.generated.running import Outcome

    found: Counter[str] = Counter()

    @full(count)
    @given(chance=st.randoms(use_true_random=False))
    def each(chance: Random) -> None:
        outcome = judge(chance)
        assert isinstance(outcome, Outcome)
        ended = outcome.code or "written, equal to the smallest unit"
        choices = outcome.choices
        found[f"{choices.strategy.value}, shipping as {choices.shipping_as}: {ended}"] += 1
        if outcome.written is not None:
            found[f"written as {choices.kind.value}"] += 1
        found["in all"] += 1

    started = time.monotonic()
    each()
    found["seconds"] = round(time.monotonic() - started)
    return found


def _show(title: str, found: Counter[str]) -> None:
    sys.stdout.write(f"{title}: {found.pop('in all')} in {found.pop('seconds')} s\n")
    for name, count in sorted(found.items()):
        sys.stdout.write(f"  {count:>6}  {name}\n")


if __name__ == "__main__":
    raise SystemExit(main())

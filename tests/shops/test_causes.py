from __future__ import annotations

import re
from pathlib import Path

import common.causes
import shops

RAISED = re.compile(r'"([A-Z]+_[A-Z_]+)"')
FOREIGN = {"UNREACHABLE", "NO_ANSWER"}
SHOPIFYS_WORDS = {
    "ACCESS_DENIED", "MAX_COST_EXCEEDED", "INTERNAL_SERVER_ERROR", "SERVICE_UNAVAILABLE", "SHOP_INACTIVE", "GIFT_CARD",
    "ADDITIONAL_FEE", "OPERATION_IN_PROGRESS",
}  # fmt: skip
FOLDER = Path(shops.__file__).parent


def codes_in(path: Path) -> set[str]:
    return set(RAISED.findall(path.read_text(encoding="utf-8")))


def test_every_code_raised_here_has_a_cause_and_every_cause_is_raised() -> None:
    registered = codes_in(FOLDER / "causes.py")
    sources = [path for path in FOLDER.rglob("*.py") if path.name not in {"causes.py", "admin.py"}]
    raised = set().union(*map(codes_in, sources)) - SHOPIFYS_WORDS - FOREIGN
    assert raised == registered
    assert registered <= common.causes.CAUSES.keys()

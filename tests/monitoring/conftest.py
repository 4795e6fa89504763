"""What monitoring remembers in a process does not outlive a test."""

from __future__ import annotations

import pytest

from monitoring.conditions import silence, unexplained


@pytest.fixture(autouse=True)
def _forgetful() -> None:
    silence._usual.cache_clear()
    unexplained.missing.cache_clear()

"""A file with one connection and one shop, and its secret in the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.configuration.running import SMALL


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("BOOKS_KEY", "-----the key-----")
    path = tmp_path / "hub.yaml"
    path.write_text(SMALL)
    return str(path)

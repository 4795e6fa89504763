"""The file people copy names exactly the settings that are read."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_example_names_what_the_settings_read_and_nothing_else() -> None:
    settings = (ROOT / "integration_hub" / "settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r"""\benv\.\w+\(\s*"([A-Z_]+)\"""", settings))
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    offered = set(re.findall(r"^#?([A-Z][A-Z_]+)=", example, flags=re.MULTILINE))
    assert "SECRET_KEY" in read
    assert offered == read

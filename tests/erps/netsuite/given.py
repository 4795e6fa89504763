"""Recorded answers, addresses and a token store in memory."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from erps.netsuite.auth import Token

DATA = Path(__file__).parents[2] / "data" / "netsuite"
BASE = "https://1234567-sb1.suitetalk.api.netsuite.com/services/rest"
TOKEN_URL = f"{BASE}/auth/oauth2/v1/token"


def data(name: str) -> Any:
    return json.loads((DATA / name).read_text())


class Store:
    """A token store in memory that remembers what was saved."""

    def __init__(self, token: Token | None = None) -> None:
        self.token = token
        self.saved: list[Token] = []

    def load(self) -> Token | None:
        return self.token

    def save(self, token: Token) -> None:
        self.token = token
        self.saved.append(token)

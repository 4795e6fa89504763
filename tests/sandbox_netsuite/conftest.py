"""A sandbox NetSuite per test, and a signed-in client."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.netsuite.app import create_app
from sandbox.serving import serve
from tests.sandbox_netsuite.talk import Client


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    with serve(create_app(tmp_path)) as base_url:
        made = Client(base_url)
        made.register()
        made.sign_in()
        yield made
        made.session.close()

"""One shop with an address."""

from __future__ import annotations

import pytest

from tests.inbox.knocking import Door, make_door


@pytest.fixture
def door(db: None) -> Door:
    return make_door()

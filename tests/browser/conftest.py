"""A Chromium for the tests here. Without one they are skipped; under ``HUB_REQUIRE_BROWSER=1`` they fail."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent
_FLAGS = [
    "--no-sandbox",  # root, as in most CI containers, cannot use Chromium's own
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]

# Playwright's synchronous interface keeps an event loop on this thread; Django would refuse its ORM there.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"


def find_chromium() -> str | None:
    """Path of the Chromium to use: ``$CHROMIUM`` first, then the usual names."""
    for name in (
        os.environ.get("CHROMIUM"),
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    ):
        path = shutil.which(name) if name else None
        if path:
            return path
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark this folder's tests, and skip them where no Chromium is."""
    ours = [item for item in items if HERE in item.path.parents]
    reason = "no Chromium found: install one or set CHROMIUM to its path"
    missing = find_chromium() is None
    if ours and missing and os.environ.get("HUB_REQUIRE_BROWSER") == "1":
        pytest.exit(f"HUB_REQUIRE_BROWSER=1, but {reason}", returncode=4)
    for item in ours:
        item.add_marker(pytest.mark.browser)
        if missing:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """pytest-playwright's launch options, with the Chromium of this machine instead of a downloaded one."""
    return {**browser_type_launch_args, "executable_path": find_chromium(), "args": _FLAGS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """The window most people of a finance department have."""
    return {
        **browser_context_args,
        "viewport": {"width": 1440, "height": 900},
        "locale": "en-US",
        "timezone_id": "UTC",
    }

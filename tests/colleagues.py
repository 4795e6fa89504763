"""People with a dialog open, each with what was to be seen when it was opened; also several who press at once."""

from __future__ import annotations

import re
import threading
from dataclasses import dataclass
from html import unescape
from typing import Any

from django.db import connections
from django.test import Client

from syncflows.models import Sync
from tests.factories import ALL_DEEDS, make_person

SEEN = re.compile(r'name="seen" value="(\d+)"')
SHOWN = re.compile(r'name="shown" value="([^"]+)"')


@dataclass(slots=True)
class Colleague:
    """Somebody with a dialog open."""

    name: str
    client: Client
    sync: Sync
    kind: str = ""
    seen: str = ""

    def open(self, kind: str) -> None:
        """Open the dialog of an action."""
        page = self.client.get(f"/admin/syncflows/order/{self.sync.pk}/{kind}/").content.decode()
        found = SEEN.search(page)
        assert found, page
        self.kind, self.seen = kind, found[1]

    def fill_in(self, **values: str) -> dict[str, str]:
        """Answer everything the dialog asks, up to its second question; what the last press sends."""
        page = self._post(values).content.decode()
        found = SHOWN.search(page)
        assert found, page
        return {**values, "shown": unescape(found[1])}

    def send(self, **values: str) -> str:
        """Send it; what the person is told."""
        page = self.client.get(self._post(values).headers["HX-Redirect"]).content.decode()
        told = re.findall(r'<li class="\*:mb-0!">(.*?)</li>', page, re.DOTALL)
        return unescape(" ".join(re.sub(r"<[^>]+>", "", " ".join(told)).split()))

    def _post(self, values: dict[str, str]) -> Any:
        post = {"_form_submitted": "True", "reason": f"{self.name} says so", "seen": self.seen, **values}
        return self.client.post(f"/admin/syncflows/order/{self.sync.pk}/{self.kind}/", post)


def colleague(name: str, sync: Sync) -> Colleague:
    """Somebody who may do everything to orders."""
    client = Client()
    client.force_login(make_person(name, *ALL_DEEDS))
    return Colleague(name, client, sync)


def at_once(*people: tuple[Colleague, dict[str, str]]) -> list[str]:
    """All of them press at the same moment; what each is told."""
    together = threading.Barrier(len(people))
    told: dict[str, str] = {}

    def press(one: Colleague, values: dict[str, str]) -> None:
        try:
            together.wait()
            told[one.name] = one.send(**values)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=press, args=pair) for pair in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [told[one.name] for one, _ in people]

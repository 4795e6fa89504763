"""One run of the demo: the systems and processes it consists of, in the order they are needed."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from integration_hub.demo.children import Children
from integration_hub.demo.place import HOST, ROOT, Place, Ports

START_SECONDS = 60.0
IMPORT_SECONDS = 150.0


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for on the command line."""

    once: bool
    fresh: bool
    port: int | None
    folder: Path


class Session:
    """Starts everything, imports, shows the table; then serves or ends."""

    def __init__(self, place: Place, children: Children, options: Options) -> None:
        self.place = place
        self.children = children
        self.options = options
        self.serving = False
        self._began = time.monotonic()

    def say(self, text: str) -> None:
        """One line of progress with the seconds since the start."""
        print(f"demo: {time.monotonic() - self._began:5.1f} s  {text}", flush=True)

    def run(self) -> int:
        """The whole run. 0 when every order is accounted for (with --once), else 1; serves until interrupted."""
        self.place.take(fresh=self.options.fresh)
        ports = self.place.ports(self.options.port)
        self.place.write_settings(ports)
        os.environ.clear()
        os.environ.update(self.place.environment())
        self._start_sandbox(ports)
        self._load_django()
        from integration_hub.demo import story  # noqa: PLC0415 - needs the settings written above

        story.prepare_database(self.say)
        link = story.connect(self._sandbox_addresses())
        people = story.set_up(link, self.place.secret("password", 9), self.say)
        web = self._start_web(ports, story.answers)
        self._start_worker()
        results = story.import_orders(link, self.children.check, self.say, IMPORT_SECONDS)
        story.register_webhooks(self.say)
        self.say("this is where every order is now:")
        print("\n".join(story.table(results)), flush=True)
        for problem in results.problems:
            print(f"  ! {problem}")
        if self.options.once:
            return self._conclude(bool(results.problems))
        self._invite(web, people, link.shopify, link.netsuite)
        self.serving = True
        while True:
            self.children.check()
            time.sleep(0.2)

    def _conclude(self, failed: bool) -> int:
        if failed:
            print(f"Not every order is accounted for. Logs: {self.place.logs}", flush=True)
            return 1
        print("Every order is accounted for, and both sides come to the same.", flush=True)
        return 0

    def _load_django(self) -> None:
        import django  # noqa: PLC0415 - the environment had to be set first

        os.environ["DJANGO_SETTINGS_MODULE"] = "integration_hub.settings"
        django.setup()
        from integration_hub.demo.logs import write_to  # noqa: PLC0415 - needs the settings

        write_to(self.place.logs / "demo.log")

    def _start_sandbox(self, ports: Ports) -> None:
        self.say("starting a Shopify and a NetSuite to play with")
        command = [sys.executable, "-m", "sandbox", "--state", str(self.place.sandbox), "--seed-demo"]
        command += ["--shopify-port", str(ports.shopify), "--netsuite-port", str(ports.netsuite)]
        command += ["--announce", str(self.place.announce)]
        self.children.start("sandbox", command, self.place.environment(), grace=8)

    def _sandbox_addresses(self) -> dict[str, str]:
        self.children.wait_until(self.place.announce.exists, "The sandbox did not answer", START_SECONDS)
        found: dict[str, str] = json.loads(self.place.announce.read_text(encoding="utf-8"))
        self.say(f"the sandbox answers: Shopify at {found['shopify']}, NetSuite at {found['netsuite']}")
        return found

    def _start_web(self, ports: Ports, answers: Callable[[str], bool]) -> str:
        address = f"http://{HOST}:{ports.web}"
        command = [sys.executable, "-m", "gunicorn", "integration_hub.wsgi", "--bind", f"{HOST}:{ports.web}"]
        command += ["--workers", "1", "--threads", "4", "--graceful-timeout", "2", "--no-control-socket"]
        self.children.start("web server", command, self.place.environment())
        self.children.wait_until(
            lambda: answers(f"{address}/admin/login/"), "The web server did not answer", START_SECONDS
        )
        self.place.note(address)
        self.say(f"the hub answers at {address}")
        return address

    def _start_worker(self) -> None:
        command = [sys.executable, str(ROOT / "manage.py"), "worker"]
        self.children.start("worker", command, self.place.environment(), grace=6)
        self.say("the worker runs")

    def _invite(self, web: str, people: list[str], shopify: str, netsuite: str) -> None:
        print(f"\nOpen {web} and sign in as one of: {', '.join(people)}")
        print(f"The password of each is   {self.place.secret('password', 9)}")
        print(f"Place and change orders at {shopify}, see NetSuite's books at {netsuite}")
        print("What happens there comes by webhook: Monitoring, Inbox shows it.")
        print(f"Commands for this demo: HUB_ENV_FILE={self._shown(self.place.settings_file)} ", end="")
        print(f"{self._shown(Path(sys.executable))} manage.py sync orders --shop demo-store")
        print("Ctrl-C stops everything. The next make demo goes on from here.", flush=True)

    @staticmethod
    def _shown(path: Path) -> str:
        return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)

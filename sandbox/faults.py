"""Failures on demand: a list of rules that decides, request by request, what goes wrong.

A rule in JSON:

    {"match": {"path": "regex", "method": "POST", "operation": "MetafieldsSet", "record_type": "salesOrder"},
     "action": "drop_after_commit", "every": 5, "times": 3, "skip": 0, "probability": 0.2, "seed": 7}

All parts of `match` are optional; `path`, `operation` and `record_type` are regular expressions that must
match the whole value, except `path`, which may match anywhere. `every` fires on each n-th matching request,
`skip` leaves the first n alone, `times` stops after so many hits, `probability` draws from a generator seeded
with `seed`, so that a run can be repeated.
"""

from __future__ import annotations

import math
import random
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ACTIONS = {
    "status_429": "answer 429 with Retry-After (`retry_after` seconds), execute nothing",
    "throttled_body": "answer 200 with the system's own 'too many requests' body, execute nothing",
    "status_500": "answer 500 (or `status`), execute nothing",
    "timeout_before": "drop the connection before doing anything",
    "drop_after_commit": "execute, then drop the connection instead of answering",
    "commit_late": "drop the connection (or answer `status`) now, execute `after_s` seconds later",
    "delay_ms": "wait first: `delay_ms` is a number, or {median, sigma} for a lognormal draw",
    "expire_token": "the presented token counts as expired from now on",
    "answer_twice": "execute the request twice, as a repeating proxy would, and give the second answer",
}


class FaultError(ValueError):
    """A fault rule that cannot be used; the message says which part is wrong."""


@dataclass(frozen=True)
class RequestInfo:
    """What a rule can look at: URL path, HTTP method, operation name (GraphQL) and record type (ERP)."""

    path: str
    method: str = "POST"
    operation: str = ""
    record_type: str = ""


@dataclass(frozen=True)
class Fault:
    """What should go wrong with one request. `delay_s` is drawn already; `status` is for answers."""

    action: str
    status: int = 500
    retry_after: float = 1.0
    delay_s: float = 0.0
    after_s: float = 1.0

    def sleep(self) -> None:
        """Wait for the drawn delay, if there is one."""
        if self.delay_s > 0:
            time.sleep(self.delay_s)


@dataclass
class _Rule:
    spec: dict[str, Any]
    path: re.Pattern[str] | None
    operation: re.Pattern[str] | None
    record_type: re.Pattern[str] | None
    method: str | None
    draw: random.Random
    seen: int = 0
    hits: int = 0

    def matches(self, request: RequestInfo) -> bool:
        return (
            (self.method is None or self.method == request.method)
            and (self.path is None or self.path.search(request.path) is not None)
            and (self.operation is None or self.operation.fullmatch(request.operation) is not None)
            and (self.record_type is None or self.record_type.fullmatch(request.record_type) is not None)
        )

    def fires(self) -> bool:
        """Count a matching request; true when this one is to fail."""
        times = self.spec.get("times")
        if times is not None and self.hits >= times:
            return False
        self.seen += 1
        after_skip = self.seen - self.spec.get("skip", 0)
        if after_skip <= 0 or after_skip % self.spec.get("every", 1):
            return False
        probability = self.spec.get("probability")
        if probability is not None and self.draw.random() >= probability:
            return False
        self.hits += 1
        return True

    def fault(self) -> Fault:
        delay = self.spec.get("delay_ms", 0)
        if isinstance(delay, dict):
            delay = delay["median"] * math.exp(self.draw.gauss(0.0, delay.get("sigma", 0.0)))
        late = self.spec["action"] == "commit_late"
        return Fault(
            action=self.spec["action"],
            status=self.spec.get("status", 0 if late else 500),
            retry_after=self.spec.get("retry_after", 1.0),
            delay_s=delay / 1000.0,
            after_s=self.spec.get("after_s", 1.0),
        )


@dataclass
class FaultPlan:
    """A thread-safe list of fault rules; the first rule that fires decides, `delay_ms` rules add up."""

    _rules: list[_Rule] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, spec: Mapping[str, Any]) -> None:
        """Add one rule given as in the module's text. Raises FaultError when a part of it is unusable."""
        rule = _parse(dict(spec))
        with self._lock:
            self._rules.append(rule)

    def clear(self) -> None:
        """Remove all rules."""
        with self._lock:
            self._rules.clear()

    def decide(self, request: RequestInfo) -> Fault | None:
        """The fault of this request, or None. Delays are added to whatever else is decided."""
        if not self._rules:
            return None
        delay, chosen = 0.0, None
        with self._lock:
            for rule in self._rules:
                if not rule.matches(request) or (chosen and rule.spec["action"] != "delay_ms"):
                    continue
                if rule.fires():
                    fault = rule.fault()
                    delay += fault.delay_s
                    if fault.action != "delay_ms":
                        chosen = fault
        if chosen is None:
            return Fault("delay_ms", delay_s=delay) if delay else None
        return Fault(chosen.action, chosen.status, chosen.retry_after, delay, chosen.after_s)

    def as_json(self) -> list[dict[str, Any]]:
        """The rules as they were given, each with how many requests it saw and hit."""
        with self._lock:
            return [{**rule.spec, "seen": rule.seen, "hits": rule.hits} for rule in self._rules]

    def serve(self, method: str, body: Any) -> tuple[int, dict[str, Any]]:
        """What `/_sandbox/faults` answers: GET lists, POST adds one rule or a list, DELETE clears."""
        if method == "DELETE":
            self.clear()
        elif method == "POST":
            try:
                for spec in body if isinstance(body, list) else [body]:
                    self.add(spec)
            except (FaultError, TypeError, ValueError) as error:
                return 400, {"error": str(error)}
        return 200, {"faults": self.as_json(), "actions": ACTIONS}


_FIELDS = {
    "match", "action", "every", "times", "skip", "probability", "seed",
    "status", "retry_after", "delay_ms", "after_s", "seen", "hits",
}  # fmt: skip


def _parse(spec: dict[str, Any]) -> _Rule:
    if unknown := sorted(set(spec) - _FIELDS):
        raise FaultError(
            f"A fault rule has no field {', '.join(unknown)}; it may have {', '.join(sorted(_FIELDS))}."
        )
    if spec.get("action") not in ACTIONS:
        raise FaultError(f"Unknown action {spec.get('action')!r}; choose one of {', '.join(ACTIONS)}.")
    if spec.get("every", 1) < 1:
        raise FaultError("`every` counts requests and must be 1 or more.")
    match = spec.get("match", {})
    if unknown := sorted(set(match) - {"path", "method", "operation", "record_type"}):
        raise FaultError(f"`match` has no field {', '.join(unknown)}.")
    patterns: dict[str, re.Pattern[str] | None] = {}
    for name in ("path", "operation", "record_type"):
        try:
            patterns[name] = re.compile(match[name]) if match.get(name) else None
        except re.error as error:
            raise FaultError(f"`match.{name}` is not a regular expression: {error}.") from error
    spec = {key: value for key, value in spec.items() if key not in ("seen", "hits")}
    draw = random.Random(spec.get("seed", 0))
    return _Rule(
        spec, patterns["path"], patterns["operation"], patterns["record_type"], match.get("method"), draw
    )

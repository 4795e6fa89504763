"""Health pages for load balancers and monitors, and figures for Prometheus: no log-in, no data of orders."""

from __future__ import annotations

import hmac

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from monitoring.alerts import tell_of_silence
from monitoring.metrics import exposition
from monitoring.vitals import WORKER, readiness


@require_safe
@never_cache
def healthz(_request: HttpRequest) -> HttpResponse:
    """200 as long as the process answers; nothing else is asked."""
    return HttpResponse("ok\n", content_type="text/plain")


@require_safe
@never_cache
def readyz(_request: HttpRequest) -> JsonResponse:
    """200 when database, migrations and worker are as they should be, else 503 with what is wrong and what to do."""
    checks = readiness()
    ready = all(check.ok for check in checks)
    if any(check.name == WORKER and not check.ok for check in checks):
        tell_of_silence()
    lines = {c.name: {"ok": c.ok, "detail": c.detail, **({} if c.ok else {"fix": c.fix})} for c in checks}
    return JsonResponse({"ready": ready, "checks": lines}, status=200 if ready else 503)


@require_safe
@never_cache
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures for Prometheus, to whoever sends HUB_METRICS_TOKEN as bearer token. Without that setting no such page."""
    if not settings.HUB_METRICS_TOKEN:
        raise Http404
    given = request.headers.get("Authorization", "")
    if not hmac.compare_digest(given.encode(), f"Bearer {settings.HUB_METRICS_TOKEN}".encode()):
        return HttpResponse(status=401, headers={"WWW-Authenticate": "Bearer"})
    return HttpResponse(exposition(), content_type=CONTENT_TYPE_PLAIN_0_0_4)

"""The job engine's rows, to look at. Work itself is in Sync rows: a job here is only a wake-up."""

from __future__ import annotations

from django.apps import apps
from django.contrib import admin

from common.admin import ReadOnlyAdmin

# By name: only syncflows.jobs and syncflows.schedules may import the job engine.
Schedule = apps.get_model("django_q", "Schedule")
Success = apps.get_model("django_q", "Success")
Failure = apps.get_model("django_q", "Failure")
OrmQ = apps.get_model("django_q", "OrmQ")

for _model in (Schedule, Success, Failure, OrmQ):
    if admin.site.is_registered(_model):
        admin.site.unregister(_model)


@admin.register(Schedule)
class ScheduleAdmin(ReadOnlyAdmin):
    """Schedules of the engine. When a shop is searched stands in the shop's order rules."""

    list_display = ("name", "func", "schedule_type", "minutes", "next_run", "last_run")
    list_display_links = ("name",)
    fields = ("name", "func", "schedule_type", "minutes", "cron", "repeats", "next_run")
    search_fields = ("name", "func")
    empty_words = "No schedule yet. The worker makes it when it starts: run make worker."


class _ResultAdmin(ReadOnlyAdmin):
    # args, kwargs and result are pickles: not opened here.
    list_display: tuple[str, ...] = ("name", "func", "started", "stopped")
    fields: tuple[str, ...] = ("name", "func", "started", "stopped", "attempt_count")
    search_fields = ("name", "func")


@admin.register(Success)
class SuccessAdmin(_ResultAdmin):
    """Jobs that ended well."""

    empty_words = "No finished job is kept."


@admin.register(Failure)
class FailureAdmin(_ResultAdmin):
    """Jobs that ended with an error; the orders they woke are taken up again by the next sweep."""

    list_display = ("name", "func", "started", "stopped", "why")
    fields = (*_ResultAdmin.fields, "why")
    readonly_fields = ("why",)
    empty_words = "No failed job. That is how it should be."

    @admin.display(description="Error")
    def why(self, job: object) -> str:
        """The last line of the error, which the engine stores as text."""
        result = getattr(job, "result", None)
        lines = result.strip().splitlines() if isinstance(result, str) else []
        return lines[-1][:300] if lines else "-"


@admin.register(OrmQ)
class OrmQAdmin(ReadOnlyAdmin):
    """Wake-ups that wait for a worker."""

    list_display = ("id", "key", "lock")
    fields = ("key", "lock")
    empty_words = "No wake-up waits."

"""`manage.py every_minute`: run now what the worker runs every minute, first of all the alerts."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.module_loading import import_string


class Command(BaseCommand):
    help = (
        "Run once what the worker runs every minute: look for alerts and send messages. From cron on any machine it "
        "tells of a worker that is gone."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        for job in settings.EVERY_MINUTE:
            import_string(job)()

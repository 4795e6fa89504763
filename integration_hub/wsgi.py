"""WSGI entry point for gunicorn and runserver. A setting that cannot work stops the start here too."""

import os

from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "integration_hub.settings")
application = get_wsgi_application()
call_command("check", verbosity=0)

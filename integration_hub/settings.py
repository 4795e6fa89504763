"""Settings from the environment (and NAME_FILE for secrets). Every name is described in .env.example.

Unsafe or unknown values are reported by the system checks of `common.checks`, with what to write instead.
"""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Any

import structlog

from integration_hub.environment import NO_DATABASE, Environment
from integration_hub.unfold import UNFOLD as UNFOLD_LOOK

BASE_DIR = Path(__file__).resolve().parent.parent
env = Environment()
ENV_FILE = Path(os.environ.get("HUB_ENV_FILE", BASE_DIR / ".env"))
if ENV_FILE.exists():
    env.read_file(ENV_FILE)

DEBUG = env.flag("DEBUG", default=False)
SECRET_KEY = env.text("SECRET_KEY", "insecure-debug-key" if DEBUG else "")
SECRET_KEY_MISSING = not SECRET_KEY
if SECRET_KEY_MISSING:
    SECRET_KEY = secrets.token_urlsafe(50)  # lets the system check speak; nothing starts without a real one
HUB_SECRET_KEYS: list[str] = env.words("HUB_SECRET_KEYS", ["insecure-debug-key"] if DEBUG else [])
ALLOWED_HOSTS: list[str] = env.words("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS: list[str] = env.words("CSRF_TRUSTED_ORIGINS", [])
HUB_PUBLIC_URL = env.text("HUB_PUBLIC_URL", "http://localhost:8000")
HUB_EXTRA_API_HOSTS: list[str] = env.words("HUB_EXTRA_API_HOSTS", [])
HUB_ALERT_HOSTS: list[str] = env.words("HUB_ALERT_HOSTS", [])

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.import_export",
    "unfold.contrib.forms",
    "integration_hub.apps.HubAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_q",
    "import_export",
    "auditlog",
    "common",
    "shops",
    "erps",
    "mappings",
    "syncflows",
    "monitoring",
    "configuration",
    "integration_hub",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "integration_hub.doorway.Doorway",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "auditlog.middleware.AuditlogMiddleware",
]
ROOT_URLCONF = "integration_hub.urls"
WSGI_APPLICATION = "integration_hub.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

DATABASES: dict[str, dict[str, Any]] = {
    "default": env.database("DATABASE_URL", f"sqlite:///{BASE_DIR / 'var' / 'hub.sqlite3'}")
}
DATABASES["default"]["CONN_MAX_AGE"] = None
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
elif DATABASES["default"] != NO_DATABASE:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "en-us"
TIME_ZONE = "UTC"
USE_I18N = False
DATE_FORMAT = "d M Y"
DATETIME_FORMAT = "d M Y H:i"
TIME_FORMAT = "H:i"
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = DEBUG

HTTPS_ONLY = env.flag("HTTPS_ONLY", default=not DEBUG)
SECURE_SSL_REDIRECT = HTTPS_ONLY
SESSION_COOKIE_SECURE = HTTPS_ONLY
CSRF_COOKIE_SECURE = HTTPS_ONLY
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS_ONLY else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS_ONLY
SECURE_HSTS_PRELOAD = HTTPS_ONLY
if env.flag("BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# Mail of alerts. Without a host no mail is sent, and channels that want it say so.
EMAIL_HOST = env.text("EMAIL_HOST", "")
EMAIL_PORT = env.number("EMAIL_PORT", 587)
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", default=True)
EMAIL_USE_SSL = env.flag("EMAIL_USE_SSL", default=False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", "integration-hub@localhost")

WORKERS = env.number("HUB_WORKERS", 2)
HUB_BROKER_URL = env.text("HUB_BROKER_URL", "")
Q_CLUSTER = {
    "name": "hub",
    **({"redis": HUB_BROKER_URL} if HUB_BROKER_URL else {"orm": "default"}),
    "workers": WORKERS,
    "queue_limit": WORKERS,
    "bulk": 1,
    "timeout": 600,
    "retry": 1300,
    "max_attempts": 1,
    "ack_failures": True,
    "poll": 0.1,
    "save_limit": 0,
    "catch_up": False,
    "recycle": 500,
    "time_zone": "UTC",
}
# Run by the workers after each search of a shop, with the shop's id.
AFTER_DISCOVERY = ["monitoring.completeness.refresh"]
HUB_METRICS_TOKEN = env.text("HUB_METRICS_TOKEN", "")
# Run by the workers every minute, each as a job of its own; by the watchdog itself when no worker shows life.
EVERY_MINUTE = ["monitoring.alerts.every_minute"]
HUB_BATCH_SIZE = env.number("HUB_BATCH_SIZE", 50)
HUB_WEBHOOK_MAX_BYTES = env.number("HUB_WEBHOOK_MAX_BYTES", 10_000_000)
HUB_WEBHOOK_BODY_DAYS = env.number("HUB_WEBHOOK_BODY_DAYS", 14)
HUB_WEBHOOK_FAILED_DAYS = env.number("HUB_WEBHOOK_FAILED_DAYS", 60)
HUB_WEBHOOK_ROW_DAYS = env.number("HUB_WEBHOOK_ROW_DAYS", 90)
HUB_LEASE_SECONDS = env.number("HUB_LEASE_SECONDS", 30)

UNFOLD = {**UNFOLD_LOOK, "DASHBOARD_CALLBACK": "monitoring.dashboard.overview"}

AUDITLOG_DISABLE_REMOTE_ADDR = False

structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer() if not DEBUG else structlog.dev.ConsoleRenderer(colors=False),
    ],
    wrapper_class=structlog.make_filtering_bound_logger(20),
)
LOG_LEVEL = env.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": LOG_LEVEL},
}
# What could not be read of all this, for the system check.
HUB_SETTING_PROBLEMS = env.problems

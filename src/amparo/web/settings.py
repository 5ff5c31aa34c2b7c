"""Django settings from :class:`amparo.config.Settings`; nothing is decided here that a person may set."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from amparo import config
from amparo.evidence.errors import BadInput

SETTINGS = config.load()

SECRET_KEY = config.secret(SETTINGS.home, "django.key")
DEBUG = False
ALLOWED_HOSTS: list[str] = []
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "amparo.ui",
    "amparo.accounts",
    "amparo.catalogue",
]
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}]
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]

# Committed results survive a power cut (FULL), writers queue instead of failing (IMMEDIATE), erased rows are
# overwritten (secure_delete), and readers never wait for the writer (WAL).
_SQLITE = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 30,
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON; PRAGMA cache_size=-65536;"
    ),
}


def _database() -> dict[str, Any]:
    if not SETTINGS.database_url:
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": SETTINGS.home / "amparo.sqlite3", "OPTIONS": _SQLITE}
    try:
        url = urlsplit(SETTINGS.database_url)
    except ValueError as error:  # half of an IPv6 address
        raise BadInput("DATABASE_URL is not an address.", "postgresql://user:password@host/name") from error
    if url.scheme not in ("postgresql", "postgres"):
        raise BadInput("DATABASE_URL is not a PostgreSQL address.", "postgresql://user:password@host/name")
    options = dict(parse_qsl(url.query))
    try:
        port = str(url.port or options.pop("port", ""))
    except ValueError as error:
        hint = "For example: postgresql://user:password@host:5432/name"
        raise BadInput("The port in DATABASE_URL is not a number.", hint) from error
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(url.path.lstrip("/")),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": options.pop("host", _host(url.netloc)),
        "PORT": port,
        "OPTIONS": options,
    }


def _host(netloc: str) -> str:
    """Host name, or the folder of a socket, which stands percent-encoded and keeps its case."""
    host = netloc.rpartition("@")[2]
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return unquote(host.partition(":")[0])


DATABASES = {"default": _database()}

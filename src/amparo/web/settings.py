"""Django settings from :class:`amparo.config.Settings`; nothing is decided here that a person may set."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from amparo import config
from amparo.evidence.errors import BadInput

SETTINGS = config.load()

SECRET_KEY = config.secret(SETTINGS.home, "django.key")
DEBUG = False
ALLOWED_HOSTS = SETTINGS.hosts
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "amparo.ui",
    "amparo.accounts",
    "amparo.catalogue",
    "amparo.workbench",  # before allauth: its templates take the place of allauth's
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "amparo.workbench.middleware.Private",
    "amparo.workbench.api.errors.Errors",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "amparo.workbench.bodies.Bounded",  # before anything that reads a form
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "amparo.workbench.account.refusals.Refusals",
    "amparo.workbench.middleware.SecondFactor",
    "amparo.workbench.middleware.Idle",
    "amparo.workbench.limits.Limited",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "amparo.web.staff_urls"
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",  # first: refuses whom it has locked out
    "allauth.account.auth_backends.AuthenticationBackend",
]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "amparo.workbench.context.frame",
            ]
        },
    }
]
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]

# Log-in: nobody signs up, people are invited; a second factor is required of all (middleware SecondFactor).
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_ADAPTER = "amparo.workbench.account.adapter.AccountAdapter"
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 600  # seconds
MFA_ADAPTER = "amparo.workbench.account.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Amparo"
MFA_RECOVERY_CODES_SHOW_ONCE = True
ACCOUNT_RATE_LIMITS = {"login_failed": "30/m/ip,5/15m/key"}  # codes of second factors; axes counts passwords
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = SETTINGS.loopback  # browsers allow passkeys on localhost without TLS
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "amparo.workbench.account.names.counted"  # other capitals are no other name
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # nobody keeps another person out by going on
AXES_LOCKOUT_TEMPLATE = "workbench/locked_out.html"
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "login", "csrfmiddlewaretoken"]  # not kept with attempts
AXES_VERBOSE = False

# Sessions: half an hour without a request ends them, so do closing the browser and twelve hours (middleware Idle).
SESSION_COOKIE_AGE = 1800
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not SETTINGS.loopback
CSRF_TRUSTED_ORIGINS = [SETTINGS.origin] if SETTINGS.origin else []
CSRF_FAILURE_VIEW = "amparo.workbench.errors.csrf_failure"
SECURE_SSL_REDIRECT = False  # the proxy that ends TLS does this
SECURE_HSTS_SECONDS = 0 if SETTINGS.loopback else 31_536_000  # sent by middleware.Private: TLS ends at the proxy
SECURE_REFERRER_POLICY = "same-origin"  # "no-referrer" makes browsers send "Origin: null" with forms
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
_SELF = ["'self'"]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": _SELF,
        "style-src": _SELF,
        "img-src": _SELF,
        "font-src": _SELF,
        "connect-src": _SELF,
        "form-action": _SELF,
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
}

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True  # no step between installing and starting
WHITENOISE_AUTOREFRESH = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
FILE_UPLOAD_HANDLERS = ["amparo.workbench.bodies.NoFiles"]
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"  # nothing is ever mailed
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"no_addresses": {"()": "amparo.workbench.log.NoAddresses"}},
    "formatters": {"no_values": {"()": "amparo.workbench.log.NoValues"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "filters": ["no_addresses"], "formatter": "no_values"}},
    "loggers": {"django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False}},
}

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
    # Pages ask small questions: to compile a statement took longer than to run it (measured: 78 of 90 ms).
    options["options"] = f"-c jit=off {options.get('options', '')}".strip()
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
SILENCED_SYSTEM_CHECKS = ["models.W040"]  # columns beside an index: PostgreSQL has them, SQLite passes over them

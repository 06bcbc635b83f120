"""Settings, from the environment, with defaults that are safe on the open internet.

docs/configuration.md lists every variable. DEBUG is off unless DEBUG=1; TLS=1 says that a proxy speaks HTTPS for us.
"""

import os
from decimal import Decimal
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from syncpanel import keys
from syncpanel.databases import database
from syncpanel.networks import read_networks

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("DATA_DIR", BASE_DIR / "data")).resolve()


def flag(name: str) -> bool:
    """True when the variable says yes."""
    return os.environ.get(name, "").lower() in {"1", "true", "yes", "on"}


def words(name: str, default: str = "") -> list[str]:
    """A comma-separated variable as a list."""
    return [word.strip() for word in os.environ.get(name, default).split(",") if word.strip()]


DEBUG = flag("DEBUG")
DEMO = flag("DEMO")
TLS = flag("TLS")
SECRET_KEY = keys.secret_key(DATA_DIR)
SYNCPANEL_ENCRYPTION_KEYS = keys.encryption_keys(DATA_DIR)
DEMO_EMAIL = os.environ.get("DEMO_EMAIL", "demo@syncpanel.example")
SANDBOX_PORT = int(os.environ.get("SANDBOX_PORT", "9400"))
SANDBOX_URL = os.environ.get("SANDBOX_URL", f"http://127.0.0.1:{SANDBOX_PORT}")
METRICS_TOKEN = os.environ.get("METRICS_TOKEN", "")

HOST = os.environ.get("HOST", "127.0.0.1")
PORT = int(os.environ.get("PORT", "8000"))
GUNICORN_CONFIG = str(BASE_DIR / "syncpanel" / "gunicorn_conf.py")
WELCOME_LINES = "syncpanel.announcement.welcome_lines"

# While the panel is for the people of this machine alone, connections may lead there, and the demo needs no secret.
LOOPBACK = ["localhost", "127.0.0.0/8", "::1"]
TRUSTED_PROXIES = read_networks("TRUSTED_PROXIES", words("TRUSTED_PROXIES"))
IS_LOCAL = HOST in {"localhost", "127.0.0.1", "::1"} and not TLS
PRIVATE_HOSTS = words("PRIVATE_HOSTS", ",".join(LOOPBACK) if DEMO or IS_LOCAL else "")
IS_OPEN_DEMO = DEMO and IS_LOCAL
DEMO_PASSWORD = os.environ.get("DEMO_PASSWORD") or (
    keys.demo_password(DATA_DIR) if DEMO and not IS_LOCAL else "demo-syncpanel"
)
if DEMO:
    PRIVATE_HOSTS += [urlsplit(SANDBOX_URL).hostname or ""]

ALLOWED_HOSTS = words("ALLOWED_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = words("CSRF_TRUSTED_ORIGINS")
PUBLIC_URL = os.environ.get("PUBLIC_URL", "").strip().rstrip("/")

INSTALLED_APPS = [
    "whitenoise.runserver_nostatic",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_htmx",
    "django_q",
    "integrations",
    "syncpanel",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "syncpanel.middleware.PrivateMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "syncpanel.middleware.NulMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "syncpanel.middleware.SignInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "syncpanel.middleware.HtmxLoginMiddleware",
    "axes.middleware.AxesMiddleware",
]

AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "syncpanel.clients.client_address"
SIGN_IN_FAILURES_PER_ADDRESS = 40
AXES_DISABLE_ACCESS_LOG = True  # who signed in from where is kept by nobody for ever
AXES_VERBOSE = False
AXES_LOCKOUT_CALLABLE = "syncpanel.views.auth.locked_out"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "overview"
LOGOUT_REDIRECT_URL = "login"

ROOT_URLCONF = "syncpanel.urls"
WSGI_APPLICATION = "syncpanel.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "syncpanel.context_processors.panel",
            ],
            "builtins": [
                "django.templatetags.static",
                "syncpanel.templatetags.charts",
                "syncpanel.templatetags.ui",
                "syncpanel.templatetags.words",
            ],
        },
    }
]

DATABASES = {"default": database(os.environ.get("DATABASE_URL", ""), DATA_DIR)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"},
    "q": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"},
}

# docs/architecture.md explains each of these; integrations/checks.py refuses to start with others.
REDIS_URL = os.environ.get("REDIS_URL", "")
Q_CLUSTER = {
    "name": "sync",
    "workers": 1,
    "queue_limit": 1,
    "bulk": 1,
    "timeout": 300,
    "retry": 1200,
    "max_attempts": 1,
    "ack_failures": True,
    "save_limit": -1,
    "catch_up": False,
    "scheduler": False,
    "recycle": 200,
    "max_rss": 700_000,
    "guard_cycle": 1,
    "poll": 0.25,
    "compress": False,
    "cache": "q",
    "log_level": "WARNING",
    **({"redis": REDIS_URL} if REDIS_URL else {"orm": "default"}),
}
WORKER_GROUPS = int(os.environ.get("WORKERS", "2"))
WATCHDOG_SECONDS = float(os.environ.get("WATCHDOG_SECONDS", "45"))

MAPPING_NEEDS_SECOND_PERSON = flag("MAPPING_NEEDS_SECOND_PERSON")

# docs/model.md explains them. Without MODEL_NAME no model is asked, and nothing leaves for one.
MODEL_NAME = os.environ.get("MODEL_NAME", "").strip()
MODEL_BASE_URL = os.environ.get("MODEL_BASE_URL", "").strip()
MODEL_API_KEY = os.environ.get("MODEL_API_KEY", "").strip()
MODEL_API_VERSION = os.environ.get("MODEL_API_VERSION", "").strip()
MODEL_TIMEOUT_SECONDS = float(os.environ.get("MODEL_TIMEOUT_SECONDS", "120"))
MODEL_TOKENS_PER_DAY = int(os.environ.get("MODEL_TOKENS_PER_DAY", "2000000"))
MODEL_COST_PER_DAY = Decimal(os.environ.get("MODEL_COST_PER_DAY", "0"))
MODEL_PROMPT_PRICE = Decimal(os.environ.get("MODEL_PROMPT_PRICE", "0"))
MODEL_ANSWER_PRICE = Decimal(os.environ.get("MODEL_ANSWER_PRICE", "0"))

KEEP_PAYLOAD_DAYS = int(os.environ.get("KEEP_PAYLOAD_DAYS", "30"))

LANGUAGE_CODE = "en"
TIME_ZONE = os.environ.get("TIME_ZONE", "UTC")
USE_TZ = True
USE_THOUSAND_SEPARATOR = False

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_KEEP_ONLY_HASHED_FILES = True  # no page names the others; to compress them too doubles the first start

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
# A name of our own: other programs on this host share its cookies, whatever their port. Over HTTPS browsers see to it
# that no other host of the domain can set them.
COOKIES = "__Host-syncpanel" if TLS else "syncpanel"
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{COOKIES}_session", f"{COOKIES}_csrf"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = TLS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"  # they name people: not into a cookie
CSRF_FAILURE_VIEW = "syncpanel.views.errors.form_expired"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if TLS:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^metrics$"]  # asked from inside, past the proxy
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = flag("HSTS_SUBDOMAINS")
    SECURE_HSTS_PRELOAD = flag("HSTS_SUBDOMAINS")
# Whether the other names of its domain speak HTTPS too is not for the panel to promise: HSTS_SUBDOMAINS=1.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"brief": {"()": "syncpanel.logs.WithoutTraceback"}},
    "formatters": {"line": {"()": "syncpanel.logs.NamedFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "INFO")},
    "loggers": {
        "django-q": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        "httpx": {"level": "WARNING"},
        "httpcore": {"level": "WARNING"},
        "openai": {"level": "WARNING"},  # its DEBUG quotes what is asked of the model
        "httpx2": {"level": "WARNING"},
        "httpcore2": {"level": "WARNING"},
        "axes": {"level": "WARNING"},
        "django": {"handlers": []},  # Django's own would mail errors, which quote people, to whom they concern
        "django.security.DisallowedHost": {"filters": ["brief"]},
        "gunicorn.error": {"level": "WARNING"},
    },
}

"""Settings: values come from the environment (`SHUQIAO_…`), secrets also from files, safe by default.

What a regulator or an organisation decides is data (rule pack, record), never a setting here.
docs/reference/settings.md lists every name this module reads.
"""

from __future__ import annotations

import os
import secrets
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str = "") -> str:
    """A text value; an empty variable counts as absent."""
    return os.environ.get(f"SHUQIAO_{name}") or default


def flag(name: str, *, default: bool) -> bool:
    """A yes/no value: 1/0, true/false, yes/no. Anything else is an error that names the variable."""
    value = text(name).lower()
    if not value:
        return default
    if value in {"1", "true", "yes"}:
        return True
    if value in {"0", "false", "no"}:
        return False
    raise ImproperlyConfigured(f"SHUQIAO_{name} must be 1 or 0, got {value!r}")


def number(name: str, default: int) -> int:
    """A whole number; anything else is an error that names the variable."""
    value = text(name)
    try:
        return int(value) if value else default
    except ValueError as error:
        raise ImproperlyConfigured(f"SHUQIAO_{name} must be a whole number, got {value!r}") from error


def words(name: str, default: str) -> list[str]:
    """A comma-separated list."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def secret(name: str, file: Path) -> str:
    """A secret from the variable, from the file the variable `…_FILE` names, or from `file`,
    which is made (mode 600) at first start so that no default secret ever ships."""
    if value := text(name):
        return value
    path = Path(text(f"{name}_FILE") or file)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:  # another process of the same start made it first
            return path.read_text().strip()
        with os.fdopen(descriptor, "w") as handle:
            handle.write(secrets.token_urlsafe(48))
    return path.read_text().strip()


def optional_secret(name: str) -> str:
    """A secret from the variable, or from the file the variable `…_FILE` names; empty when neither is there."""
    if value := text(name):
        return value
    file = text(f"{name}_FILE")
    return Path(file).read_text().strip() if file else ""


def one_of(name: str, default: str, *choices: str) -> str:
    """One word of a list; anything else is an error that names the variable."""
    value = text(name, default)
    if value not in choices:
        raise ImproperlyConfigured(f"SHUQIAO_{name} must be one of {', '.join(choices)}, got {value!r}")
    return value


def database(url: str) -> dict[str, Any]:
    """Django's form of a database address: sqlite:///path or postgresql://user:password@host:port/name."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path)[1:] if parts.path.startswith("//") else unquote(parts.path),
            "CONN_MAX_AGE": 60,  # a connection of its own for each page would read schema and indexes anew
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA cache_size=-32000;",
            },
        }
    if parts.scheme in {"postgresql", "postgres"}:
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": parts.path.lstrip("/"),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": parts.port or "",
            "CONN_MAX_AGE": 60,
            "OPTIONS": dict(parse_qsl(parts.query)),
        }
    raise ImproperlyConfigured(f"SHUQIAO_DATABASE_URL must be sqlite: or postgresql:, got {parts.scheme!r}")


def require_identity_service(issuer: str, client_id: str) -> None:
    """Refuse to start with half an identity service, or with one that is asked in the clear: whoever sits between
    could say who somebody is. Plain http is for a service on this machine."""
    if not issuer:
        return
    parts = urlsplit(issuer)
    near = parts.hostname in {"localhost", "127.0.0.1", "::1"}
    if parts.scheme != "https" and not (parts.scheme == "http" and near):
        raise ImproperlyConfigured(f"SHUQIAO_OIDC_ISSUER must begin with https://, got {issuer!r}")
    if not client_id:
        raise ImproperlyConfigured("SHUQIAO_OIDC_ISSUER needs SHUQIAO_OIDC_CLIENT_ID")


TESTING = "pytest" in sys.modules
BASE_DIR = Path(__file__).resolve().parent
HOME = Path(text("HOME", "var")).resolve()

DEBUG = flag("DEBUG", default=False)
SAMPLE_CITY = flag("SAMPLE_CITY", default=False)
HTTPS = flag("HTTPS", default=not SAMPLE_CITY and not TESTING)
SECRET_KEY = (
    "only-for-tests-0123456789-0123456789-0123456789-x"
    if TESTING
    else secret("SECRET_KEY", HOME / "secrets" / "django.key")
)
ALLOWED_HOSTS = words("HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = words("ORIGINS", "")
CSRF_FAILURE_VIEW = "shuqiao.portal.views.form_token_refused"
GATEWAY_URL = text("GATEWAY_URL", "http://127.0.0.1:8001").rstrip("/")
PUBLIC_URL = text("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")  # of these pages, for links in mail
# The font of documents made as PDF (a file with Chinese); left empty, one is looked for on the system.
DOCUMENT_FONT = text("DOCUMENT_FONT")
SMTP_HOST = text("SMTP_HOST")  # without it mail waits in the database and the administrator's page says so
SMTP_PORT = number("SMTP_PORT", 587)
SMTP_SECURITY = one_of("SMTP_SECURITY", "starttls", "starttls", "tls", "none")
SMTP_USER = text("SMTP_USER")
SMTP_PASSWORD = optional_secret("SMTP_PASSWORD")
SMTP_FROM = text("SMTP_FROM", "noreply@localhost")
SMTP_TIMEOUT = number("SMTP_TIMEOUT", 20)  # seconds
# Sign-in of people and organisations outside government by a city's identity service (OpenID Connect); off without
# OIDC_ISSUER. The claims say under which names the service gives a person's name, a body's name and its credit code.
OIDC_ISSUER = text("OIDC_ISSUER")
OIDC_CLIENT_ID = text("OIDC_CLIENT_ID")
OIDC_CLIENT_SECRET = optional_secret("OIDC_CLIENT_SECRET")
OIDC_LABEL = text("OIDC_LABEL", "统一身份认证")
OIDC_SCOPES = text("OIDC_SCOPES", "openid profile email")
OIDC_CA = text(
    "OIDC_CA"
)  # file of the certificates that the service's is signed by, when no public authority did
OIDC_TIMEOUT = number("OIDC_TIMEOUT", 5)  # seconds, of one call
OIDC_CLAIM_NAME = text("OIDC_CLAIM_NAME", "name")
OIDC_CLAIM_LEGAL_NAME = text("OIDC_CLAIM_LEGAL_NAME", "legal_name")
OIDC_CLAIM_CREDIT_CODE = text("OIDC_CLAIM_CREDIT_CODE", "credit_code")
require_identity_service(OIDC_ISSUER, OIDC_CLIENT_ID)
PACKS = text("PACKS")  # folder of the installation's own rule packs, beside those that come with Shuqiao
OBJECTS = text("OBJECTS")  # address of the object store; its credentials are read by shuqiao.store.objects
CACHE_BYTES = number("CACHE_BYTES", 0)  # of versions kept on this node when there is an object store; 0: all
JOURNAL_SEAL_MINUTES = number("JOURNAL_SEAL_MINUTES", 5)  # between two seals of a node's evidence
JOURNAL_SM2 = flag("JOURNAL_SM2", default=False)  # sign seals with SM2 too; needs OpenSSL 3 on the machine
JOURNAL_YEARS = number("JOURNAL_YEARS", 3)  # evidence younger than this never leaves the log's folder
UPLOAD_MAX_BYTES = number("UPLOAD_MAX_MB", 16_384) * 1024 * 1024
UPLOAD_PARTS_KEPT_DAYS = number("UPLOAD_PARTS_KEPT_DAYS", 7)
VERSIONS_KEPT_YEARS = number("VERSIONS_KEPT_YEARS", 3)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "shuqiao.accounts",
    "shuqiao.organizations",
    "shuqiao.procedures",
    "shuqiao.catalog",
    "shuqiao.resources",
    "shuqiao.delivery",
    "shuqiao.sharing",
    "shuqiao.opening",
    "shuqiao.portal",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "shuqiao.middleware.SecurityHeaders",
    "shuqiao.middleware.StaticFiles",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "shuqiao.middleware.Gate",
    "shuqiao.middleware.ErrorTranslator",
]
ROOT_URLCONF = "shuqiao.urls"
WSGI_APPLICATION = "shuqiao.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
                "shuqiao.portal.shell.context",
            ],
        },
    }
]

DATABASES = {"default": database(text("DATABASE_URL", f"sqlite:///{HOME / 'shuqiao.sqlite3'}"))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "accounts.User"
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "/work/"
LOGOUT_REDIRECT_URL = "/"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
if TESTING:
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_I18N = True
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"

SESSION_COOKIE_AGE = 8 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
BEHIND_PROXY = flag("BEHIND_PROXY", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"

DATA_UPLOAD_MAX_MEMORY_SIZE = 4 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000  # 1,900 columns with eight choices each; the bytes are bounded above
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_TEMP_DIR = None  # uploads go to HOME/staging, whence they are moved by rename
FILE_UPLOAD_HANDLERS = [
    "shuqiao.middleware.BoundedUpload",
    "shuqiao.resources.receiving.StagingUploadHandler",
]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": text("LOG_LEVEL", "WARNING")},
}

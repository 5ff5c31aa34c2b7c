"""Settings: one model; defaults < ``config.toml`` < environment < command line.

Every field is a setting named ``AMPARO_<FIELD>`` in the environment and ``<field>`` in ``AMPARO_HOME/config.toml``;
``docs/reference/settings.md`` lists them, and a test keeps that list complete.
"""

import contextlib
import getpass
import os
import secrets
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import platformdirs
from pydantic import AliasChoices, Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from amparo.evidence.errors import BadInput

ACCOUNT = "account:"  # how the operators begin that are people with an account


def home_path() -> Path:
    """Where everything of this installation lies: ``AMPARO_HOME``, else the platform's data folder."""
    named = os.environ.get("AMPARO_HOME")
    return Path(named).expanduser().absolute() if named else platformdirs.user_data_path("amparo", appauthor=False)


def _operator() -> str:
    try:
        return f"os:{getpass.getuser()}"
    except (KeyError, OSError):
        return f"os:{os.getuid()}"


class Settings(BaseSettings):
    """Everything that can be set. Values reach the packages below as arguments, never as this object."""

    model_config = SettingsConfigDict(env_prefix="AMPARO_", extra="forbid", frozen=True)

    home: Path = Field(default_factory=home_path, description="Folder of this installation: database, keys, logs.")
    database_url: str = Field(
        default="",
        validation_alias=AliasChoices("DATABASE_URL", "AMPARO_DATABASE_URL", "database_url"),
        description="PostgreSQL as postgresql://user:password@host:port/name; empty means SQLite in the home folder. "
        "PgBouncer before it needs: ignore_startup_parameters = options.",
    )
    bank_key: str = Field(
        default="",
        description="File of the key that seals Bank files; empty: secrets/bank.key in the home folder.",
    )
    operator: str = Field(default_factory=_operator, description="Who is named in custody entries made from here.")
    workers: int = Field(default=0, ge=0, le=1024, description="Worker processes; 0 means one per usable core.")
    limit_seconds: float = Field(default=60.0, gt=0, description="Seconds one analyser may take on one small file.")
    limit_memory_mib: int = Field(default=3072, ge=0, description="Address space of a worker in MiB; 0: no limit.")
    limit_depth: int = Field(default=16, ge=1, le=64, description="Containers inside containers that are opened.")
    limit_pixels: int = Field(default=256_000_000, ge=1, description="Pixels of a picture that is decoded.")
    match_radius: int = Field(
        default=31, ge=0, le=31, description="Bits of 256 in which two PDQ hashes of one picture may differ."
    )
    schemes: Annotated[tuple[Path, ...], NoDecode] = Field(
        default=(), description="Rule files of grading schemes of your own (config.toml: a list; else comma-separated)."
    )
    flood_limit: int = Field(
        default=200, ge=1, description="Pictures of one case that one bank entry may be near to before it is set aside."
    )
    plugins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Entry points of other packages that may load (config.toml: a list; environment: comma-separated).",
    )
    port: int = Field(default=8471, ge=1, le=65535, description="Port on loopback where `amparo up` serves.")
    origin: str = Field(
        default="",
        pattern=r"^(https://[^/\s]+)?$",
        description="Address under which a TLS proxy offers the workbench, such as https://amparo.example.org; empty: "
        "only this machine, http://localhost and the port.",
    )
    evidence_roots: Annotated[tuple[Path, ...], NoDecode] = Field(
        default=(),
        description="Folders below which scans may start from the browser (config.toml: a list; else comma-separated); "
        "empty: wherever this account may read, except Amparo's own folder.",
    )
    timestamp_authority: str = Field(
        default="",
        pattern=r"^(https?://[^\s]+)?$",
        description="Address of an RFC 3161 time-stamp authority that stamps packages, sent a digest and nothing "
        "else; empty: nothing is sent.",
    )
    timestamp_root: str = Field(
        default="", description="File (PEM) with the root certificate of that authority; stamps are checked with it."
    )
    rate_api: int = Field(default=300, ge=1, description="Requests that one API token may make in a minute.")
    rate_login: int = Field(
        default=60, ge=1, description="Log-in forms that one network address may send in a minute; behind a proxy: all."
    )
    rate_reveal: int = Field(default=60, ge=1, description="Pictures that one person may ask for in a minute.")
    rate_search: int = Field(
        default=60, ge=1, description="Searches that one person may make in a minute, and checks of a log by the API."
    )
    language: str = Field(default="", description="Language of reports, such as en or es; empty: the system's.")

    @field_validator("home", mode="before")
    @classmethod
    def _resolved(cls, value: Any) -> Path:
        return Path(value).expanduser().absolute() if value else home_path()

    @field_validator("operator")
    @classmethod
    def _no_account(cls, value: str) -> str:
        if value.startswith(ACCOUNT):
            raise ValueError(f"names that begin with {ACCOUNT} are those of people who log in")
        return value

    @field_validator("plugins", "schemes", "evidence_roots", mode="before")
    @classmethod
    def _listed(cls, value: Any) -> Any:
        return [name.strip() for name in value.split(",") if name.strip()] if isinstance(value, str) else value

    @property
    def loopback(self) -> bool:
        """Whether the workbench serves this machine only."""
        return not self.origin

    @property
    def hosts(self) -> list[str]:
        """Host names that requests may name."""
        return ["localhost", "127.0.0.1", "[::1]"] if self.loopback else [str(urlsplit(self.origin).hostname)]

    @property
    def bank_key_path(self) -> Path:
        """Where the key of the Banks lies."""
        return Path(self.bank_key).expanduser() if self.bank_key else self.home / "secrets" / "bank.key"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Command line, environment, config.toml; no .env files and no secrets folder."""
        toml = TomlConfigSettingsSource(settings_cls, toml_file=home_path() / "config.toml")
        return init_settings, env_settings, toml


def load(**overrides: Any) -> Settings:
    """The settings in force. Raises BadInput naming the setting that is wrong."""
    try:
        return Settings(**overrides)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"]) or "config.toml"
        raise BadInput(f"Setting {name!r}: {first['msg']}.", "See docs/reference/settings.md.") from error
    except ValueError as error:  # a config.toml that is no TOML
        raise BadInput(f"config.toml cannot be read: {error}.", f"Correct it: {home_path() / 'config.toml'}") from error


def secret(home: Path, name: str) -> str:
    """A secret of this installation from ``home/secrets`` (0700), made on first use."""
    folder = home / "secrets"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / name
    if not path.exists():
        new = folder / f"{name}.{os.getpid()}"
        try:
            with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
                stream.write(secrets.token_urlsafe(48))
            with contextlib.suppress(FileExistsError):  # another process was first
                path.hardlink_to(new)  # whole or not at all, also where the disk is full
        finally:
            new.unlink(missing_ok=True)
    return path.read_text()

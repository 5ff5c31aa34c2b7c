"""DATABASE_URL as Django wants it."""

from typing import Any

import pytest

from amparo import config
from amparo.evidence.errors import BadInput
from amparo.web import settings


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> Any:
    def parse(url: str) -> dict[str, Any]:
        monkeypatch.setattr(settings, "SETTINGS", config.load(database_url=url))
        return settings._database()

    monkeypatch.delenv("DATABASE_URL", raising=False)
    return parse


@pytest.mark.parametrize(
    ("url", "name", "user", "password", "host", "port"),
    [
        ("postgresql://u:p@db.example:5433/cases", "cases", "u", "p", "db.example", "5433"),
        ("postgres://db/cases", "cases", "", "", "db", ""),
        ("postgresql://u%40x:p%2F%3A@h/n%20m", "n m", "u@x", "p/:", "h", ""),
        ("postgresql://amparo@/postgres?host=/run/My%20Sockets", "postgres", "amparo", "", "/run/My Sockets", ""),
        ("postgresql://u@%2Frun%2FSockets:5433/n", "n", "u", "", "/run/Sockets", "5433"),
        ("postgresql:///n?host=/run&port=5434", "n", "", "", "/run", "5434"),
        ("postgresql://u@[::1]:5432/n", "n", "u", "", "::1", "5432"),
    ],
)
def test_addresses(parsed: Any, url: str, name: str, user: str, password: str, host: str, port: str) -> None:
    found = parsed(url)
    assert found["ENGINE"].endswith("postgresql")
    named = tuple(found[key] for key in ("NAME", "USER", "PASSWORD", "HOST", "PORT"))
    assert named == (name, user, password, host, port)
    assert found["OPTIONS"] == {"options": "-c jit=off"}


def test_other_options_go_on(parsed: Any) -> None:
    assert parsed("postgresql://h/n?sslmode=verify-full&connect_timeout=3&options=-c%20jit%3Don")["OPTIONS"] == {
        "sslmode": "verify-full",
        "connect_timeout": "3",
        "options": "-c jit=off -c jit=on",  # the last one counts
    }


@pytest.mark.parametrize("url", ["mysql://h/n", "/path/to.sqlite3", "postgresql://h:port/n", "postgresql://[::1/n"])
def test_other_addresses_are_bad_input(parsed: Any, url: str) -> None:
    with pytest.raises(BadInput) as refused:
        parsed(url)
    assert refused.value.hint
    assert "secret" not in refused.value.message


def test_no_address_is_sqlite_in_the_home(parsed: Any) -> None:
    found = parsed("")
    assert found["NAME"] == settings.SETTINGS.home / "amparo.sqlite3"
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "secure_delete=ON"):
        assert pragma in found["OPTIONS"]["init_command"]
    assert found["OPTIONS"]["transaction_mode"] == "IMMEDIATE"

"""Settings: defaults < config.toml < environment < command line, and every mistake is named."""

from pathlib import Path
from typing import Any

import pytest

from amparo import config
from amparo.evidence.errors import BadInput


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in config.Settings.model_fields:
        monkeypatch.delenv(f"AMPARO_{name.upper()}", raising=False)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.setenv("AMPARO_HOME", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("name", "variable", "written", "values"),
    [
        ("workers", "AMPARO_WORKERS", "2", (0, 2, 3, 4)),
        ("operator", "AMPARO_OPERATOR", '"b"', (None, "b", "c", "d")),
        ("limit_seconds", "AMPARO_LIMIT_SECONDS", "1.5", (60.0, 1.5, 2.5, 3.5)),
        ("database_url", "DATABASE_URL", '"postgresql:///b"', ("", *(f"postgresql:///{n}" for n in "bcd"))),
        ("database_url", "AMPARO_DATABASE_URL", '"postgresql:///b"', ("", *(f"postgresql:///{n}" for n in "bcd"))),
        ("plugins", "AMPARO_PLUGINS", '["b", "b2"]', ((), ("b", "b2"), ("c", "c2"), ("d",))),
    ],
)
def test_order(
    name: str, variable: str, written: str, values: Any, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    default, in_file, in_environment, given = values
    if default is not None:
        assert getattr(config.load(), name) == default
    (home / "config.toml").write_text(f"{name} = {written}\n")
    assert getattr(config.load(), name) == in_file
    text = ", ".join(in_environment) if isinstance(in_environment, tuple) else str(in_environment)
    monkeypatch.setenv(variable, text)
    assert getattr(config.load(), name) == in_environment
    assert getattr(config.load(**{name: given}), name) == given


@pytest.mark.parametrize(
    ("written", "named"),
    [
        ("wrokers = 1", "wrokers"),
        ("workers = -1", "workers"),
        ('limit_depth = "deep"', "limit_depth"),
        ("plugins = 1", "plugins"),
        ("workers = ", "config.toml"),
        ('operator = "account:1"', "operator.*people who log in"),
    ],
)
def test_mistakes_are_named(written: str, named: str, home: Path) -> None:
    (home / "config.toml").write_text(written)
    with pytest.raises(BadInput, match=named) as refused:
        config.load()
    assert refused.value.hint
    assert "\n" not in refused.value.message


def test_home_is_absolute_and_one_place(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder whose config.toml is read is the folder everything is written to."""
    monkeypatch.chdir(home)
    for named, meant in (("h", home / "h"), (str(home), home), ("~/h", Path.home() / "h"), ("", config.home_path())):
        monkeypatch.setenv("AMPARO_HOME", named)
        if not named:
            meant = config.home_path()
        assert config.load().home == config.home_path() == meant


def test_settings_do_not_change(home: Path) -> None:
    with pytest.raises(ValueError, match="frozen"):
        config.load().workers = 3


def test_secrets_are_made_once_and_private(home: Path) -> None:
    made = config.secret(home, "one.key")
    assert len(made) >= 48
    assert config.secret(home, "one.key") == made != config.secret(home, "two.key")
    assert [(path.stat().st_mode & 0o777) for path in (home / "secrets", home / "secrets" / "one.key")] == [
        0o700,
        0o600,
    ]
    assert sorted(path.name for path in (home / "secrets").iterdir()) == ["one.key", "two.key"]

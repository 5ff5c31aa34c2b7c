"""Secrets of second factors at rest."""

from pathlib import Path

import pytest
from fuzz import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amparo.evidence.errors import VerificationFailed
from amparo.workbench.account import sealing


@given(text=st.text())
@settings(max_examples=examples(50), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_was_sealed_comes_back_and_looks_new_each_time(text: str, tmp_path: Path) -> None:
    sealed = sealing.seal(tmp_path, text)
    assert sealing.unseal(tmp_path, sealed) == text
    assert sealing.seal(tmp_path, text) != sealed


@given(sealed=st.text() | st.text().map("v1:{}".format) | st.binary().map(lambda raw: f"v1:{raw.hex()}"))
@settings(max_examples=examples(50), suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_was_not_sealed_here_is_refused(sealed: str, tmp_path: Path) -> None:
    with pytest.raises(VerificationFailed):
        sealing.unseal(tmp_path, sealed)


def test_another_key_or_one_changed_character_is_refused(tmp_path: Path) -> None:
    sealed = sealing.seal(tmp_path / "one", "a secret")
    assert "a secret" not in sealed
    with pytest.raises(VerificationFailed, match="cannot be read"):
        sealing.unseal(tmp_path / "other", sealed)
    for place in (3, 12, len(sealed) - 3):
        changed = sealed[:place] + ("A" if sealed[place] != "A" else "B") + sealed[place + 1 :]
        with pytest.raises(VerificationFailed):
            sealing.unseal(tmp_path / "one", changed)


def test_the_key_is_for_the_owner_only(tmp_path: Path) -> None:
    sealing.seal(tmp_path, "a secret")
    assert (tmp_path / "secrets" / "second-factor.key").stat().st_mode & 0o077 == 0

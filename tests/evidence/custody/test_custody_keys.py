"""The signing key file: private, created once, and closed to others."""

import hashlib
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from amparo.evidence.custody import SigningKey, fingerprint
from amparo.evidence.custody.keys import signature_fits
from amparo.evidence.errors import BadInput

OPEN = "import sys, pathlib; from amparo.evidence.custody import SigningKey as K; "
OPEN += "sys.stdin.read(1); print(K.open(pathlib.Path(sys.argv[1])).fingerprint)"


def test_the_key_is_created_private_and_stays(tmp_path: Path) -> None:
    path = tmp_path / "home" / "secrets" / "custody.pem"
    key = SigningKey.open(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert SigningKey.open(path).public == key.public
    assert key.fingerprint == fingerprint(key.public) == hashlib.sha256(key.public).hexdigest()
    assert "private" not in repr(key)


def test_processes_that_race_get_one_key(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "custody.pem"
    command = [sys.executable, "-c", OPEN, str(path)]
    children = [subprocess.Popen(command, stdin=-1, stdout=-1, text=True) for _ in range(4)]
    for child in children:
        assert child.stdin
        child.stdin.write("x")
        child.stdin.flush()
    outputs = {child.communicate(timeout=30)[0] for child in children}
    assert outputs == {SigningKey.open(path).fingerprint + "\n"}


@pytest.mark.parametrize("data", [b"", b"nonsense", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"])
def test_a_damaged_key_is_bad_input(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "secrets" / "custody.pem"
    SigningKey.open(path)
    path.write_bytes(data)
    with pytest.raises(BadInput, match="cannot be read"):
        SigningKey.open(path)


def test_a_key_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "custody.pem"
    SigningKey.open(path)
    path.chmod(0o640)
    with pytest.raises(BadInput, match="Others may read") as caught:
        SigningKey.open(path)
    assert caught.value.hint == f"Run: chmod 600 {path}"
    path.chmod(0o600)
    path.parent.chmod(0o755)
    with pytest.raises(BadInput, match="Others may enter"):
        SigningKey.open(path)


def test_bytes_that_are_no_key_fit_no_signature() -> None:
    key = SigningKey.from_seed(bytes(32))
    assert signature_fits(key.public, key.sign(b"a"), b"a")
    assert not signature_fits(key.public, key.sign(b"a"), b"b")
    assert not signature_fits(b"short", bytes(64), b"a")
    assert not signature_fits(bytes([255]) * 32, bytes(64), b"a")

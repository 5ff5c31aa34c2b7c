"""Packages as archives: any tool unpacks what was signed."""

import zipfile
from pathlib import Path

from amparo.casework.packages import zipped
from amparo.evidence import manifest
from amparo.evidence.custody.keys import SigningKey

KEY = SigningKey.from_seed(bytes(range(32)))


def test_what_is_unpacked_verifies(tmp_path: Path) -> None:
    folder = tmp_path / "package"
    (folder / "below").mkdir(parents=True)
    (folder / "a.txt").write_bytes(b"words " * 100_000)
    (folder / "below" / "ñ.txt").touch()
    manifest.sign(folder, KEY, {"case": "C"})
    parts = list(zipped(folder, "C-package"))
    assert len(parts) > 2
    (tmp_path / "out.zip").write_bytes(b"".join(parts))
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path / "out")
    assert manifest.verify(tmp_path / "out" / "C-package", KEY.fingerprint).about == {"case": "C"}
    assert b"".join(zipped(folder, "C-package")) == b"".join(parts)

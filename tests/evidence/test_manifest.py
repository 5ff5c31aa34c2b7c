"""Signed packages: every change is found, and the line says which."""

import json
import os
from collections.abc import Callable
from pathlib import Path, PurePosixPath

import pytest
from fuzz import examples
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amparo.evidence import manifest
from amparo.evidence.custody.keys import SigningKey
from amparo.evidence.errors import AmparoError, BadInput, VerificationFailed
from amparo.evidence.manifest import MANIFEST, SIGNATURE, sign, verify

KEY = SigningKey.from_seed(bytes(range(32)))
ABOUT = {"case": "C-1", "left_out": ["pictures"]}


@pytest.fixture
def package(tmp_path: Path) -> Path:
    folder = tmp_path / "package"
    (folder / "more").mkdir(parents=True)
    (folder / "report.html").write_text("<p>One")
    (folder / "more" / "ñ.txt").write_text("two")
    (folder / "more" / "empty").touch()
    sign(folder, KEY, ABOUT)
    return folder


def test_an_untouched_package_is_intact(package: Path) -> None:
    found = verify(package, KEY.fingerprint)
    assert (found.about, found.files, found.key) == (ABOUT, 3, KEY.fingerprint)
    assert KEY.fingerprint in found.sentence()


def add(package: Path) -> None:
    (package / "more" / "new").touch()


def remove(package: Path) -> None:
    (package / "report.html").unlink()


def change(package: Path) -> None:
    (package / "report.html").write_text("<p>Two")


def move(package: Path) -> None:
    (package / "report.html").rename(package / "more" / "report.html")


def rewrite(package: Path) -> None:
    path = package / MANIFEST
    path.write_text(path.read_text().replace("C-1", "C-2"))


def forge(package: Path) -> None:
    (package / MANIFEST).unlink()
    (package / SIGNATURE).unlink()
    sign(package, SigningKey.from_seed(bytes(32)), ABOUT)


@pytest.mark.parametrize(
    ("act", "says"),
    [
        (add, "'more/new' was not signed"), (remove, "'report.html' is missing"), (change, "'report.html' was changed"),
        (move, "is missing"), (rewrite, "not what was signed"), (forge, "Another key"),
    ],
)  # fmt: skip
def test_what_was_done_to_it_is_named(package: Path, act: Callable[[Path], None], says: str) -> None:
    act(package)
    with pytest.raises(VerificationFailed, match=says) as refused:
        verify(package, KEY.fingerprint)
    assert refused.value.hint


@pytest.mark.parametrize("name", [MANIFEST, SIGNATURE])
def test_a_pipe_or_a_link_in_place_of_the_manifest_is_refused_and_not_waited_for(package: Path, name: str) -> None:
    whole = (package / name).rename(package.parent / name)
    os.mkfifo(package / name)
    with pytest.raises(BadInput, match="not a plain file"):
        verify(package)
    (package / name).unlink()
    (package / name).symlink_to(whole)
    with pytest.raises(BadInput, match="Cannot read"):
        verify(package)


def test_a_link_is_no_part_of_a_package(package: Path, tmp_path: Path) -> None:
    (package / "link").symlink_to(package / "report.html")
    with pytest.raises(BadInput, match="neither a file nor a folder"):
        verify(package)
    folder = tmp_path / "other"
    folder.mkdir()
    os.mkfifo(folder / "pipe")
    with pytest.raises(BadInput, match="neither"):
        sign(folder, KEY, ABOUT)


@pytest.mark.parametrize("name", [MANIFEST, SIGNATURE])
@settings(max_examples=examples(100), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.one_of(st.binary(max_size=200), st.recursive(
    st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
).map(lambda value: json.dumps(value).encode())))  # fmt: skip
def test_foreign_bytes_are_refused_in_one_line(package: Path, name: str, data: bytes) -> None:
    path = package / name
    before = path.read_bytes()
    path.write_bytes(data)
    try:
        with pytest.raises(AmparoError):
            verify(package)
    finally:
        path.write_bytes(before)


@settings(max_examples=examples(50), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    manifest=st.recursive(
        st.none() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["v", "about", "files", "path"]), inner),
    )
)
def test_signed_nonsense_is_refused_too(package: Path, manifest: object) -> None:
    data = json.dumps({"v": 1, "about": {}, "files": manifest}).encode()
    (package / MANIFEST).write_bytes(data)
    (package / SIGNATURE).write_text(json.dumps({"v": 1, "key": KEY.public.hex(), "signature": KEY.sign(data).hex()}))
    with pytest.raises(AmparoError):
        verify(package)


@pytest.mark.parametrize("missing", [MANIFEST, SIGNATURE])
def test_a_folder_that_is_no_package(package: Path, missing: str) -> None:
    (package / missing).unlink()
    with pytest.raises(BadInput, match=missing):
        verify(package)


def test_a_file_that_goes_while_it_is_read_is_refused_in_one_line(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = list(manifest._files(package, PurePosixPath(), 0))
    (package / "report.html").unlink()
    monkeypatch.setattr(manifest, "_files", lambda *given: held)
    with pytest.raises(BadInput, match="Cannot read"):
        verify(package, KEY.fingerprint)
    (package / "report.html").mkdir()
    with pytest.raises(BadInput, match="Cannot read"):
        verify(package, KEY.fingerprint)

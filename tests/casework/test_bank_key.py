"""The master key of Bank files: made once, private, wrapped under a passphrase, unlocked once per boot."""

import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from fuzz import examples
from hypothesis import example, given, settings
from hypothesis import strategies as st

from amparo.casework.bank_key import UNLOCKED, is_protected, load_key, lock, make_key, protect, unprotect
from amparo.catalogue.memory_folder import MemoryFolder
from amparo.evidence.errors import AmparoError, BadInput, MissingComponent, NotAuthorised
from amparo.evidence.sealed_file import key_id

WORDS = "pan, mar y montaña"
MAKE = "import sys, pathlib; from amparo.casework.bank_key import make_key as m; "
MAKE += "sys.stdin.read(1); print(m(pathlib.Path(sys.argv[1])).hex())"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "home" / "secrets" / "bank.key"


@pytest.fixture
def memory(tmp_path: Path, missing: Callable[[str], None]) -> Iterator[MemoryFolder]:
    try:
        root = tempfile.mkdtemp(prefix="amparo-tests-", dir="/dev/shm")
    except OSError:
        missing("/dev/shm")
    yield MemoryFolder(tmp_path, Path(root))
    shutil.rmtree(root)


def never() -> NoReturn:
    raise AssertionError("nobody is to be asked")


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def private(path: Path, data: bytes) -> Path:
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.write_bytes(data)
    path.chmod(0o600)
    return path


def test_a_key_is_made_once_and_private(path: Path) -> None:
    key = make_key(path)
    assert len(key) == 32
    assert (mode(path), mode(path.parent)) == (0o600, 0o700)
    assert make_key(path) == load_key(path, never) == key
    assert path.read_bytes() == b"amparo-bank-key-1\n" + key.hex().encode() + b"\n"
    assert os.listdir(path.parent) == ["bank.key"]
    assert not is_protected(path)


def test_keys_differ(tmp_path: Path) -> None:
    assert make_key(tmp_path / "a") != make_key(tmp_path / "b")


def test_processes_that_race_get_one_key(path: Path) -> None:
    children = [subprocess.Popen([sys.executable, "-c", MAKE, path], stdin=-1, stdout=-1, text=True) for _ in range(4)]
    for child in children:
        assert child.stdin
        child.stdin.write("x")
        child.stdin.flush()
    outputs = {child.communicate(timeout=60)[0] for child in children}
    assert outputs == {load_key(path, never).hex() + "\n"}
    assert os.listdir(path.parent) == ["bank.key"]


def test_making_never_overwrites(path: Path) -> None:
    private(path, b"something else")
    with pytest.raises(BadInput, match="cannot be read"):
        make_key(path)
    assert path.read_bytes() == b"something else"


def test_a_protected_key_opens_with_its_passphrase_only(path: Path) -> None:
    key = make_key(path)
    protect(path, WORDS)
    assert is_protected(path)
    assert mode(path) == 0o600
    assert key.hex() not in path.read_text()
    assert key not in path.read_bytes()
    assert load_key(path, lambda: WORDS) == key
    for wrong in (WORDS + " ", "x"):
        with pytest.raises(NotAuthorised, match="does not open") as caught:
            load_key(path, lambda wrong=wrong: wrong)  # type: ignore[misc]
        assert caught.value.exit_code == 5
        assert wrong not in caught.value.message
        assert caught.value.__cause__ is None
    for call in (lambda: load_key(path, None), lambda: make_key(path)):
        with pytest.raises(NotAuthorised, match="is locked"):
            call()


def test_a_passphrase_is_the_same_however_its_accents_are_typed(path: Path) -> None:
    key = make_key(path)
    protect(path, "montan\u0303a")
    assert load_key(path, lambda: "monta\u00f1a") == key


def test_unprotect_gives_the_same_plain_file_back(path: Path) -> None:
    make_key(path)
    before = path.read_bytes()
    with pytest.raises(BadInput, match="is not protected"):
        unprotect(path, WORDS)
    protect(path, WORDS)
    wrapped = path.read_bytes()
    with pytest.raises(BadInput, match="protected already"):
        protect(path, WORDS)
    with pytest.raises(NotAuthorised):
        unprotect(path, "wrong")
    assert path.read_bytes() == wrapped
    unprotect(path, WORDS)
    assert path.read_bytes() == before
    assert mode(path) == 0o600


@pytest.mark.parametrize(("passphrase", "says"), [("", "is empty"), ("\udc80", "not valid text")])
def test_a_passphrase_that_is_none_is_refused_and_the_key_stays(path: Path, passphrase: str, says: str) -> None:
    key = make_key(path)
    with pytest.raises(BadInput, match=says):
        protect(path, passphrase)
    assert load_key(path, never) == key


def test_an_unlocked_key_is_asked_for_once_until_it_is_locked(path: Path, memory: MemoryFolder) -> None:
    key = make_key(path)
    assert load_key(path, never, memory) == key
    assert not memory.path.exists()  # a plain key has no use for it
    protect(path, WORDS)
    with pytest.raises(NotAuthorised, match="is locked"):
        load_key(path, None, memory)
    assert load_key(path, lambda: WORDS, memory) == key
    assert load_key(path, never, memory) == load_key(path, None, memory) == key
    assert mode(memory.path / UNLOCKED) == 0o600
    copy = memory.opened("a" * 64, lambda stream: None)
    lock(memory)
    assert not copy.exists()
    with pytest.raises(NotAuthorised, match="is locked"):
        load_key(path, None, memory)


@pytest.mark.parametrize("stale", [b"", bytes(31), bytes(32)])
def test_an_unlocked_key_of_another_file_is_not_taken(path: Path, memory: MemoryFolder, stale: bytes) -> None:
    key = make_key(path)
    protect(path, WORDS)
    memory.keep(UNLOCKED, stale)
    assert load_key(path, lambda: WORDS, memory) == key
    assert memory.kept(UNLOCKED) == key


def test_a_wrong_passphrase_unlocks_nothing(path: Path, memory: MemoryFolder) -> None:
    make_key(path)
    protect(path, WORDS)
    with pytest.raises(NotAuthorised):
        load_key(path, lambda: "wrong", memory)
    assert memory.kept(UNLOCKED) is None


@pytest.mark.parametrize("open_to", [0o640, 0o604, 0o620, 0o601])
def test_a_key_others_may_read_is_refused(path: Path, open_to: int) -> None:
    make_key(path)
    path.chmod(open_to)
    for call in (lambda: load_key(path, never), lambda: make_key(path), lambda: protect(path, WORDS)):
        with pytest.raises(BadInput, match="Others may read") as caught:
            call()
        assert caught.value.hint == f"Run: chmod 600 {path}"


def test_a_missing_key_is_told_and_none_is_made(path: Path) -> None:
    path.parent.mkdir(parents=True)
    for call in (lambda: load_key(path, never), lambda: is_protected(path), lambda: protect(path, WORDS)):
        with pytest.raises(MissingComponent, match="no Bank key") as caught:
            call()
        assert str(path) in caught.value.hint
    assert not path.exists()


def test_what_is_no_file_is_refused_and_not_waited_for(path: Path) -> None:
    path.parent.mkdir(parents=True)
    os.mkfifo(path, 0o600)
    with pytest.raises(BadInput, match="not a file"):
        load_key(path, never)


WRAPPED = {
    "format": "amparo-bank-key",
    "v": 1,
    "kdf": "scrypt",
    "n": 2**17,
    "r": 8,
    "p": 1,
    "key_id": "00" * 8,
    "salt": "11" * 32,
    "nonce": "22" * 12,
    "wrapped": "33" * 48,
}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"v": 2}, "another version"),
        ({"format": "else"}, "cannot be read"),
        ({"extra": 1}, "one too many"),
        ({"salt": "11" * 31}, "salt is not 32 bytes"),
        ({"salt": 11}, "salt is not 32 bytes"),
        ({"salt": "AA" * 32}, "salt is not 32 bytes"),
        ({"nonce": "\u0661" * 24}, "nonce is not 12 bytes"),
        ({"wrapped": "33" * 48 + "\n"}, "wrapped is not 48 bytes"),
        ({"kdf": "md5"}, "outside the limits"),
        ({"n": 2**14}, "outside the limits"),
        ({"n": 2**19}, "outside the limits"),
        ({"n": 2**17 + 1}, "outside the limits"),
        ({"n": 131072.0}, "outside the limits"),
        ({"n": 10**400}, "outside the limits"),
        ({"r": 16}, "outside the limits"),
        ({"p": 0}, "outside the limits"),
        ({"p": True}, "outside the limits"),
        ({"p": 5}, "outside the limits"),
    ],
)
def test_a_damaged_file_is_refused_before_anyone_is_asked(path: Path, change: dict[str, object], says: str) -> None:
    private(path, json.dumps(WRAPPED).encode())
    assert is_protected(path)
    private(path, json.dumps(WRAPPED | change).encode())
    with pytest.raises(BadInput, match=says):
        load_key(path, never)


@pytest.mark.parametrize("lost", sorted(WRAPPED))
def test_a_file_without_one_of_its_fields_is_refused(path: Path, lost: str) -> None:
    private(path, json.dumps({name: field for name, field in WRAPPED.items() if name != lost}).encode())
    with pytest.raises(BadInput):
        load_key(path, never)


@pytest.mark.parametrize("field", ["key_id", "salt", "nonce", "wrapped"])
def test_a_changed_field_is_refused_with_the_right_passphrase(path: Path, field: str) -> None:
    make_key(path)
    protect(path, WORDS)
    fields = json.loads(path.read_text())
    fields[field] = f"{int(fields[field][0], 16) ^ 1:x}" + fields[field][1:]
    private(path, json.dumps(fields).encode())
    with pytest.raises(NotAuthorised, match="does not open"):
        load_key(path, lambda: WORDS)


def test_the_stated_key_is_the_wrapped_one_and_the_work_is_what_is_promised(path: Path) -> None:
    key = make_key(path)
    protect(path, WORDS)
    fields = json.loads(path.read_text())
    assert fields.keys() == WRAPPED.keys()
    assert fields["key_id"] == key_id(key)
    assert (fields["kdf"], fields["n"], fields["r"], fields["p"]) == ("scrypt", 2**17, 8, 1)


FOREIGN = st.one_of(
    st.binary(max_size=300),
    st.binary(max_size=80).map(lambda data: b"amparo-bank-key-1\n" + data),
    st.integers(1, 5000).map(lambda depth: b"[" * depth),
    st.dictionaries(
        st.sampled_from([*WRAPPED, "x"]),
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=99), st.lists(st.integers())),
    ).map(lambda change: json.dumps(WRAPPED | change).encode("utf-8", "replace")),
)


@settings(max_examples=examples(100))
@given(data=FOREIGN)
@example(data=b"[" * 4000)
def test_foreign_bytes_raise_nothing_but_our_errors(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = private(tmp_path_factory.getbasetemp() / "foreign.key", data)
    with pytest.raises(AmparoError):
        load_key(path, None)

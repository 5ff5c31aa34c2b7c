"""Doctor on Banks: the key, missing files, and disks and swap that would give case data away."""

from pathlib import Path

import pytest
from casework.installations import bank, make

from amparo.casework import doctor_banks
from amparo.casework.bank_key import protect
from amparo.casework.banks.fetching import Agreement, add_exchange
from amparo.casework.doctor_banks import bank_checks, on_encrypted_disk
from amparo.casework.installation import Installation

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    made = make(tmp_path / "home")
    bank(made, tmp_path, "0" * 64)
    return made


def told(installation: Installation, check: str) -> tuple[str, str]:
    ((state, detail),) = ((state, detail) for name, state, detail in bank_checks(installation) if name == check)
    return state, detail


def test_without_banks_there_is_nothing_to_say(tmp_path: Path) -> None:
    assert list(bank_checks(make(tmp_path / "home"))) == []


def test_a_key_without_a_passphrase_is_noted(installation: Installation) -> None:
    state, detail = told(installation, "bank key")
    assert state == "note"
    assert "amparo bank key protect" in detail
    protect(installation.settings.bank_key_path, "several plain words")
    assert told(installation, "bank key")[0] == "good"


def test_a_key_that_is_damaged_or_open_is_bad(installation: Installation) -> None:
    path = installation.settings.bank_key_path
    path.chmod(0o644)
    assert told(installation, "bank key")[0] == "bad"
    path.chmod(0o600)
    path.write_text("nothing")
    assert told(installation, "bank key")[0] == "bad"
    path.unlink()
    assert told(installation, "bank key")[0] == "bad"


def test_a_bank_that_was_never_filled_needs_no_key(tmp_path: Path) -> None:
    """It is set up, and nothing is sealed yet."""
    installation = make(tmp_path / "home")
    add_exchange(installation, "Empty", "file", {"path": "x", "owner": "o", "terms": "t"}, Agreement("Law 1", ()))
    assert "bad" not in {state for _, state, _ in bank_checks(installation)}


def test_a_missing_file_is_bad(installation: Installation) -> None:
    assert told(installation, "bank files") == ("good", "all there")
    (only,) = (installation.settings.home / "banks").glob("*.sealed")
    only.unlink()
    assert told(installation, "bank files") == ("bad", "1 missing")


@pytest.fixture
def kernel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the kernel says of block devices, by number."""
    folder = tmp_path / "sys"
    folder.mkdir()
    monkeypatch.setattr(doctor_banks, "_SYS", folder)
    return folder


def device(kernel: Path, path: Path, uuid: str = "") -> Path:
    import os

    number = path.stat().st_dev
    block = kernel / f"{os.major(number)}:{os.minor(number)}"
    (block / "slaves").mkdir(parents=True)
    if uuid:
        (block / "dm").mkdir()
        (block / "dm" / "uuid").write_text(uuid + "\n")
    return block


@pytest.mark.parametrize(
    ("uuid", "encrypted"), [("CRYPT-LUKS2-00-home", True), ("LVM-abc", False), ("", False)], ids=lambda each: str(each)
)
def test_what_lies_below_the_home(
    uuid: str, encrypted: bool, kernel: Path, tmp_path: Path, installation: Installation
) -> None:
    device(kernel, tmp_path, uuid)
    assert on_encrypted_disk(tmp_path) is encrypted
    state, detail = told(installation, "disk")
    assert (state, "is encrypted" in detail) == (("good", True) if encrypted else ("note", False))


def test_a_volume_on_an_encrypted_disk_is_encrypted(kernel: Path, tmp_path: Path) -> None:
    block = device(kernel, tmp_path, "LVM-abc")
    (block / "slaves" / "dm-0" / "dm").mkdir(parents=True)
    (block / "slaves" / "dm-0" / "dm" / "uuid").write_text("CRYPT-LUKS1-00\n")
    assert on_encrypted_disk(tmp_path) is True


def test_what_the_kernel_does_not_say_is_noted(kernel: Path, tmp_path: Path, installation: Installation) -> None:
    assert on_encrypted_disk(tmp_path) is None
    state, detail = told(installation, "disk")
    assert state == "note"
    assert "cannot tell" in detail


def test_swap_that_is_not_encrypted_is_noted(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor_banks, "_swaps", lambda: ["/dev/no-such-device"])
    state, detail = told(installation, "swap")
    assert state == "note"
    assert "/dev/no-such-device" in detail
    monkeypatch.setattr(doctor_banks, "_swaps", list)
    assert told(installation, "swap")[0] == "good"


def test_room_for_open_banks_is_told(installation: Installation) -> None:
    state, detail = told(installation, "memory")
    assert state == "good"
    assert "MiB free" in detail

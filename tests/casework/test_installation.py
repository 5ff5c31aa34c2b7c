"""The installation says what it makes, makes it once, and names what the disk or the database refuses."""

import errno
import os
import shutil
import stat
from pathlib import Path

import pytest
from casework.installations import actions
from django.db import OperationalError, connection

from amparo import config
from amparo.casework.installation import prepare, storage_errors
from amparo.catalogue.memory_folder import MemoryFolder
from amparo.evidence.errors import AmparoError, MissingComponent, StorageFull


@pytest.mark.django_db(transaction=True)
def test_made_once_and_said(tmp_path: Path) -> None:
    settings = config.load(home=tmp_path / "home", operator="os:test")
    installation, made = prepare(settings)
    assert any(str(tmp_path / "home") in line for line in made)
    assert any("'os:test'" in line for line in made)
    key = installation.sealer.fingerprint
    assert stat.S_IMODE((tmp_path / "home" / "secrets").stat().st_mode) == 0o700
    again, told = prepare(settings)
    assert (again.sealer.fingerprint, told) == (key, [])


@pytest.mark.django_db(transaction=True)
def test_what_a_killed_process_left_in_memory_goes_at_the_next_start_and_is_said(tmp_path: Path) -> None:
    settings = config.load(home=tmp_path / "home", operator="os:test")
    prepare(settings)
    memory = MemoryFolder(settings.home)
    memory.keep("a.key", b"secret")
    try:
        (memory.path / ".work-left").mkdir()
        (memory.path / ".work-left" / "picture.png").touch()
        assert prepare(settings)[1] == ["Removed from memory what a killed process had left there."]
        assert [each.name for each in memory.path.iterdir()] == ["a.key"]
        memory.path.chmod(0o755)  # said by what needs the folder, not by every command
        assert prepare(settings)[1] == []
    finally:
        shutil.rmtree(memory.path)


@pytest.mark.django_db(transaction=True)
@pytest.mark.database
def test_recorders_name_the_operator(tmp_path: Path) -> None:
    installation, _ = prepare(config.load(home=tmp_path, operator="os:test"))
    installation.recorder().record("test.done", {})
    installation.sealer.seal()
    assert actions(installation, None)[-1] == "test.done"
    assert '"actor":"os:test"' in (tmp_path / "custody.jsonl").read_text()


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_a_full_disk_is_one_clear_line(number: int) -> None:
    with pytest.raises(StorageFull) as told, storage_errors():
        raise OSError(number, os.strerror(number))
    assert "Make room" in told.value.hint


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("database or disk is full", StorageFull),
        ("unable to open database file", MissingComponent),
        ('connection to server on socket "x" failed', MissingComponent),
        ("something else\nwith details", AmparoError),
        ("", AmparoError),
    ],
)
def test_what_the_database_refuses(text: str, kind: type[AmparoError]) -> None:
    with pytest.raises(kind) as told, storage_errors():
        raise OperationalError(text)
    assert type(told.value) is kind
    assert "\n" not in told.value.message


@pytest.mark.django_db
def test_a_statement_that_is_wrong_is_ours(tmp_path: Path) -> None:
    with pytest.raises(AmparoError, match="The database refused"), storage_errors(), connection.cursor() as cursor:
        cursor.execute("SELECT nothing FROM nowhere")


def test_other_errors_pass() -> None:
    with pytest.raises(PermissionError), storage_errors():
        raise PermissionError(13, "no")

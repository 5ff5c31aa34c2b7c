"""The Vault of a Case: who can open what, for how long, and what a killed process leaves."""

import datetime
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import jsonschema
import pytest
from casework.installations import actions, make
from django.utils import timezone
from workbench.staff import member, new_case, person

from amparo.accounts.models import User
from amparo.accounts.permissions import Role
from amparo.casework import schemas
from amparo.casework.installation import Installation
from amparo.casework.vault import custodians, objects, openings, renewal
from amparo.casework.vault.openings import State, state_of
from amparo.catalogue.memory_folder import MemoryFolder
from amparo.catalogue.models import Case, CustodianKey, VaultKey, VaultObject, VaultOpening, VaultShare
from amparo.catalogue.outbox import chain_path
from amparo.evidence import vault
from amparo.evidence.errors import BadInput, MissingComponent, NotAuthorised, VerificationFailed

pytestmark = pytest.mark.django_db(transaction=True)
PASSPHRASE = "seven green bottles on a wall"
PLAIN = b"neutral text " * 20_000
REASON = "The laboratory asked for the file again."


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return make(tmp_path / "home")


@pytest.fixture
def case(installation: Installation) -> Case:
    return new_case(installation)


def custodian(installation: Installation, passphrase: str = PASSPHRASE) -> User:
    user = person(Role.CUSTODIAN)
    custodians.make_key(installation.acting(user.actor), user, passphrase, passphrase)
    return user


def put(installation: Installation, case: Case, plain: bytes = PLAIN) -> VaultObject:
    return objects.put(installation, case, [plain], objects.CONTENT, "file.txt")


def asked(installation: Installation, case: Case, row: VaultObject) -> tuple[User, VaultOpening]:
    user = person(Role.EXAMINER)
    member(installation, case, user, Role.EXAMINER)
    return user, openings.ask(installation.acting(user.actor), user, row, REASON)


def test_what_is_put_in_is_lent_by_a_custodian_and_fetched_on_record(installation: Installation, case: Case) -> None:
    keeper = custodian(installation)
    row = put(installation, case)
    on_disk = objects.path_of(installation, case, row.uuid).read_bytes()
    assert b"neutral text" not in on_disk
    (told,) = objects.object_rows(case.reference)
    jsonschema.validate(told, json.loads(schemas.read("vault_object")))
    user, opening = asked(installation, case, row)
    with pytest.raises(NotAuthorised):
        openings.fetch(installation, user, opening)
    openings.give(installation.acting(keeper.actor), keeper, opening, PASSPHRASE)
    assert b"".join(openings.fetch(installation.acting(user.actor), user, opening)) == PLAIN
    done = [each for each in actions(installation, case) if each.startswith("vault.")]
    assert done == ["vault.pair_made", "vault.shared", "vault.put", "vault.asked", "vault.given", "vault.fetched"]


def test_without_a_custodian_nothing_is_sealed_and_the_way_out_is_said(installation: Installation, case: Case) -> None:
    with pytest.raises(MissingComponent) as caught:
        put(installation, case)
    assert "role of custodian" in caught.value.hint
    keeper = custodian(installation)
    put(installation, case)
    keeper.grants.update(ended=timezone.now())
    with pytest.raises(MissingComponent):
        put(installation, case)
    assert len(list(objects.path_of(installation, case, VaultObject.objects.get().uuid).parent.iterdir())) == 1


def test_private_halves_are_nowhere_in_the_clear(installation: Installation, case: Case) -> None:
    keeper = custodian(installation)
    put(installation, case)
    own, private = custodians.key_of_passphrase(installation, keeper, PASSPHRASE)
    share = VaultShare.objects.select_related("key__case").get()
    secret = objects.private_half(share, private)
    stored = b"".join(bytes(each) for each in (own.sealed, own.public, share.sealed, share.key.public))
    for half in (private, secret):
        assert half not in stored
        for path in (each for each in installation.settings.home.rglob("*") if each.is_file()):
            data = path.read_bytes()
            assert half not in data
            assert half.hex().encode() not in data


def test_what_is_lent_ends_by_itself_and_leaves_nothing(installation: Installation, case: Case) -> None:
    keeper = custodian(installation)
    user, opening = asked(installation, case, put(installation, case))
    openings.give(installation, keeper, opening, PASSPHRASE)
    VaultOpening.objects.update(until=timezone.now() - datetime.timedelta(seconds=1))
    with pytest.raises(NotAuthorised):
        openings.fetch(installation, user, opening)
    opening.refresh_from_db()
    assert bytes(opening.lent) == b""
    assert MemoryFolder(installation.settings.home).kept(f"lent-{opening.pk}") == b""
    assert state_of(opening) is State.OVER


def test_what_is_lent_is_worth_nothing_without_this_machines_memory(installation: Installation, case: Case) -> None:
    keeper = custodian(installation)
    user, opening = asked(installation, case, put(installation, case))
    openings.give(installation, keeper, opening, PASSPHRASE)
    MemoryFolder(installation.settings.home).forget()
    with pytest.raises(NotAuthorised, match="not lent"):
        openings.fetch(installation, user, opening)


def test_what_is_lent_to_one_is_not_lent_to_another_nor_for_another_request(
    installation: Installation, case: Case
) -> None:
    keeper = custodian(installation)
    _, opening = asked(installation, case, put(installation, case))
    other, second = asked(installation, case, put(installation, case, b"other"))
    openings.give(installation, keeper, opening, PASSPHRASE)
    opening.refresh_from_db()
    with pytest.raises(NotAuthorised):
        openings.fetch(installation, other, opening)
    VaultOpening.objects.filter(pk=second.pk).update(lent=opening.lent, until=opening.until)
    with pytest.raises(NotAuthorised):
        openings.fetch(installation, other, second)


def test_another_passphrase_opens_nothing_and_is_recorded(installation: Installation, case: Case) -> None:
    keeper = custodian(installation)
    _, opening = asked(installation, case, put(installation, case))
    with pytest.raises(NotAuthorised):
        openings.give(installation, keeper, opening, "another passphrase here")
    assert actions(installation, case)[-1] == "vault.passphrase_refused"
    opening.refresh_from_db()
    assert state_of(opening) is State.WAITING


def test_a_refused_passphrase_is_recorded_wherever_it_is_typed(
    installation: Installation, case: Case, tmp_path: Path
) -> None:
    keeper, row = custodian(installation), put(installation, case)
    with pytest.raises(NotAuthorised):
        openings.take(installation, keeper, row, "another passphrase here", tmp_path / "out")
    assert actions(installation, case)[-1] == "vault.passphrase_refused"
    with pytest.raises(NotAuthorised):
        renewal.renew(installation, keeper, "another passphrase here", [])
    lines = chain_path(installation.settings.home, None).read_text().splitlines()
    told = [each for each in map(json.loads, lines) if each.get("action") == "vault.passphrase_refused"]
    assert [each["facts"] for each in told] == [{"person": str(keeper.uuid)}]


def test_nobody_gives_to_themselves_nor_twice_nor_to_who_is_no_member(installation: Installation, case: Case) -> None:
    keeper = custodian(installation)
    row = put(installation, case)
    keeper.grants.create(role=Role.EXAMINER, given_by="tests")
    member(installation, case, keeper, Role.EXAMINER)
    own = openings.ask(installation, keeper, row, REASON)
    with pytest.raises(BadInput, match="yourself"):
        openings.give(installation, keeper, own, PASSPHRASE)
    user, opening = asked(installation, case, row)
    with pytest.raises(BadInput, match="already"):
        openings.ask(installation, user, row, REASON)
    openings.refuse(installation, keeper, opening)
    with pytest.raises(BadInput, match="answered"):
        openings.give(installation, keeper, opening, PASSPHRASE)
    again = openings.ask(installation, user, row, REASON)
    user.memberships.update(ended=timezone.now())
    with pytest.raises(BadInput, match="no member"):
        openings.give(installation, keeper, again, PASSPHRASE)


@pytest.mark.parametrize("reason", ["", "short", "x" * 501])
def test_a_request_needs_a_reason(installation: Installation, case: Case, reason: str) -> None:
    custodian(installation)
    with pytest.raises(BadInput):
        openings.ask(installation, person(Role.EXAMINER), put(installation, case), reason)


def test_a_changed_object_is_refused_before_a_byte_is_given(installation: Installation, case: Case) -> None:
    keeper = custodian(installation)
    row = put(installation, case)
    user, opening = asked(installation, case, row)
    openings.give(installation, keeper, opening, PASSPHRASE)
    path = objects.path_of(installation, case, row.uuid)
    whole = path.read_bytes()
    path.write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(VerificationFailed):
        openings.fetch(installation, user, opening)
    path.unlink()
    with pytest.raises(VerificationFailed, match="cannot be read"):
        openings.fetch(installation, user, opening)
    assert "vault.fetched" not in actions(installation, case)


def test_a_new_custodian_opens_nothing_until_another_shares(
    installation: Installation, case: Case, tmp_path: Path
) -> None:
    keeper = custodian(installation)
    row = put(installation, case)
    new = custodian(installation, "quite another passphrase")
    with pytest.raises(BadInput, match="no share"):
        openings.take(installation, new, row, "quite another passphrase", tmp_path / "out")
    due = renewal.due(keeper)
    assert ([each.user for each in due.new], list(due.left)) == ([new], [])
    with pytest.raises(NotAuthorised):
        renewal.renew(installation, keeper, "not the passphrase", [each.pk for each in due.new])
    assert renewal.renew(installation, keeper, PASSPHRASE, []) == 0, "nobody was ticked"
    assert renewal.renew(installation, keeper, PASSPHRASE, [each.pk for each in due.new]) == 1
    openings.take(installation, new, row, "quite another passphrase", tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == PLAIN
    assert (tmp_path / "out").stat().st_mode & 0o777 == 0o600
    assert not renewal.due(keeper).new
    assert actions(installation, case)[-2:] == ["vault.shared", "vault.taken"]


def test_after_a_custodian_has_left_the_old_share_opens_nothing_that_is_stored(
    installation: Installation, case: Case, tmp_path: Path
) -> None:
    keeper, leaving = custodian(installation), custodian(installation, "quite another passphrase")
    row = put(installation, case)
    key, private = custodians.key_of_passphrase(installation, leaving, "quite another passphrase")
    old = objects.private_half(VaultShare.objects.select_related("key__case").get(custodian=key), private)
    custodians.end_key(installation, leaving)
    with pytest.raises(BadInput, match="no key"):
        openings.take(installation, leaving, row, "quite another passphrase", tmp_path / "no")
    assert [each.user for each in renewal.due(keeper).left] == [leaving]
    assert renewal.renew(installation, keeper, PASSPHRASE, []) == 1
    row.refresh_from_db()
    assert VaultShare.objects.get().custodian.user == keeper
    with pytest.raises(VerificationFailed):
        vault.unwrap_key(bytes(row.wrapped), old, case.uuid, row.uuid)
    openings.take(installation, keeper, row, PASSPHRASE, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == PLAIN
    assert renewal.renew(installation, keeper, PASSPHRASE, []) == 0


def test_a_pair_renewed_while_something_is_put_in_is_the_one_it_is_sealed_to(
    installation: Installation, case: Case, tmp_path: Path
) -> None:
    keeper, leaving = custodian(installation), custodian(installation, "quite another passphrase")
    put(installation, case)
    custodians.end_key(installation, leaving)

    def parts() -> Iterator[bytes]:
        yield b"one"
        renewal.renew(installation, keeper, PASSPHRASE, [])
        yield b"two"

    row = objects.put(installation, case, parts(), objects.CONTENT, "n")
    openings.take(installation, keeper, row, PASSPHRASE, tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == b"onetwo"


def test_a_file_that_is_there_is_never_overwritten(installation: Installation, case: Case, tmp_path: Path) -> None:
    keeper = custodian(installation)
    row = put(installation, case)
    (tmp_path / "out").write_text("mine")
    with pytest.raises(BadInput):
        openings.take(installation, keeper, row, PASSPHRASE, tmp_path / "out")
    assert (tmp_path / "out").read_text() == "mine"
    assert [each.name for each in tmp_path.iterdir() if each.name.startswith(".")] == []


@pytest.mark.parametrize("passphrase", ["short", "password12345", "elevenchars"])
def test_weak_passphrases_make_no_key(installation: Installation, passphrase: str) -> None:
    user = person(Role.CUSTODIAN)
    with pytest.raises(BadInput):
        custodians.make_key(installation, user, passphrase, passphrase)
    with pytest.raises(BadInput, match="not the same"):
        custodians.make_key(installation, user, PASSPHRASE, PASSPHRASE + " ")
    with pytest.raises(NotAuthorised):
        custodians.make_key(installation, person(Role.INVESTIGATOR), PASSPHRASE, PASSPHRASE)
    assert not CustodianKey.objects.exists()


def test_a_failure_while_putting_leaves_no_file_and_no_row(installation: Installation, case: Case) -> None:
    custodian(installation)

    def parts() -> Iterator[bytes]:
        yield b"one"
        raise RuntimeError

    with pytest.raises(RuntimeError):
        objects.put(installation, case, parts(), objects.CONTENT, "n")

    def refuse(row: VaultObject) -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        objects.put(installation, case, [b"one"], objects.EXPORT, "n", refuse)
    folder = installation.settings.home / "cases" / str(case.uuid) / "vault"
    assert list(folder.iterdir()) == []
    assert not VaultObject.objects.exists()
    assert VaultKey.objects.count() == 1


def test_what_killed_processes_left_goes_with_a_later_put(installation: Installation, case: Case) -> None:
    custodian(installation)
    kept = objects.path_of(installation, case, put(installation, case).uuid)
    folder = kept.parent
    old, young = folder / ".part-old", folder / ".part-young"
    for each in (old, young, folder / "11111111-1111-4111-8111-111111111111.vault"):
        each.write_bytes(b"")
    for each in folder.iterdir():
        if each != young:
            os.utime(each, (time.time() - 90_000,) * 2)
    put(installation, case)
    assert kept in set(folder.iterdir())
    assert young in set(folder.iterdir())
    assert len(list(folder.iterdir())) == 3


def test_kill_while_sealing_leaves_no_object(tmp_path: Path) -> None:
    """The process that writes is killed for good; what it left is a part that nothing reads."""
    script = (
        "import sys, time, uuid\nfrom pathlib import Path\nfrom amparo.casework.vault.objects import _write\n"
        "class C:\n  uuid = uuid.UUID(int=1)\n"
        "def parts():\n  while True:\n    yield bytes(1 << 20)\n    print('x', flush=True)\n    time.sleep(.01)\n"
        "_write(Path(sys.argv[1]) / 'vault' / 'object.vault', parts(), C, uuid.UUID(int=2))\n"
    )
    environment = {**os.environ, "AMPARO_HOME": str(tmp_path / "home"), "DJANGO_SETTINGS_MODULE": "amparo.web.settings"}
    start = "import django; django.setup()\n"
    process = subprocess.Popen(
        [sys.executable, "-c", start + script, str(tmp_path)], env=environment, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    for _ in range(3):
        assert process.stdout.readline() == b"x\n"
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=20)
    assert [each.name[:6] for each in (tmp_path / "vault").iterdir()] == [".part-"]

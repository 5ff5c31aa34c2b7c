"""Erasure and the bytes of the files: no word of an erased Case is left on the disk, also after kill -9."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from e2e.homes import Home, new_home

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
_PREPARE = """
from amparo.cli.start import start
home = start()
import sys
from pathlib import Path
from amparo.accounts.models import User, RoleGrant
from amparo.casework import erasure, retention
from amparo.casework.cases import find_case
from amparo.casework.decisions import decide
from amparo.casework.members import add_member
from amparo.casework.notes import write_note
from amparo.casework.persons import add_person
from amparo.catalogue.models import Content, Item
row = find_case("PELICAN-77")
members = []
for name in ("ana", "ben"):
    user = User.objects.create(username=name)
    RoleGrant.objects.create(user=user, role="investigator", given_by="tests")
    members.append(add_member(home, row, user, "investigator", owner=True))
mine = Content.objects.filter(case=row)
for number, content in enumerate(mine.order_by("pk")[:40]):
    write_note(home, row, f"Wombat {number} stands at the fence", content.items.first())
add_person(home, row, "Person Quokka", "witness", "fact", "Interview with the numbat")
judged = mine.order_by("pk").last()
decide(home, row.reference, bytes(judged.sha256).hex(), ["material-not-pertinent"], "echidna note")
for content in mine.exclude(pk=judged.pk):
    print(bytes(content.sha256).hex())
asked = erasure.ask(home.acting(members[0].user.actor), members[0], "Rule 4 of the office")
job = erasure.carry_out(home.acting(members[1].user.actor), members[1], asked, row.reference)
"""
_DIE = """
from amparo.cli.start import start
home = start()
import os, sys
from amparo.catalogue import erasure
from amparo.casework import worker
erasure._SPAN = (50, 50, 50)
left = [int(sys.argv[1])]
one = erasure.Chunks.one
from contextlib import contextmanager
@contextmanager
def dying(self):
    with one(self) as counted:
        yield counted
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), 9)
    if left[0] == 1:
        left[0] = 0
        os.kill(os.getpid(), 9)
erasure.Chunks.one = dying
job = worker.run_next(home)
job.refresh_from_db()
print(job.state, job.problem)
"""


def script(home: Home, text: str, *arguments: object, codes: tuple[int, ...] = (0,)) -> str:
    command = [sys.executable, "-c", text, *map(str, arguments)]
    done = subprocess.run(command, env=home.env, capture_output=True, text=True, timeout=120)
    assert done.returncode in codes, done.stderr
    return done.stdout


@pytest.mark.skipif("DATABASE_URL" in os.environ, reason="files of SQLite are searched")
def test_no_byte_of_an_erased_case_is_left_even_after_kills(tmp_path: Path) -> None:
    """Names, words and digests, in every file of the home: database, its log, the Case's folder."""
    folder = tmp_path / "bandicoot"
    folder.mkdir()
    for number in range(1_500):
        (folder / f"wallaby-{number * 7919 % 1500}-{number}.txt").write_bytes(b"text %d" % number)
    other = tmp_path / "other"
    other.mkdir()
    for number in range(200):
        (other / f"rose-{number * 7919 % 1500}-{number}.txt").write_bytes(b"rose %d" % number)
    with new_home(tmp_path / "home") as home:
        home.env["AMPARO_WORKERS"] = "1"
        for reference, path in (("PELICAN-77", folder), ("R-2", other)):
            home.case(reference)
            assert home.run("scan", path, "--case", reference).returncode == 0
        digests = script(home, _PREPARE).split()
        planted = [b"wallaby", b"PELICAN", b"bandicoot", b"Wombat", b"Quokka", b"numbat", b"echidna"]
        before = everything(home.path)
        assert all(word in before for word in planted), "or the search below proves nothing"
        for turn in (3, 40, 75, 9):
            script(home, _DIE, turn, codes=(-signal.SIGKILL,))
            home.change("UPDATE catalogue_job SET attempts = 0")
        assert script(home, _DIE, -1).startswith("done")
        after = everything(home.path)
        for word in [*planted, str(folder).encode(), str(folder).encode().hex().encode()]:
            assert word not in after, word
        for digest in digests:
            assert digest.encode() not in after
            assert bytes.fromhex(digest) not in after
        assert b"rose-" in after, "what belongs to another case stays"
        home.verify()


def everything(path: Path) -> bytes:
    return b"\n".join(each.read_bytes() for each in sorted(path.rglob("*")) if each.is_file())

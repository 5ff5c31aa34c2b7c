"""Leaves the golden database of a release: ``make.py VERSION``, run once, before the release is tagged.

A small Case is scanned; kept are its SQLite file, a plain dump from PostgreSQL, and the rows they must still print
after every later migration. The next release never makes an old one again: that is the point of it.
"""

import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[2] / "scripts"))

BASE = Path("/tmp/amparo-golden")  # a neutral path: it stands in the database
TABLES = ("items", "findings")


def main(version: str) -> None:
    """Make it for both databases."""
    import postgres

    target = HERE / version
    target.mkdir(exist_ok=False)
    shutil.rmtree(BASE, ignore_errors=True)
    plant(BASE / "evidence")
    scan({"AMPARO_HOME": str(BASE / "lite"), "DATABASE_URL": ""}, target)
    import sqlite3

    with sqlite3.connect(BASE / "lite" / "amparo.sqlite3") as lite:
        lite.execute("PRAGMA journal_mode=DELETE")
        lite.execute("VACUUM")
    lite.close()
    shutil.copy(BASE / "lite" / "amparo.sqlite3", target / "amparo.sqlite3")
    with postgres.cluster() as url:
        scan({"AMPARO_HOME": str(BASE / "pg"), "DATABASE_URL": url}, None)
        folder = postgres.binaries()
        assert folder is not None
        dump = [str(folder / "pg_dump"), "--inserts", "--no-owner", "--no-privileges", "--restrict-key=golden", url]
        (target / "postgresql.sql").write_text(subprocess.run(dump, check=True, capture_output=True, text=True).stdout)
    shutil.rmtree(BASE)


def plant(root: Path) -> None:
    """A file of every kind that a row can tell of."""
    (root / "folder").mkdir(parents=True)
    (root / "plain.txt").write_text("plain")
    (root / "folder" / "again.txt").write_text("plain")
    (root / "empty").touch()
    (root / "broken.jpg").write_bytes(b"\xff\xd8\xff\xe0\x00\x10JFIF\x00")
    (root / "link").symlink_to("plain.txt")
    os.mkfifo(root / "pipe")
    (root / os.fsdecode(b"na\xffme")).write_text("odd name")
    with zipfile.ZipFile(root / "members.zip", "w") as archive:
        archive.writestr("inside.txt", "inside")
        archive.writestr("../up.txt", "up")
    with tarfile.open(root / "more.tar.gz", "w:gz") as tar:
        tar.add(root / "plain.txt", "plain.txt")
    (BASE / "known.csv").write_text(
        "digest,labels,owner,terms,date\nac7938d40cfc2307e2bf325d28e7884e,test-known,Amparo tests,none,2026-01-01\n"
        "a116c9d5cdbd9ab4dad8e1f2f2a58c49,test-known,Amparo tests,none,2026-01-01\n"
    )


def scan(env: dict[str, str], target: Path | None) -> None:
    """Scan; keep the rows of the first database as what all must print."""

    def amparo(*words: str) -> str:
        command = [sys.executable, "-m", "amparo", *words]
        done = subprocess.run(command, env={**os.environ, "AMPARO_OPERATOR": "golden", **env}, capture_output=True)
        assert done.returncode in (0, 6), done.stderr
        return done.stdout.decode()

    amparo("bank", "import", str(BASE / "known.csv"), "--name", "Golden bank")
    amparo("case", "create", "GOLDEN-1", "--authority", "Golden order", "--scope", f"path={BASE / 'evidence'}")
    amparo("scan", str(BASE / "evidence"), "--case", "GOLDEN-1")
    if target is not None:
        for table in TABLES:
            rows = amparo(table, "--case", "GOLDEN-1", "--json").splitlines()
            (target / f"{table}.jsonl").write_text("".join(f"{line}\n" for line in rows if json.loads(line)))


if __name__ == "__main__":
    main(sys.argv[1])

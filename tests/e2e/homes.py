"""Homes: the command line as a process, in an installation of its own, on whichever database this run is for."""

import contextlib
import dataclasses
import functools
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from amparo.catalogue.memory_folder import MemoryFolder

COMMAND = (sys.executable, "-m", "amparo")
Run = subprocess.CompletedProcess[str]
Rows = list[dict[str, Any]]


@dataclasses.dataclass(frozen=True)
class Home:
    """One installation: its folder and the environment its commands run in."""

    path: Path
    env: dict[str, str]

    def run(self, *arguments: object, prefix: Sequence[str] = (), timeout: float = 120) -> Run:
        """Run a command to its end, whatever the exit code; ``prefix`` is a program that runs it."""
        command = [*prefix, *COMMAND, *(each if isinstance(each, bytes) else str(each) for each in arguments)]
        return subprocess.run(
            command, env=self.env, timeout=timeout, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            errors="surrogateescape",
        )  # fmt: skip

    def start(self, *arguments: object) -> subprocess.Popen[str]:
        """Start a command and let it run."""
        return subprocess.Popen(
            [*COMMAND, *map(str, arguments)], env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True,
        )  # fmt: skip

    def rows(self, *arguments: object, codes: Sequence[int] = (0,), timeout: float = 120) -> Rows:
        """The JSON rows a command prints; it must end with one of ``codes``."""
        done = self.run(*arguments, "--json", timeout=timeout)
        assert done.returncode in codes, (done.returncode, done.stderr)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def case(self, reference: str, *arguments: object) -> None:
        """Create a case with an authority."""
        done = self.run("case", "create", reference, "--authority", "Test order 1/2026", *arguments)
        assert done.returncode == 0, done.stderr

    def verify(self) -> None:
        """Every custody chain of this installation verifies."""
        for chain in [*self.path.glob("cases/*/custody.jsonl"), self.path / "custody.jsonl"]:
            done = self.run("custody", "verify", chain)
            assert done.returncode == 0, done.stderr

    def change(self, statement: str, *values: object) -> None:
        """Change the database behind the program's back (``?`` marks values)."""
        if url := self.env.get("DATABASE_URL"):
            with psycopg.connect(url) as connection:
                connection.execute(statement.replace("?", "%s").encode(), values)
        else:
            with contextlib.closing(sqlite3.connect(self.path / "amparo.sqlite3")) as lite, lite:
                lite.execute(statement, values)

    def segments(self) -> set[str]:
        """Names of the files that the Banks of this installation have now."""
        asked = "SELECT segments FROM catalogue_bank"
        if url := self.env.get("DATABASE_URL"):
            with psycopg.connect(url) as connection:
                rows: list[Any] = connection.execute(asked).fetchall()
        else:
            with contextlib.closing(sqlite3.connect(self.path / "amparo.sqlite3")) as lite:
                rows = [(json.loads(row[0]),) for row in lite.execute(asked)]
        return {name for (names,) in rows for name in names}


@contextlib.contextmanager
def new_home(path: Path) -> Iterator[Home]:
    """A home in ``path``; where DATABASE_URL names a cluster, with a database of its own in it.

    It is a copy of one that a command has made, which saves every test a second of migrations. A folder that is there
    already stays as it is, with an empty database.
    """
    template = None if path.exists() else _template()
    if template is not None:
        shutil.copytree(template / "home", path)
    url = os.environ.get("DATABASE_URL")
    with contextlib.ExitStack() as at_end:
        at_end.callback(shutil.rmtree, MemoryFolder(path).path, ignore_errors=True)
        if url:
            name = at_end.enter_context(_database(url, None if template is None else template.name))
            yield Home(path, _environment(path, name))
        else:
            yield Home(path, _environment(path))


def _environment(path: Path, database: str | None = None) -> dict[str, str]:
    """The environment of a home; ``database`` is its address where it is not in its folder."""
    keep = ("PATH", "LANG", "LC_ALL", "TMPDIR", "VIRTUAL_ENV")
    env = {key: os.environ[key] for key in keep if key in os.environ}
    env |= {"AMPARO_HOME": str(path), "HOME": str(path.parent), "PYTHONWARNINGS": "error", "PYTHONUTF8": "1"}
    return env if database is None else {**env, "DATABASE_URL": database}


@functools.cache
def _template() -> Path:
    """Folder of a home that one command has made; its name is that of its database, where that is on a cluster."""
    folder = Path(tempfile.mkdtemp(prefix="amparo_template_", dir=os.environ["AMPARO_HOME"]))
    url = os.environ.get("DATABASE_URL")
    made = Home(folder / "home", _environment(folder / "home", _create(url, folder.name) if url else None))
    done = made.run("case", "list")
    assert done.returncode == 0, done.stderr
    return folder  # it and its database go with the run: AMPARO_HOME and the cluster are temporary


@contextlib.contextmanager
def _database(cluster: str, template: str | None) -> Iterator[str]:
    """A database on the cluster for as long as it is asked for, copied from ``template``; yields its address."""
    name = f"amparo_{uuid.uuid4().hex}"
    try:
        yield _create(cluster, name, template or "template1")
    finally:
        with psycopg.connect(cluster, autocommit=True) as admin:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


def _create(cluster: str, name: str, template: str = "template1") -> str:
    """Make a database on the cluster; its address."""
    parts = conninfo_to_dict(cluster)
    with psycopg.connect(cluster, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'.encode())
    return f"postgresql://{parts['user']}@/{name}?host={parts['host']}"

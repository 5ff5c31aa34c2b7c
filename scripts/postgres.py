"""Run a command against a private PostgreSQL cluster: ``postgres.py [--tests N] -- COMMAND ...``.

The cluster lies in a temporary folder, listens only on a socket there, trusts only whoever can reach it, and is gone
afterwards. DATABASE_URL names it. Without PostgreSQL on this machine it prints one counted line and ends with 0, or
with 1 where AMPARO_REQUIRE_ALL is set.
"""

import contextlib
import glob
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path


def binaries() -> Path | None:
    """Folder of initdb and pg_ctl, the newest version first; None if there is no server here."""
    folders = sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda each: int(each.split("/")[4]), reverse=True)
    if (found := shutil.which("initdb")) is not None:
        folders.append(os.path.dirname(os.path.realpath(found)))
    return next((Path(each) for each in folders if Path(each, "initdb").exists()), None)


@contextlib.contextmanager
def cluster() -> Iterator[str]:
    """A running private cluster; yields its DATABASE_URL."""
    found = binaries()
    if found is None:
        raise FileNotFoundError("PostgreSQL")
    with tempfile.TemporaryDirectory(prefix="amparo-pg-") as folder:
        user = _unprivileged(folder)
        data = f"{folder}/data"
        initdb = [str(found / "initdb"), "-D", data, "-A", "trust", "-U", "amparo", "-E", "UTF8", "--locale=C", "-N"]
        options = f"-k {folder} -c listen_addresses= -c max_connections=50"
        control = [str(found / "pg_ctl"), "-D", data]
        _run(user, initdb)
        _run(user, [*control, "-o", options, "-l", f"{folder}/log", "-w", "start"])
        try:
            yield f"postgresql://amparo@/postgres?host={folder}"
        finally:
            _run(user, [*control, "-m", "immediate", "stop"])


def _unprivileged(folder: str) -> str | None:
    """The account to run the server as: PostgreSQL refuses root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            account = pwd.getpwnam(name)
            os.chown(folder, account.pw_uid, account.pw_gid)
            return name
    raise FileNotFoundError("PostgreSQL (no account to run it as)")


def _run(user: str | None, command: list[str]) -> None:
    subprocess.run(
        command, user=user, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, cwd="/",
        extra_groups=[] if user else None,
    )  # fmt: skip


def main(arguments: list[str]) -> int:
    """Start, run, stop; the command's exit code."""
    split = arguments.index("--")
    number = arguments[arguments.index("--tests") + 1] if "--tests" in arguments[:split] else "?"
    if binaries() is None:
        print(f"NOT TESTED: PostgreSQL ({number})")
        return 1 if os.environ.get("AMPARO_REQUIRE_ALL") else 0
    with cluster() as url:
        return subprocess.run(arguments[split + 1 :], env={**os.environ, "DATABASE_URL": url}).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The installation: its folder, keys, schema and chains, made on first use and never by surprise."""

import contextlib
import dataclasses
import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import call_command
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from amparo import __version__
from amparo.catalogue.memory_folder import MemoryFolder
from amparo.catalogue.models import BankEntry, Case
from amparo.catalogue.outbox import Recorder, Sealer
from amparo.config import Settings
from amparo.evidence.errors import AmparoError, MissingComponent, NotAuthorised, StorageFull

_DISK_FULL = "53100"  # SQLSTATE disk_full


@dataclasses.dataclass(frozen=True, slots=True)
class Installation:
    """What every use case is given. ``token``: the API token that the operator used, None in the browser."""

    settings: Settings
    sealer: Sealer
    token: int | None = None

    def acting(self, operator: str) -> "Installation":
        """The same, for another operator: the account of a person who works in the browser."""
        return dataclasses.replace(self, settings=self.settings.model_copy(update={"operator": operator}))

    def through(self, token: int) -> "Installation":
        """The same, for what is asked for through the API: custody events name the token."""
        return dataclasses.replace(self, token=token)

    def recorder(self, case: Case | None = None) -> Recorder:
        """Records custody events of this operator, in a Case under its newest Authority."""
        newest = None if case is None else case.authorities.order_by("-pk").first()
        return Recorder(self.settings.operator, case, None if newest is None else newest.uuid, self.token)


def prepare(settings: Settings) -> tuple[Installation, list[str]]:
    """The installation, ready to use, and what had to be made for it, in sentences for the person.

    Raises MissingComponent if the database cannot be reached.
    """
    made = []
    home = settings.home
    with storage_errors():
        if not (home / "secrets" / "custody.key").exists():
            os.makedirs(home, mode=0o700, exist_ok=True)
            made.append(f"Made {home} for the database, keys and custody logs.")
            made.append(f"Custody entries name the operator {settings.operator!r} (setting: operator).")
        installation = Installation(settings, Sealer(home))
        if _schema_is_old():
            call_command("migrate", verbosity=0, interactive=False)
            installation.recorder().record("schema.migrated", {"version": __version__})
        if BankEntry.objects.exists():
            # Imported here, because what handles Bank files loads numpy, a third of the time a command takes to start.
            from amparo.casework.banks.store import open_banks
            from amparo.catalogue import bank_rows

            bank_rows.move_rows(open_banks(settings).files, installation.recorder())
            made.append("Moved the entries of the Banks from the database into sealed files.")
        installation.sealer.seal()  # also what an earlier command had no room for
        with contextlib.suppress(MissingComponent, NotAuthorised):  # said by what needs the folder
            if MemoryFolder(home).sweep():
                made.append("Removed from memory what a killed process had left there.")
    return installation, made


def _schema_is_old() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


@contextmanager
def storage_errors() -> Iterator[None]:
    """Turn what the database or the data disk refuses into one clear line."""
    try:
        yield
    except (DatabaseError, OSError) as error:
        told = storage_error(error)
        if told is None:
            raise
        raise told from error


def storage_error(error: Exception) -> AmparoError | None:
    """The clear line for what the database or the data disk refused, None if it was neither."""
    if isinstance(error, DatabaseError):
        return _named(error)
    full = isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT)
    return _full() if full else None


def _named(error: DatabaseError) -> AmparoError:
    cause = error.__cause__
    text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    if getattr(cause, "sqlstate", None) == _DISK_FULL or "disk is full" in text or "disk I/O error" in text:
        return _full()
    if any(each in text for each in ("unable to open", "connection", "could not translate", "failed to resolve")):
        return MissingComponent(
            "The database cannot be reached: %(why)s", "Check DATABASE_URL and AMPARO_HOME.", {"why": text}
        )
    return AmparoError(
        "The database refused: %(why)s", "Nothing half-written is left. Run: amparo doctor", {"why": text}
    )


def _full() -> StorageFull:
    return StorageFull(
        "The disk that holds AMPARO_HOME or the database is full.",
        "What was finished is safe. Make room and run the same command again: it goes on where it stopped.",
    )

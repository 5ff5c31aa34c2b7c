"""Doctor: what a person should know of this installation before relying on it."""

import importlib.metadata
import os
import stat
from collections.abc import Iterator

from django.db import connection, models

from amparo.casework import plan
from amparo.casework.doctor_banks import bank_checks
from amparo.casework.installation import Installation
from amparo.casework.vault.custodians import keys_now
from amparo.catalogue.models import Case, OutboxEvent, VaultKey
from amparo.catalogue.outbox import chain_path
from amparo.evidence.custody import verify
from amparo.evidence.errors import AmparoError

Row = dict[str, object]


def checks(installation: Installation) -> Iterator[Row]:
    """Rows of ``amparo doctor`` (schema ``check``): state is ``good``, ``note`` or ``bad``."""
    home = installation.settings.home
    mode = stat.S_IMODE(os.stat(home).st_mode)
    yield _row("home", "good" if not mode & 0o077 else "note", f"{home} has mode {mode:o}; 700 keeps others out")
    mode = stat.S_IMODE(os.stat(home / "secrets").st_mode)
    yield _row("secrets", "good" if mode == 0o700 else "bad", f"{home / 'secrets'} has mode {mode:o}")
    yield _row("operator", "good", installation.settings.operator)
    yield _row("key", "good", f"custody key {installation.sealer.fingerprint}")
    yield _row("database", "good", _database())
    free = os.statvfs(home)
    room = free.f_bavail * free.f_frsize // 1024**2
    yield _row("room", "good" if room >= 1024 else "note", f"{room:,} MiB free where AMPARO_HOME lies")
    yield from (_row(*told) for told in bank_checks(installation))
    yield from _vault()
    yield from _chains(installation)
    yield from _plugins(installation)


def _database() -> str:
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT sqlite_version()")
            return f"SQLite {cursor.fetchone()[0]}"
        cursor.execute("SHOW server_version")
        return f"PostgreSQL {cursor.fetchone()[0]}"


def _vault() -> Iterator[Row]:
    """How many custodians can still open what is sealed; nothing where nothing is."""
    sealed = VaultKey.objects.filter(case__vault_objects__erased=None, case__vault_objects__isnull=False)
    living = models.Count("shares", filter=models.Q(shares__custodian__in=keys_now()), distinct=True)
    for key in sealed.annotate(living=living).filter(living__lt=2).select_related("case").order_by("pk").distinct():
        reference = key.case.reference
        if key.living:
            yield _row("vault", "note", f"{reference}: one custodian can open what is sealed; share with a second")
        else:
            yield _row("vault", "bad", f"{reference}: no custodian can open what is sealed")


def _chains(installation: Installation) -> Iterator[Row]:
    waiting = OutboxEvent.objects.count()
    yield _row("outbox", "note" if waiting else "good", f"{waiting} custody events wait to be sealed")
    home, key = installation.settings.home, installation.sealer.fingerprint
    for name, path in (
        ("installation", chain_path(home, None)),
        *((case.reference, chain_path(home, case.uuid)) for case in Case.objects.order_by("pk")),
    ):
        try:
            checked = verify(path, key=key)
        except AmparoError as error:
            yield _row("custody", "bad", f"{name}: {error.message}")
        else:
            notes = "".join(f"; {note}" for note in checked.notes)
            yield _row("custody", "note" if notes else "good", f"{name}: {checked.sentence()}{notes}")


def _plugins(installation: Installation) -> Iterator[Row]:
    allowed = installation.settings.plugins
    for group in plan.GROUPS:
        for point in sorted(importlib.metadata.entry_points(group=group), key=lambda each: each.name):
            ours = point.value.startswith("amparo.")
            name = f"{group.removeprefix('amparo.')}: {point.name}"
            if not ours and point.name not in allowed:
                yield _row("plug-in", "note", f"{name} from {point.value} is installed but not named in `plugins`")
                continue
            try:
                loaded = point.load()
            except Exception as error:  # noqa: BLE001  # a plug-in that cannot load is shown, never fatal
                yield _row("plug-in", "bad", f"{name} cannot load: {type(error).__name__}: {error}")
                continue
            api = getattr(loaded, "API", None)
            good = api == plan.API
            yield _row(
                "plug-in", "good" if good else "bad", name if good else f"{name} declares API {api}, not {plan.API}"
            )
    for name in allowed:
        if not any(importlib.metadata.entry_points(group=group, name=name) for group in plan.GROUPS):
            yield _row("plug-in", "bad", f"{name} is named in `plugins` but not installed")


def _row(check: str, state: str, detail: str) -> Row:
    return {"v": 1, "check": check, "state": state, "detail": detail}

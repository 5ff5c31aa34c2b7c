"""Lease: one driver per Source. An owner that is dead is recognised at once and replaced."""

import datetime
import os
import platform
from pathlib import Path

from django.db.models import Q

from amparo.catalogue.models import Source
from amparo.evidence.errors import AmparoError, BadInput

TERM = datetime.timedelta(seconds=60)  # how long an owner on another machine is believed without a sign of life


class LeaseLost(AmparoError):
    """Another driver took the Source over; this one must not write any more."""


def this_process() -> str:
    """Boot id, pid and start time: no other process, before or after, has the same three."""
    return f"{_boot()}:{os.getpid()}:{_started(os.getpid())}"


def take(source: Source) -> str:
    """Make this process the owner. Raises BadInput if another one, alive, works on the Source."""
    me = this_process()
    now = datetime.datetime.now(datetime.UTC)
    held = source.owner
    if held and held != me and alive(held, source.owner_until, now):
        raise BadInput("Another process is scanning this source now.", "Wait until it ends, or stop it first.")
    taken = Source.objects.filter(pk=source.pk, owner=held).update(owner=me, owner_until=now + TERM)
    if not taken:
        raise BadInput("Another process has just begun to scan this source.", "Wait until it ends.")
    return me


def renew(source_id: int, owner: str) -> None:
    """Prove and prolong ownership, inside the transaction that writes. Raises LeaseLost."""
    until = datetime.datetime.now(datetime.UTC) + TERM
    if not Source.objects.filter(pk=source_id, owner=owner).update(owner_until=until):
        raise LeaseLost("Another process took this source over.", "Nothing is lost; look at its progress there.")


def give_up(source_id: int, owner: str) -> None:
    """Free the Source, if it is still ours."""
    Source.objects.filter(Q(pk=source_id) & Q(owner=owner)).update(owner="", owner_until=None)


def alive(owner: str, until: datetime.datetime | None, now: datetime.datetime) -> bool:
    """Whether an owner is to be believed: its process lives, or, on another machine, its term has not ended."""
    boot, pid, started = owner.split(":")
    if boot == _boot():
        return _started(int(pid)) == started
    return until is not None and until > now  # another machine, or this one before it was started again


def _boot() -> str:
    path = Path("/proc/sys/kernel/random/boot_id")
    if not path.exists():
        return platform.node().replace(":", "-")
    # Containers of one machine share its boot id, but not the numbers of their processes.
    return f"{path.read_text().strip()}-{os.stat('/proc/self/ns/pid').st_ino}"


def _started(pid: int) -> str:
    """Start time of a process in clock ticks since boot, empty if there is none (proc_pid_stat(5), field 22)."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return ""
    fields = status.rsplit(")", 1)[1].split()
    return "" if fields[0] in ("Z", "X") else fields[19]

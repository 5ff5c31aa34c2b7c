"""What a person should know of the Banks' protection: the key, the disk below it, and memory that may reach a disk."""

import os
from collections.abc import Iterator
from pathlib import Path

from amparo.casework.bank_key import is_protected
from amparo.casework.banks.store import memory_of
from amparo.casework.installation import Installation
from amparo.catalogue.models import Bank
from amparo.evidence.errors import AmparoError

_SYS = Path("/sys/dev/block")
_CRYPT = "CRYPT-"  # how device-mapper names what dm-crypt made (cryptsetup)

Told = tuple[str, str, str]  # check, state, detail


def bank_checks(installation: Installation) -> Iterator[Told]:
    """Checks that matter once there is a Bank; none before."""
    if not Bank.objects.exists():
        return
    settings = installation.settings
    path = settings.bank_key_path
    sealed = [digest for bank in Bank.objects.all() for digest in bank.segments]
    try:
        protected = is_protected(path) if sealed or path.exists() else None
    except AmparoError as error:
        yield "bank key", "bad", error.message
        return
    if protected is None:
        yield "bank key", "note", f"{path} is made when a bank gets its first entries"
    elif protected:
        yield "bank key", "good", f"{path} needs a passphrase once after each start"
    else:
        yield "bank key", "note", f"{path} lies open beside the banks; give it a passphrase: amparo bank key protect"
    missing = sum(not (settings.home / "banks" / f"{digest}.sealed").exists() for digest in sealed)
    yield "bank files", "bad" if missing else "good", f"{missing} missing" if missing else "all there"
    encrypted = on_encrypted_disk(settings.home)
    if encrypted is None:
        yield "disk", "note", f"cannot tell whether the disk below {settings.home} is encrypted; it should be"
    else:
        detail = "is encrypted" if encrypted else "is not encrypted; a stolen computer gives the case data away"
        yield "disk", "good" if encrypted else "note", f"the disk below {settings.home} {detail}"
    open_swap = [name for name in _swaps() if not _is_crypt(Path("/dev") / name.removeprefix("/dev/"))]
    if open_swap:
        yield "swap", "note", f"memory may be written to {', '.join(open_swap)}, which is not encrypted"
    else:
        yield "swap", "good", "no swap that is not encrypted"
    memory = memory_of(settings)
    room = os.statvfs(memory.path.parent)
    yield (
        "memory",
        "good",
        f"{room.f_bavail * room.f_frsize // 1024**2:,} MiB free for open banks in {memory.path.parent}",
    )


def on_encrypted_disk(path: Path) -> bool | None:
    """Whether dm-crypt lies below this path; None where the kernel does not say (network, overlay, container)."""
    device = os.stat(path).st_dev
    block = _SYS / f"{os.major(device)}:{os.minor(device)}"
    if not block.exists():
        return None
    return _any_crypt(block)


def _any_crypt(block: Path) -> bool:
    uuid = block / "dm" / "uuid"
    if uuid.exists() and uuid.read_text().startswith(_CRYPT):
        return True
    slaves = block / "slaves"
    return slaves.is_dir() and any(_any_crypt(each) for each in slaves.iterdir())


def _is_crypt(node: Path) -> bool:
    try:
        device = os.stat(node).st_rdev
    except OSError:
        return False
    block = _SYS / f"{os.major(device)}:{os.minor(device)}"
    return block.exists() and _any_crypt(block)


def _swaps() -> list[str]:
    try:
        lines = Path("/proc/swaps").read_text().splitlines()[1:]
    except OSError:
        return []
    return [line.split()[0] for line in lines if line.strip()]

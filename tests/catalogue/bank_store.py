"""Banks over a home and a folder in memory of their own, which can be switched off and on again."""

import contextlib
import io
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from media.segments import digest

from amparo.catalogue.bank_files import BankFiles
from amparo.catalogue.banks import Banks, ImportResult
from amparo.catalogue.memory_folder import MemoryFolder
from amparo.catalogue.outbox import Recorder
from amparo.exchange.hash_list import HashListCsv
from amparo.media.known_banks import Kind, KnownBanks

KEY = bytes(range(32))
RECORDER = Recorder("os:test")
HEADER = "digest,labels,owner,terms,date\n"
MEMORY = Path("/dev/shm")


class Store:
    """An installation's Banks. ``boot`` forgets all plain copies, as switching the machine off does."""

    def __init__(self, home: Path, root: Path) -> None:
        self.home = home
        self.key = KEY
        self._root = root
        self.boot()

    def boot(self) -> None:
        """The same sealed files, and nothing in memory."""
        self.memory = MemoryFolder(self.home, Path(tempfile.mkdtemp(dir=self._root)))
        self.files = BankFiles(self.home, self.memory, lambda: self.key)
        self.banks = Banks(self.files)

    def load(self, *rows: str, name: str = "Test bank", kind: Kind | None = None) -> ImportResult:
        """Import a hash list of these rows."""
        stream = io.BytesIO((HEADER + "".join(rows)).encode())
        return self.banks.put(name, HashListCsv().read(stream), RECORDER, kind)

    def withdraw(self, number: int, reason: str = "why", name: str = "Test bank") -> ImportResult:
        """Withdraw an entry by its number."""
        return self.banks.withdraw(name, [self.banks.entry(name, number)], reason, RECORDER)

    def known(self, n: int) -> list[tuple[str, int, str]]:
        """Name and version of the Banks that know this digest, and the owner it has there."""
        hits = KnownBanks(self.banks.states()).exact({"sha256": digest("sha256", n), "md5": digest("md5", n)})
        return [(hit.bank.name, hit.bank.version, hit.owner) for hit in hits]

    def sealed(self) -> set[str]:
        """Names of the sealed files."""
        return {path.name.removesuffix(".sealed") for path in (self.home / "banks").glob("*.sealed")}

    def plain(self) -> set[str]:
        """Names of the plain copies in memory."""
        return {path.name for path in self.memory.path.iterdir()}


@contextlib.contextmanager
def opened(home: Path) -> Iterator[Store]:
    """A store whose folder in memory goes at the end. Raises OSError where there is none."""
    root = tempfile.mkdtemp(prefix="amparo-tests-", dir=MEMORY)
    try:
        yield Store(home, Path(root))
    finally:
        shutil.rmtree(root)


def row(n: int, owner: str = "Owner", algorithm: str = "sha256") -> str:
    """A line of a hash list."""
    return f"{digest(algorithm, n).hex()},test,{owner},Terms,2026-01-31\n"

"""Merging the files of a Bank, which makes look-ups faster and changes nothing else."""

import subprocess
import sys

from amparo.casework.banks.store import open_banks
from amparo.casework.installation import Installation, storage_errors


def merge_bank(installation: Installation, name: str) -> bool:
    """Merge where that is due; returns whether it was. Takes about a minute for ten million entries."""
    with storage_errors():
        return open_banks(installation.settings).merge(name)


def merge_later(name: str) -> None:
    """Merge in the background, at low priority, outliving this command. Whether it ends well matters to speed only."""
    command = ["nice", sys.executable, "-P", "-m", "amparo", "bank", "merge", "--name", name]
    subprocess.Popen(  # noqa: S603  # our own command line
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )

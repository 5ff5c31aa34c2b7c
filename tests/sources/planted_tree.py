"""Difficult names, and how tests run outside programs on a folder of them."""

import os
import subprocess
from pathlib import Path

NAMES = (
    b"plain.txt", b"sub/deep/er/x.bin", b"invalid-\xff\xfe.dat", b"new\nline", "r\u202etl.txt".encode(),
    b"l" * 255, "zażółć".encode(), b"-dash", b"sp ace", b"back\\slash", b"empty",
)  # fmt: skip


def run(*command: object, cwd: Path | None = None) -> bytes:
    """Standard output of a program; its failure is ours."""
    words = [word if isinstance(word, bytes) else str(word) for word in command]
    return subprocess.run(words, cwd=cwd, check=True, capture_output=True).stdout


def tree(root: Path) -> dict[bytes, bytes]:
    """Relative raw name -> content of every ordinary file below ``root``."""
    base = os.fsencode(root)
    found = {}
    for folder, _, files in os.walk(base):
        for name in files:
            path = os.path.join(folder, name)
            if os.path.isfile(path) and not os.path.islink(path):
                with open(path, "rb") as stream:
                    found[os.path.relpath(path, base)] = stream.read()
    return found

"""What the documentation tests share: the repository, its pages, and the code blocks in them."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.M | re.S)


def tracked() -> list[Path]:
    """Every file that git holds or would hold."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout
    return [path for name in listed.split(b"\0") if name and (path := ROOT / name.decode()).is_file()]


def pages() -> list[Path]:
    """Every Markdown page."""
    return [path for path in tracked() if path.suffix == ".md"]


def blocks(page: Path, language: str) -> list[str]:
    """The code blocks of one language on a page."""
    return [body for found, body in _FENCE.findall(page.read_text()) if found == language]

"""Files that fit in the head: no Python file over 700 lines, the median of src under 150 (DESIGN section 7)."""

import statistics
import sys
from pathlib import Path

MOST, MEDIAN, SMELL = 700, 150, 400


def main() -> int:
    """Print what is too long; 1 if a rule is broken."""
    files = [path for folder in ("src", "tests", "benchmarks", "scripts") for path in Path(folder).rglob("*.py")]
    lines = {path: len(path.read_bytes().splitlines()) for path in files if "migrations" not in path.parts}
    for path, number in sorted(lines.items(), key=lambda pair: -pair[1]):
        if number > SMELL:
            print(f"{path}: {number} lines{' (limit 700)' if number > MOST else ', a smell'}")
    median = statistics.median(number for path, number in lines.items() if path.parts[0] == "src")
    print(f"{len(lines)} files, median in src {median:.0f} lines (limit {MEDIAN})")
    return int(max(lines.values()) > MOST or median > MEDIAN)


if __name__ == "__main__":
    sys.exit(main())

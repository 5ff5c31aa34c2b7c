"""`make demo`: a benign evidence folder, a Case with its Authority, a Bank, a scan and a report. Needs no root.

Everything lies in the folder given, AMPARO_HOME included, so nothing else of this computer is touched.
"""

import json
import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

SAMPLE_FAILURES = 6  # the exit code of a scan that finished, with some Items failed: the demo plants such files


def main(folder: Path) -> int:
    """Run the demo; every step shows the command a person would type."""
    folder = folder.absolute()
    home = folder / "home"
    made = folder / "material"
    here = Path(__file__).parent
    step([sys.executable, str(here / "make_demo.py"), str(made), "--force"], {})
    env = {"AMPARO_HOME": str(home), "AMPARO_OPERATOR": "demo"}
    fresh(home)
    amparo(env, "bank", "import", str(made / "known.csv"), "--name", "Demo bank")
    amparo(env, "bank", "import", str(made / "known-pictures.csv"), "--name", "Demo pictures")
    scope = f"path={made / 'evidence'}"
    amparo(env, "case", "create", "DEMO-1", "--authority", "Demonstration on generated material", "--scope", scope)
    amparo(env, "scan", str(made / "evidence"), "--case", "DEMO-1")
    amparo(env, "matches", "--case", "DEMO-1", "--bank", "Demo pictures", "--limit", "2")
    code = planted(env, made)
    report = folder / "report.html"
    amparo(env, "report", "--case", "DEMO-1", "--output", str(report))
    print(f"\nOpen it: file://{report}\nLook further: AMPARO_HOME={home} {amparo_path()} items --case DEMO-1")
    return code


def planted(env: dict[str, str], made: Path) -> int:
    """Whether the altered copies were found, and nothing else: counts them, and fails if not."""
    command = [str(amparo_path()), "matches", "--case", "DEMO-1", "--bank", "Demo pictures", "--json"]
    told = subprocess.run(command, env={**os.environ, **env}, capture_output=True, text=True, check=True).stdout
    found = {json.loads(line)["path"] for line in told.splitlines()}
    rows = [line.split("\t") for line in (made / "planted.txt").read_text(encoding="utf-8").splitlines()]
    copies = {path for kind, path in rows if kind == "copy"}
    print(f"Altered copies planted: {len(copies)}, found: {len(copies & found)}.")
    print(f"Decoys planted: {len(rows) - len(copies)}; other pictures that matched: {len(found - copies)}.")
    return 0 if found == copies else 1


def fresh(home: Path) -> None:
    """An empty home; an old one goes only if a demo made it."""
    marker = home / "made-by-demo"
    if home.exists():
        if not marker.exists():
            sys.exit(f"{home} was not made by this demo; name another folder.")
        shutil.rmtree(home)
    home.mkdir(mode=0o700, parents=True)
    marker.touch()


def amparo(env: dict[str, str], *words: str) -> None:
    """Run amparo, showing the command; a scan may end with failed Items, anything else must end well."""
    print(f"\n$ amparo {shlex.join(words)}", flush=True)
    step([str(amparo_path()), *words], env, (0, SAMPLE_FAILURES) if words[0] == "scan" else (0,))


def step(command: list[str], env: dict[str, str], good: tuple[int, ...] = (0,)) -> None:
    """Run a command; end the demo with its exit code if that is none of ``good``."""
    code = subprocess.run(command, env={**os.environ, **env}).returncode
    if code not in good:
        sys.exit(code)


def amparo_path() -> Path:
    """The command of this environment."""
    return Path(sys.executable).parent / "amparo"


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

"""What does a package of a Case cost? Each form of export alone, of seeded Cases, signed and recorded as shipped.

For each form: seconds, the peak of memory, megabytes and files written, and growth beside that of the Items. Each round
runs in a process of its own, whose start is not counted; in brackets, what the process held before it began. One in
ten Contents is judged. ``report`` and ``pdf`` list at most 200 matches, so their size does not follow the Case.

Beside the form ``case`` stand what others do with the same rows: Django's own dump (what ``dumpdata`` writes of Items,
Contents and Findings), the standard library writing the same objects from memory, which is a floor and no peer, and
rdflib, on which CASE's own tools rest, writing the same triples from memory (at the smallest ``--n`` only: its graph
takes 25 times the room of the file). The last two read no database. The other forms have no honest peer: theirs is
the growth alone. Run on SQLite, or on PostgreSQL through scripts/postgres.py.
"""

import argparse
import itertools
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

Figures = dict[str, float]


def main() -> None:
    """Seed, export, print medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--n", type=int, nargs="+", default=[10_000, 100_000], help="Items of each Case")
    parser.add_argument("--forms", nargs="+", help="instead of all")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--one", nargs=3, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        work, number, folder = given.one
        print(json.dumps(_one(work, int(number), Path(folder))))
        return
    with tempfile.TemporaryDirectory(prefix="amparo-bench-") as scratch:
        os.environ["AMPARO_HOME"] = f"{scratch}/home"
        before: dict[str, float] = {}
        for number in sorted(given.n):
            seeded = _child("seed", number, scratch)
            print(f"{number:,} Items, median of {given.rounds} (seeded in {seeded['seconds']:.0f} s)", flush=True)
            forms = given.forms or _child("forms", 0, scratch)["names"]
            took = {form: _measured(form, number, scratch, given.rounds) for form in forms}
            for form, figures in took.items():
                growth = f", {figures['seconds'] / before[form]:.1f} x the smaller Case" if form in before else ""
                _say(form, figures, growth)
                before[form] = figures["seconds"]
            if "case" in took:
                _peers(number, scratch, given.rounds, took["case"]["seconds"], number == min(given.n))
    if len(given.n) > 1:
        print(f"Items grew {' and '.join(f'{b / a:.0f}' for a, b in itertools.pairwise(sorted(given.n)))} times")


def _peers(number: int, scratch: str, rounds: int, ours: float, smallest: bool) -> None:
    """Of the package of the form ``case`` that was made last, and of the rows behind it."""
    names = ["Django's dump", "standard library, from memory (floor)"]
    names += ["rdflib, from memory"] if smallest else []
    for name in names:
        figures = _measured(name, number, scratch, rounds)
        _say(name, figures, f"; case to this {ours / figures['seconds']:.2f}")


def _measured(work: str, number: int, scratch: str, rounds: int) -> Figures:
    made = [_child(work, number, scratch) for _ in range(rounds)]
    return {name: statistics.median(each[name] for each in made) for name in made[0]}


def _child(work: str, number: int, scratch: str) -> dict[str, Any]:
    command = [sys.executable, __file__, "--one", work, str(number), scratch]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def _say(name: str, figures: Figures, more: str) -> None:
    print(
        f"  {name}: {figures['seconds']:.2f} s, peak {figures['peak']:.0f} MB ({figures['before']:.0f}), "
        f"{figures['bytes'] / 1e6:.1f} MB in {figures['files']:.0f} files{more}",
        flush=True,
    )


def _one(work: str, number: int, scratch: Path) -> dict[str, Any]:
    from amparo.cli.start import start

    installation = start()
    from seeded_case import judge, seed

    from amparo.casework.cases import find_case
    from amparo.casework.export.forms import FORMS

    reference, package = f"SEEDED-{number}", scratch / f"{work}-{number}-{os.getpid()}"
    if work == "forms":
        return {"names": FORMS}
    if work == "seed":
        began = time.perf_counter()
        judge(installation, seed(installation, reference, number))
        _analyse()
        return {"seconds": time.perf_counter() - began}
    write: Callable[[], object]
    if work in FORMS:
        write = _form(installation, reference, work, package)
    elif work == "Django's dump":
        write = _dump(find_case(reference), package)
    else:
        newest = max(scratch.glob(f"case-{number}-*"), key=lambda each: each.stat().st_mtime)
        write = (_rdflib if work.startswith("rdflib") else _standard)(newest / "case.jsonld", package)
    before, began = _peak(), time.perf_counter()
    write()
    seconds = time.perf_counter() - began
    written = [package] if package.is_file() else [each for each in package.rglob("*") if each.is_file()]
    sizes = [each.stat().st_size for each in written]
    return {"seconds": seconds, "peak": _peak(), "before": before, "bytes": sum(sizes), "files": len(sizes)}


def _form(installation: Any, reference: str, form: str, package: Path) -> Callable[[], object]:
    """As ``amparo export`` makes it; VICS with the first scheme in force that it can carry."""
    import datetime

    from amparo.casework.export import Choices, export_case
    from amparo.casework.export.vics import numbered

    scheme = next(iter(numbered(installation, datetime.datetime.now(datetime.UTC).date())))
    return lambda: export_case(installation, reference, [form], str(package), Choices("en", scheme))


def _dump(case: Any, package: Path) -> Callable[[], object]:
    from django.core import serializers

    from amparo.catalogue.models import Content, Finding, Item

    def write() -> None:
        rows = (model.objects.filter(case=case).order_by("pk").iterator() for model in (Item, Content, Finding))
        with package.open("x", encoding="utf-8") as stream:
            serializers.serialize("json", itertools.chain.from_iterable(rows), stream=stream)

    return write


def _standard(path: Path, package: Path) -> Callable[[], object]:
    objects = json.loads(path.read_bytes())

    def write() -> None:
        with package.open("x", encoding="utf-8") as stream:
            json.dump(objects, stream)

    return write


def _rdflib(path: Path, package: Path) -> Callable[[], object]:
    from rdflib import Graph

    graph = Graph().parse(path, format="json-ld")
    return lambda: graph.serialize(package, format="json-ld", encoding="utf-8")


def _analyse() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _peak() -> float:
    """MB of this process, or of the largest that it started and that has ended: the PDF is made in one."""
    return max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024


if __name__ == "__main__":
    main()

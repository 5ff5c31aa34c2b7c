"""Runs the assertions in the installation of this process, which must be a fresh one, and writes the signed report."""

import contextlib
import datetime
import hashlib
import importlib.metadata
import json
import os
import platform
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from amparo import __version__
from amparo.casework.banks.importing import import_bank
from amparo.casework.cases import NewAuthority, create_case
from amparo.casework.installation import Installation
from amparo.casework.listing import finding_rows, item_rows
from amparo.casework.scan import scan
from amparo.casework.validation import evidence
from amparo.casework.validation.assertion import Assertion, Bench, Result
from amparo.casework.validation.assertions import ASSERTIONS, state
from amparo.evidence.custody.keys import SigningKey
from amparo.evidence.errors import BadInput
from amparo.evidence.manifest import sign
from amparo.media.decoded import pixels_of
from amparo.media.pdq import Hasher
from amparo.ui.standalone import standalone

_CASE = "VALIDATION"
_LIBRARIES = ("numpy", "pillow", "pi-heif", "django", "cryptography", "py7zr")


def prepare(installation: Installation, folder: Path) -> Bench:
    """Make the evidence in ``folder``, the Bank, the Case; scan."""
    root = folder / "evidence"
    evidence.make(root)
    known = root / "pictures" / "known.png"
    digest = hashlib.sha256(known.read_bytes()).hexdigest()
    pdq = Hasher().rgb(pixels_of(evidence.picture(1))).hash.hex()
    for algorithm, value in (("sha256", digest), ("pdq", pdq)):
        listed = folder / f"{algorithm}.csv"
        row = f"{algorithm},{value},test,Amparo,validation,2026-01-01\n"
        listed.write_text(f"algorithm,digest,labels,owner,terms,date\n{row}")
        import_bank(installation, str(listed), f"Validation {algorithm}")
    before = state(root)
    case = create_case(installation, _CASE, NewAuthority("Validation of this installation"))
    scan(installation, str(root), _CASE)
    items = {str(row["path"]): row for row in item_rows(_CASE)}
    return Bench(installation, case, root, items, tuple(finding_rows(_CASE)), before)


def check(bench: Bench, assertions: Sequence[Assertion] = ASSERTIONS) -> list[tuple[Assertion, Result]]:
    """Run them all. One that breaks is one that does not hold."""
    results = []
    for each in assertions:
        try:
            result = each.check(bench)
        except Exception as error:  # noqa: BLE001  # whatever went wrong, the assertion was not shown to hold
            result = Result("a result", f"{type(error).__name__}: {error}")
        results.append((each, result))
    return results


def write(results: Sequence[tuple[Assertion, Result]], output: Path, key: SigningKey, operator: str) -> str:
    """A signed package of validation.html and validation.json; returns the manifest's SHA-256. Raises BadInput."""
    if output.exists():
        raise BadInput(f"{str(output)!r} is there already.", "Choose another --output; nothing is overwritten.")
    made = datetime.datetime.now(datetime.UTC)
    held = sum(result.holds for _, result in results)
    rows = [
        {
            "number": each.number, "says": each.says, "source": each.source, "holds": result.holds,
            "expected": result.expected, "observed": result.observed,
        }
        for each, result in results
    ]  # fmt: skip
    parts = [("Python", platform.python_version()), ("System", platform.platform())]
    parts += [(name, importlib.metadata.version(name)) for name in _LIBRARIES]
    context = {
        "results": rows,
        "held": held,
        "made": made,
        "version": __version__,
        "operator": operator,
        "parts": parts,
    }
    part = output.with_name(f".{output.name}.{os.getpid()}.part")
    try:
        with _writable(output):
            part.mkdir(mode=0o700)
            (part / "validation.html").write_text(standalone("ui/validation.html", context, "en"), "utf-8")
            text = json.dumps({"v": 1, "parts": dict(parts), "assertions": rows}, ensure_ascii=True, indent=1)
            (part / "validation.json").write_text(text + "\n", "utf-8")
            about = {
                "made": made.isoformat(),
                "version": __version__,
                "made_by": operator,
                "held": held,
                "of": len(rows),
            }
            digest = sign(part, key, about)
            part.rename(output)
    finally:
        shutil.rmtree(part, ignore_errors=True)
    return digest


@contextlib.contextmanager
def _writable(output: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise BadInput(f"Cannot write {str(output)!r}: {error.strerror}.", "Choose another --output.") from error

"""An installation of its own in the test database, and folders to scan."""

import datetime
import json
from pathlib import Path
from typing import Any

from amparo import config
from amparo.casework.banks.importing import import_bank
from amparo.casework.cases import NewAuthority, create_case
from amparo.casework.installation import Installation
from amparo.catalogue import models
from amparo.catalogue.outbox import Sealer, chain_path
from amparo.evidence.authority import Scope


def make(home: Path, **settings: Any) -> Installation:
    """Settings over a home in ``home``; one worker."""
    given = {"home": home, "workers": 1, "operator": "os:test", **settings}
    return Installation(config.load(**given), Sealer(home))


def case(
    installation: Installation,
    reference: str = "R-1",
    until: datetime.datetime | None = None,
    scope: Scope | None = None,
) -> models.Case:
    return create_case(installation, reference, NewAuthority("Order 1", until, scope or Scope()))


def bank(installation: Installation, folder: Path, *digests: str, name: str = "Known") -> None:
    """A Bank with these digests."""
    rows = "".join(f"{digest},test-label,Amparo tests,none,2026-01-01\n" for digest in digests)
    (folder / "known.csv").write_text(f"digest,labels,owner,terms,date\n{rows}")
    import_bank(installation, str(folder / "known.csv"), name)


def actions(installation: Installation, row: models.Case | None) -> list[str]:
    """What the custody log of a Case, or of the installation, says was done."""
    lines = chain_path(installation.settings.home, row.uuid if row else None).read_text().splitlines()
    return [entry["action"] for entry in map(json.loads, lines) if entry["kind"] == "entry"]


def distribution(folder: Path, points: str, modules: dict[str, str]) -> None:
    """An installed package called ``other`` in a folder that is to be on ``sys.path``."""
    info = folder / "other-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: other\nVersion: 1\n")
    (info / "entry_points.txt").write_text(points)
    for name, text in modules.items():
        (folder / f"{name}.py").write_text(text)

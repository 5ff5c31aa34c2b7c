"""Erasures of tests: who leads, what is there to erase, and what is left when it is counted row by row."""

import zipfile
from pathlib import Path

from casework.pictures import copies

from amparo.accounts.models import RoleGrant, User
from amparo.accounts.permissions import Role
from amparo.casework import erasure as module
from amparo.casework import worker
from amparo.casework.installation import Installation
from amparo.casework.members import add_member
from amparo.catalogue import counters, models
from amparo.catalogue.models import Case, Content, Erasure, Item, Member

GROUND = "Retention rule 4 of the office, file 88"


def leader(home: Installation, row: Case, name: str) -> Member:
    """Somebody new who leads a Case."""
    user = User.objects.create(username=name)
    RoleGrant.objects.create(user=user, role=Role.INVESTIGATOR, given_by="tests")
    return add_member(home, row, user, Role.INVESTIGATOR, owner=True)


def two(home: Installation, row: Case) -> tuple[Member, Member]:
    """Two who lead it: an erasure needs both."""
    return leader(home, row, "ana"), leader(home, row, "ben")


def by(home: Installation, member: Member) -> Installation:
    """The installation as it acts for a member."""
    return home.acting(member.user.actor)


def begun(home: Installation, row: Case, sha256: str = "") -> Erasure:
    """Asked by one leader, begun by another."""
    ana, ben = two(home, row)
    asked = module.ask(by(home, ana), ana, GROUND, sha256)
    module.carry_out(by(home, ben), ben, asked, row.reference)
    return asked


def run(home: Installation) -> models.Job:
    """Let the worker do the next Job."""
    job = worker.run_next(home.acting("os:worker"))
    assert job is not None
    job.refresh_from_db()
    return job


def evidence(folder: Path) -> Path:
    """A folder with pictures, texts and an archive."""
    folder.mkdir()
    copies(folder / "pictures", 2, 3)
    (folder / "kite-in-the-park.txt").write_text("Dear neighbour")
    (folder / "second-kite.txt").write_text("Dear neighbour")
    (folder / "other.txt").write_text("The roses")
    with zipfile.ZipFile(folder / "boxed.zip", "w") as archive:
        archive.writestr("marigold.txt", "Only in the box")
        archive.writestr("tulip.txt", "The roses")
        archive.writestr("inner/kite.txt", "Dear neighbour")
    return folder


def recounted(row: Case) -> dict[str, int]:
    """Numbers of a Case, counted row by row."""
    return {
        "items": Item.objects.filter(case=row).count(),
        "contents": Content.objects.filter(case=row).count(),
        "findings": models.Finding.objects.filter(case=row, current=True).count(),
        "skipped": Item.objects.filter(case=row, state=models.State.SKIPPED).count(),
        "distinct": sum(Content.objects.filter(case=row).values_list("size", flat=True)),
    }


def kept_counters(row: Case) -> dict[str, int]:
    """The same from the counters."""
    found = counters.read(source__case=row)
    return {
        "items": sum(found["entry"].values()),
        "contents": sum(found["content"].values()),
        "findings": sum(found["finding"].values()),
        "skipped": found["item"].get("skipped", 0),
        "distinct": found["bytes"].get("distinct", 0),
    }

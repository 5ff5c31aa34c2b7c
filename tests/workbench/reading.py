"""Pages of a Case as a member reads them, and a Source to read about."""

from pathlib import Path

from django.test import Client
from workbench.staff import client, member, person

from amparo.accounts.models import User
from amparo.accounts.permissions import Role
from amparo.casework.installation import Installation
from amparo.casework.scan import scan
from amparo.catalogue.models import Case, Member


def text(browser: Client, path: str, status: int = 200) -> str:
    """The page at a path, which answers with this status."""
    answer = browser.get(path)
    assert answer.status_code == status
    return answer.content.decode()


def worker(
    installation: Installation, case: Case, role: Role = Role.INVESTIGATOR, owner: bool = False
) -> tuple[User, Client, Member]:
    """Somebody new who works on a Case in this role, logged in."""
    user = person(role)
    return user, client(user), member(installation, case, user, role, owner)


def evidence(installation: Installation, folder: Path, reference: str = "W-1") -> None:
    """Scan a folder with one letter into a Case."""
    folder.mkdir(exist_ok=True)
    (folder / "letter-to-a-neighbour.txt").write_text("Dear neighbour")
    scan(installation, str(folder), reference)

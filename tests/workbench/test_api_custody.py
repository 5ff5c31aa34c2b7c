"""The API about custody logs that are too long to be checked within a request."""

import pytest
from workbench.keys import ask, token
from workbench.staff import member, new_case, person

from amparo.accounts.permissions import Permission, Role
from amparo.casework import custody
from amparo.casework.installation import Installation
from amparo.casework.worker import run_next
from amparo.catalogue.models import Case, Job
from amparo.catalogue.outbox import chain_path

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


@pytest.fixture
def matter(installation: Installation) -> Case:
    return new_case(installation)


@pytest.fixture
def reader(installation: Installation, matter: Case) -> str:
    """A token that may read the custody log, and neither ask for jobs nor see them."""
    user = person(Role.PROSECUTOR)
    member(installation, matter, user, Role.PROSECUTOR)
    return token(user, {Permission.CUSTODY_READ})


def test_a_long_custody_log_is_checked_by_the_worker_while_the_caller_follows(
    reader: str, matter: Case, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(custody, "LONG", 0)
    where = f"cases/{matter.uuid}/custody"
    for _ in range(2):  # asked for twice, done once
        asked = ask(reader, f"{where}/verify", {})
        assert (asked.status_code, asked.json()["state"]) == (200, "under way")
        assert (asked.json()["done"], asked.json()["total"]) == (0, None)
    assert ask(reader, f"cases/{matter.uuid}/jobs").status_code == 403
    job = Job.objects.get()
    assert (job.kind, job.case) == ("verify", matter)
    Job.objects.update(state="running", owner="x", progress={"done": 51_000, "total": 120_000})
    shown = ask(reader, where).json()["check"]
    assert (shown["state"], shown["done"], shown["total"]) == ("under way", 51_000, 120_000)
    assert ask(reader, f"{where}/verify", {}).json() == shown
    Job.objects.update(state="queued", owner="")
    run_next(installation)
    shown = ask(reader, where).json()["check"]
    assert (shown["state"], shown["intact"], shown["problem"]) == ("checked", True, "")
    assert shown["head"].startswith(f"{shown['entries']}:")
    assert ask(reader, f"{where}/verify", {}).json()["state"] == "under way"
    assert Job.objects.count() == 2


def test_who_follows_the_check_of_a_long_log_learns_that_it_is_broken(
    reader: str, matter: Case, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(custody, "LONG", 0)
    where = f"cases/{matter.uuid}/custody"
    assert ask(reader, where).json()["head"]
    path = chain_path(installation.settings.home, matter.uuid)
    path.write_bytes(path.read_bytes().replace(b"case.created", b"case.createx", 1))
    assert ask(reader, f"{where}/verify", {}).json()["state"] == "under way"
    run_next(installation)
    shown = ask(reader, where).json()
    assert (shown["check"]["state"], shown["check"]["intact"]) == ("checked", False)
    assert shown["check"]["problem"]
    path.write_bytes(path.read_bytes() + b"{}\n")
    shown = ask(reader, where).json()
    assert (shown["entries"], shown["head"], shown["check"]["intact"]) == (0, None, False)
    assert shown["problem"]["message"]


@pytest.mark.parametrize(("state", "said"), [("failed", "failed"), ("cancelled", "stopped")])
def test_a_check_without_an_answer_says_so(
    state: str, said: str, reader: str, matter: Case, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(custody, "LONG", 0)
    where = f"cases/{matter.uuid}/custody"
    ask(reader, f"{where}/verify", {})
    problem = {"message": "The worker ended.", "hint": "Start it again."} if state == "failed" else {}
    Job.objects.update(state=state, progress={"done": 7, "total": 9}, problem=problem)
    shown = ask(reader, where).json()["check"]
    assert (shown["state"], shown["done"], shown["total"]) == (said, 7, 9)
    assert shown["problem"] == (problem or None)

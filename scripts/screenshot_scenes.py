"""The people and scenes of the guide's pictures; scripts/screenshots.py plays them."""

import datetime
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from playwright.sync_api import Page

if TYPE_CHECKING:
    from screenshots import Stage

CASE = "DEMO-1"
PASSPHRASE = "seven green bottles on a wall"
PEOPLE = {  # user name: role
    "Iris": "administrator",
    "Ana": "investigator",
    "Hugo": "hotline-analyst",
    "Elif": "examiner",
    "Sami": "social-worker",
    "Petra": "prosecutor",
    "Cleo": "custodian",
    "Omar": "auditor",
}


def people(material: Path) -> dict[str, str]:
    """Make one person per role in the home of the environment, Ana leading the demo's case; group its pictures.

    Returns session cookies by name, ``case``: its id, ``welcome``: the path of an open invitation, and ``material``.
    """
    subprocess.run([sys.executable, "-m", "amparo", "groups", "--case", CASE], check=True, stdout=subprocess.DEVNULL)
    from amparo.cli.start import start

    installation = start()
    from allauth.mfa.models import Authenticator
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY

    from amparo.accounts.models import RoleGrant, User
    from amparo.accounts.permissions import ON_CASES, Role
    from amparo.casework.cases import find_case
    from amparo.casework.members import add_member
    from amparo.casework.people import invite

    case = find_case(CASE)
    made = {"case": str(case.uuid), "material": str(material)}
    for name, role in PEOPLE.items():
        user = User.objects.create(username=name.lower(), name=name)
        user.set_unusable_password()
        user.save()
        RoleGrant.objects.create(user=user, role=role, given_by="demo")
        Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": ""})
        if Role(role) in ON_CASES:
            add_member(installation, case, user, Role(role), owner=name == "Ana")
        session = import_module(settings.SESSION_ENGINE).SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = "allauth.account.auth_backends.AuthenticationBackend"
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
        made[name] = session.session_key
    made["welcome"] = f"welcome/{invite(installation, 'Lena', [Role.EXAMINER])}"
    return made


def first_page(stage: "Stage") -> None:
    """The link, and a package that verifies."""
    stage.shot(stage.page("", stage.made["welcome"]), "first-page-welcome")
    page = stage.page("Ana", f"{stage.case}exports/")
    page.get_by_role("button", name="Make the package").click()
    verify = page.get_by_role("button", name="Verify").first
    verify.wait_for()
    verify.click()
    page.get_by_role("status").filter(has_text="Intact").wait_for()
    stage.shot(page, "first-page-export")


def administrator(stage: "Stage") -> None:
    """The list of people, and an invitation."""
    page = stage.page("Iris", "people/")
    stage.shot(page, "administrator-people")
    page.get_by_role("link", name="Invite somebody").click()
    page.get_by_label("Name", exact=True).fill("Nadia")
    page.get_by_label("Investigator").check()
    stage.shot(page, "administrator-invite")


def investigator(stage: "Stage") -> None:
    """A plan with its checklist, tasks, and the overview that warns of it."""
    page = stage.page("Ana", f"{stage.case}tasks/")
    for text, day, who in (
        ("Ask the provider for the dates of the account", "2027-01-11", "Hugo"),
        ("Bring the telephone to the laboratory", "2027-01-12", "Elif"),
    ):
        page.get_by_label("What has to be done").fill(text)
        page.get_by_label("Due on (UTC)").fill(day)
        page.get_by_label("Given to").select_option(label=who)
        page.get_by_role("button", name="Add the task").click()
        page.get_by_role("row").filter(has_text=text).wait_for()
    page.get_by_role("link", name="Planned enforcement").click()
    when = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=4)
    page.get_by_label("Day and time (UTC)").fill(f"{when:%Y-%m-%dT06:00}")
    page.get_by_role("button", name="Plan it").click()
    page.get_by_role("heading", name="Safeguarding checklist").wait_for()
    stage.shot(page, "investigator-checklist")
    page.get_by_role("link", name="Overview").click()
    stage.shot(page, "investigator-overview")


def hotline_analyst(stage: "Stage") -> None:
    """The queue, and an item whose picture stays hidden."""
    page = stage.page("Hugo", f"{stage.case}triage/")
    page.get_by_role("article").first.get_by_role("link").click()
    stage.shot(page, "hotline-analyst-triage")
    page.get_by_role("link", name="Open the whole page").click()
    page.get_by_role("heading", level=1).wait_for()
    stage.shot(page, "hotline-analyst-item")


def examiner(stage: "Stage") -> None:
    """Jobs of a case, and an exhibit with a hand-over."""
    page = stage.page("Elif", f"{stage.case}jobs/")
    page.get_by_role("button", name="Group alike pictures").click()
    page.get_by_label("Folder or file to scan").fill(str(Path(stage.made["material"]) / "evidence"))
    grouped = page.get_by_role("listitem").filter(has=page.get_by_role("link", name="Group alike pictures"))
    grouped.filter(has_text="Done").first.wait_for()
    stage.shot(page, "examiner-jobs")
    page.get_by_role("link", name="Exhibits").click()
    page.get_by_role("link", name="Add an exhibit").click()
    page.get_by_label("Number", exact=True).fill("JK/1")
    page.get_by_label("Description").fill("Telephone, black, cracked glass, serial number 0042")
    page.get_by_label("Seal").fill("S-100")
    page.get_by_label("From whom or where").fill("Person A, kitchen table")
    page.get_by_label("Seized at (UTC)").fill("2026-03-01T07:30")
    page.get_by_role("button", name="Add the exhibit").click()
    for label, text in (
        ("When (UTC)", "2026-03-01T09:10"),
        ("Given by", "Officer Ana"),
        ("Taken by", "Examiner Elif"),
        ("Purpose", "Examination"),
        ("Seal as it was handed over", "S-100"),
    ):
        page.get_by_label(label).fill(text)
    page.get_by_role("button", name="Write the hand-over").click()
    page.get_by_role("row").filter(has_text="Examiner Elif").wait_for()
    stage.shot(page, "examiner-exhibit")


def social_worker(stage: "Stage") -> None:
    """The page of a person, facts and assessments apart."""
    page = stage.page("Sami", f"{stage.case}persons/")
    page.get_by_role("link", name="Add a person").click()
    page.get_by_label("Pseudonym").fill("Person A")
    page.get_by_label("Role in this case").select_option(label="Victim")
    _stated(page, "What more is known, if anything", "Lives with the grandmother since March.", "fact")
    page.get_by_role("button", name="Add the person").click()
    _stated(page, "What is said", "Speaks more easily in the afternoon.", "assessment")
    page.get_by_role("button", name="Add the statement").click()
    page.get_by_text("Speaks more easily").first.wait_for()
    stage.shot(page, "social-worker-person")


def _stated(page: Page, label: str, text: str, basis: str) -> None:
    page.get_by_label(label).fill(text)
    page.get_by_role("radio", name=basis).check()
    page.get_by_label("Where it comes from").fill("Report of the youth office of 2026-03-04")


def prosecutor(stage: "Stage") -> None:
    """What was disclosed, after who leads the case has disclosed it."""
    page = stage.page("Ana", f"{stage.case}exports/")
    page.get_by_role("button", name="Disclose to prosecutors, for good").first.click()
    page.wait_for_load_state()
    stage.shot(stage.page("Petra", f"{stage.case}disclosed/"), "prosecutor-disclosed")


def custodian(stage: "Stage") -> None:
    """A key, a request that waits, and its answer."""
    keeper = stage.page("Cleo", "vault/")
    keeper.get_by_label("Passphrase").fill(PASSPHRASE)
    keeper.get_by_label("The same once more").fill(PASSPHRASE)
    keeper.get_by_role("button", name="Make my key").click()
    keeper.get_by_role("status").wait_for()
    letter = Path(stage.made["material"]) / "planted.txt"
    subprocess.run([sys.executable, "-m", "amparo", "vault", "put", letter, "--case", CASE], check=True)
    page = stage.page("Ana", f"{stage.case}vault/")
    page.get_by_text("Ask for it").click()
    page.get_by_label("Why you need it").fill("The laboratory asked for the file again.")
    page.get_by_role("button", name="Ask the custodians").click()
    page.get_by_text("Asked, not yet answered").wait_for()
    keeper.goto(f"{stage.url}/vault/")
    stage.shot(keeper, "custodian-vault")
    keeper.get_by_role("link", name="Answer").click()
    stage.shot(keeper, "custodian-request")


def auditor(stage: "Stage") -> None:
    """The logs of all cases, one verified."""
    page = stage.page("Omar", "logs/")
    page.get_by_role("button", name="Verify").last.click()
    page.wait_for_load_state()
    stage.shot(page, "auditor-logs")


SCENES = (
    first_page,
    administrator,
    investigator,
    hotline_analyst,
    examiner,
    social_worker,
    prosecutor,
    custodian,
    auditor,
)

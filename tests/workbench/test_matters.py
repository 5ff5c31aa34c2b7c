"""Tasks, exhibits and planned enforcement in the browser: who sees what, objects of one's own cases only, forms."""

import datetime
import html
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from workbench.staff import client, member, new_case, person

from amparo.accounts.models import User
from amparo.accounts.permissions import Role
from amparo.casework import enforcement, exhibits, tasks
from amparo.casework.installation import Installation
from amparo.casework.safeguarding import checklist
from amparo.casework.scan import scan
from amparo.catalogue.models import Case, Enforcement, Exhibit, HandOver, Item, SafeguardingAnswer, Source, Task

pytestmark = pytest.mark.django_db(transaction=True)
DAY = datetime.timedelta(days=1)
SEIZED = datetime.datetime(2026, 3, 1, 7, 30, tzinfo=datetime.UTC)


def worker(
    installation: Installation, case: Case, role: Role = Role.INVESTIGATOR, name: str = ""
) -> tuple[User, Client]:
    user = person(role, name=name)
    member(installation, case, user, role)
    return user, client(user)


def main(browser: Client, path: str, status: int = 200) -> str:
    """What stands in the page, below its bars."""
    answer = browser.get(path)
    assert answer.status_code == status
    return html.unescape(answer.content.decode().partition("<main")[2])


def scanned(installation: Installation, folder: Path, reference: str = "W-1") -> Source:
    folder.mkdir()
    (folder / "letter.txt").write_text("Dear neighbour")
    scan(installation, str(folder), reference)
    return Source.objects.get(case__reference=reference)


def telephone(installation: Installation, case: Case, *sources: Source) -> Exhibit:
    given = exhibits.Described("A-1", "Telephone <black>", "S-1", "Person 1", SEIZED)
    return exhibits.add_exhibit(installation, case, given, {each.pk for each in sources})


def test_a_task_is_added_changed_done_and_opened_again(installation: Installation) -> None:
    case = new_case(installation)
    _, browser = worker(installation, case)
    ben, other = worker(installation, case, Role.SOCIAL_WORKER, "Ben")
    where = f"/cases/{case.uuid}/tasks/"
    form = {"text": "Ring the <neighbour>", "due": "2026-01-02", "assignee": str(ben.uuid)}
    assert browser.post(where + "add/", form).headers["Location"] == where
    shown = main(browser, where)
    for words in ("Ring the <neighbour>", "2026-01-02", "overdue", "Ben"):
        assert words in shown
    told = other.get("/").content.decode()
    assert "A task of the case W-1 was given to you" in told
    assert "Ring the" not in told.partition("<main")[0], "a notice outlives a membership"
    task = Task.objects.get()
    assert browser.post(f"{where}{task.pk}/", {"due": "", "assignee": ""}).status_code == 302
    assert "No day" in main(browser, where)
    browser.post(f"{where}{task.pk}/done/", {"on": "1"})
    shown = main(other, where)
    assert shown.index("Done") < shown.index("Ring the")
    assert "Open again" in shown
    browser.post(f"{where}{task.pk}/done/", {"on": "0"})
    assert "Mark as done" in main(browser, where)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"text": ""}, "What has to be done: nothing is written here."),
        ({"due": "2.1.2026"}, "not a day"),
        ({"due": "9999-01-01"}, "too far away"),
        ({"assignee": "00000000-0000-4000-8000-000000000000"}, "no member of the case"),
    ],
)
def test_a_refused_task_says_why_and_keeps_what_was_typed(
    wrong: dict[str, str], said: str, installation: Installation
) -> None:
    case = new_case(installation)
    _, browser = worker(installation, case)
    form = {"text": "Ring the neighbour", "due": "2026-01-02", "assignee": ""} | wrong
    answer = browser.post(f"/cases/{case.uuid}/tasks/add/", form)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert (form["text"] or form["due"]) in answer.content.decode()
    assert not Task.objects.exists()


def test_readers_read_tasks_and_change_none(installation: Installation) -> None:
    case = new_case(installation)
    tasks.add_task(installation, case, "Ring the neighbour", None, None)
    _, browser = worker(installation, case, Role.PROSECUTOR)
    shown = main(browser, f"/cases/{case.uuid}/tasks/")
    assert "Ring the neighbour" in shown
    assert "<form" not in shown
    assert "Planned enforcement" not in shown


def test_a_task_of_somebody_who_left_says_so(installation: Installation) -> None:
    case = new_case(installation)
    _, browser = worker(installation, case)
    user, _ = worker(installation, case, Role.EXAMINER, "Ben")
    task = tasks.add_task(installation, case, "Ring the neighbour", None, user)
    user.grants.update(ended=datetime.datetime.now(datetime.UTC))
    assert "Cannot open this case now" in main(browser, f"/cases/{case.uuid}/tasks/")
    assert "Ben cannot open this case now" in main(browser, f"/cases/{case.uuid}/tasks/{task.pk}/")


def test_pages_of_tasks_join_and_ask_no_more_questions(
    installation: Installation, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    case = new_case(installation)
    user, browser = worker(installation, case)
    where = f"/cases/{case.uuid}/tasks/"
    now, day = datetime.datetime.now(datetime.UTC), tasks.today()
    rows = [
        Task(case=case, text=f"open {n:03}", due=None if n >= 70 else day + n // 3 * DAY, assignee=user.actor, made=now)
        for n in range(120)
    ]
    Task.objects.bulk_create(rows)
    Task.objects.bulk_create(Task(case=case, text=f"done {n:03}", made=now, done=now) for n in range(60))
    seen: list[str] = []
    path = where
    while path:
        with django_assert_max_num_queries(24):
            shown = main(browser, path)
        seen += re.findall(r"<bdi>(open \d+)", shown)
        more = re.findall(r'href="(\?after=[^"]+)"', shown)
        path = where + more[0] if more else ""
    assert seen == [f"open {n:03}" for n in range(120)]
    shown = main(browser, where)
    (more,) = re.findall(r'href="(\?done=\d+)#done"', shown)
    both = re.findall(r"<bdi>(done \d+)", shown) + re.findall(r"<bdi>(done \d+)", main(browser, where + more))
    assert both == [f"done {n:03}" for n in range(59, -1, -1)]
    for after in ("x", "2026-13-01.1", "none.x", "\u0661.\u0661", "none." + "9" * 30):
        assert "open 000" in main(browser, f"{where}?after={after}")


def test_home_lists_ones_own_tasks_of_cases_one_may_see(installation: Installation) -> None:
    own, lost = new_case(installation, "OWN"), new_case(installation, "LOST")
    user, browser = worker(installation, own)
    gone = member(installation, lost, user, Role.INVESTIGATOR)
    tasks.add_task(installation, own, "Mine and late", tasks.today() - DAY, user)
    tasks.add_task(installation, own, "Mine and soon", tasks.today() + DAY, user)
    tasks.add_task(installation, own, "Of nobody", tasks.today(), None)
    tasks.add_task(installation, lost, "Of a case that I left", tasks.today(), user)
    gone.ended = datetime.datetime.now(datetime.UTC)
    gone.save()
    shown = main(browser, "/")
    late, soon = shown.index("Mine and late"), shown.index("Mine and soon")
    assert late < shown.index("overdue") < soon < shown.index("due soon")
    assert "Of nobody" not in shown
    assert "Of a case that I left" not in shown


def test_an_exhibit_is_recorded_handed_over_and_printed(installation: Installation, tmp_path: Path) -> None:
    case = new_case(installation)
    source = scanned(installation, tmp_path / "acquired")
    _, browser = worker(installation, case, Role.EXAMINER)
    where = f"/cases/{case.uuid}/exhibits/"
    form = {
        "number": "A-1",
        "description": "Telephone <black>",
        "seal": "S-1",
        "seized_from": "Person 1",
        "seized_at": "2026-03-01T07:30",
        "source": str(source.pk),
    }
    answer = browser.post(where + "add/", form)
    exhibit = Exhibit.objects.get()
    assert answer.headers["Location"] == f"{where}{exhibit.pk}/"
    assert exhibit.seized_at == SEIZED
    hand = {"at": "2026-03-01T09:00", "given_by": "Ana", "taken_by": "Ben", "purpose": "Transport", "seal": "S-2"}
    for each in (hand, hand | {"given_by": "Dora", "taken_by": "Eva", "at": "2026-03-01T08:00"}):
        assert browser.post(f"{where}{exhibit.pk}/hand-over/", each).status_code == 302
    page = main(browser, f"{where}{exhibit.pk}/")
    paper = main(browser, f"{where}{exhibit.pk}/print/")
    for shown in (page, paper):
        for words in (
            "Telephone <black>", "Source 1", "acquired", "2026-03-01 07:30 UTC", "The seal is another one than before.",
            "The giver is not who had it before", "Earlier than the hand-over written before it.",
        ):  # fmt: skip
            assert words in shown
    assert 'value="Eva"' in page, "the next giver is the last taker"
    assert re.search(r"Entry \d+, sealed head", paper)
    assert "<form" not in paper
    listed = main(browser, where)
    assert "Look at its hand-overs" in listed
    assert "Eva" in listed


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"at": ""}, "When (UTC): nothing is written here."),
        ({"at": "yesterday"}, "not a time"),
        ({"at": "2026-03-01T08:00+01:00"}, "names a zone"),
        ({"taken_by": ""}, "Taken by: nothing is written here."),
    ],
)
def test_a_refused_hand_over_keeps_what_was_typed(wrong: dict[str, str], said: str, installation: Installation) -> None:
    case = new_case(installation)
    exhibit = telephone(installation, case)
    _, browser = worker(installation, case)
    form = {"at": "2026-03-01T09:00", "given_by": "Ana", "taken_by": "Ben", "purpose": "Transport"} | wrong
    answer = browser.post(f"/cases/{case.uuid}/exhibits/{exhibit.pk}/hand-over/", form)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert 'value="Ana"' in answer.content.decode()
    assert not HandOver.objects.exists()


def test_a_refused_exhibit_keeps_what_was_typed_and_chosen(installation: Installation, tmp_path: Path) -> None:
    case = new_case(installation)
    source = scanned(installation, tmp_path / "acquired")
    exhibit = telephone(installation, case)
    _, browser = worker(installation, case)
    form = {"number": "A-2", "description": "", "seized_at": "", "source": str(source.pk)}
    for path in ("add/", f"{exhibit.pk}/change/"):
        answer = browser.post(f"/cases/{case.uuid}/exhibits/{path}", form)
        shown = answer.content.decode()
        assert answer.status_code == 422
        assert 'value="A-2"' in shown
        assert re.search(rf'value="{source.pk}" checked', shown)
    exhibit.refresh_from_db()
    assert (exhibit.number, exhibit.sources.count()) == ("A-1", 0)


def test_the_overview_and_an_item_name_the_exhibit(installation: Installation, tmp_path: Path) -> None:
    case = new_case(installation)
    exhibit = telephone(installation, case, scanned(installation, tmp_path / "acquired"))
    item = Item.objects.filter(case=case).order_by("pk").last()
    assert item is not None
    link = f'<a href="/cases/{case.uuid}/exhibits/{exhibit.pk}/">Exhibit A-1</a>'
    _, reads = worker(installation, case)
    assert link in main(reads, f"/cases/{case.uuid}/")
    assert link in main(reads, f"/cases/{case.uuid}/items/{item.pk}/")
    _, other = worker(installation, case, Role.SOCIAL_WORKER)
    assert "A-1" not in main(other, f"/cases/{case.uuid}/")


def test_lists_of_exhibits_ask_no_more_questions_for_more(
    installation: Installation, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    case = new_case(installation)
    _, browser = worker(installation, case)
    now = datetime.datetime.now(datetime.UTC)
    for n in range(60):
        row = Exhibit.objects.create(case=case, number=f"A-{n:02}", description="Disk", made=now)
        HandOver.objects.create(exhibit=row, at=now, given_by="Ana", taken_by="Ben", purpose="Store", made=now)
    where = f"/cases/{case.uuid}/exhibits/"
    with django_assert_max_num_queries(22):
        first = main(browser, where)
    (more,) = re.findall(r'href="(\?before=\d+)"', first)
    numbers = re.findall(r"<bdi>(A-\d\d)</bdi></a>", first + main(browser, where + more))
    assert numbers == [f"A-{n:02}" for n in range(59, -1, -1)]


def test_a_plan_brings_a_checklist_that_warns_until_it_is_answered(installation: Installation) -> None:
    case = new_case(installation)
    _, browser = worker(installation, case)
    _, other = worker(installation, case, Role.EXAMINER)
    where = f"/cases/{case.uuid}/tasks/enforcement/"
    when = datetime.datetime.now(datetime.UTC) + 4 * DAY
    answer = browser.post(where, {"planned": f"{when:%Y-%m-%dT%H:%M}"})
    plan = Enforcement.objects.get()
    page = f"{where}{plan.pk}/"
    assert answer.headers["Location"] == page
    shown = main(browser, page)
    for point in checklist().points:
        assert point.question in shown
        assert all(origin.title in shown for origin in point.origins)
    said = f"{len(checklist().points)} points of its safeguarding checklist are open."
    for person_ in (browser, other):
        assert said in main(person_, f"/cases/{case.uuid}/")
        assert "Replacement telephone" in main(person_, f"/cases/{case.uuid}/tasks/")
    assert "Open the checklist" not in main(other, f"/cases/{case.uuid}/")
    for point in checklist().points:
        form = {"point": point.id, "answer": "yes", "note": ""}
        if point.id == "telephone":
            form |= {"answer": "no", "note": "None left in the store"}
        answer = browser.post(page + "answer/", form)
        assert answer.headers["Location"] == f"{page}#point-{point.id}"
    shown = main(browser, f"/cases/{case.uuid}/")
    assert "1 was answered with no." in shown
    assert "None left in the store" in main(browser, page)
    browser.post(page + "close/", {"outcome": "called-off"})
    assert "was answered with no" not in main(browser, f"/cases/{case.uuid}/")
    assert "Called off" in main(browser, where)


def test_a_refused_answer_keeps_what_was_typed(installation: Installation) -> None:
    case = new_case(installation)
    _, browser = worker(installation, case)
    plan = enforcement.plan_enforcement(installation, case, datetime.datetime.now(datetime.UTC) + DAY)
    page = f"/cases/{case.uuid}/tasks/enforcement/{plan.pk}/"
    answer = browser.post(page + "answer/", {"point": "children", "answer": "no", "note": " "})
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert "needs a note" in shown
    assert re.search(r'id="children-no"[^>]* checked', shown)
    assert not re.search(r'id="family-no"[^>]* checked', shown)
    for path, form in (("move/", {"planned": "2020-01-01T10:00"}), ("close/", {}), ("move/", {})):
        assert browser.post(page + path, form).status_code == 422
    assert browser.post(f"/cases/{case.uuid}/tasks/enforcement/", {"planned": "soon"}).status_code == 422
    assert not SafeguardingAnswer.objects.exists()


def test_a_plan_whose_time_has_passed_asks_what_became_of_it(installation: Installation) -> None:
    case = new_case(installation)
    _, browser = worker(installation, case)
    plan = enforcement.plan_enforcement(installation, case, datetime.datetime.now(datetime.UTC) + DAY)
    Enforcement.objects.update(planned=datetime.datetime.now(datetime.UTC) - DAY)
    assert "The planned time has passed." in main(browser, f"/cases/{case.uuid}/tasks/enforcement/{plan.pk}/")


def test_objects_of_another_case_are_not_found_and_not_changed(installation: Installation, tmp_path: Path) -> None:
    own, other = new_case(installation, "OWN"), new_case(installation, "OTHER")
    foreign = scanned(installation, tmp_path / "acquired", "OTHER")
    task = tasks.add_task(installation, other, "Ring the neighbour", None, None)
    exhibit = telephone(installation, other)
    plan = enforcement.plan_enforcement(installation, other, datetime.datetime.now(datetime.UTC) + DAY)
    user, browser = worker(installation, own)
    before = f"/cases/{own.uuid}"
    acts: list[tuple[str, dict[str, Any]]] = [
        (f"tasks/{task.pk}/", {"due": "2026-01-01", "assignee": str(user.uuid)}),
        (f"tasks/{task.pk}/done/", {"on": "1"}),
        (f"exhibits/{exhibit.pk}/change/", {"number": "B-1", "description": "Laptop"}),
        (
            f"exhibits/{exhibit.pk}/hand-over/",
            {"at": "2026-03-01T09:00", "given_by": "A", "taken_by": "B", "purpose": "C"},
        ),
        (f"tasks/enforcement/{plan.pk}/answer/", {"point": "children", "answer": "yes"}),
        (f"tasks/enforcement/{plan.pk}/move/", {"planned": "2027-01-01T10:00"}),
        (f"tasks/enforcement/{plan.pk}/close/", {"outcome": "held"}),
    ]  # fmt: skip
    for path, form in acts:
        assert browser.post(f"{before}/{path}", form).status_code == 404, path
    for path in (
        f"tasks/{task.pk}/",
        f"exhibits/{exhibit.pk}/",
        f"exhibits/{exhibit.pk}/print/",
        f"tasks/enforcement/{plan.pk}/",
    ):
        assert browser.get(f"{before}/{path}/").status_code == 404, path
    form = {"number": "A-1", "description": "Telephone", "source": str(foreign.pk)}
    assert browser.post(f"{before}/exhibits/add/", form).status_code == 422
    for row in (task, exhibit, plan):
        row.refresh_from_db()
    assert (task.done, task.due, exhibit.number, plan.closed) == (None, None, "A-1", None)
    assert not HandOver.objects.exists()
    assert not SafeguardingAnswer.objects.exists()
    assert not Exhibit.objects.filter(case=own).exists()

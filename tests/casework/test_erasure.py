"""Erasure: two people, never under a hold, nothing left of what was erased, and a log that still verifies."""

import os
import signal
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from casework.installations import actions, case, make
from casework.pictures import copies
from django.apps import apps
from django.db.models import ForeignKey
from e2e.homes import Home, new_home

from amparo.accounts.models import RoleGrant, User
from amparo.accounts.permissions import Role
from amparo.casework import erasure as module
from amparo.casework import worker
from amparo.casework.decisions import decide
from amparo.casework.groups import make_groups
from amparo.casework.installation import Installation
from amparo.casework.jobs import start_again, start_groups
from amparo.casework.members import add_member, adopt_cases
from amparo.casework.notes import write_note
from amparo.casework.persons import add_person
from amparo.casework.retention import lift_hold, place_hold
from amparo.casework.scan import scan
from amparo.catalogue import counters, models
from amparo.catalogue.erased_content import covered
from amparo.catalogue.erasure import OF_CASE, Chunks, Counted, rows_of_case
from amparo.catalogue.models import Case, Content, Erasure, Item, JobState, Member
from amparo.catalogue.outbox import chain_path
from amparo.evidence.custody import verify
from amparo.evidence.errors import BadInput, NotAuthorised

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
GROUND = "Retention rule 4 of the office, file 88"


@pytest.fixture
def home(tmp_path: Path) -> Installation:
    return make(tmp_path / "home")


def leader(home: Installation, row: Case, name: str) -> Member:
    user = User.objects.create(username=name)
    RoleGrant.objects.create(user=user, role=Role.INVESTIGATOR, given_by="tests")
    return add_member(home, row, user, Role.INVESTIGATOR, owner=True)


def two(home: Installation, row: Case) -> tuple[Member, Member]:
    return leader(home, row, "ana"), leader(home, row, "ben")


def by(home: Installation, member: Member) -> Installation:
    return home.acting(member.user.actor)


def begun(home: Installation, row: Case, sha256: str = "") -> Erasure:
    """Asked by one leader, begun by another."""
    ana, ben = two(home, row)
    asked = module.ask(by(home, ana), ana, GROUND, sha256)
    module.carry_out(by(home, ben), ben, asked, row.reference)
    return asked


def run(home: Installation) -> models.Job:
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


def test_a_content_goes_with_all_said_of_it_and_its_items_keep_their_numbers(
    tmp_path: Path, home: Installation
) -> None:
    row = case(home)
    scan(home, str(evidence(tmp_path / "evidence")), "R-1")
    content = Item.objects.get(case=row, tail=b"kite-in-the-park.txt").content
    assert content is not None
    places = sorted(content.items.values_list("pk", flat=True))
    assert len(places) == 3, "two files and a member of an archive"
    digest = bytes(content.sha256).hex()
    decide(home, "R-1", digest, ["material-not-pertinent"], "kite note")
    write_note(home, row, "The kite is blue", content.items.first())
    other = write_note(home, row, "Call on Monday")
    before = kept_counters(row)
    asked = begun(home, row, digest)
    job = run(home)
    assert (job.problem, job.state) == ({}, JobState.DONE)
    asked.refresh_from_db()
    assert (asked.content, asked.done is not None) == (None, True)
    assert not Content.objects.filter(pk=content.pk).exists()
    for key in places:
        item = Item.objects.get(pk=key)
        assert (item.reason, item.content, bytes(item.tail)) == ("erased", None, b"erased/%d/%d" % (asked.pk, key))
    assert list(models.Note.objects.all()) == [other]
    assert not models.Decision.objects.exists()
    after = kept_counters(row)
    assert after == recounted(row)
    assert (after["items"], after["contents"]) == (before["items"], before["contents"] - 1)
    assert asked.counts["item"] == 3
    assert asked.counts["payload"] == 2, "the words of the decision and of the note"
    path = chain_path(home.settings.home, row.uuid)
    checked = verify(path, key=home.sealer.fingerprint)
    assert [each.under for each in checked.erased] == [GROUND] * 2
    assert "kite note" not in path.with_name("custody.payload.jsonl").read_text()
    assert "Call on Monday" in path.with_name("custody.payload.jsonl").read_text()
    assert "erasure.done" in actions(home, row)


def test_what_was_unpacked_goes_too_unless_it_lies_elsewhere(tmp_path: Path, home: Installation) -> None:
    row = case(home)
    scan(home, str(evidence(tmp_path / "evidence")), "R-1")
    box = Item.objects.get(case=row, tail=b"boxed.zip").content
    roses = Item.objects.get(case=row, tail=b"other.txt").content
    assert box and roses
    found = covered(box)
    assert found.contents[-1] == box.pk
    assert roses.pk not in found.contents
    marigold = set(found.contents) - {box.pk}
    begun(home, row, bytes(box.sha256).hex())
    assert run(home).state == JobState.DONE
    assert not Content.objects.filter(pk__in=found.contents).exists()
    assert len(marigold) == 1
    assert set(Item.objects.filter(pk__in=found.items).values_list("reason", flat=True)) == {"erased"}
    assert [bytes(tail) for tail in roses.items.values_list("tail", flat=True)] == [b"other.txt"]
    assert kept_counters(row) == recounted(row)
    for item in Item.objects.filter(case=row):
        assert b"boxed" not in bytes(item.locator)
        assert b"marigold" not in bytes(item.locator)


def test_a_content_that_was_stopped_after_any_step_goes_on_to_the_same_end(
    tmp_path: Path, home: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = case(home)
    scan(home, str(evidence(tmp_path / "evidence")), "R-1")
    box = Item.objects.get(case=row, tail=b"boxed.zip").content
    assert box
    found, before = covered(box), kept_counters(row)
    asked = begun(home, row, bytes(box.sha256).hex())
    steps = 0
    one = Chunks.one

    @contextmanager
    def stopping(self: Chunks) -> Iterator[Counted]:
        nonlocal steps
        with one(self) as counted:
            yield counted
        steps -= 1
        if steps == 0:
            raise KeyboardInterrupt  # committed, and nothing after it

    monkeypatch.setattr(Chunks, "one", stopping)
    stops = 0
    for last in range(1, 100):
        steps = last
        try:
            module.erase(home, row, asked.pk, lambda _: None)
        except KeyboardInterrupt:
            stops += 1
            assert kept_counters(row) == recounted(row), "each step is whole"
        else:
            break
    asked.refresh_from_db()
    assert asked.done is not None
    assert stops > 2
    assert not Content.objects.filter(pk__in=found.contents).exists()
    assert set(Item.objects.filter(pk__in=found.items).values_list("reason", flat=True)) == {"erased"}
    assert asked.counts["item"] == len(found.items)
    assert kept_counters(row)["contents"] == before["contents"] - len(found.contents)


def test_another_picture_stands_for_the_group(tmp_path: Path, home: Installation) -> None:
    row = case(home)
    scan(home, str(evidence(tmp_path / "evidence")), "R-1")
    make_groups(home, "R-1")
    led = Content.objects.exclude(leader=None).first()
    assert led is not None and led.leader is not None
    group = set(Content.objects.filter(leader=led.leader).values_list("pk", flat=True))
    gone = led.leader
    begun(home, row, bytes(gone.sha256).hex())
    assert run(home).state == JobState.DONE
    heads = Content.objects.filter(pk__in=group, leader=None)
    assert heads.count() == 1
    head = heads.get()
    assert set(Content.objects.filter(leader=head).values_list("pk", flat=True)) == group - {head.pk}
    assert set(models.PictureHash.objects.filter(pk__in=group).values_list("group", flat=True)) == {head.pk}


def test_a_case_goes_but_for_its_log_its_row_and_its_erasure(tmp_path: Path, home: Installation) -> None:
    row, other = case(home, "PELICAN-1"), case(home, "R-2")
    folder = evidence(tmp_path / "evidence")
    scan(home, str(folder), "PELICAN-1")
    scan(home, str(folder / "pictures"), "R-2")
    make_groups(home, "PELICAN-1")
    write_note(home, row, "The pelican note")
    add_person(home, row, "Person A", "victim", "fact", "Interview")
    kept = recounted(other)
    asked = begun(home, row)
    job = run(home)
    assert (job.problem, job.state) == ({}, JobState.DONE)
    row.refresh_from_db()
    asked.refresh_from_db()
    assert row.reference == f"erased-{row.uuid.hex[:8]}"
    assert asked.counts["item"] > 10
    assert asked.counts["member"] == 2
    assert not any(rows.exists() for rows in rows_of_case(row, asked))
    assert list(Erasure.objects.all()) == [asked]
    assert recounted(other) == kept == kept_counters(other)
    path = chain_path(home.settings.home, row.uuid)
    verify(path, key=home.sealer.fingerprint)
    assert "pelican" not in path.with_name("custody.payload.jsonl").read_text().lower()
    assert sorted(each.name for each in path.parent.iterdir()) == [
        "custody.jsonl", "custody.jsonl.lock", "custody.payload.jsonl",
    ]  # fmt: skip
    assert adopt_cases(home, User.objects.get(username="ana")) == 1, "an erased case belongs to nobody"


def test_every_table_that_belongs_to_a_case_is_erased_with_it() -> None:
    """A new table fails here until it is in the list."""
    stay = {"case", "erasure", "member", "outboxevent"}
    listed = {str(model._meta.model_name) for model, _ in OF_CASE} | {"job"}
    belongs = {"case"}
    for _ in range(4):
        for each in apps.get_app_config("catalogue").get_models(include_auto_created=True):
            foreign = [field for field in each._meta.get_fields() if isinstance(field, ForeignKey)]
            if any(field.related_model._meta.model_name in belongs for field in foreign):
                belongs.add(str(each._meta.model_name))
    assert belongs - stay == listed


def test_whatever_refers_to_a_row_goes_before_it() -> None:
    order = [model for model, _ in OF_CASE]
    for at, model in enumerate(order):
        for field in model._meta.get_fields():
            if isinstance(field, ForeignKey) and field.related_model in order and field.related_model is not model:
                assert order.index(field.related_model) > at, (model, field.name)


def test_one_person_never_does_both_halves(home: Installation) -> None:
    row = case(home)
    ana = leader(home, row, "ana")
    with pytest.raises(BadInput, match="Nobody else leads") as refused:
        module.ask(by(home, ana), ana, GROUND)
    assert "lead it first" in refused.value.hint
    ben = leader(home, row, "ben")
    asked = module.ask(by(home, ana), ana, GROUND)
    with pytest.raises(BadInput, match="yourself"):
        module.carry_out(by(home, ana), ana, asked, "R-1")
    user = User.objects.create(username="eve")
    RoleGrant.objects.create(user=user, role=Role.INVESTIGATOR, given_by="tests")
    eve = add_member(home, row, user, Role.INVESTIGATOR)
    with pytest.raises(BadInput, match="Only who leads"):
        module.carry_out(by(home, eve), eve, asked, "R-1")
    with pytest.raises(BadInput, match="does not match"):
        module.carry_out(by(home, ben), ben, asked, "R-2")
    module.refuse(by(home, ben), ben, asked)
    with pytest.raises(BadInput, match="decided already"):
        module.carry_out(by(home, ben), ben, asked, "R-1")
    assert not models.Job.objects.exists()


def test_nothing_is_erased_that_nobody_began(home: Installation) -> None:
    row = case(home)
    ana, _ = two(home, row)
    asked = module.ask(by(home, ana), ana, GROUND)
    with pytest.raises(NotAuthorised, match="Nobody has decided"):
        module.erase(home, row, asked.pk, lambda _: None)
    with pytest.raises(BadInput, match="asked for already"):
        module.ask(by(home, ana), ana, GROUND)


def test_a_hold_refuses_and_stops_in_the_middle(
    tmp_path: Path, home: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = case(home)
    scan(home, str(evidence(tmp_path / "evidence")), "R-1")
    ana, ben = two(home, row)
    hold = place_hold(home, row, "Order 5 of the court")
    asked = module.ask(by(home, ana), ana, GROUND)
    with pytest.raises(BadInput, match="hold stands"):
        module.carry_out(by(home, ben), ben, asked, "R-1")
    lift_hold(by(home, ben), ben, hold, "Order 6 of the court")
    job = module.carry_out(by(home, ben), ben, asked, "R-1")
    delete = Chunks.delete
    held = []

    def placing(self: Chunks, rows: "models.QuerySet[object]") -> None:  # type: ignore[name-defined]
        if rows.model is Item and not held:
            held.append(place_hold(home, row, "Order 7 of the court"))
        delete(self, rows)

    monkeypatch.setattr(Chunks, "delete", placing)
    items = Item.objects.count()
    stopped = run(home)
    assert (stopped.pk, stopped.state) == (job.pk, JobState.FAILED)
    assert "hold stands" in stopped.problem["message"]
    assert Item.objects.count() == items
    with pytest.raises(BadInput, match="page Retention"):
        start_again(home, stopped)
    with pytest.raises(BadInput, match="being erased"):
        start_groups(home, row)
    lift_hold(by(home, ben), ben, held[0], "Order 8 of the court")
    module.go_on(by(home, ana), ana, asked)
    assert run(home).state == JobState.DONE
    assert not Item.objects.exists()
    with pytest.raises(BadInput, match="nothing to go on"):
        asked.refresh_from_db()
        module.go_on(by(home, ana), ana, asked)


_PREPARE = """
from amparo.cli.start import start
home = start()
import sys
from pathlib import Path
from amparo.accounts.models import User, RoleGrant
from amparo.casework import erasure, retention
from amparo.casework.cases import find_case
from amparo.casework.decisions import decide
from amparo.casework.members import add_member
from amparo.casework.notes import write_note
from amparo.casework.persons import add_person
from amparo.catalogue.models import Content, Item
row = find_case("PELICAN-77")
members = []
for name in ("ana", "ben"):
    user = User.objects.create(username=name)
    RoleGrant.objects.create(user=user, role="investigator", given_by="tests")
    members.append(add_member(home, row, user, "investigator", owner=True))
mine = Content.objects.filter(case=row)
for number, content in enumerate(mine.order_by("pk")[:40]):
    write_note(home, row, f"Wombat {number} stands at the fence", content.items.first())
add_person(home, row, "Person Quokka", "witness", "fact", "Interview with the numbat")
judged = mine.order_by("pk").last()
decide(home, row.reference, bytes(judged.sha256).hex(), ["material-not-pertinent"], "echidna note")
for content in mine.exclude(pk=judged.pk):
    print(bytes(content.sha256).hex())
asked = erasure.ask(home.acting(members[0].user.actor), members[0], "Rule 4 of the office")
job = erasure.carry_out(home.acting(members[1].user.actor), members[1], asked, row.reference)
"""
_DIE = """
from amparo.cli.start import start
home = start()
import os, sys
from amparo.catalogue import erasure
from amparo.casework import worker
erasure._SPAN = (50, 50, 50)
left = [int(sys.argv[1])]
one = erasure.Chunks.one
from contextlib import contextmanager
@contextmanager
def dying(self):
    with one(self) as counted:
        yield counted
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), 9)
    if left[0] == 1:
        left[0] = 0
        os.kill(os.getpid(), 9)
erasure.Chunks.one = dying
job = worker.run_next(home)
job.refresh_from_db()
print(job.state, job.problem)
"""


def script(home: Home, text: str, *arguments: object, codes: tuple[int, ...] = (0,)) -> str:
    command = [sys.executable, "-c", text, *map(str, arguments)]
    done = subprocess.run(command, env=home.env, capture_output=True, text=True, timeout=120)
    assert done.returncode in codes, done.stderr
    return done.stdout


@pytest.mark.skipif("DATABASE_URL" in os.environ, reason="files of SQLite are searched")
def test_no_byte_of_an_erased_case_is_left_even_after_kills(tmp_path: Path) -> None:
    """Names, words and digests, in every file of the home: database, its log, the Case's folder."""
    folder = tmp_path / "bandicoot"
    folder.mkdir()
    for number in range(1_500):
        (folder / f"wallaby-{number * 7919 % 1500}-{number}.txt").write_bytes(b"text %d" % number)
    other = tmp_path / "other"
    other.mkdir()
    for number in range(200):
        (other / f"rose-{number * 7919 % 1500}-{number}.txt").write_bytes(b"rose %d" % number)
    with new_home(tmp_path / "home") as home:
        home.env["AMPARO_WORKERS"] = "1"
        for reference, path in (("PELICAN-77", folder), ("R-2", other)):
            home.case(reference)
            assert home.run("scan", path, "--case", reference).returncode == 0
        digests = script(home, _PREPARE).split()
        planted = [b"wallaby", b"PELICAN", b"bandicoot", b"Wombat", b"Quokka", b"numbat", b"echidna"]
        before = everything(home.path)
        assert all(word in before for word in planted), "or the search below proves nothing"
        for turn in (3, 40, 75, 9):
            script(home, _DIE, turn, codes=(-signal.SIGKILL,))
            home.change("UPDATE catalogue_job SET attempts = 0")
        assert script(home, _DIE, -1).startswith("done")
        after = everything(home.path)
        for word in [*planted, str(folder).encode(), str(folder).encode().hex().encode()]:
            assert word not in after, word
        for digest in digests:
            assert digest.encode() not in after
            assert bytes.fromhex(digest) not in after
        assert b"rose-" in after, "what belongs to another case stays"
        home.verify()


def everything(path: Path) -> bytes:
    return b"\n".join(each.read_bytes() for each in sorted(path.rglob("*")) if each.is_file())

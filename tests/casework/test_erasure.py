"""Erasure: two people, never under a hold, and nothing left of a Case but its log, which still verifies."""

from pathlib import Path

import pytest
from casework.erasing import GROUND, begun, by, evidence, kept_counters, leader, recounted, run, two
from casework.installations import case, make
from django.apps import apps
from django.db.models import ForeignKey
from django.utils import timezone

from amparo.accounts.models import RoleGrant, User
from amparo.accounts.permissions import Role
from amparo.casework import erasure as module
from amparo.casework.groups import make_groups
from amparo.casework.installation import Installation
from amparo.casework.jobs import start_again, start_groups
from amparo.casework.members import add_member, adopt_cases
from amparo.casework.notes import write_note
from amparo.casework.persons import add_person
from amparo.casework.retention import lift_hold, place_hold
from amparo.casework.scan import scan
from amparo.catalogue import models
from amparo.catalogue.erasure import OF_CASE, Chunks, rows_of_case
from amparo.catalogue.models import Erasure, Item, JobState
from amparo.catalogue.outbox import chain_path
from amparo.evidence.custody import verify
from amparo.evidence.errors import BadInput, NotAuthorised

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


@pytest.fixture
def home(tmp_path: Path) -> Installation:
    return make(tmp_path / "home")


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
    RoleGrant.objects.filter(user=ben.user).update(ended=timezone.now())
    with pytest.raises(BadInput, match="Nobody else leads"):
        module.ask(by(home, ana), ana, GROUND)  # who lost the role could not carry it out
    RoleGrant.objects.filter(user=ben.user).update(ended=None)
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

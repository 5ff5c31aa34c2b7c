"""The API: rows as `amparo schema` has them, the blind second person, acts done once, and errors in one form."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from casework.installations import actions
from casework.seen import item, scanned
from django.conf import settings
from django.test import Client
from django.utils import timezone
from workbench.keys import ALL, ask, token
from workbench.staff import client, member, new_case, person

from amparo.accounts.models import ApiAct, User
from amparo.accounts.permissions import Permission, Role
from amparo.casework import browse, schemas
from amparo.casework.grading import grade
from amparo.casework.installation import Installation
from amparo.casework.notes import write_note
from amparo.catalogue.models import Case, Content, Decision, Job, Note
from amparo.catalogue.outbox import chain_path

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
GRADE = {"labels": ["material-not-pertinent"]}


@pytest.fixture
def matter(installation: Installation, tmp_path: Path) -> Case:
    return scanned(installation, new_case(installation), tmp_path / "tree")


@pytest.fixture
def user(installation: Installation, matter: Case) -> User:
    user = person(Role.INVESTIGATOR, name="Ana")
    member(installation, matter, user, Role.INVESTIGATOR, owner=True)
    return user


@pytest.fixture
def secret(user: User) -> str:
    return token(user)


def fits(name: str, row: object) -> None:
    jsonschema.Draft202012Validator(json.loads(schemas.read(name))).validate(row)


def told(answer: Any, status: int) -> str:
    """An error in the one form, with something that says what to do."""
    assert answer.status_code == status, answer.content
    row = answer.json()
    assert (set(row), row["v"]) == ({"v", "error", "hint"}, 1)
    assert row["error"]
    assert row["hint"]
    return f"{row['error']} {row['hint']}"


def digest(matter: Case, path: str = "camera2.jpg") -> str:
    content = item(matter, path).content
    assert content is not None
    return bytes(content.sha256).hex()


def test_cases_are_those_of_the_person_and_of_the_token(installation: Installation, user: User, matter: Case) -> None:
    second = new_case(installation, "SECOND")
    new_case(installation, "FOREIGN")
    member(installation, second, user, Role.INVESTIGATOR, owner=True)
    rows = ask(token(user), "cases").json()["rows"]
    assert [row["reference"] for row in rows] == ["SECOND", matter.reference]
    for row in rows:
        fits("case", row)
    only = token(user, ALL, [matter])
    assert [row["id"] for row in ask(only, "cases").json()["rows"]] == [str(matter.uuid)]
    assert ask(only, f"cases/{matter.uuid}").json() == rows[1]


def test_items_come_in_pages_until_all_were_there(secret: str, matter: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browse.pages, "SIZE", 4)
    numbers: list[int] = []
    after = ""
    while after is not None:
        page = ask(secret, f"cases/{matter.uuid}/items", after=after).json()
        numbers += [row["number"] for row in page["rows"]]
        for row in page["rows"]:
            fits("item", row["item"])
        after = page["next"]
    assert len(numbers) == len(set(numbers)) == matter.sources.get().items.count()


def test_an_item_has_its_findings_and_what_people_wrote(
    secret: str, matter: Case, installation: Installation, user: User
) -> None:
    row = item(matter, "text.txt")
    assert row.content is not None
    grade(installation, user, matter, row.content, GRADE["labels"])
    write_note(installation.acting(user.actor), matter, "A note", row)
    facts = ask(secret, f"cases/{matter.uuid}/items/{row.pk}").json()
    fits("item", facts["item"])
    for each in facts["findings"]:
        fits("finding", each)
    (decision,) = facts["decisions"]
    fits("decision", decision)
    assert "match.bank" in [each["kind"] for each in facts["findings"]]
    assert decision["current"] is True
    assert [note["text"] for note in facts["notes"]] == ["A note"]


def test_the_second_person_does_not_see_the_first_decision(
    matter: Case, installation: Installation, user: User
) -> None:
    Case.objects.filter(pk=matter.pk).update(two_people=True)
    matter.refresh_from_db()
    second = person(Role.EXAMINER)
    member(installation, matter, second, Role.EXAMINER)
    row = item(matter, "camera2.jpg")
    assert row.content is not None
    grade(installation, user, matter, row.content, ["material-not-pertinent"], "A word")
    where = f"cases/{matter.uuid}/items/{row.pk}"
    blind = ask(token(second), where)
    assert blind.json()["decisions"] == []
    assert ask(token(second), f"cases/{matter.uuid}/decisions", sha256=digest(matter)).json()["rows"] == []
    assert b"not-pertinent" not in blind.content
    answer = ask(token(second), f"cases/{matter.uuid}/decisions", {"sha256": digest(matter), **GRADE}, "k1")
    assert answer.status_code == 200
    assert len(ask(token(second), where).json()["decisions"]) == 2
    listed = ask(token(second), f"cases/{matter.uuid}/decisions", sha256=digest(matter)).json()["rows"]
    assert listed == ask(token(second), where).json()["decisions"]


def test_what_was_written_on_an_item_comes_newest_first_and_in_pages(secret: str, matter: Case, user: User) -> None:
    row = item(matter, "text.txt")
    now = timezone.now()
    Note.objects.bulk_create(
        [Note(case=matter, item=row, text=f"Note {n}", author=user.actor, made=now) for n in range(150)]
    )
    other = item(matter, "camera2.jpg")
    Note.objects.create(case=matter, item=other, text="Elsewhere", author=user.actor, made=now)
    Decision.objects.bulk_create(
        [
            Decision(
                case=matter,
                content=row.content,
                labels=GRADE["labels"],
                grades=[],
                note=f"Act {n}",
                operator=user.actor,
                made=now,
            )
            for n in range(160)
        ]
    )
    facts = ask(secret, f"cases/{matter.uuid}/items/{row.pk}").json()
    notes, acts = facts["notes"], facts["decisions"]
    assert [each["text"] for each in notes] == [f"Note {n}" for n in range(50, 150)]
    assert [each["note"] for each in acts] == [f"Act {n}" for n in range(159, 59, -1)]
    assert [each["current"] for each in acts] == [True] + [False] * 99
    older = ask(secret, f"cases/{matter.uuid}/notes", item=str(row.pk), after=facts["notes_next"]).json()
    assert [each["text"] for each in older["rows"]] == [f"Note {n}" for n in range(49, -1, -1)]
    assert older["next"] is None
    seen, after = [], facts["decisions_next"]
    while after:
        page = ask(secret, f"cases/{matter.uuid}/decisions", sha256=digest(matter, "text.txt"), after=after).json()
        seen += [each["note"] for each in page["rows"]]
        assert not any(each["current"] for each in page["rows"])
        after = page["next"]
    assert seen == [f"Act {n}" for n in range(59, -1, -1)]
    few = ask(secret, f"cases/{matter.uuid}/items/{other.pk}").json()
    assert (few["notes_next"], few["decisions_next"]) == (None, None)


def test_facets_and_search_say_what_the_pages_say(secret: str, matter: Case) -> None:
    held = ask(secret, f"cases/{matter.uuid}/facets").json()
    assert {"value": "image/jpeg", "number": 5} in held["type"]
    assert held["items"] == matter.sources.get().items.count()
    found = ask(secret, f"cases/{matter.uuid}/search", q="CAMERA2").json()
    assert [row["item"]["path"] for row in found["rows"]] == ["camera2.jpg"]
    assert found["stopped"] is False
    assert ask(secret, f"cases/{matter.uuid}/items", type="image/nothing").json()["rows"] == []
    (source,) = ask(secret, f"cases/{matter.uuid}/sources").json()["rows"]
    assert source["items"] == held["items"]
    (camera,) = held["camera"]
    assert (camera["words"], camera["serial"], camera["number"]) == ("Maker Model 1", "", 2)
    copies = next(each for each in held["folder"] if each["name"] == "copies")
    narrowed = {"camera": camera["value"]}, {"folder": copies["value"]}, {"modified": held["modified"][0]["value"]}
    for given, number in zip(narrowed, (2, copies["number"], held["modified"][0]["number"]), strict=True):
        assert len(ask(secret, f"cases/{matter.uuid}/items", **given).json()["rows"]) == number, given
    assert ask(secret, f"cases/{matter.uuid}/items", grade="open").json()["rows"]
    assert ask(secret, f"cases/{matter.uuid}/items", grade="other", device="none").json()["rows"] == []
    assert ask(secret, f"cases/{matter.uuid}/facets", folder=copies["value"]).json()["folder"] == []


def test_a_decision_sent_twice_is_made_once_and_names_the_token(
    secret: str, matter: Case, installation: Installation, user: User
) -> None:
    where, body = f"cases/{matter.uuid}/decisions", {"sha256": digest(matter), **GRADE, "note": "A word"}
    first, again = ask(secret, where, body, "key-1"), ask(secret, where, body, "key-1")
    assert (first.status_code, again.status_code) == (200, 200)
    assert (first.json()["again"], again.json()["again"]) == (False, True)
    assert first.json()["decision"] == again.json()["decision"]
    fits("decision", first.json()["decision"])
    (made,) = Decision.objects.all()
    assert made.operator == user.actor
    lines = map(json.loads, chain_path(installation.settings.home, matter.uuid).read_text().splitlines())
    (entry,) = [each for each in lines if each.get("action") == "decision.made"]
    assert (entry["actor"], entry["facts"]["token"]) == (user.actor, user.tokens.get().pk)
    told(ask(secret, where, {**body, "note": "Another"}, "key-1"), 409)
    assert ask(secret, where, body, "key-2").status_code == 200
    assert Decision.objects.count() == 2


def test_a_key_and_its_act_are_stored_together_or_not_at_all(
    secret: str, matter: Case, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = {"sha256": digest(matter), **GRADE}
    with monkeypatch.context() as broken:
        broken.setattr(ApiAct.objects, "create", _stop)
        with pytest.raises(KeyboardInterrupt):
            ask(secret, f"cases/{matter.uuid}/decisions", body, "key-1")
    assert Decision.objects.count() == 0
    assert "decision.made" not in actions(installation, matter)
    assert ask(secret, f"cases/{matter.uuid}/decisions", body, "key-1").json()["again"] is False
    assert actions(installation, matter).count("decision.made") == 1


def test_a_key_whose_act_was_erased_since_is_told_so(secret: str, matter: Case) -> None:
    where = f"cases/{matter.uuid}"
    for path, body in (("notes", {"text": "One"}), ("decisions", {"sha256": digest(matter), **GRADE})):
        assert ask(secret, f"{where}/{path}", body, f"key-{path}").status_code == 200
        (Note if path == "notes" else Decision).objects.all().delete()
        told(ask(secret, f"{where}/{path}", body, f"key-{path}"), 404)
        assert ask(secret, f"{where}/{path}", body, f"other-{path}").status_code == 200


def _stop(**_: object) -> None:
    raise KeyboardInterrupt


def test_the_same_key_of_another_token_is_another_key(matter: Case, user: User) -> None:
    for secret in (token(user), token(user)):
        answer = ask(secret, f"cases/{matter.uuid}/notes", {"text": "One"}, "key-1")
        assert answer.json()["again"] is False
    assert Note.objects.count() == 2


def test_what_a_use_case_refuses_is_said_in_its_words(secret: str, matter: Case) -> None:
    where = f"cases/{matter.uuid}/decisions"
    twice = {"sha256": digest(matter), "labels": ["age-under-13", "age-18-or-over"]}
    assert "answered twice" in told(ask(secret, where, twice, "k1"), 409)
    told(ask(secret, where, {"sha256": "0" * 64, **GRADE}, "k2"), 404)
    told(ask(secret, f"cases/{matter.uuid}/notes", {"text": "  \n"}, "k3"), 409)
    assert not Decision.objects.exists()
    assert not Note.objects.exists()


def test_a_content_or_item_of_another_case_is_not_found(secret: str, matter: Case, installation: Installation) -> None:
    other = new_case(installation, "OTHER")
    foreign = Content.objects.create(case=other, sha256=bytes(32), sha1=bytes(20), md5=bytes(16), size=1)
    body = {"sha256": bytes(foreign.sha256).hex(), **GRADE}
    told(ask(secret, f"cases/{matter.uuid}/decisions", body, "k1"), 404)
    empty = person(Role.INVESTIGATOR)
    member(installation, other, empty, Role.INVESTIGATOR)
    row = item(matter, "camera2.jpg")
    told(ask(token(empty), f"cases/{other.uuid}/items/{row.pk}"), 404)
    told(ask(token(empty), f"cases/{other.uuid}/notes", {"text": "x", "item": row.pk}, "k1"), 404)


def test_notes_on_items_are_for_tokens_that_read_items(matter: Case, installation: Installation, user: User) -> None:
    row = item(matter, "camera2.jpg")
    write_note(installation, matter, "On the case")
    write_note(installation, matter, "On an item", row)
    where = f"cases/{matter.uuid}/notes"
    few = token(user, {Permission.NOTE_WRITE})
    assert [note["text"] for note in ask(few, where).json()["rows"]] == ["On the case"]
    assert len(ask(token(user), where).json()["rows"]) == 2
    told(ask(few, where, {"text": "x", "item": row.pk}, "k1"), 404)
    assert ask(token(user), where, {"text": "x", "item": row.pk}, "k1").json()["note"]["item"] == row.pk


def test_scans_start_below_the_folders_that_are_set_only(
    secret: str, matter: Case, installation: Installation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = f"cases/{matter.uuid}/jobs"
    (tmp_path / "tree" / "sub").mkdir()
    scan = {"kind": "scan", "path": str(tmp_path / "tree" / "sub")}
    assert "evidence_roots" in told(ask(secret, where, scan), 403)
    roots = installation.settings.model_copy(update={"evidence_roots": (tmp_path / "tree",)})
    monkeypatch.setattr("amparo.workbench.acting._opened", lambda: Installation(roots, installation.sealer))
    made = ask(secret, where, scan)
    assert (made.status_code, made.json()["state"]) == (200, "queued")
    told(ask(secret, where, {"kind": "scan", "path": str(tmp_path)}), 403)
    told(ask(secret, where, scan), 409)
    one = f"{where}/{made.json()['id']}"
    assert ask(secret, one).json() == made.json()
    assert ask(secret, f"{one}/cancel", {}).json()["state"] == "cancelled"
    told(ask(secret, f"{one}/cancel", {}), 409)
    assert [row["id"] for row in ask(secret, where).json()["rows"]] == [made.json()["id"]]
    assert Job.objects.count() == 1


def test_the_custody_log_stands_where_it_was_verified(secret: str, matter: Case) -> None:
    head = ask(secret, f"cases/{matter.uuid}/custody").json()
    checked = ask(secret, f"cases/{matter.uuid}/custody/verify", {}).json()
    assert checked["intact"] is True
    assert (checked["head"], checked["entries"], checked["key"]) == (head["head"], head["entries"], head["key"])
    assert checked["state"] == "checked"
    assert (head["check"], head["problem"]) == (None, None)
    assert not Job.objects.exists()


def test_a_broken_custody_log_is_said_to_be_broken(secret: str, matter: Case, installation: Installation) -> None:
    ask(secret, f"cases/{matter.uuid}/custody")
    path = chain_path(installation.settings.home, matter.uuid)
    path.write_bytes(path.read_bytes().replace(b"case.created", b"case.createx", 1))
    checked = ask(secret, f"cases/{matter.uuid}/custody/verify", {}).json()
    assert checked["intact"] is False
    assert checked["problem"]


def test_errors_have_one_form(secret: str, matter: Case) -> None:
    told(ask(secret, "nothing"), 404)
    told(ask(secret, ""), 404)
    told(ask(secret, "cases/none/items"), 404)
    refused = ask(secret, "cases", method="DELETE")
    told(refused, 405)
    assert refused.headers["Allow"] == "GET"
    where = f"cases/{matter.uuid}/decisions"
    told(ask(secret, where, b"{", "k"), 400)
    told(ask(secret, where, b"[" * 90_000, "k"), 400)
    told(ask(secret, where, b"x" * 100_001, "k"), 413)
    assert "labels" in told(ask(secret, where, {"sha256": "0" * 64, "labels": ["no-label"]}, "k"), 422)
    assert "Idempotency-Key" in told(ask(secret, where, {"sha256": "0" * 64, **GRADE}), 422)
    assert "surprise" in told(ask(secret, where, {"sha256": "0" * 64, **GRADE, "surprise": 1}, "k"), 422)
    for after in ("x", "1.99999999999999999999", "\u0661.\u0661"):
        told(ask(secret, f"cases/{matter.uuid}/items", after=after), 422)
    assert ask(secret, f"cases/{matter.uuid}/search", q="a\0b").status_code == 200


def test_what_was_sent_stands_in_no_error(secret: str, matter: Case) -> None:
    body = {"sha256": "Secretword", "labels": ["Secretword"]}
    assert "Secretword" not in told(ask(secret, f"cases/{matter.uuid}/decisions", body, "k"), 422)


def test_an_error_of_ours_tells_nothing(secret: str, matter: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("Secretword")

    monkeypatch.setattr("amparo.workbench.api.cases.rows_of", fail)
    browser = Client(raise_request_exception=False)
    answer = browser.get(f"/api/v1/cases/{matter.uuid}", headers={"Authorization": f"Bearer {secret}"})
    assert "Secretword" not in told(answer, 500)


def test_a_person_who_may_not_log_in_has_no_token_that_works(secret: str, user: User) -> None:
    assert ask(secret, "cases").status_code == 200
    User.objects.filter(pk=user.pk).update(is_active=False)
    told(ask(secret, "cases"), 401)


def test_a_token_is_slowed_down_by_itself(
    user: User, installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "SETTINGS", settings.SETTINGS.model_copy(update={"rate_api": 3}))
    first, second = token(user), token(user)
    assert [ask(first, "cases").status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = ask(first, "cases")
    told(refused, 429)
    assert 1 <= int(refused.headers["Retry-After"]) <= 60
    assert ask(second, "cases").status_code == 200


def test_lists_ask_a_bounded_number_of_questions(
    secret: str, matter: Case, monkeypatch: pytest.MonkeyPatch, django_assert_max_num_queries: Any
) -> None:
    ask(secret, "cases")  # the first use of a token notes it
    for size in (2, 60):
        monkeypatch.setattr(browse.pages, "SIZE", size)
        with django_assert_max_num_queries(12):
            assert ask(secret, f"cases/{matter.uuid}/items").status_code == 200
    with django_assert_max_num_queries(12):
        assert ask(secret, "cases").status_code == 200


def test_the_description_needs_a_log_in_or_a_token(secret: str, user: User) -> None:
    told(ask("", "openapi.json"), 401)
    with_token, logged_in = ask(secret, "openapi.json"), client(user).get("/api/v1/openapi.json")
    assert with_token.json() == logged_in.json()
    assert with_token.json()["openapi"].startswith("3.1")


def test_answers_are_json_and_stay_nowhere(secret: str, matter: Case) -> None:
    for where in ("cases", f"cases/{matter.uuid}/items", f"cases/{matter.uuid}/exports"):
        answer = ask(secret, where)
        assert answer.headers["Content-Type"].startswith("application/json")
        assert answer.headers["Cache-Control"] == "no-store"
        assert not answer.cookies

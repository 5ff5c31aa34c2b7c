"""Logs as people see them: pages, and a check that a tampered log does not pass."""

import json
import time
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from casework.installations import case, make

from amparo.casework import custody
from amparo.casework.custody import chains, check_chain, installation_chain, is_long, log_page, restored, stored
from amparo.casework.installation import Installation
from amparo.casework.jobs import UnderWay, newest_checks, start_check, stop
from amparo.casework.notes import write_note
from amparo.casework.worker import run_next
from amparo.catalogue.models import Case, Job, JobState
from amparo.catalogue.outbox import Sealer, chain_path
from amparo.evidence.custody.payload import payload_path
from amparo.evidence.errors import BadInput

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


@pytest.fixture
def installation(tmp_path: Path) -> Installation:
    return make(tmp_path / "home")


def later(installation: Installation) -> Installation:
    """The same home, opened by another process."""
    return Installation(installation.settings, Sealer(installation.settings.home))


def written(installation: Installation) -> tuple[Case, Path]:
    row = case(installation)
    for n in range(5):
        write_note(installation, row, f"Note {n}")
    return row, chain_path(installation.settings.home, row.uuid)


def test_pages_hold_the_newest_entries_also_those_that_waited(installation: Installation) -> None:
    row, _ = written(installation)
    installation.recorder(row).record("note.written", {"note": 99})
    assert [entry.n for entry in log_page(installation, row, None, 3)] == [8, 7, 6]
    assert [entry.action for entry in log_page(installation, row, 3, 9)] == ["authority.added", "case.created"]


def test_an_intact_log_is_held_against_the_installations(installation: Installation) -> None:
    row, _ = written(installation)
    found = check_chain(installation, row.uuid)
    assert (found.intact, found.entries, found.head.partition(":")[0]) == (True, 7, "7")
    assert found.key == installation.sealer.fingerprint
    assert check_chain(installation, None).intact


def test_a_changed_entry_shows(installation: Installation) -> None:
    row, path = written(installation)
    path.write_bytes(path.read_bytes().replace(b'"note.written"', b'"note.dropped"', 1))
    found = check_chain(later(installation), row.uuid)
    assert not found.intact
    assert found.problem


def test_entries_cut_off_at_a_seal_show_by_the_installations_log(installation: Installation) -> None:
    row, path = written(installation)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[:-2]))
    assert json.loads(lines[-3])["kind"] == "seal"
    found = check_chain(later(installation), row.uuid)
    assert not found.intact
    assert "missing" in found.problem


@pytest.mark.parametrize("which", ["log", "payload"])
def test_a_log_or_its_words_that_are_gone_show(which: str, installation: Installation) -> None:
    row, path = written(installation)
    if which == "log":
        path.unlink()
    else:
        payload_path(path).write_bytes(payload_path(path).read_bytes().splitlines(keepends=True)[0])
    assert not check_chain(later(installation), row.uuid).intact


def test_a_log_of_which_the_installation_notes_nothing_shows(installation: Installation) -> None:
    first, second = case(installation), case(installation, "R-2")
    path = chain_path(installation.settings.home, None)
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(lines[: next(n for n, line in enumerate(lines) if str(second.uuid).encode() in line)]))
    assert check_chain(later(installation), first.uuid).intact
    assert "notes no entry" in check_chain(later(installation), second.uuid).problem


def test_a_case_that_is_not_there_has_no_log(installation: Installation) -> None:
    with pytest.raises(BadInput, match="no such custody log"):
        check_chain(installation, uuid.uuid4())


def test_the_list_of_chains_goes_on_past_a_broken_one(installation: Installation) -> None:
    rows = [case(installation, f"R-{n}") for n in range(3)]
    chain_path(installation.settings.home, rows[1].uuid).write_bytes(b"nothing\n")
    found = chains(installation, None, 2)
    assert [(each.case, each.entries) for each in found] == [(rows[2].uuid, 2), (rows[1].uuid, 0)]
    assert [each.case for each in chains(installation, found[-1].row, 2)] == [rows[0].uuid]
    assert installation_chain(installation).entries >= 3


def test_a_check_says_how_far_it_is(installation: Installation) -> None:
    row, _ = written(installation)
    told: list[tuple[int, int]] = []
    found = check_chain(installation, row.uuid, lambda done, total: told.append((done, total)))
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert {total for _, total in told} == {found.entries + installation_chain(installation).entries}
    assert told[-1][0] > told[0][0], "the second log goes on where the first ended"


def test_a_long_log_is_checked_by_a_job_that_keeps_what_it_came_to(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, path = written(installation)
    assert not is_long(installation, row.uuid)
    monkeypatch.setattr(custody, "LONG", installation_chain(installation).entries + 6)
    assert is_long(installation, row.uuid)
    assert not is_long(installation, None)
    asked = start_check(installation, row)
    with pytest.raises(UnderWay):
        start_check(installation, row)
    assert run_next(installation) == asked
    asked.refresh_from_db()
    found = restored(asked.result)
    assert (asked.state, found.intact, found.head.partition(":")[0]) == (JobState.DONE, True, str(found.entries))
    path.write_bytes(path.read_bytes().replace(b'"note.written"', b'"note.dropped"', 1))
    for asked_for in (row, None):
        again = start_check(later(installation), asked_for)
        run_next(later(installation))
        assert newest_checks([row, None])[None if asked_for is None else asked_for.pk] == again
    found = restored(newest_checks([row])[row.pk].result)
    assert not found.intact
    assert found.problem
    assert restored(newest_checks([None])[None].result).intact


def test_a_check_that_is_stopped_says_nothing_about_the_log(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    row, _ = written(installation)
    job = start_check(installation, row)

    def stopping(*args: object, show: Callable[[int], None], **more: object) -> None:
        stop(installation, Job.objects.get(pk=job.pk))
        for number in range(3):
            time.sleep(0.3)
            show(number)

    monkeypatch.setattr(custody, "verify", stopping)
    run_next(installation)
    job.refresh_from_db()
    assert (job.state, job.result) == (JobState.CANCELLED, {})


def test_a_check_is_kept_and_read_back_whole(installation: Installation) -> None:
    row, _ = written(installation)
    found = check_chain(installation, row.uuid)
    assert restored(json.loads(json.dumps(stored(found)))) == found

"""No Case without an Authority; references are what people can read."""

import datetime
import os
from pathlib import Path

import pytest
from casework.installations import actions, case, make

from amparo.casework.cases import (
    NewAuthority,
    add_authority,
    authorities,
    authority_rows,
    case_rows,
    create_case,
    find_case,
)
from amparo.catalogue.models import Authority, Case, OutboxEvent
from amparo.evidence.authority import Scope
from amparo.evidence.errors import BadInput

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]


def test_a_case_comes_with_its_authority_and_custody(tmp_path: Path) -> None:
    installation = make(tmp_path)
    made = case(installation, "  R-1 ")
    assert find_case("R-1") == made
    assert [value.text for value in authorities(made)] == ["Order 1"]
    assert actions(installation, made) == ["case.created", "authority.added"]
    assert "Order 1" not in (tmp_path / "cases" / str(made.uuid) / "custody.jsonl").read_text()


@pytest.mark.parametrize("text", ["", "  "])
def test_without_an_authority_nothing_is_stored(text: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="Authority"):
        create_case(make(tmp_path), "R-1", NewAuthority(text))
    assert (Case.objects.count(), Authority.objects.count(), OutboxEvent.objects.count()) == (0, 0, 0)


@pytest.mark.parametrize("reference", ["", " ", "a\nb", "x" * 201, "a\x1b[2Jb", "a\u202eb"])
def test_references_that_cannot_be_shown(reference: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"^Reference: "):
        case(make(tmp_path), reference)


def test_a_reference_is_taken_once(tmp_path: Path) -> None:
    case(make(tmp_path))
    with pytest.raises(BadInput, match="exists already"):
        case(make(tmp_path))
    with pytest.raises(BadInput, match="No case"):
        find_case("R-2")


def test_scope_and_dates_come_back_newest_first(tmp_path: Path) -> None:
    installation = make(tmp_path)
    raw = os.fsencode(tmp_path) + b"/na\xffme"
    os.mkdir(raw)
    case(installation)
    until = datetime.datetime(2099, 1, 1, tzinfo=datetime.UTC)
    add_authority(installation, "R-1", NewAuthority("Order 2", until, Scope((raw,))))
    newest, oldest = authorities(find_case("R-1"))
    assert (newest.scope.paths, newest.until, oldest.scope.paths) == ((raw,), until, ())
    row, _ = authority_rows("R-1")
    assert (row["until"], row["holds_now"]) == ("2099-01-01T00:00:00Z", True)
    assert row["scope_paths"] == [str(tmp_path) + "/na\\xffme"]
    assert [each["authorities"] for each in case_rows()] == [2]


def test_an_ended_authority_is_not_recorded(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="end before"):
        case(make(tmp_path), until=datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC))
    assert Case.objects.count() == 0

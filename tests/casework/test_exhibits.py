"""Exhibits: a chain of hands in which what does not fit is said and nothing is refused."""

import datetime
from collections.abc import Mapping
from pathlib import Path

import pytest
from casework.installations import actions, case, make

from amparo.casework import exhibits
from amparo.casework.exhibits import Described, Doubt, Handed
from amparo.casework.installation import Installation
from amparo.casework.scan import scan
from amparo.catalogue.models import Case, Exhibit, HandOver, Source
from amparo.catalogue.outbox import chain_path
from amparo.evidence.custody import verify
from amparo.evidence.errors import BadInput

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.database]
SEIZED = datetime.datetime(2026, 3, 1, 7, 30, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)


def telephone(installation: Installation, row: Case, number: str = "A-1") -> Exhibit:
    given = Described(number, "Telephone, black, cracked glass", "S-1", "Person 1", SEIZED)
    return exhibits.add_exhibit(installation, row, given, ())


def handed(after: float, giver: str, taker: str, seal: str = "") -> Handed:
    return Handed(SEIZED + after * HOUR, giver, taker, "Transport", "Store 2", seal)


def doubts(*given: Handed, tmp_path: Path) -> list[tuple[Doubt, ...]]:
    installation = make(tmp_path)
    exhibit = telephone(installation, case(installation))
    for each in given:
        exhibits.hand_over(installation, exhibit, each)
    return [link.doubts for link in exhibits.chain_of(exhibit).links]


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([handed(1, "Ana", "Ben", "S-1"), handed(2, " ben ", "Carla", "s-1")], [(), ()]),
        ([handed(1, "Ana", "Ben"), handed(2, "Dora", "Carla")], [(), (Doubt.GAP,)]),
        ([handed(2, "Ana", "Ben"), handed(1, "Ben", "Carla")], [(), (Doubt.BACKWARDS,)]),
        ([handed(-1, "Ana", "Ben")], [(Doubt.BEFORE_SEIZURE,)]),
        ([handed(9e5, "Ana", "Ben")], [(Doubt.AHEAD,)]),
        ([handed(1, "Ana", "Ben", "S-2"), handed(2, "Ben", "Eva"), handed(3, "Eva", "Ana", "S-1")],
         [(Doubt.SEAL,), (), (Doubt.SEAL,)]),
        ([handed(2, "Ana", "Ben"), handed(1, "Dora", "Eva", "S-9")], [(), (Doubt.GAP, Doubt.BACKWARDS, Doubt.SEAL)]),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said_and_kept(given: list[Handed], said: list[tuple[Doubt, ...]], tmp_path: Path) -> None:
    assert doubts(*given, tmp_path=tmp_path) == said


def test_a_chain_says_who_has_it_and_under_which_seal(tmp_path: Path) -> None:
    installation = make(tmp_path)
    exhibit = telephone(installation, case(installation))
    chain = exhibits.chain_of(exhibit)
    assert (chain.held_by, chain.seal, chain.doubtful) == ("", "S-1", False)
    exhibits.hand_over(installation, exhibit, handed(1, "Ana", "Ben", "S-2"))
    exhibits.hand_over(installation, exhibit, handed(2, "Ben", "Carla"))
    chain = exhibits.chain_of(exhibit)
    assert (chain.held_by, chain.seal, chain.doubtful) == ("Carla", "S-2", True)
    assert [(link.held_by, link.sealed) for link in chain.links] == [("", "S-1"), ("Ben", "S-2")]


@pytest.mark.parametrize(
    "wrong",
    [{"given_by": " "}, {"taken_by": "x" * 201}, {"purpose": ""}, {"seal": "x" * 101}, {"place": "a\0"},
     {"at": datetime.datetime(1, 1, 1, tzinfo=datetime.UTC)}],
)  # fmt: skip
def test_what_cannot_be_stored_is_refused(wrong: Mapping[str, object], tmp_path: Path) -> None:
    installation = make(tmp_path)
    exhibit = telephone(installation, case(installation))
    stated = {"at": SEIZED, "given_by": "Ana", "taken_by": "Ben", "purpose": "Transport"} | dict(wrong)
    with pytest.raises(BadInput):
        exhibits.hand_over(installation, exhibit, Handed(**stated))  # type: ignore[arg-type]
    assert not HandOver.objects.exists()


def test_a_number_is_given_once_in_a_case(tmp_path: Path) -> None:
    installation = make(tmp_path)
    row, other = case(installation), case(installation, "R-2")
    telephone(installation, row)
    telephone(installation, other)
    second = telephone(installation, row, "A-2")
    for act in (
        lambda: telephone(installation, row),
        lambda: exhibits.change_exhibit(installation, second, Described("A-1", "Laptop"), ()),
    ):
        with pytest.raises(BadInput, match="has an exhibit of this number"):
            act()
    second.refresh_from_db()
    assert second.number == "A-2"


def sources(installation: Installation, reference: str, folder: Path, number: int) -> list[Source]:
    for n in range(number):
        (folder / f"{reference}-{n}").mkdir(parents=True)
        scan(installation, str(folder / f"{reference}-{n}"), reference)
    return list(Source.objects.filter(case__reference=reference).order_by("pk"))


def test_sources_are_those_of_the_case_and_numbered_in_it(tmp_path: Path) -> None:
    installation = make(tmp_path / "home")
    row, other = case(installation), case(installation, "R-2")
    foreign = sources(installation, "R-2", tmp_path, 1)
    own = sources(installation, "R-1", tmp_path, 3)
    exhibit = telephone(installation, row)
    given = Described("A-1", "Telephone")
    exhibits.change_exhibit(installation, exhibit, given, {own[0].pk, own[2].pk})
    assert [(each.row, each.number) for each in exhibits.sources_of(exhibit)] == [(own[2], 3), (own[0], 1)]
    assert [each.number for each in exhibits.offered(row, None)] == [3, 2, 1]
    assert [each.number for each in exhibits.offered(other, None)] == [1]
    with pytest.raises(BadInput, match="not in this case"):
        exhibits.change_exhibit(installation, exhibit, given, {own[0].pk, foreign[0].pk})
    found = exhibits.exhibits_of([each.pk for each in (*own, *foreign)])
    assert {key: [each.number for each in rows] for key, rows in found.items()} == {
        own[0].pk: ["A-1"],
        own[2].pk: ["A-1"],
    }


def test_an_old_source_that_was_chosen_is_still_offered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installation = make(tmp_path / "home")
    row = case(installation)
    own = sources(installation, "R-1", tmp_path, 3)
    exhibit = exhibits.add_exhibit(installation, row, Described("A-1", "Telephone"), {own[0].pk})
    monkeypatch.setattr(exhibits, "MOST_SOURCES", 1)
    assert [each.row for each in exhibits.offered(row, exhibit)] == [own[2], own[0]]


def test_custody_holds_numbers_and_the_payload_the_words(tmp_path: Path) -> None:
    installation = make(tmp_path)
    row = case(installation)
    exhibit = telephone(installation, row)
    exhibits.change_exhibit(installation, exhibit, Described("A-1b", "Telephone"), ())
    exhibits.hand_over(installation, exhibit, handed(1, "Ana", "Ben"))
    assert actions(installation, row)[-3:] == ["exhibit.added", "exhibit.changed", "exhibit.handed_over"]
    chain = chain_path(installation.settings.home, row.uuid)
    words = chain.with_name("custody.payload.jsonl").read_text()
    for word in ("cracked glass", "Person 1", "Store 2"):
        assert word not in chain.read_text()
        assert word in words
    verify(chain)

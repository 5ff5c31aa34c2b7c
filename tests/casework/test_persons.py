"""Persons: pseudonyms, roles that stand, statements that are withdrawn and never changed."""

from pathlib import Path

import pytest
from casework.installations import actions, case, make
from hypothesis import given
from hypothesis import strategies as st

from amparo.casework.persons import _letters, add_person, persons_page, roles_of, state, suggestion, withdraw
from amparo.catalogue.models import Person
from amparo.catalogue.outbox import chain_path

pytestmark = pytest.mark.django_db(transaction=True)


def test_roles_stand_until_their_statement_is_withdrawn(tmp_path: Path) -> None:
    home = make(tmp_path)
    row = case(home)
    person = add_person(home, row, " Person  A ", "suspect", "assessment", "Ana")
    assert person.pseudonym == "Person A"
    said = state(home, person, "victim", "", "fact", "Interview")
    assert roles_of([person])[person.pk] == ("victim", "suspect")
    assert [each for each, _ in persons_page(row, (0, 0), 9)] == [person]
    withdraw(home, said)
    assert roles_of([person])[person.pk] == ("suspect",)
    assert persons_page(row, (0, person.pk), 9) == persons_page(row, (1, 0), 9)
    assert [each for each in actions(home, row) if "statement" in each or "person" in each] == [
        "person.added", "statement.made", "statement.made", "statement.withdrawn",
    ]  # fmt: skip


def test_words_and_names_are_in_the_payload_only(tmp_path: Path) -> None:
    home = make(tmp_path)
    row = case(home)
    add_person(home, row, "Person Heron", "witness", "fact", "Interview with the kestrel", "Saw the osprey")
    chain = chain_path(home.settings.home, row.uuid).read_text()
    assert not any(word in chain for word in ("Heron", "kestrel", "osprey", "witness"))


def test_the_next_pseudonym_is_one_that_nobody_has(tmp_path: Path) -> None:
    home = make(tmp_path)
    row = case(home)
    assert suggestion(row) == "Person A"
    add_person(home, row, "Person B", "other", "fact", "x")
    assert suggestion(row) == "Person C"
    Person.objects.all().update(pseudonym="Nobody")
    assert suggestion(row) == "Person B"


@given(st.integers(0, 10**9), st.integers(0, 10**9))
def test_letters_count_like_columns_of_a_table(one: int, two: int) -> None:
    assert [_letters(n) for n in (0, 25, 26, 701, 702)] == ["A", "Z", "AA", "ZZ", "AAA"]
    assert (_letters(one) == _letters(two)) == (one == two)

"""Budgets: however containers nest, no more is listed than the outermost budget allows."""

import contextlib
import itertools
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo.evidence.item import Child, Entry, Step
from amparo.pipeline.ports import Declined, Unreadable
from amparo.sources.budget import ENTRY_COST, FLOOR, RATIO, share

SIZES = st.none() | st.integers(0, 5000)
NESTED = st.recursive(
    st.builds(lambda size: (size, []), SIZES),
    lambda inner: st.tuples(SIZES, st.lists(inner, max_size=6)),
    max_leaves=60,
)


def child(size: int | None, number: int = 0) -> Child:
    return Child(Step("zip", b"%d" % number, number), Entry.FILE, size)


def listed(members: list[tuple[int | None, list]], budget: int) -> int:  # type: ignore[type-arg]
    """What is listed at any depth, in the cost of the budget."""
    total = 0
    found = share([child(size, number) for number, (size, _) in enumerate(members)], 1, budget)
    try:
        for each in found:
            assert each.budget is not None
            inner = members[each.step.record or 0][1]
            total += ENTRY_COST + (each.size or 0) + listed(inner, each.budget)
    except Unreadable as error:
        assert error.reason == "limit-ratio"
    return total


@given(st.lists(NESTED, max_size=8), st.integers(0, 40_000))
def test_nesting_never_exceeds_the_outermost_budget(members: list, budget: int) -> None:  # type: ignore[type-arg]
    assert listed(members, budget) <= budget


@given(st.lists(SIZES, max_size=30), st.integers(0, 20_000))
def test_shares_add_up_to_what_is_left(sizes: list[int | None], budget: int) -> None:
    found: list[Child] = []
    with contextlib.suppress(Unreadable):
        found.extend(share([child(size) for size in sizes], 1, budget))
    spent = sum(ENTRY_COST + (each.size or 0) for each in found)
    assert spent + sum(each.budget or 0 for each in found) <= budget


def endless() -> Iterator[Child]:
    return (child(0, number) for number in itertools.count())


def test_a_directory_without_end_has_one() -> None:
    found = []
    with pytest.raises(Unreadable, match="limit-ratio"):
        for each in share(endless(), 1, 100 * ENTRY_COST):
            found.append(each)
    assert len(found) == 100


@pytest.mark.parametrize(("size", "budget"), [(1, FLOOR), (FLOOR, RATIO * FLOOR)])
def test_outermost_budget(size: int, budget: int) -> None:
    (only,) = share([child(10)], size, None)
    assert only.budget == budget - ENTRY_COST - 10


@pytest.mark.parametrize("error", [Unreadable("damaged"), Declined("encrypted")])
def test_members_come_before_the_error_of_the_archive(error: Exception) -> None:
    def members() -> Iterator[Child]:
        yield child(5)
        raise error

    found = []
    with pytest.raises(type(error)) as raised:
        for each in share(members(), 1, 1000):
            found.append(each.size)
    assert found == [5]
    assert raised.value is error

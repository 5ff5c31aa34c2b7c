"""Sets of stages: what is done on a row as one integer, also when two drivers make them at once."""

import pytest
from catalogue.sources import plan

from amparo.catalogue.models import Stage, StageSet
from amparo.catalogue.stages import StageRegistry
from amparo.pipeline.stage import Visit

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_a_plan_is_interned_once() -> None:
    assert StageRegistry(plan()).keys == StageRegistry(plan()).keys
    assert Stage.objects.count() == 6
    assert StageRegistry(plan(2)).keys[4] != StageRegistry(plan()).keys[4]
    assert Stage.objects.count() == 7


def test_sets_grow_and_are_shared() -> None:
    registry = StageRegistry(plan())
    one = registry.with_done(None, (1, 2))
    assert registry.with_done(registry.with_done(None, (2,)), (1,)) == one
    assert registry.with_done(one, (1,)) == one
    assert registry.members(one) == {registry.keys[1], registry.keys[2]}
    assert registry.members(None) == frozenset()
    assert StageSet.objects.count() == 2


def test_due_is_what_a_set_lacks() -> None:
    registry = StageRegistry(plan())
    done = registry.with_done(None, (1, 2, 3))
    assert registry.due(Visit.FIRST, None) == (1, 2, 3, 4)
    assert registry.due(Visit.FIRST, done) == (4,)
    assert registry.due(Visit.WALK, done) == (0,)
    assert StageRegistry(plan(2)).due(Visit.FIRST, registry.with_done(done, (4,))) == (4,)


def test_satisfied_sets_hold_all_of_a_visit() -> None:
    registry = StageRegistry(plan())
    whole, part = registry.with_done(None, (1, 2, 3, 4)), registry.with_done(None, (1, 2))
    assert registry.satisfied(Visit.FIRST) == [whole]
    assert part not in registry.satisfied(Visit.FIRST)
    assert registry.satisfied(Visit.SECOND) == []


def test_sets_of_another_driver_are_found() -> None:
    mine, other = StageRegistry(plan()), StageRegistry(plan())
    made = other.with_done(None, (0, 4))
    assert mine.members(made) == {mine.keys[0], mine.keys[4]}
    assert mine.with_done(None, (4, 0)) == made

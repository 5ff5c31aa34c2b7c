"""The identity of work: what changes it, and what must not."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from amparo.pipeline.stage import Factory, Plan, Visit, canonical_json

SLOW = "engines.fake_analysers:Slow"
POISON = "engines.fake_analysers:Poison"


def test_config_is_part_of_the_identity_and_order_of_keys_is_not() -> None:
    one = Plan.of(Factory(SLOW, {"a": 1, "b": 2})).stages
    assert one == Plan.of(Factory(SLOW, {"b": 2, "a": 1})).stages
    assert one != Plan.of(Factory(SLOW, {"a": 1, "b": 3})).stages


def test_indexes_are_by_visit_in_order() -> None:
    plan = Plan.of(
        Factory("amparo.sources.analysers:Walk"), Factory(POISON), Factory(SLOW), Factory("pipeline.subjects:Acts")
    )
    assert [plan.indexes(visit) for visit in Visit] == [(0,), (1, 3), (2,)]


def test_two_analysers_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="share a name"):
        Plan.of(Factory(SLOW), Factory(SLOW, {"seconds": 1}))


def test_plans_travel_to_workers() -> None:
    plan = Plan.of(Factory(SLOW, {"seconds": 0.5}))
    there = pickle.loads(pickle.dumps(plan))
    assert there == plan
    assert there.factories[0]().config == {"seconds": 0.5}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.dictionaries(st.text(), inner, max_size=4)
)


@given(st.dictionaries(st.text(), VALUES, max_size=5))
def test_canonical_json_ignores_order(value: dict[str, object]) -> None:
    data = canonical_json(value)
    assert data == canonical_json(dict(reversed(value.items())))
    assert data.isascii()

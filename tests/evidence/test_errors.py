import pickle

import pytest

from amparo.evidence.errors import AmparoError, BadInput, NotAuthorised


def test_values_fill_both_texts_and_whole_numbers_have_separators() -> None:
    error = BadInput("%(name)s: at most %(most)s.", "Not %(most)s.", {"name": "100 %", "most": 5_000})
    assert (error.message, error.hint, str(error)) == ("100 %: at most 5,000.", "Not 5,000.", "100 %: at most 5,000.")
    assert error.texts == ("%(name)s: at most %(most)s.", "Not %(most)s.")


def test_without_values_a_percent_sign_is_itself() -> None:
    assert BadInput("100 % of %(it)s", "%").message == "100 % of %(it)s"


@pytest.mark.parametrize("error", [NotAuthorised("A %(b)s", "C", {"b": 1}), AmparoError("A"), BadInput("100 %", "%")])
def test_another_process_gets_the_same_error(error: AmparoError) -> None:
    again = pickle.loads(pickle.dumps(error))  # ours, made above
    assert (type(again), again.message, again.hint) == (type(error), error.message, error.hint)
    assert (again.texts, again.values) == (error.texts, error.values)


def test_stored_it_has_its_values_only_where_there_are_any() -> None:
    assert BadInput("A", "B").stored() == {"message": "A", "hint": "B"}
    stored = BadInput("A %(n)s", "B", {"n": 1_000}).stored()
    assert stored == {"message": "A 1,000", "hint": "B", "texts": ["A %(n)s", "B"], "values": {"n": 1_000}}

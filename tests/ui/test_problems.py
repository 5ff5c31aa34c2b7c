import json
from collections.abc import Iterator

import pytest
from django.utils import translation

from amparo.evidence.errors import AmparoError, BadInput
from amparo.ui import problems


@pytest.fixture
def spanish() -> Iterator[None]:
    with translation.override("es"):
        yield


pytestmark = pytest.mark.usefixtures("spanish")


def test_a_constant_is_told_in_the_language_of_the_page() -> None:
    told = problems.told(BadInput("Choose a role.", "Load the page again."))
    assert (told.message, told.hint) == ("Elija un rol.", "Cargue la página de nuevo.")
    assert str(told) == "Elija un rol. Cargue la página de nuevo."


def test_a_value_stands_in_the_translated_sentence_with_separators_of_the_language() -> None:
    error = BadInput("An exhibit has at most %(most)s hand-overs.", "", {"most": 10_000})
    assert error.message == "An exhibit has at most 10,000 hand-overs."
    assert problems.told(error).message == "Un efecto intervenido tiene como máximo 10\u00a0000 entregas."


def test_what_was_stored_is_told_like_the_error_itself() -> None:
    error = BadInput("Cannot open %(path)s: %(why)s.", "Check the year.", {"path": "'/a/100%'", "why": "no %(way)s"})
    stored = json.loads(json.dumps(error.stored()))
    assert problems.told(stored) == problems.told(error)
    assert problems.told(stored).message == "No se puede abrir '/a/100%': no %(way)s."


def test_what_was_stored_before_texts_had_values_is_told() -> None:
    told = problems.told({"message": "Choose a role.", "hint": ""})
    assert (told.message, told.hint) == ("Elija un rol.", "")


@pytest.mark.parametrize("text", ["Algo en español.", "100 % of %(nothing)s", "%"])
def test_what_has_no_translation_is_told_as_it_is(text: str) -> None:
    assert str(problems.told(AmparoError(text))) == text


def test_nothing_is_said_as_nothing_and_not_as_the_head_of_the_catalogue() -> None:
    assert problems.said("") == ""
    assert problems.told(AmparoError("Stopped.")).hint == ""


def test_what_an_authority_was_asked_for_is_told_as_a_word() -> None:
    text = "The Authority ended on %(end)s (action: %(action)s)."
    for action, shown in (("scan", "escanear"), ("other", "other")):
        told = problems.told(AmparoError(text, "", {"end": "2026-01-01 00:00 UTC", "action": action}))
        assert told.message == f"La base legal terminó el 2026-01-01 00:00 UTC (acción: {shown})."

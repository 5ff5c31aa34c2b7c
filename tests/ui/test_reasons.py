import ast
import re
from pathlib import Path

import pytest
from django.utils import translation

import amparo
from amparo.ui import reasons

_CODE = re.compile(r"[a-z]+(-[a-z]+)*")
_SENTENCE = re.compile(r"[A-Z].*\.", re.DOTALL)
_FORBIDDEN = re.compile(r"\b(detected|confirmed|suspect|hit|victim|simply|just)\b|!", re.IGNORECASE)


def _codes_in_use() -> set[str]:
    """Every literal reason given to Skipped, Failed, Unreadable or Declined in the sources."""
    found = set()
    for path in Path(amparo.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.args):
                continue
            if node.func.id in ("Skipped", "Failed", "Unreadable", "Declined"):
                found |= {each.value for each in ast.walk(node.args[0]) if isinstance(each, ast.Constant)}
    return {code for code in found if isinstance(code, str) and _CODE.fullmatch(code)}


def test_every_code_that_is_used_is_explained() -> None:
    assert _codes_in_use() - reasons.REASONS.keys() == set()


@pytest.mark.parametrize("code", reasons.REASONS)
def test_texts_are_plain_sentences(code: str) -> None:
    for text in (reasons.REASONS[code].what, reasons.REASONS[code].advice):
        assert _SENTENCE.fullmatch(text)
        assert not _FORBIDDEN.search(text)


def test_signals_and_unknown_codes() -> None:
    with translation.override("en"):
        assert reasons.explain("crash-sigsegv") == reasons.explain("crash")
        assert "no words" in reasons.explain("never-heard-of").what
        assert reasons.explain_damage("document.damaged").startswith("Files that break")


def test_translated() -> None:
    with translation.override("es"):
        assert reasons.explain("encrypted").what == "Cerrado con contraseña o clave."

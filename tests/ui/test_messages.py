import importlib.util
import shutil
from pathlib import Path
from types import ModuleType

import pytest

_SCRIPT = Path(__file__).parents[2] / "scripts" / "messages.py"


@pytest.fixture(scope="module")
def messages() -> ModuleType:
    spec = importlib.util.spec_from_file_location("amparo_messages_script", _SCRIPT)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_language_is_complete_and_compiled(messages: ModuleType) -> None:
    assert [path.parent.parent.name for path in messages.po_files()] == ["es"]
    for path in messages.po_files():
        assert list(messages.problems(path)) == []


def test_says_that_it_is_unreviewed(messages: ModuleType) -> None:
    for path in messages.po_files():
        assert "Machine-made, not yet reviewed" in path.read_text(encoding="utf-8")


def test_finds_texts_in_python_and_in_templates(messages: ModuleType) -> None:
    found = {message.id for message in messages.texts()}
    assert {"Legal basis", "Failed, by reason", "Locked with a password or key."} <= found
    assert ("%(n)s place", "%(n)s places") in found


def test_finds_what_errors_say_wherever_a_page_can_show_it(messages: ModuleType) -> None:
    found = {message.id for message in messages.texts()}
    assert "No case has this reference." in found, "a constant"
    assert "The Authority ended on %(end)s (action: %(action)s)." in found, "with values"
    assert "Restore it from a backup; nothing of it is to be used." in found, "a hint by its name"
    assert "There is no such kind of job." in found
    assert "Choose another --output; nothing is overwritten." in found
    assert "The rule file is not TOML in UTF-8." not in found, "the command line alone says this"


_SOURCE = """
from amparo.casework.words import HINT, message
class Own(BadInput): ...
_HERE = "Here."
def f(n):
    raise BadInput("One "
        "sentence.", HINT)
    raise errors.Own("Own.", _HERE, {"n": "value"})
    raise Own(message(n), local)
    raise BadInput(gettext("Translated already.") % n)
    raise BadInput("Plain.", f"Put {n} together.")
    raise ValueError(f"No error {n} of ours.")
"""


def test_errors_are_found_by_their_class_and_those_put_together_are_named(messages: ModuleType, tmp_path: Path) -> None:
    for place in ("casework", "workbench/api", "exchange"):
        (tmp_path / place).mkdir(parents=True)
        (tmp_path / place / "some.py").write_text(_SOURCE, encoding="utf-8")
    (tmp_path / "casework" / "words.py").write_text(
        'class BadInput(AmparoError): ...\nHINT = "Hint."', encoding="utf-8"
    )
    texts = messages.error_texts
    assert [text for _, text in texts.found(tmp_path)] == ["One sentence.", "Hint.", "Own.", "Here.", "Plain."]
    assert list(texts.unreadable(tmp_path)) == ["casework/some.py:11"]


def test_defects_are_named(messages: ModuleType, tmp_path: Path) -> None:
    folder = tmp_path / "es" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    path = folder / "django.po"
    shutil.copy(messages.po_files()[0], path)
    text = path.read_text(encoding="utf-8")
    text = text.replace('msgstr "Base legal"', 'msgstr ""').replace('msgid "Custody log"', 'msgid "Custody log gone"')
    path.write_text(text.replace('msgstr "versión %(version)s, entrada', 'msgstr "versión, entrada'), encoding="utf-8")
    found = "\n".join(messages.problems(path))
    for defect in (
        "not translated: 'Legal basis'",
        "not in the .po file: 'Custody log'",
        "no longer used: 'Custody log gone'",
    ):
        assert defect in found
    assert "fields differ: 'version %(version)s, entry %(entry)s'" in found
    assert "scripts/messages.py compile" in found


def test_wrong_calls(messages: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert messages.main([]) == 2
    assert "extract|compile|check" in capsys.readouterr().err
    assert messages.main(["check"]) == 0

"""The reference is what the code is: generated pages up to date, hand-written ones complete, every link resolves."""

import ast
import importlib
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from docs.pages import ROOT, pages

from amparo.casework import schemas
from amparo.config import Settings

REFERENCE = ROOT / "docs" / "reference"
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.M | re.S)


@pytest.fixture(scope="module")
def reference() -> ModuleType:
    spec = importlib.util.spec_from_file_location("reference", ROOT / "scripts" / "reference.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def text(name: str) -> str:
    return (REFERENCE / name).read_text()


def test_generated_pages_are_up_to_date(reference: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    assert reference.main(["--check"]) == 0, capsys.readouterr().out


def test_every_command_and_option_is_documented(reference: ModuleType) -> None:
    page = text("commands.md")
    import typer

    found = list(reference.walk((), typer.main.get_command(reference.app)))
    assert len(found) > 10
    for words, command in found:
        section = page.partition(f"## amparo {' '.join(words)}\n")[2].partition("\n## ")[0]
        assert section, words
        for parameter in command.params:
            if parameter.param_type_name == "option" and parameter.name != "help":
                assert all(name in section for name in parameter.opts), (words, parameter.opts)


def test_every_exit_code_is_documented(reference: ModuleType) -> None:
    assert set(reference.exits()) == {0, 1, 2, 3, 4, 5, 6, 130}
    for code in reference.exits():
        assert f"| `{code}` |" in text("commands.md")


def test_every_setting_is_documented() -> None:
    for name in Settings.model_fields:
        assert f"| `{name}` | `" in text("settings.md"), name


def test_every_schema_is_documented_as_it_is() -> None:
    page = text("schemas.md")
    for name in schemas.names():
        assert f"\n## {name}\n" in page
        assert schemas.read(name).strip() in page


def test_every_entry_point_group_is_documented(reference: ModuleType) -> None:
    for module in ("amparo.sources.opener", "amparo.casework.plan", "amparo.casework.banks.formats"):
        group = importlib.import_module(module).GROUP
        assert f"\n## {group}\n" in text("entry-points.md")
        assert group in reference.GROUPS
    assert text("entry-points.md").count("\n## ") == len(reference.GROUPS)


def test_every_kind_of_finding_is_documented() -> None:
    rows = re.findall(r"^\| `([a-z_.]+)` \|", text("findings.md"), re.M)
    kinds = {kind for kind in rows if "." in kind}
    assert kinds == set(_finding_kinds())


def test_every_custody_action_is_documented() -> None:
    section = text("custody-log.md").partition("\n## Actions\n")[2]
    documented = {
        name for row in re.findall(r"^\| (`[a-z_.`, ]+`) \|", section, re.M) for name in re.findall("[a-z_.]+", row)
    }
    assert documented == set(_actions())


def test_known_errors_have_their_fields() -> None:
    entries = re.split(r"^## ", (ROOT / "docs" / "known-errors.md").read_text(), flags=re.M)[1:]
    assert entries
    for number, entry in enumerate(entries, 1):
        assert re.fullmatch(r"KE-\d{4}", entry.splitlines()[0]), number
        fields = re.findall(r"^- (\w+): (.+)", entry, re.M)
        assert [name for name, _ in fields] == ["since", "seen", "effect", "workaround"], entry
        assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", dict(fields)["seen"])
    titles = [entry.splitlines()[0] for entry in entries]
    assert titles == sorted(set(titles))


def test_links_resolve() -> None:
    checked = 0
    for page in pages():
        for target in _LINK.findall(_CODE.sub("", page.read_text())):
            if re.match(r"[a-z]+:", target):
                continue
            name, _, anchor = target.partition("#")
            path = (page.parent / name).resolve() if name else page
            assert path.exists(), f"{page.relative_to(ROOT)}: {target}"
            if anchor:
                assert anchor in _anchors(path), f"{page.relative_to(ROOT)}: {target}"
            checked += 1
    assert checked > 50


def test_every_decision_is_in_the_index() -> None:
    folder = ROOT / "docs" / "adr"
    index = (folder / "README.md").read_text()
    for path in folder.glob("[0-9]*.md"):
        assert f"]({path.name})" in index
        parts = ("**Context.**", "**Decision.**", "**Consequences.**", "**What would change our mind.**")
        assert all(part in path.read_text() for part in parts), path.name


def _anchors(path: Path) -> set[str]:
    heads = re.findall(r"^#+ (.+)$", path.read_text(), re.M)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def _calls(name: str) -> Iterator[tuple[Path, ast.Call]]:
    for path in sorted((ROOT / "src" / "amparo").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                if called == name:
                    yield path, node


def _finding_kinds() -> Iterator[str]:
    """The first argument of every Finding(...), a text or a constant of its module."""
    for path, call in _calls("Finding"):
        first = call.args[0] if call.args else None
        if isinstance(first, ast.Constant):
            yield str(first.value)
        elif isinstance(first, ast.Name):
            module = ".".join(path.relative_to(ROOT / "src").with_suffix("").parts)
            yield getattr(importlib.import_module(module), first.id)
        else:  # one of several that the module names
            module = ".".join(path.relative_to(ROOT / "src").with_suffix("").parts)
            yield from importlib.import_module(module).KINDS


def _actions() -> Iterator[str]:
    """What is recorded: the first argument of record(...), and the events made by hand."""
    from amparo.evidence.custody import ERASED

    yield ERASED
    for name in ("record", "_record"):
        for _, call in _calls(name):
            if call.args and isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str):
                yield call.args[0].value
    for path in sorted((ROOT / "src" / "amparo").rglob("*.py")):
        yield from re.findall(r"\baction(?:: str)? ?= ?\"([a-z_.]+)\"", path.read_text())  # given to who records
    for _, call in _calls("Event"):
        yield from (str(word.value.value) for word in call.keywords
                    if word.arg == "action" and isinstance(word.value, ast.Constant))  # fmt: skip

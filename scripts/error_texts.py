"""What errors say that a page can show: texts to be translated, found in the sources, and those that cannot be."""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

ROOT = "AmparoError"
# Whose errors pages and Jobs show ...
SCOPE = (
    "accounts",
    "casework",
    "workbench",
    "catalogue/erasure.py",
    "catalogue/lease.py",
    "evidence/authority.py",
    "evidence/labels.py",
    "evidence/vault.py",
    "pipeline/engines/pool.py",
    "sources/opener.py",
    "ui/pdf.py",
)
# ... but not these of them: the command line and the API alone.
OUTSIDE = (
    "casework/banks",
    "casework/doctor.py",
    "casework/doctor_banks.py",
    "casework/listing.py",
    "casework/one_file.py",
    "casework/reviewed.py",
    "casework/schemas.py",
    "casework/tsa.py",
    "casework/validation",
    "workbench/api",
)
# Texts with English parts put together: what is constant in them is translated, the rest shown as it is.
IN_PART = (
    "casework/bank_key.py",
    "casework/report.py",
    "catalogue/bank_files.py",
    "catalogue/memory_folder.py",
    "evidence/custody",
    "evidence/item.py",
    "evidence/manifest.py",
)


def found(sources: Path) -> Iterator[tuple[str, str]]:
    """(file, text) of every constant message and hint."""
    for path, call in _calls(sources, (*SCOPE, *IN_PART)):
        for argument in call.args[:2]:
            text = _constant(argument, sources / path, sources)
            if text:
                yield path, text


def unreadable(sources: Path) -> Iterator[str]:
    """``file:line`` of errors whose text is put together: no catalogue can hold it."""
    for path, call in _calls(sources, SCOPE, IN_PART):
        if any(isinstance(part, ast.JoinedStr) for argument in call.args[:2] for part in ast.walk(argument)):
            yield f"{path}:{call.lineno}"


def _calls(sources: Path, within: tuple[str, ...], without: tuple[str, ...] = ()) -> Iterator[tuple[str, ast.Call]]:
    trees = {path.relative_to(sources).as_posix(): _tree(path) for path in sorted(sources.rglob("*.py"))}
    kinds = _kinds(trees)
    for path, tree in trees.items():
        if not _below(path, within) or _below(path, (*OUTSIDE, *without)):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in kinds:
                yield path, node


def _kinds(trees: Mapping[str, ast.Module]) -> set[str]:
    """Names of all classes of errors."""
    classes = [node for tree in trees.values() for node in ast.walk(tree) if isinstance(node, ast.ClassDef)]
    kinds = {ROOT}
    while more := {each.name for each in classes if kinds & {ast.unparse(base) for base in each.bases}} - kinds:
        kinds |= more
    return kinds


def _constant(node: ast.expr, path: Path, sources: Path) -> str:
    """The text of a constant, or of a name at the top of this module or of the one it is imported from; else empty."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if not isinstance(node, ast.Name):
        return ""
    for each in _tree(path).body:
        if isinstance(each, ast.Assign) and any(isinstance(to, ast.Name) and to.id == node.id for to in each.targets):
            return _constant(each.value, path, sources)
        if isinstance(each, ast.ImportFrom) and any(alias.name == node.id for alias in each.names):
            return _constant(node, _module(each, sources), sources)
    return ""


def _module(imported: ast.ImportFrom, sources: Path) -> Path:
    place = sources.joinpath(*(imported.module or "").split(".")[1:])
    return place / "__init__.py" if place.is_dir() else place.with_suffix(".py")


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def _below(path: str, places: tuple[str, ...]) -> bool:
    return any(path == place or path.startswith(f"{place}/") for place in places)

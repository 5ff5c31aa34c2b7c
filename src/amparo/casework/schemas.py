"""JSON Schemas of every row that is printed: package data, one file per row type."""

import importlib.resources

from amparo.evidence.errors import BadInput

_FOLDER = importlib.resources.files("amparo") / "schemas"


def names() -> list[str]:
    """Names of the row types."""
    return sorted(entry.name.removesuffix(".json") for entry in _FOLDER.iterdir() if entry.name.endswith(".json"))


def read(name: str) -> str:
    """The schema of a row type (JSON Schema 2020-12). Raises BadInput."""
    if name not in names():
        raise BadInput(f"No row type {name!r}.", f"One of: {', '.join(names())}")
    return (_FOLDER / f"{name}.json").read_text(encoding="utf-8")

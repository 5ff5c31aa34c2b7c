"""Rule files: one version of one scheme as TOML 1.0. docs/reference/labels-and-schemes.md describes every key."""

import datetime
import hashlib
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import TypeGuard

from amparo.evidence.errors import BadInput
from amparo.evidence.labels import OPEN, check_value
from amparo.media.schemes.scheme import Rule, Scheme, unreachable

MAX_BYTES = 32 * 1024
MAX_LINE = 1024  # bytes: tomllib takes memory with the square of the parts of a dotted key, and a key is on one line
MAX_RULES = 64
MAX_TEXT = 500  # characters of a title, source, note
_REQUIRED = ("scheme", "title", "country", "version", "valid_from", "source", "reviewed_by_lawyer", "titles", "rule")
_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_VERSION = re.compile(r"[a-z0-9][a-z0-9.-]{0,31}")
_GRADE = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,63}")
_COUNTRY = re.compile(r"[A-Z]{2}|international")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_HINT = "docs/reference/labels-and-schemes.md describes the form of a rule file."


def load_scheme(path: Path) -> Scheme:
    """The scheme in a file. Raises BadInput, also where the file cannot be read."""
    try:
        with path.open("rb") as stream:
            data = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise BadInput(f"The rule file cannot be read: {error.strerror}.", "Name a file that exists.") from error
    return parse_scheme(data)


def parse_scheme(data: bytes) -> Scheme:
    """The scheme in the bytes of a file. Raises BadInput on anything that is not exactly a rule file.

    A rule that no labels can reach is refused, because whoever wrote it expects it to be applied.
    """
    if len(data) > MAX_BYTES:
        raise BadInput(f"The rule file is larger than {MAX_BYTES} bytes.", "A scheme needs a few thousand.")
    if max(map(len, data.split(b"\n"))) > MAX_LINE:
        raise BadInput(f"The rule file has a line longer than {MAX_LINE} bytes.", "Break the line inside a list.")
    try:
        table = tomllib.loads(data.decode())
    except (ValueError, RecursionError) as error:
        raise BadInput("The rule file is not TOML in UTF-8.", _HINT) from error
    _only("The rule file", table, _REQUIRED, ("valid_until",))
    rules = _rules(table["rule"])
    scheme = Scheme(
        name=_matching(table, "scheme", _NAME, "of a-z, 0-9 and -"),
        title=_text("title", table["title"]),
        country=_matching(table, "country", _COUNTRY, "two capitals (ISO 3166-1) or international"),
        version=_matching(table, "version", _VERSION, "of a-z, 0-9, . and -"),
        valid_from=_date(table, "valid_from"),
        valid_until=_date(table, "valid_until") if "valid_until" in table else None,
        source=_text("source", table["source"]),
        reviewed_by_lawyer=_flag(table, "reviewed_by_lawyer"),
        titles=_titles(table["titles"], {rule.grade for rule in rules if rule.grade}),
        rules=rules,
        digest=hashlib.sha256(data).hexdigest(),
    )
    if scheme.valid_until is not None and scheme.valid_until <= scheme.valid_from:
        raise BadInput("The rules would end before they begin.", "Give valid_until a later date.")
    for number in unreachable(scheme):
        raise BadInput(f"Rule {number} can never apply.", "Earlier rules cover it, or its values exclude each other.")
    return scheme


def _rules(value: object) -> tuple[Rule, ...]:
    if not isinstance(value, list) or not 1 <= len(value) <= MAX_RULES:
        raise BadInput(f"The rule file has not 1 to {MAX_RULES} rules.", "Write each rule under [[rule]].")
    return tuple(_rule(f"Rule {number}", each) for number, each in enumerate(value, 1))


def _rule(where: str, value: object) -> Rule:
    row = _table(where, value)
    _only(where, row, (), ("grade", "ask", "when", "needs"))
    if ("grade" in row) == ("ask" in row) or ("ask" in row and "needs" in row):
        raise BadInput(f"{where} has not just one outcome.", "Give it grade (needs may go with it), or ask.")
    grade = row.get("grade", "")
    if "grade" in row and not (isinstance(grade, str) and _GRADE.fullmatch(grade)):
        raise BadInput(f"{where}: grade is not a text of letters, 0-9 and - (at most 64).", _HINT)
    when = tuple((facet, _values(where, facet, values)) for facet, values in _table(where, row.get("when", {})).items())
    ask, needs = (_text(f"{where}: {key}", row[key]) if key in row else "" for key in ("ask", "needs"))
    return Rule(str(grade), ask, when, needs)


def _values(where: str, facet: str, values: object) -> frozenset[str]:
    if not isinstance(values, list) or not values or not _texts(values):
        raise BadInput(f"{where}: a facet has no list of values.", 'Write it like: age = ["under-13"]')
    for value in values:
        try:
            check_value(facet, value)
        except BadInput as error:
            raise BadInput(f"{where}: {error.message}", error.hint) from error
        if value in OPEN:
            # A grade derived from not knowing would change when somebody comes to know.
            raise BadInput(f"{where}: {value} is no premise of a rule.", "Leave it out: it is asked for by itself.")
    return frozenset(values)


def _titles(value: object, grades: set[str]) -> dict[str, str]:
    titles = _table("titles", value)
    if titles.keys() != grades:
        raise BadInput("titles does not name exactly the grades of the rules.", "Give each grade one title.")
    return {grade: _text(f"The title of grade {grade}", title) for grade, title in titles.items()}


def _only(where: str, table: Mapping[str, object], required: tuple[str, ...], optional: tuple[str, ...]) -> None:
    for key in required:
        if key not in table:
            raise BadInput(f"{where} has no {key}.", _HINT)
    for key in table:
        if key not in required and key not in optional:
            raise BadInput(f"{where} has an unknown key {key[:64]!a}.", f"Keys: {', '.join(required + optional)}")


def _table(where: str, value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise BadInput(f"{where} is not a table.", _HINT)
    return value


def _texts(values: list[object]) -> TypeGuard[list[str]]:
    return all(isinstance(value, str) for value in values)


def _text(where: str, value: object) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > MAX_TEXT or _CONTROL.search(value):
        raise BadInput(f"{where} is not one line of text (1 to {MAX_TEXT} characters).", "Fill it in.")
    return value


def _matching(table: Mapping[str, object], key: str, pattern: re.Pattern[str], form: str) -> str:
    value = table[key]
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise BadInput(f"{key} is not a text {form}.", _HINT)
    return value


def _date(table: Mapping[str, object], key: str) -> datetime.date:
    value = table[key]
    if not isinstance(value, datetime.date) or isinstance(value, datetime.datetime):
        raise BadInput(f"{key} is not a date.", "Write it without quotes, like 2026-01-31.")
    return value


def _flag(table: Mapping[str, object], key: str) -> bool:
    value = table[key]
    if not isinstance(value, bool):
        raise BadInput(f"{key} is not true or false.", _HINT)
    return value

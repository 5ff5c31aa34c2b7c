"""What a form of export is: a name, what it leaves out, and who writes its files."""

import dataclasses
import datetime
from collections.abc import Callable
from pathlib import Path

from amparo.casework.installation import Installation
from amparo.catalogue.models import Case


@dataclasses.dataclass(frozen=True, slots=True)
class Choices:
    """What the person who asks chose. ``language`` of pages, empty: the settings'. ``scheme``: name of the grading
    scheme whose grades are written.
    """

    language: str = ""
    scheme: str = ""


@dataclasses.dataclass(frozen=True, slots=True)
class Context:
    """What every form is given. ``made`` is the one time that the whole package states."""

    installation: Installation
    case: Case
    made: datetime.datetime
    choices: Choices


def _nothing(context: Context) -> None:
    del context


@dataclasses.dataclass(frozen=True, slots=True)
class Form:
    """``left_out``: English words, what a package of this form does not hold. ``write`` puts files into a folder that
    other forms write to as well, and raises AmparoError. ``check`` raises BadInput before anything is written.
    """

    name: str
    left_out: tuple[str, ...]
    write: Callable[[Context, Path], None]
    check: Callable[[Context], None] = _nothing

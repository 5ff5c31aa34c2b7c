"""Numbers of a Case for its charts; none of them takes longer in a larger Case."""

import dataclasses
from collections.abc import Mapping, Sequence

from amparo.casework.overview import Judging, Numbers, judging_of, numbers_of
from amparo.casework.timeline import years
from amparo.catalogue.models import Case
from amparo.catalogue.models.marks import Field

FIELDS = (Field.TAKEN, Field.MODIFIED, Field.CREATED)


@dataclasses.dataclass(frozen=True, slots=True)
class Plots:
    """``years``: (year, number) by field and whether its times are local ones of unknown zone."""

    numbers: Numbers
    judging: Judging
    years: Mapping[tuple[Field, bool], Sequence[tuple[int, int]]]


def plots_of(case: Case) -> Plots:
    """By type, by outcome, by judgement and by year."""
    return Plots(numbers_of(case), judging_of(case), years(case, FIELDS))

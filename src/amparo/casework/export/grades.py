"""The Decisions that stand, as packages may state them: the blind rule holds here as it does on pages."""

import collections
from collections.abc import Iterable, Mapping, Sequence

from amparo.catalogue.models import Case, Content, Decision, Review
from amparo.catalogue.review import category
from amparo.catalogue.standing import standings
from amparo.evidence.errors import BadInput
from amparo.evidence.labels import Labels
from amparo.media.schemes.scheme import Grade, Scheme, derive


def standing_acts(case: Case, contents: Iterable[Content]) -> Mapping[int, Sequence[Decision]]:
    """By key of a Content whose judging is done: of each person whose grade counts the newest Decision, oldest first.

    One Decision where one person is enough; nothing for a Content that waits, or on which people differ. Two queries.
    """
    found = list(contents)
    done = {key: each for key, each in standings(case, found).items() if each.review is Review.DONE}
    newest: dict[int, dict[str, Decision]] = collections.defaultdict(dict)
    for act in Decision.objects.filter(content__in=done, withdrawn=None).order_by("pk"):
        now = done[act.content_id]
        if category(act.labels) == now.category and act.operator in now.judges | now.settlers:
            newest[act.content_id].pop(act.operator, None)
            newest[act.content_id][act.operator] = act
    made = {key: list(acts.values()) for key, acts in newest.items()}
    return {key: acts if case.two_people and not done[key].settlers else acts[-1:] for key, acts in made.items()}


def grade_in(scheme: Scheme, acts: Sequence[Decision]) -> str | None:
    """The grade that every one of these Decisions gives in a scheme; None where they give none, differ, or it depends
    on something that the labels do not say.
    """
    given = set()
    for act in acts:
        try:
            made = derive(Labels.parse(act.labels), scheme, act.made.date())
        except BadInput:  # the version did not hold on the day of the Decision
            return None
        given.add(made.grade if isinstance(made, Grade) and not made.needs else None)
    return given.pop() if len(given) == 1 else None

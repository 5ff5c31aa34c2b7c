"""Where judging stands, computed from the Decisions that were not withdrawn; and who may see which of them.

Where one person is enough, the newest Decision counts. Where two are asked for, the grade of each person is that of
their newest Decision: two that agree are done, two that differ wait until one of the two changes theirs, or until
somebody else who leads the Case settles it. Grades are compared as categories of display (:mod:`.review`). Only people
with an account are compared: the command line knows an account of the operating system, which may be anybody's second.

The blind rule is :func:`seen`, and only that: who judges second sees nothing of the first Decision before. So that
nothing else can tell, a Content has category OPEN for as long as no grade of it counts.
"""

import collections
import dataclasses
from collections.abc import Collection, Iterable

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce

from amparo.catalogue.models import Case, Category, Content, Decision, Review
from amparo.catalogue.review import category
from amparo.catalogue.sql import among, update_many
from amparo.config import ACCOUNT

_WAITING = (Review.SECOND, Review.DISAGREED)


@dataclasses.dataclass(frozen=True, slots=True)
class Standing:
    """Of one Content. ``judges``: who gave a grade that is compared. ``settlers``: who settled a difference."""

    review: Review
    category: Category
    judges: frozenset[str] = frozenset()
    settlers: frozenset[str] = frozenset()

    def would_settle(self, operator: str) -> bool:
        """Whether a further Decision of this person would settle what others judged differently."""
        return operator in self.settlers or (self.review is Review.DISAGREED and operator not in self.judges)


def asks_two(case: Case, content: Content) -> bool:
    """Whether two people have to agree on a Content: in the whole Case, or where somebody asked, or waits, for one."""
    return case.two_people or content.second_at is not None or content.review in _WAITING


def any_asks_two(case: Case, keys: Collection[int]) -> bool:
    """Whether :func:`asks_two` holds of any of these Contents of a Case."""
    asked = Q(second_at__isnull=False) | Q(review__in=_WAITING)
    return case.two_people or Content.objects.filter(asked, pk__in=among(keys)).exists()


def stand(acts: Iterable[Decision], two: bool) -> Standing:
    """From the Decisions of one Content that were not withdrawn, oldest first."""
    judged: dict[str, Category] = {}
    settlers: set[str] = set()
    settled: Category | None = None
    newest: Category | None = None
    for act in acts:
        newest = category(act.labels)
        if two and not act.operator.startswith(ACCOUNT):
            continue  # as counting() says it
        differ = settled is None and len(set(judged.values())) > 1
        if two and (act.operator in settlers or (differ and act.operator not in judged)):
            settlers.add(act.operator)
            settled = newest
        else:
            judged[act.operator] = newest
            settled = settled if settled == newest else None
    people = frozenset(judged), frozenset(settlers)
    if newest is None:
        return Standing(Review.OPEN, Category.OPEN)
    if not two or settled is not None:
        return Standing(Review.DONE, newest if settled is None else settled, *people)
    if len(judged) < 2:
        return Standing(Review.SECOND, Category.OPEN, *people)
    if len(set(judged.values())) > 1:
        return Standing(Review.DISAGREED, Category.OPEN, *people)
    return Standing(Review.DONE, next(iter(judged.values())), *people)


def standings(case: Case, contents: Iterable[Content], two: bool = False) -> dict[int, Standing]:
    """By key of a Content. ``two``: two people are asked for, whatever the Case says; so they are where somebody asked
    for a second one, or where one is waited for. One query.

    What nobody has judged waits, too, where a second person was asked for: the first grade will not be enough.
    """
    found = {content.pk: content for content in contents}
    acts: dict[int, list[Decision]] = collections.defaultdict(list)
    for act in Decision.objects.filter(content__in=found, withdrawn=None).order_by("pk"):
        acts[act.content_id].append(act)
    made = {}
    for key, content in found.items():
        made[key] = stand(acts[key], two or asks_two(case, content))
        if content.second_at is not None and made[key].review is Review.OPEN:
            made[key] = dataclasses.replace(made[key], review=Review.SECOND)
    return made


def restand(case: Case, contents: Iterable[Content], two: bool = False) -> dict[int, Standing]:
    """Set review and category of these Contents; in the transaction that changed their Decisions."""
    found = standings(case, contents, two)
    rows = [(int(each.review), int(each.category), key) for key, each in found.items()]
    if rows:
        update_many(Content._meta.db_table, (("review", "smallint"), ("category", "smallint")), rows)
    return found


def counting(decisions: QuerySet[Decision], case: Case) -> QuerySet[Decision]:
    """Those of the Decisions of a Case that count: not withdrawn; where two are asked for, by who has an account."""
    counted = Q(operator__startswith=ACCOUNT)
    if not case.two_people:
        counted |= Q(content__second_at=None) & ~Q(content__review__in=_WAITING)
    return decisions.filter(counted, withdrawn=None)


def seen(case: Case, actor: str, contents: Collection[int] | None = None) -> QuerySet[Decision]:
    """The Decisions of a Case, or those on these Contents, that this person may see now: the blind rule, for pages,
    the API and exports alike.

    While a second person is waited for, only one's own; also of what was withdrawn before anybody else judged. One act
    on a group is seen once nothing of it waits: on one Content it says what the others were judged as. Acts are told
    apart by their time, which is in microseconds. Takes time linear in the Decisions asked for and those of their acts.
    """
    found, waiting = Decision.objects.filter(case=case), Decision.objects.filter(case=case)
    if contents is not None:
        found = found.filter(content__in=among(contents))
        heads = set(found.values_list(Coalesce("spread_from", "content"), flat=True))  # what was looked at
        waiting = waiting.filter(Q(content__in=heads) | Q(spread_from__in=heads))
    blind = (
        Q(content__review=Review.SECOND)
        | Q(content__review=Review.OPEN, withdrawn__isnull=False)
        | Q(made__in=waiting.filter(content__review=Review.SECOND).values("made"))
    )
    return found.filter(Q(operator=actor) | ~blind)

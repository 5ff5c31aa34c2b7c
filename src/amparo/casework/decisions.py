"""Decisions: a person judges a Content in neutral labels; grades of every scheme in force are derived and kept."""

import datetime
import functools
import re
from collections.abc import Iterator, Sequence

from django.db import transaction
from django.utils.translation import gettext

from amparo.casework.cases import find_case
from amparo.casework.installation import Installation, storage_errors
from amparo.casework.lines import check_line
from amparo.catalogue import groups, models, standing
from amparo.catalogue.sql import among
from amparo.evidence.errors import BadInput
from amparo.evidence.labels import Labels
from amparo.media.schemes.rule_file import load_scheme
from amparo.media.schemes.scheme import Ask, Scheme, derive
from amparo.media.schemes.shipped import every_version, schemes, together

_NOTE = 500
_DIGITS = re.compile("[0-9a-f]{12,64}")


def decide(
    installation: Installation, reference: str, sha256: str, tokens: Sequence[str], note: str = "", spread: bool = False
) -> list[models.Decision]:
    """Record a Decision on a Content, and with ``spread`` on all near duplicates of its group.

    One row and one custody entry for each Content, in one transaction. Raises BadInput for labels that are unknown or
    contradict each other, and for a Content that is not in this Case.
    """
    _check(tokens, note)
    case = find_case(reference)
    return record_decision(installation, find_content(case, sha256), tokens, note, spread)


def record_decision(
    installation: Installation,
    content: models.Content,
    tokens: Sequence[str],
    note: str = "",
    spread: bool = False,
    leads: bool = False,
) -> list[models.Decision]:
    """The same for a Content at hand. Review and category of each Content are set in the same transaction.

    Where two people judged differently, only who ``leads`` the Case settles it, and says why in the note; anybody else
    is refused with BadInput, and a Decision does not spread to what only they may settle. Where two people have to
    agree, a group is judged as a whole or not at all: on one member, the second would see what the first said of all.
    """
    labels = _check(tokens, note)
    case = content.case
    now = datetime.datetime.now(datetime.UTC)
    grades = derived(labels, schemes(now.date(), versions(installation)), now.date())
    recorder = installation.recorder(case)
    with storage_errors():
        with transaction.atomic():
            keys = groups.keys(content) if spread else [content.pk]
            locked = list(models.Content.objects.select_for_update().filter(pk__in=among(keys)).order_by("pk"))
            if not spread and len(group := groups.keys(content)) > 1 and standing.any_asks_two(case, group):
                raise BadInput(
                    "Two people judge this group of alike pictures, so a judgement is for all of them.",
                    'Judge the group: --group on the command line, "spread": true in the API.',
                )
            before = standing.standings(case, locked)
            settling = {each.pk for each in locked if before[each.pk].would_settle(recorder.operator)}
            if content.pk in settling:
                _check_settling(leads, note)
            judged = [each for each in locked if each.pk not in settling or (leads and note)]
            made = []
            for each in judged:
                row = models.Decision.objects.create(
                    case=case, content=each, labels=list(labels.tokens()), grades=grades, note=note,
                    operator=recorder.operator, made=now, spread_from=None if each == content else content,
                )  # fmt: skip
                # No digest of the labels: it could be told which they are, before the second person has judged.
                facts: dict[str, str | int | None] = {
                    "decision": row.pk,
                    "sha256": bytes(each.sha256).hex(),
                    "spread_from": None if each == content else bytes(content.sha256).hex(),
                }
                recorder.record("decision.made", facts, {"labels": " ".join(labels.tokens()), "note": note})
                made.append(row)
            standing.restand(case, judged)
        transaction.on_commit(functools.partial(installation.sealer.seal, case))  # the API's is around this one
    return made


def set_aside(made: Sequence[models.Decision]) -> frozenset[int]:
    """Keys of those of these new Decisions that count for nothing: two people have to agree, with an account each."""
    keys = {row.pk for row in made}
    rows = models.Decision.objects.filter(pk__in=among(keys))
    return frozenset(keys.difference(standing.counting(rows, made[0].case).values_list("pk", flat=True)))


def _check(tokens: Sequence[str], note: str) -> Labels:
    if not tokens:
        raise BadInput("A decision needs a label.", "For example: --label material-not-pertinent")
    check_line(note, gettext("Note"), _NOTE, least=0)
    return Labels.parse(tokens)


def _check_settling(leads: bool, note: str) -> None:
    if not leads:
        raise BadInput(
            "Two people judged this differently.", "One of the two can change theirs, or who leads the case settles it."
        )
    if not note:
        raise BadInput("Settling a difference needs a note.", "Write in one sentence why.")


def derived(labels: Labels, among: Sequence[Scheme], at: datetime.date) -> list[dict[str, object]]:
    """What each scheme makes of the labels, as it is stored with a Decision."""
    rows: list[dict[str, object]] = []
    for scheme in among:
        made = derive(labels, scheme, at)
        row: dict[str, object] = {"scheme": scheme.name, "version": scheme.version, "digest": scheme.digest}
        if isinstance(made, Ask):
            row |= {"grade": None, "ask": list(made.facets), "reason": made.reason, "needs": made.note}
        else:
            row |= {"grade": made.grade, "rule": made.rule, "facts": list(made.facts), "needs": made.needs}
        rows.append(row)
    return rows


def versions(installation: Installation) -> tuple[Scheme, ...]:
    """Every version of every scheme: those shipped, and those of the setting ``schemes``. Raises BadInput."""
    own = [load_scheme(path) for path in installation.settings.schemes]
    return together([*every_version(), *own])


def decision_rows(reference: str, everything: bool = False, actor: str = "") -> Iterator[dict[str, object]]:
    """Schema ``decision``: the newest of each Content that counts, or with ``everything`` all there are, oldest first.

    Those that ``actor`` may see (:func:`amparo.catalogue.standing.seen`). Withdrawn ones are never current.
    """
    case = find_case(reference)
    rows = standing.seen(case, actor)
    found = rows.select_related("content", "spread_from").order_by("pk")
    newest = dict(standing.counting(rows, case).order_by("pk").values_list("content", "pk"))
    for row in found.iterator(chunk_size=1_000):
        current = newest.get(row.content_id) == row.pk
        if everything or current:
            yield decision_row(row, current)


def decision_row(row: models.Decision, current: bool) -> dict[str, object]:
    """One row of schema ``decision``."""
    return {
        "v": 1,
        "sha256": bytes(row.content.sha256).hex(),
        "labels": row.labels,
        "grades": row.grades,
        "note": row.note,
        "operator": row.operator,
        "made": row.made.isoformat(),
        "spread_from": None if row.spread_from is None else bytes(row.spread_from.sha256).hex(),
        "current": current,
    }


def scheme_rows(installation: Installation) -> Iterator[dict[str, object]]:
    """Schema ``scheme``: every version, and whether it is in force today."""
    today = datetime.datetime.now(datetime.UTC).date()
    among = versions(installation)
    now = {each.digest for each in schemes(today, among)}
    for each in among:
        yield {
            "v": 1,
            "scheme": each.name,
            "title": each.title,
            "country": each.country,
            "version": each.version,
            "valid_from": each.valid_from.isoformat(),
            "valid_until": None if each.valid_until is None else each.valid_until.isoformat(),
            "in_force": each.digest in now,
            "reviewed_by_lawyer": each.reviewed_by_lawyer,
            "source": each.source,
            "digest": each.digest,
        }


def find_content(case: models.Case, sha256: str) -> models.Content:
    """By SHA-256, or by its beginning where no other content of the Case begins so."""
    digits = sha256.removesuffix("…").lower()  # as tables show it
    if not _DIGITS.fullmatch(digits):
        raise BadInput(
            "%(text)s is not a SHA-256.",
            "Give 64 hex digits, or the first 12 or more; see: amparo items --json",
            {"text": repr(sha256)},
        )
    first, last = (bytes.fromhex(digits.ljust(64, digit)) for digit in "0f")
    found = models.Content.objects.filter(case=case, sha256__gte=first, sha256__lte=last)[:2]
    if not found:
        raise BadInput("This case has no content with that SHA-256.", "See: amparo items --json")
    if len(found) > 1:
        raise BadInput(
            "More than one content of this case begins with %(digits)s.",
            "Give more of its SHA-256.",
            {"digits": digits},
        )
    return found[0]

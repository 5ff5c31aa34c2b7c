"""Grading in the browser: one act of a person on a picture and its near duplicates, and taking it back.

Decisions are recorded by :mod:`amparo.casework.decisions`; who has to agree is :mod:`amparo.catalogue.standing`.
"""

import datetime
from collections.abc import Sequence

from django.db import transaction

from amparo.accounts.models import User
from amparo.casework.decisions import record_decision
from amparo.casework.installation import Installation, storage_errors
from amparo.casework.memberships import leading
from amparo.catalogue import groups, standing
from amparo.catalogue.models import Case, Content, Decision, PictureHash, Review
from amparo.evidence.errors import BadInput

NEWEST_ACTS = 100  # Decisions on one Content that are shown at once


def grade(
    installation: Installation,
    user: User,
    case: Case,
    content: Content,
    tokens: Sequence[str],
    note: str = "",
    spread: bool = True,
) -> list[Decision]:
    """Record what a person decided about a Content and its near duplicates; one custody entry for each.

    A person who decides again replaces their own. Raises BadInput, also where only who leads the Case may settle.
    """
    _check(case, content)
    leads = leading(case).filter(user=user).exists()
    return record_decision(installation.acting(user.actor), content, tokens, note, spread, leads)


def undo(installation: Installation, user: User, case: Case) -> list[Decision]:
    """Take back this person's newest act in this Case, with all Contents it spread to. The log keeps both.

    What the person had decided before counts again. Raises BadInput if there is nothing to take back.
    """
    recorder = installation.acting(user.actor).recorder(case)
    now = datetime.datetime.now(datetime.UTC)
    with storage_errors():
        with transaction.atomic():
            mine = Decision.objects.filter(case=case, operator=user.actor, withdrawn=None)
            newest = mine.order_by("-pk").first()
            if newest is None:
                raise BadInput("You have decided nothing here that can be taken back.", "Nothing was changed.")
            keys = mine.filter(made=newest.made).values_list("content_id", flat=True)
            locked = list(Content.objects.select_for_update().filter(pk__in=list(keys)).order_by("pk"))
            act = list(mine.filter(made=newest.made).order_by("pk").select_related("content"))  # under the lock
            if not act:
                raise BadInput("This was taken back already.", "Nothing was changed.")
            if _seen_before(case, locked, newest):
                raise BadInput(
                    "Somebody judged this before you, and you have seen how.",
                    "Judge again instead: both of your judgements stay on record.",
                )
            for row in act:
                row.withdrawn = now
                facts: dict[str, str | int | None] = {"decision": row.pk, "sha256": bytes(row.content.sha256).hex()}
                recorder.record("decision.withdrawn", facts)
            Decision.objects.filter(pk__in=[row.pk for row in act]).update(withdrawn=now)
            standing.restand(case, locked)
        installation.sealer.seal(case)
    return act


def flag(installation: Installation, user: User, case: Case, content: Content, flagged: bool) -> None:
    """Put a Content on the list of those that somebody wants looked at, or take it off."""
    _check(case, content)
    with storage_errors():
        with transaction.atomic():
            Content.objects.filter(pk=content.pk).update(flagged=flagged)
            facts: dict[str, str | int | None] = {"sha256": bytes(content.sha256).hex(), "flagged": int(flagged)}
            installation.acting(user.actor).recorder(case).record("content.flagged", facts)
        installation.sealer.seal(case)


def ask_second(installation: Installation, user: User, case: Case, content: Content) -> None:
    """Ask for a second person on a Content and its near duplicates, also in a Case where one is enough.

    Those that two people have judged already stay as they are. Raises BadInput if that is all of them.
    """
    _check(case, content)
    recorder = installation.acting(user.actor).recorder(case)
    with storage_errors():
        with transaction.atomic():
            keys = [each.pk for each in groups.members(content)]
            locked = list(Content.objects.select_for_update().filter(pk__in=keys).order_by("pk"))
            found = standing.standings(case, locked, two=True)
            waiting = [each for each in locked if found[each.pk].review is not Review.DONE]
            if not waiting:
                raise BadInput("Two people have judged this already.", "Flag it if somebody should look again.")
            now = datetime.datetime.now(datetime.UTC)
            for each in waiting:
                if each.second_at is None:
                    each.second_by, each.second_at = user.actor, now
            Content.objects.bulk_update(waiting, ["second_by", "second_at"], batch_size=500)
            standing.restand(case, waiting)
            for each in waiting:
                recorder.record("second.asked", {"sha256": bytes(each.sha256).hex()})
        installation.sealer.seal(case)


def take_out(installation: Installation, user: User, case: Case, content: Content) -> None:
    """Let a Content stand for itself, also when the Case is grouped anew. Raises BadInput.

    Where it stood for others, the oldest of them does so now.
    """
    _check(case, content)
    recorder = installation.acting(user.actor).recorder(case)
    with storage_errors():
        with transaction.atomic():
            others = [each for each in groups.members(content) if each.pk != content.pk]
            if not others:
                raise BadInput("This stands for itself already.", "Nothing was changed.")
            head = content if content.leader is None else content.leader
            if Content.objects.filter(pk__in=(content.pk, head.pk), review=Review.SECOND).exists():
                raise BadInput("The group waits for a second person.", "Take it out once both have judged.")
            if head.pk == content.pk:
                keys = [each.pk for each in others]
                PictureHash.objects.filter(content__in=keys).update(group=others[0])
                Content.objects.filter(pk__in=keys).update(leader=others[0])
                Content.objects.filter(pk=others[0].pk).update(leader=None)
            PictureHash.objects.filter(content=content).update(group=content, alone=True)
            Content.objects.filter(pk=content.pk).update(leader=None)
            recorder.record("group.left", {"sha256": bytes(content.sha256).hex(), "group": bytes(head.sha256).hex()})
        installation.sealer.seal(case)


def decisions_seen_by(
    content: Content, actor: str, before: int | None = None, most: int = NEWEST_ACTS
) -> list[Decision]:
    """The Decisions on a Content that this person may see now, withdrawn ones included.

    The newest ``most`` of them, of those with keys below ``before``; oldest first.
    """
    found = standing.seen(content.case, actor, [content.pk]).select_related("content", "spread_from")
    if before is not None:
        found = found.filter(pk__lt=before)
    return list(found.order_by("-pk")[:most])[::-1]


def newest_seen_by(content: Content, actor: str) -> int | None:
    """Key of the newest Decision that counts, of those that this person may see."""
    found = standing.counting(standing.seen(content.case, actor, [content.pk]), content.case)
    return found.order_by("-pk").values_list("pk", flat=True).first()


def older_decisions(content: Content, actor: str, shown: Sequence[Decision]) -> int:
    """How many more this person may see than the newest ones that are shown."""
    if len(shown) < NEWEST_ACTS:
        return 0
    return standing.seen(content.case, actor, [content.pk]).filter(pk__lt=shown[0].pk).count()


def _seen_before(case: Case, contents: Sequence[Content], act: Decision) -> bool:
    """Whether a grade that one of this act is compared with was given before it. Not where the act settled others."""
    found = standing.standings(case, contents)
    before = Decision.objects.filter(content__in=contents, withdrawn=None, made__lt=act.made)
    others = set(before.exclude(operator=act.operator).values_list("content_id", "operator"))
    return any(
        (each.pk, who) in others
        for each in contents
        if standing.asks_two(case, each) and act.operator not in found[each.pk].settlers
        for who in found[each.pk].judges | found[each.pk].settlers
    )


def _check(case: Case, content: Content) -> None:
    if content.case_id != case.pk:
        raise BadInput("This case has no such content.", "Open it from the case it belongs to.")

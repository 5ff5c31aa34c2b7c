"""Pictures that may leave in an export: one person asks for one Content, another person of the Case agrees.

Nothing is released by a rule, by a grade or by one person alone. A release that was withdrawn counts for no later
export; what left before cannot be called back.
"""

import dataclasses
import datetime
import enum
from collections.abc import Collection, Sequence

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext

from amparo.accounts.models import User
from amparo.casework.actors import actor_names
from amparo.casework.browse import short
from amparo.casework.installation import Installation
from amparo.casework.lines import one_line
from amparo.casework.memberships import leading, memberships
from amparo.casework.notices import tell
from amparo.catalogue.models import Case, Content, Export, ImageryRelease, Item, VaultObject
from amparo.evidence.errors import BadInput, NotAuthorised
from amparo.media.decoding import FORMATS

PICTURES = "portable-pictures"  # the form of a package that holds released pictures


class State(enum.StrEnum):
    """Where a release stands."""

    ASKED = "asked"
    RELEASED = "released"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


@dataclasses.dataclass(frozen=True, slots=True)
class Release:
    """A release, for people. ``item``: one place where the Content lies. Names are those that colleagues know."""

    row: ImageryRelease
    state: State
    short: str
    item: int | None
    asked_by: str
    answered_by: str


def ask(installation: Installation, item: Item, reason: str, recipient: str) -> ImageryRelease:
    """Ask that the picture of an Item may leave for one recipient. Raises BadInput."""
    reason = one_line(reason, gettext("Why words are not enough"), 500, 10, gettext("A colleague decides by it."))
    recipient = one_line(recipient, gettext("Who receives it"), 300, 3, gettext("Name the office and the person."))
    content = item.content
    if content is None or content.media_type not in FORMATS:
        raise BadInput(gettext("This is no picture that could be shown."), gettext("Only pictures are released."))
    recorder = installation.recorder(item.case)
    with transaction.atomic():
        Content.objects.select_for_update(of=("self",)).get(pk=content.pk)
        if ImageryRelease.objects.filter(case=item.case, content=content, withdrawn=None).exists():
            raise BadInput(gettext("This picture was asked for already."), gettext("The list shows where it stands."))
        row = ImageryRelease.objects.create(
            case=item.case, content=content, reason=reason, recipient=recipient,
            asked=datetime.datetime.now(datetime.UTC), asked_by=recorder.operator,
        )  # fmt: skip
        facts: dict[str, str | int | None] = {"release": row.pk, "sha256": bytes(content.sha256).hex()}
        recorder.record("imagery.asked", facts, {"reason": reason, "recipient": recipient})
    installation.sealer.seal(item.case)
    return row


def agree(installation: Installation, row: ImageryRelease) -> None:
    """Let it leave; those who lead the Case are told. Raises BadInput to the person who asked, where neither of the two
    is a member for longer than broken glass, and where it was answered or withdrawn.
    """
    recorder = installation.recorder(row.case)
    with transaction.atomic():
        row = _open(row)
        if row.asked_by == recorder.operator:
            raise BadInput(gettext("You asked for this yourself."), gettext("Another person has to agree."))
        if row.agreed is not None:
            raise BadInput(gettext("Somebody has agreed already."), gettext("Nothing was changed."))
        if _visits(row.asked_by, row.case) and _visits(recorder.operator, row.case):
            raise BadInput(
                gettext("You and who asked both took access to this case for a day."),
                gettext("A member of the case has to agree."),
            )
        row.agreed, row.agreed_by = datetime.datetime.now(datetime.UTC), recorder.operator
        row.save(update_fields=["agreed", "agreed_by"])
        _tell(row, row.agreed)
        recorder.record("imagery.agreed", _facts(row))
    installation.sealer.seal(row.case)


def withdraw(installation: Installation, row: ImageryRelease) -> None:
    """Refuse it, or take it back: it leaves in no later export. Anybody who could agree may. Raises BadInput."""
    recorder = installation.recorder(row.case)
    with transaction.atomic():
        row = _open(row)
        row.withdrawn, row.withdrawn_by = datetime.datetime.now(datetime.UTC), recorder.operator
        row.save(update_fields=["withdrawn", "withdrawn_by"])
        if _state(row) is State.REFUSED:
            recorder.record("imagery.refused", _facts(row))
        else:
            recorder.record("imagery.withdrawn", _facts(row))
    installation.sealer.seal(row.case)


def in_force(case: Case) -> "QuerySet[ImageryRelease]":
    """The releases on which two people agree now."""
    return ImageryRelease.objects.filter(case=case, withdrawn=None, agreed__isnull=False)


def check_releases(row: VaultObject) -> None:
    """Raise NotAuthorised for a sealed package with pictures of which a release was withdrawn since it was made."""
    if recalled([row]):
        raise NotAuthorised(
            gettext("A release was withdrawn after this package was made, so it stays sealed."),
            gettext("Have it made again: it then holds the pictures that are released now."),
        )


def recalled(rows: Collection[VaultObject]) -> frozenset[int]:
    """The keys of those that stay sealed. Which pictures a package holds is kept nowhere outside of it, so each release
    counts that was in force in its Case when it was made.
    """
    then = ImageryRelease.objects.filter(case=OuterRef("case"), agreed__lte=OuterRef("made"))
    made = Export.objects.filter(Exists(then.filter(withdrawn__gte=OuterRef("made"))), sealed__in=rows)
    return frozenset(each.sealed_id for each in made if each.sealed_id is not None and PICTURES in each.forms)


def release_of(content: Content) -> Release | None:
    """The newest release of a Content, None where nobody ever asked."""
    found = ImageryRelease.objects.filter(content=content, case=content.case_id).select_related("content")
    return next(iter(_shown(list(found.order_by("-pk")[:1]))), None)


def releases(case: Case, before: int | None, limit: int) -> Sequence[Release]:
    """Of a Case, newest first, with keys below ``before``."""
    found = ImageryRelease.objects.filter(case=case).select_related("content")
    if before is not None:
        found = found.filter(pk__lt=before)
    return _shown(list(found.order_by("-pk")[:limit]))


def find_release(case: Case, key: int) -> ImageryRelease | None:
    """A release of this Case."""
    return ImageryRelease.objects.filter(case=case, pk=key).select_related("case", "content").first()


def _open(row: ImageryRelease) -> ImageryRelease:
    row = ImageryRelease.objects.select_for_update(of=("self",)).select_related("case", "content").get(pk=row.pk)
    if row.withdrawn is not None:
        raise BadInput(gettext("This was refused or withdrawn already."), gettext("It can be asked for again."))
    return row


def _visits(actor: str, case: Case) -> bool:
    """Whether an account is here by broken glass, or not at all any more."""
    user = User.of(actor)
    return user is not None and not memberships(user).filter(case=case, until=None).exists()


def _tell(row: ImageryRelease, now: datetime.datetime) -> None:
    """Those who lead the Case, but for the two who released it."""
    leads = leading(row.case).select_related("user")
    readers = {each.user_id for each in leads if each.user.actor not in (row.asked_by, row.agreed_by)}
    tell(readers, "imagery.released", {}, now, row.case)


def _facts(row: ImageryRelease) -> dict[str, str | int | None]:
    return {"release": row.pk, "sha256": bytes(row.content.sha256).hex()}


def _state(row: ImageryRelease) -> State:
    if row.withdrawn is not None:
        refused = row.agreed is None and row.withdrawn_by != row.asked_by
        return State.REFUSED if refused else State.WITHDRAWN
    return State.ASKED if row.agreed is None else State.RELEASED


def _shown(rows: Sequence[ImageryRelease]) -> list[Release]:
    names = actor_names(who for row in rows for who in (row.asked_by, row.agreed_by, row.withdrawn_by) if who)
    first = Item.objects.filter(content=OuterRef("pk")).order_by("source").values("pk")[:1]
    places = Content.objects.filter(pk__in=[row.content_id for row in rows]).annotate(first=Subquery(first))
    items = dict(places.values_list("pk", "first"))
    return [
        Release(
            row, _state(row), short(bytes(row.content.sha256)), items.get(row.content_id),
            names[row.asked_by], names.get(row.withdrawn_by or row.agreed_by, ""),
        )
        for row in rows
    ]  # fmt: skip

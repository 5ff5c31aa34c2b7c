"""Looking: nothing is shown before it is written down who looks at what, and why; how long, is counted.

A Reveal and its custody entry are committed and sealed before the first byte is read. The picture is then handed out
once, to the person of the Reveal, within a minute.
"""

import datetime
import math
import threading
import time
from collections.abc import Mapping

from django.db import transaction
from django.db.models import Count, Q, Sum
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from amparo.accounts.models import User
from amparo.casework.installation import Installation
from amparo.casework.pauses import open_pause
from amparo.casework.previewing import preview
from amparo.catalogue.models import Case, Item, Reveal
from amparo.evidence.errors import AmparoError, BadInput

VALID = 60  # seconds in which a picture can be fetched
LONGEST = 600.0  # seconds of one Reveal that count
SUGGEST_PAUSE = 20 * 60  # seconds of a day after which a pause is suggested
PICTURE = "picture"
REASONS: Mapping[str, str] = {
    "grade": gettext_noop("What is written here is not enough to grade it"),
    "second": gettext_noop("A colleague asked for a second opinion"),
    "lead": gettext_noop("To see whether a lead is true"),
    "court": gettext_noop("A court or prosecutor asked"),
}
SHARP_REASONS: Mapping[str, str] = {
    "person": gettext_noop("To find out who is shown"),
    "place": gettext_noop("To find out where or when it was made"),
    "detail": gettext_noop("The grade depends on a detail that the blur hides"),
    "court": REASONS["court"],
}


def reveal(installation: Installation, user: User, case: Case, item: Item, reason: str, sharp: bool) -> Reveal:
    """Write down that a person looks at an Item of the Case; committed and sealed when this returns.

    ``reason``: a key of REASONS, with ``sharp`` of SHARP_REASONS. Raises BadInput, also to a person who takes a
    pause, or looks at nothing more today.
    """
    if item.case_id != case.pk:
        raise ValueError("an Item of another Case")
    if reason not in (SHARP_REASONS if sharp else REASONS):
        raise BadInput(gettext("Choose why you need to see it."), gettext("The reason is written to the custody log."))
    _check_pause(user)
    content = item.content
    if content is None:
        raise BadInput(
            gettext("There are no bytes to show: this item could not be read."),
            gettext("The reason is on this page, with what can be done about it."),
        )
    with transaction.atomic():
        row = Reveal.objects.create(
            case=case, user=user, item=item, content=content, kind=PICTURE, sharp=sharp, reason=reason,
            at=timezone.now(),
        )  # fmt: skip
        sha256 = bytes(content.sha256).hex()
        facts: dict[str, str | int | None] = {"reveal": row.pk, "item": item.pk, "sha256": sha256, "sharp": int(sharp)}
        installation.recorder(case).record("content.revealed", facts, {"reason": reason})
    installation.sealer.seal(case)
    return row


def prepare(installation: Installation, row: Reveal) -> None:
    """Make the picture of a Reveal, so that what stands in its way can be said on the page. Raises AmparoError.

    It waits in memory for :func:`picture`; where nothing can be shown, the Reveal is over.
    """
    installation.sealer.seal(row.case)
    try:
        _WAITING.put(row.pk, preview(installation, row.item, row.sharp))
    except AmparoError:
        Reveal.objects.filter(pk=row.pk, seconds=None).update(seconds=0)
        raise


def picture(installation: Installation, user: User, item: Item, key: int) -> bytes | None:
    """The PNG of a Reveal, once. None for what is another person's or Item's, is over, or is older than a minute.

    Raises AmparoError where there is nothing to show (any more).
    """
    row = open_reveal(user, item, key)
    if row is None:
        return None
    installation.sealer.seal(row.case)  # of a server that died between commit and seal
    if not Reveal.objects.filter(pk=row.pk, seconds=None).update(seconds=0):
        return None
    return _WAITING.take(row.pk) or preview(installation, row.item, row.sharp)


def open_reveal(user: User, item: Item, key: int) -> Reveal | None:
    """The Reveal of this person on this Item whose picture was not handed out yet, not older than a minute."""
    since = timezone.now() - datetime.timedelta(seconds=VALID)
    own = Reveal.objects.filter(pk=key, user=user, item=item, case=item.case_id, at__gt=since, seconds=None)
    return own.select_related("case", "item__content", "item__source", "item__case").first()


def looked(user: User, item: Item, key: int, seconds: float) -> bool:
    """Note how long a picture was visible, as the page counted; False where there is no such Reveal of this person.

    Reports may come twice, the longest counts: at most LONGEST, and no longer than it can have been.
    """
    row = Reveal.objects.filter(pk=key, user=user, item=item, case=item.case_id).first()
    if row is None or not math.isfinite(seconds):
        return False
    possible = (timezone.now() - row.at).total_seconds()
    seconds = max(0.0, min(seconds, LONGEST, possible))
    Reveal.objects.filter(Q(seconds=None) | Q(seconds__lt=seconds), pk=row.pk).update(seconds=seconds)
    return True


def exposure(user: User, day: datetime.date) -> dict[str, tuple[int, float]]:
    """What a person looked at on a day (UTC), by kind: how often, and for how many seconds."""
    begin = datetime.datetime.combine(day, datetime.time(), datetime.UTC)
    found = Reveal.objects.filter(user=user, at__gte=begin, at__lt=begin + datetime.timedelta(days=1))
    sums = found.values_list("kind").annotate(number=Count("pk"), total=Sum("seconds")).order_by("kind")
    return {kind: (number, float(total or 0)) for kind, number, total in sums}


def _check_pause(user: User) -> None:
    pause = open_pause(user)
    if pause is None:
        return
    if pause.kind == "not-today":
        raise BadInput(
            gettext("You chose to see no more pictures today."),
            gettext("A colleague can look at this one, or it waits until tomorrow."),
        )
    raise BadInput(gettext("You are taking a pause."), gettext("Pictures stay hidden until you end it."))


class _Waiting:
    """Pictures between the answer to a form and the request for its image, for as long as they are valid."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: dict[int, tuple[float, bytes]] = {}

    def put(self, key: int, png: bytes) -> None:
        with self._lock:
            self._drop_old()
            self._held[key] = time.monotonic(), png

    def take(self, key: int) -> bytes | None:
        with self._lock:
            self._drop_old()
            _, png = self._held.pop(key, (0.0, None))
            return png

    def _drop_old(self) -> None:
        oldest = time.monotonic() - VALID
        self._held = {key: held for key, held in self._held.items() if held[0] > oldest}


_WAITING = _Waiting()  # of this process; another one makes the picture anew

"""Notices: what a person has to be told stays on every page until the person says that it was read."""

import datetime
from collections.abc import Iterable, Mapping

from django.utils import timezone

from amparo.accounts.models import User
from amparo.catalogue.models import Case, Notice

_SAME = ("uuid", "by_uuid", "case", "number")  # facts that say whom and what a notice is about


def tell(
    readers: Iterable[int],
    kind: str,
    facts: Mapping[str, str | int],
    now: datetime.datetime,
    case: Case | None = None,
) -> None:
    """Tell the people with these keys, inside the caller's transaction.

    What a reader was told before of the same, and has not read, is brought up to date instead: whoever repeats an act
    fills nobody's pages. ``facts["times"]`` then says how often. The same: kind, Case, and what _SAME names.
    """
    same = {f"facts__{name}": facts[name] for name in _SAME if name in facts}
    for key in sorted(readers):
        unread = Notice.objects.select_for_update().filter(user=key, read=None, kind=kind, case=case, **same)
        row = unread.order_by("pk").last() or Notice(user_id=key, kind=kind, case=case, facts={})
        row.facts = {**facts, "times": row.facts.get("times", 0) + 1}
        row.made = now
        row.save()


def about(person: User, by: str) -> dict[str, str]:
    """Facts of a notice on what ``by``, an operator, did to a person. Names may be those of several people."""
    actor = User.of(by)
    return {
        "person": str(person), "uuid": str(person.uuid),
        "by": str(actor or by), "by_uuid": by if actor is None else str(actor.uuid),
    }  # fmt: skip


def read_notice(user: User, number: int) -> bool:
    """Note that a person has read a notice of theirs; False if there is no such notice of this person."""
    own = user.notices.filter(pk=number)
    own.filter(read=None).update(read=timezone.now())
    return own.exists()

"""API tokens: keys with which a program acts for one person, within what that person may do.

A token is a part of a person's permissions, never more: what it may do is looked up at every use. The secret is shown
once and kept nowhere; the database holds its SHA-256.
"""

import datetime
import hashlib
import secrets
import uuid
from collections.abc import Callable, Collection

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext

from amparo.accounts.models import ApiAct, ApiToken, User
from amparo.accounts.permissions import GRANTS, Permission
from amparo.casework.installation import Installation
from amparo.casework.lines import one_line
from amparo.casework.memberships import memberships
from amparo.catalogue.outbox import Recorder
from amparo.evidence.errors import BadInput

LONGEST = 90  # days
MOST = 20  # tokens that one person holds at a time
PREFIX = "amparo_"  # lets programs that look for leaked secrets find one
_NAME = 100
_MOST_CASES = 50
_USED = datetime.timedelta(minutes=1)  # after which a use is noted anew, so that reading does not write each time
_KEPT = datetime.timedelta(days=1)  # how long an idempotency key is remembered


def holds(user: User) -> frozenset[Permission]:
    """What the roles of a person give, on the installation and on Cases where they are a member."""
    return frozenset().union(*(GRANTS[role] for role in user.held()))


def make_token(
    installation: Installation,
    user: User,
    name: str,
    scopes: Collection[Permission],
    days: int,
    cases: Collection[uuid.UUID] = (),
) -> tuple[ApiToken, str]:
    """Make a token for this person; returns it with its secret. ``cases`` empty: all of theirs. Raises BadInput."""
    name = one_line(name, gettext("Name"), _NAME, hint=gettext("Name the program that will use it."))
    if not scopes or not holds(user).issuperset(scopes):
        raise BadInput("A token needs at least one permission that you have.", "Choose what the program has to do.")
    if not 1 <= days <= LONGEST:
        raise BadInput(
            "A token is good for 1 to %(most)s days.", "Make another one when it has ended.", {"most": LONGEST}
        )
    mine = memberships(user).filter(case__uuid__in=cases).values_list("case__uuid", flat=True)
    if len(cases) > _MOST_CASES or set(mine) != set(cases):
        raise BadInput("You are no member of one of these cases.", "Load the page again and choose from the list.")
    secret, now = PREFIX + secrets.token_urlsafe(32), datetime.datetime.now(datetime.UTC)
    with transaction.atomic():
        User.objects.select_for_update().get(pk=user.pk)
        if user.tokens.filter(ended=None, until__gt=now).count() >= MOST:
            raise BadInput(
                "You have %(most)s tokens already.", "End one that no program uses any more.", {"most": MOST}
            )
        row = ApiToken.objects.create(
            user=user,
            name=name,
            digest=_sha256(secret),
            scopes=sorted(scopes),
            cases=sorted(map(str, cases)),
            made=now,
            until=now + datetime.timedelta(days=days),
        )
        facts: dict[str, str | int | None] = {
            "person": str(user.uuid), "token": row.pk, "scopes": "+".join(row.scopes), "cases": len(cases), "days": days
        }  # fmt: skip
        installation.recorder().record("token.made", facts, {"name": name})
    installation.sealer.seal()
    return row, secret


def end_token(installation: Installation, user: User, key: int) -> bool:
    """End a token of this person; False if they have none with this key that is in use."""
    with transaction.atomic():
        found = end_tokens(installation.recorder(), user, Q(pk=key))
    installation.sealer.seal()
    return bool(found)


def end_tokens(recorder: Recorder, user: User, which: Q | None = None) -> int:
    """End tokens of a person, all by default, in the transaction of the caller, who seals; returns how many."""
    now = datetime.datetime.now(datetime.UTC)
    rows = user.tokens.select_for_update().filter(which or Q(), ended=None)
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    ApiToken.objects.filter(pk__in=keys).update(ended=now)
    for key in keys:
        recorder.record("token.ended", {"person": str(user.uuid), "token": key})
    return len(keys)


def find_token(secret: str) -> ApiToken | None:
    """The token of a secret if it is good now and its person may log in; notes that it was used."""
    now = datetime.datetime.now(datetime.UTC)
    found = ApiToken.objects.select_related("user").filter(
        digest=_sha256(secret), ended=None, until__gt=now, user__is_active=True
    )
    row = found.first()
    if row is not None and (row.used is None or now - row.used >= _USED):
        ApiToken.objects.filter(pk=row.pk).update(used=now)
    return row


def once(token: int, key: str, request: bytes, act: Callable[[], int]) -> tuple[int, bool]:
    """Do ``act`` unless this token did it under this idempotency key within a day; both commit together or not at all.

    ``act`` returns the key of the row it made, which is returned with whether it was made now. ``request`` is what was
    asked for: the same key for something else raises BadInput. Two at once: the second waits for the first.
    """
    now = datetime.datetime.now(datetime.UTC)
    with transaction.atomic():
        ApiToken.objects.select_for_update().get(pk=token)
        ApiAct.objects.filter(token=token, at__lt=now - _KEPT).delete()
        before = ApiAct.objects.filter(token=token, key=_sha256(key)).first()
        if before is not None and bytes(before.request) != hashlib.sha256(request).digest():
            raise BadInput("This idempotency key was used for another request.", "Use a new key for each request.")
        if before is not None:
            return before.row, False
        row = act()
        digest = hashlib.sha256(request).digest()
        ApiAct.objects.create(token_id=token, key=_sha256(key), request=digest, row=row, at=now)
    return row, True


def _sha256(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).digest()

"""Tokens of tests, and requests that come with one."""

import datetime
import json
import secrets
from collections.abc import Collection
from typing import Any

from django.test import Client
from django.utils import timezone

from amparo.accounts.models import ApiToken, User
from amparo.accounts.permissions import CASE, Permission
from amparo.casework.tokens import PREFIX, _sha256
from amparo.catalogue.models import Case

ALL = frozenset({*CASE, Permission.CASE_LIST})


def token(user: User, scopes: Collection[Permission] = ALL, cases: Collection[Case] = (), days: int = 1) -> str:
    """The secret of a new one, whatever the person may do."""
    secret = PREFIX + secrets.token_urlsafe(32)
    ApiToken.objects.create(
        user=user, name="tests", digest=_sha256(secret), scopes=sorted(scopes),
        cases=[str(each.uuid) for each in cases], until=timezone.now() + datetime.timedelta(days=days),
    )  # fmt: skip
    return secret


def ask(secret: str, where: str, body: object = None, key: str = "", method: str = "", **more: str) -> Any:
    """GET, or POST with a body."""
    headers = {**({"Authorization": f"Bearer {secret}"} if secret else {}), **({"Idempotency-Key": key} if key else {})}
    method = method or ("GET" if body is None else "POST")
    sent = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    return Client().generic(method, f"/api/v1/{where}", sent, "application/json", headers=headers, query_params=more)

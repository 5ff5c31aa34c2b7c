"""Whose account a typed user name means: log-in takes capitals for small letters, so who counts attempts does, too."""

import unicodedata
from collections.abc import Mapping
from typing import Any

from allauth.account.internal.userkit import get_user_by_username
from django.http import HttpRequest

from amparo.accounts.models import User

_MOST = 255  # characters that axes has room for; NFKC makes up to 18 of one


def account_of(typed: str | None) -> User | None:
    """The account that log-in would try the password on."""
    found = get_user_by_username((typed or "").strip())
    return found if isinstance(found, User) else None


def counted(_: HttpRequest, credentials: Mapping[str, Any] | None = None) -> str | None:
    """Under which name axes counts an attempt (setting ``AXES_USERNAME_CALLABLE``): the account's, however it is typed.

    For a name that is nobody's, its NFKC form without capitals; None where no name was sent.
    """
    typed = (credentials or {}).get("username")
    if typed is None:
        return None
    account = account_of(typed)
    if account is not None:
        return account.username
    return unicodedata.normalize("NFKC", typed).casefold().strip()[:_MOST]

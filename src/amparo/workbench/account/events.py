"""Custody events of the door: who came in and went, what was refused, which second factors came and went.

They go into the installation's chain and name a person by number. What was typed is never recorded: a password typed
into the wrong field would stay for ever.
"""

from collections.abc import Callable
from typing import Any

from allauth.account.signals import password_changed
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import (
    authentication_failed,
    authenticator_added,
    authenticator_removed,
    authenticator_reset,
)
from axes.signals import user_locked_out
from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.db import transaction
from django.http import HttpRequest

from amparo.accounts.models import User
from amparo.workbench import acting
from amparo.workbench.account.names import account_of

_PROGRAM = "amparo"  # acts where nobody is logged in


def connect() -> None:
    """Listen to the signals of Django, allauth and axes; called once, when the app is ready."""
    heard: dict[Any, Callable[..., None]] = {
        user_logged_in: _logged_in,
        user_logged_out: _logged_out,
        user_login_failed: _password_failed,
        user_locked_out: _locked_out,
        authentication_failed: _factor_failed,
        authenticator_added: _factor_added,
        authenticator_reset: _factor_renewed,
        authenticator_removed: _factor_removed,
        password_changed: _password_changed,
    }
    for signal, receiver in heard.items():
        signal.connect(receiver, dispatch_uid=f"amparo.{receiver.__name__}")


def _record(action: str, actor: str, facts: dict[str, str | int | None]) -> None:
    installation = acting.acting(actor)
    with transaction.atomic():
        installation.recorder().record(action, facts)
        transaction.on_commit(lambda: installation.sealer.seal())


def _logged_in(user: User, **_: object) -> None:
    _record("account.logged_in", user.actor, {"person": str(user.uuid)})


def _logged_out(user: User | None, **_: object) -> None:
    if user is not None:  # a session that had ended by itself
        _record("account.logged_out", user.actor, {"person": str(user.uuid)})


def _password_failed(credentials: dict[str, Any], **_: object) -> None:
    facts: dict[str, str | int | None] = {"person": _named(credentials.get("username")), "with": "password"}
    _record("account.login_failed", _PROGRAM, facts)


def _factor_failed(user: User, authenticator: Authenticator, **_: object) -> None:
    _record("account.login_failed", _PROGRAM, {"person": str(user.uuid), "with": str(authenticator.type)})


def _locked_out(request: HttpRequest, username: str | None, **_: object) -> None:
    if getattr(request, "axes_failures_since_start", None) is not None:  # the attempt that locks, not those after it
        _record("account.locked_out", _PROGRAM, {"person": _named(username)})


def _factor_added(user: User, authenticator: Authenticator, **_: object) -> None:
    _record("second_factor.added", user.actor, _factor(user, authenticator))


def _factor_renewed(user: User, authenticator: Authenticator, **_: object) -> None:
    _record("second_factor.renewed", user.actor, _factor(user, authenticator))


def _factor_removed(user: User, authenticator: Authenticator, **_: object) -> None:
    _record("second_factor.removed", user.actor, _factor(user, authenticator))


def _password_changed(user: User, **_: object) -> None:
    _record("account.password_changed", user.actor, {"person": str(user.uuid)})


def _factor(user: User, authenticator: Authenticator) -> dict[str, str | int | None]:
    return {"person": str(user.uuid), "type": str(authenticator.type)}


def _named(username: str | None) -> str | None:
    found = account_of(username)
    return str(found.uuid) if found else None

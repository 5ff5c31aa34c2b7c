"""allauth as this project wants it: nobody signs up, nothing is mailed, secrets of second factors are sealed."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext, gettext_lazy

from amparo.accounts.models import User
from amparo.workbench.account import sealing


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # untyped
    """Accounts are made by invitation only."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "username_password_mismatch": gettext_lazy("The user name or the password is wrong. Type both again."),
        "enter_current_password": gettext_lazy("This is not your password now. Type it again."),
        "incorrect_password": gettext_lazy("The password is wrong. Type it again."),
        "too_many_login_attempts": gettext_lazy("Five codes were wrong. Codes are accepted again in 15 minutes."),
        "rate_limited": gettext_lazy("Five codes were wrong. Codes are accepted again in 15 minutes."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Wrong passwords are counted by axes, whose count is in the database and outlives a restart."""

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """Who was deactivated is told so, after the right password or passkey."""
        return render(request, "account/account_inactive.html", status=403)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to one's own account."""
        return reverse("mfa_index")

    def get_reauthentication_methods(self, user: User) -> list[dict[str, str]]:
        """With our words."""
        words = {
            "account_reauthenticate": gettext("Use your password"),
            "mfa_reauthenticate": gettext("Use a code"),
            "mfa_reauthenticate_webauthn": gettext("Use a passkey"),
        }
        urls = {reverse(name): said for name, said in words.items()}
        methods: list[dict[str, str]] = super().get_reauthentication_methods(user)
        return [{**each, "description": urls[each["url"]]} for each in methods]


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # untyped
    """What an authenticator app or a passkey shows, and how their secrets are stored."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "cannot_delete_authenticator": gettext_lazy("This is your only second factor. Set up another one first."),
        "incorrect_code": gettext_lazy("This code does not fit. Type the newest one; each works once."),
    }

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """The host of the request is the relying party; browsers check it."""
        entity: dict[str, Any] = super().get_public_key_credential_rp_entity()
        return {**entity, "name": "Amparo"}

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        """Of a passkey that nobody named."""
        count = Authenticator.objects.filter(user=user, type=type).count()
        return gettext("Passkey %(number)d") % {"number": count + 1}

    def encrypt(self, text: str) -> str:
        """Under the key ``second-factor.key`` of the installation, so that a copy of the database logs nobody in."""
        return sealing.seal(settings.SETTINGS.home, text)

    def decrypt(self, encrypted_text: str) -> str:
        """The opposite. Raises VerificationFailed if the key or the text is another."""
        return sealing.unseal(settings.SETTINGS.home, encrypted_text)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Not the last one: an account never stands on a password only. Recovery codes are no factor of their own."""
        others = Authenticator.objects.filter(user_id=authenticator.user_id).exclude(pk=authenticator.pk)
        return bool(others.exclude(type=Authenticator.Type.RECOVERY_CODES).exists())

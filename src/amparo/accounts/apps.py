"""Django app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Accounts."""

    name = "amparo.accounts"
    label = "accounts"

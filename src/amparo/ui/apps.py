"""Django app."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    """Templates, styles and translations."""

    name = "amparo.ui"
    label = "ui"
